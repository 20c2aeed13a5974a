"""Benchmarks of whole commands: wall time, processor time and peak memory."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from zoo.bench.environment import environment
from zoo.bench.scripts.recipes import RECIPES
from zoo.config.datasets import data_config
from zoo.data.images.png import png
from zoo.data.load import load
from zoo.data.locations import DataLocations
from zoo.errors import ConfigError, ZooError, install_hint
from zoo.files import temporary_folder
from zoo.system import processes
from zoo.training.runs import last_run

PYTHON = (sys.executable, "-c")
LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True)
class ProcessCost:
    """The cost of one run of a command."""

    seconds: float
    processor: float  # seconds of processor time
    peak: int  # bytes resident


@dataclass(frozen=True)
class CommandComparison:
    """A command of zoo and another one, or the sum of several others."""

    workload: str
    peer: str
    seconds: float  # the peer's; times are medians of the rounds
    zoo_seconds: float
    ratio: float  # the peer's time over zoo's
    low: float
    high: float
    processor: float
    zoo_processor: float
    peak: int
    zoo_peak: int
    accuracy: float | None = None
    zoo_accuracy: float | None = None


def cost(argv: Sequence[str], folder: Path) -> tuple[ProcessCost, str]:
    """Run a command; return its cost and its output."""
    out, errors = folder / "stdout", folder / "stderr"
    launched = subprocess.run(  # noqa: S603 - commands of this module
        [sys.executable, "-I", "-S", LAUNCH, out, errors, *argv],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    result = json.loads(launched.stdout)
    if code := result.pop("code"):
        last = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:] or [
            "no message"
        ]
        raise ZooError(f"{' '.join(argv[:4])} ended with exit code {code}: {last[0]}")
    return ProcessCost(**result), out.read_text(encoding="utf-8", errors="replace")


def check_can_measure() -> None:
    """Raise if this system cannot measure commands."""
    if not processes.can_measure():
        raise ConfigError(
            "This system does not tell the time and memory of a command.",
            hint="Choose workloads without commands: `zoo bench W1`.",
        )


def program() -> str:
    """Return the zoo program in the folder of this Python."""
    if path := shutil.which("zoo", path=str(Path(sys.executable).parent)):
        return path
    raise ZooError(
        "The folder of this Python does not have the program zoo.",
        hint=install_hint(),
    )


# --- start-up -----------------------------------------------------------------------------

LIBRARIES = {
    "import numpy": "import numpy",
    "import numpy, PIL.Image": "import numpy, PIL.Image",
    "import typer, rich": "import typer, rich",
    "with a pydantic model": "import typer, rich, pydantic; pydantic.create_model('A', x=int)",
}
Others = tuple[str, ...]  # libraries whose times are added up
# The arguments of zoo, and the imports that any program for the task needs.
STARTS: dict[str, tuple[tuple[str, ...], list[Others]]] = {
    "zoo --help": (("--help",), [("import typer, rich",)]),
    "zoo list": (("list",), [("import typer, rich",), ("with a pydantic model",)]),
    "zoo predict": (
        ("predict", "digits-10", "digit.png"),
        [
            ("import numpy, PIL.Image", "import typer, rich"),
            ("import numpy, PIL.Image", "with a pydantic model"),
            ("import numpy",),
        ],
    ),
}


def starts(*, rounds: int) -> Iterator[CommandComparison]:
    """Yield the cost of commands with almost no work."""
    commands = {name: (program(), *arguments) for name, (arguments, _) in STARTS.items()}
    commands |= {name: (*PYTHON, script) for name, script in LIBRARIES.items()}
    with temporary_folder() as folder:
        image = np.zeros((8, 8), np.uint8)
        image[1:7, 3:5] = 16
        (folder / "digit.png").write_bytes(png(image, highest=16))
        costs = _in_turn(commands, folder, rounds=rounds)
    for name, (_, others) in STARTS.items():
        for libraries in others:
            peer_costs = [costs[library] for library in libraries]
            yield _compare(name, " + ".join(libraries), costs[name], peer_costs)


def _in_turn(
    commands: Mapping[str, Sequence[str]], folder: Path, *, rounds: int
) -> dict[str, list[ProcessCost]]:
    costs: dict[str, list[ProcessCost]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, argv in commands.items():
            process_cost, _ = cost(argv, folder)
            if number:  # the first round fills the caches of the file system
                costs[name].append(process_cost)
    return costs


def _compare(
    workload: str,
    peer: str,
    zoo_costs: Sequence[ProcessCost],
    peer_costs: Sequence[Sequence[ProcessCost]],  # one sequence per command of the peer
    *,
    accuracies: tuple[float | None, float | None] = (None, None),
) -> CommandComparison:
    sums = [sum(cost.seconds for cost in costs) for costs in zip(*peer_costs, strict=True)]
    ratios = sorted(total / zoo.seconds for total, zoo in zip(sums, zoo_costs, strict=True))
    return CommandComparison(
        workload=workload,
        peer=peer,
        seconds=median(sums),
        zoo_seconds=median(cost.seconds for cost in zoo_costs),
        ratio=median(ratios),
        low=ratios[0],
        high=ratios[-1],
        processor=sum(median(cost.processor for cost in costs) for costs in peer_costs),
        zoo_processor=median(cost.processor for cost in zoo_costs),
        peak=max(cost.peak for costs in peer_costs for cost in costs),
        zoo_peak=max(cost.peak for cost in zoo_costs),
        accuracy=accuracies[0],
        zoo_accuracy=accuracies[1],
    )


# --- whole trainings ----------------------------------------------------------------------


def trainings(
    peers: Sequence[str], locations: DataLocations, *, rounds: int
) -> Iterator[CommandComparison]:
    """Yield the cost of `zoo train NAME` and of plain scripts, for entries with a claim."""
    scripts = [peer for peer in ("torch", "sklearn") if peer in peers]
    if not scripts:
        raise ConfigError(
            "Only torch and sklearn have training scripts; expected one in --against."
        )
    for name, recipe in RECIPES.items():
        with temporary_folder() as folder:
            data = _data_folder(recipe.data, locations, folder)
            yield from _training(name, data, scripts, folder, rounds=rounds)


def _training(
    name: str, data: Path | None, scripts: Sequence[str], folder: Path, *, rounds: int
) -> Iterator[CommandComparison]:
    given = ("--data", str(data)) if data else ()
    commands: dict[str, Sequence[str]] = {
        "zoo": (program(), "train", name, "--seed", "0", "--runs", "runs", *given)
    }
    for peer in scripts:
        module = f"zoo.bench.scripts.{peer}_train"
        commands[peer] = (sys.executable, "-m", module, name, str(data or folder))
    costs: dict[str, list[ProcessCost]] = {command: [] for command in commands}
    reached: dict[str, float] = {}
    for _ in range(rounds):
        for command, argv in commands.items():
            process_cost, output = cost(argv, folder)
            costs[command].append(process_cost)
            is_zoo = command == "zoo"
            reached[command] = _run_accuracy(folder) if is_zoo else float(output.split()[-1])
    for peer in scripts:
        accuracies = reached[peer], reached["zoo"]
        yield _compare(name, peer, costs["zoo"], [costs[peer]], accuracies=accuracies)


def _run_accuracy(folder: Path) -> float:
    scores = last_run(folder / "runs").metadata["scores"]
    return float(list(scores.values())[-1]["accuracy"])


def _data_folder(data: str, locations: DataLocations, folder: Path) -> Path | None:
    """Return the folder of a dataset's files; None for the digits of scikit-learn."""
    if data == "digits":
        return None
    if data == "kaggle":  # written in Kaggle's format, because few people have its file
        pool = load(data_config("kaggle"), locations).train
        assert pool.labels is not None  # noqa: S101 - training rows have labels
        table = np.column_stack([pool.labels, pool.images])
        names = ",".join(["label", *(f"pixel{number}" for number in range(pool.images.shape[1]))])
        np.savetxt(folder / "train.csv", table, "%d", ",", header=names, comments="")
        return folder
    load(data_config("mnist"), locations)  # downloads it if it is missing
    return next(locations.mnist("train-images-idx3-ubyte")).parent
