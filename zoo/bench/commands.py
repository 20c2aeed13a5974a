"""Whole commands as a shell runs them: wall time, processor time and peak memory, in turn."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from zoo.bench.environment import environment
from zoo.bench.scripts.recipes import RECIPES
from zoo.config.kinds import data_config
from zoo.data.images.png import png
from zoo.data.load import load
from zoo.data.locations import DataLocations
from zoo.errors import ConfigError, ZooError
from zoo.training import run

PYTHON = (sys.executable, "-c")
LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True)
class ProcessCost:
    """What one run of a command took."""

    seconds: float
    processor: float
    peak: int  # bytes resident


@dataclass(frozen=True)
class CommandComparison:
    """A command of zoo beside another one, or beside several that come to one."""

    workload: str
    peer: str
    seconds: float  # the peer's, as all of these the median of the rounds
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
    """Run a command to its end; return what it took and what it printed."""
    out, errors = folder / "stdout", folder / "stderr"
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-I", "-S", LAUNCH, out, errors, *argv],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    found = json.loads(done.stdout)
    if code := found.pop("code"):
        last = errors.read_text(errors="replace").strip().splitlines()[-1:] or ["without a word"]
        raise ZooError(f"{' '.join(argv[:4])} ended with {code}: {last[0]}")
    return ProcessCost(**found), out.read_text(errors="replace")


def program() -> str:
    """Return the program that pip installed beside this Python."""
    if found := shutil.which("zoo", path=str(Path(sys.executable).parent)):
        return found
    raise ZooError("There is no program zoo beside this Python.", hint="`pip install numpy-zoo`")


# --- start-up -----------------------------------------------------------------------------

LIBRARIES = {
    "import numpy": "import numpy",
    "import numpy, PIL.Image": "import numpy, PIL.Image",
    "import typer, rich": "import typer, rich",
    "with a pydantic model": "import typer, rich, pydantic; pydantic.create_model('A', x=int)",
}
Others = tuple[str, ...]  # libraries whose times are added up
# What zoo is asked, and what anybody's Python has to import for it at least.
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
    """Yield how long commands take that have next to nothing to do."""
    commands = {name: (program(), *words) for name, (words, _) in STARTS.items()}
    commands |= {name: (*PYTHON, words) for name, words in LIBRARIES.items()}
    with TemporaryDirectory(prefix="zoo-bench-") as place:
        folder = Path(place)
        one = np.zeros((8, 8), np.uint8)
        one[1:7, 3:5] = 16
        (folder / "digit.png").write_bytes(png(one, highest=16))
        taken = _in_turn(commands, folder, rounds=rounds)
    for name, (_, others) in STARTS.items():
        for several in others:
            theirs = [taken[one] for one in several]
            yield _standing(name, " + ".join(several), taken[name], theirs)


def _in_turn(
    commands: Mapping[str, Sequence[str]], folder: Path, *, rounds: int
) -> dict[str, list[ProcessCost]]:
    taken: dict[str, list[ProcessCost]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, argv in commands.items():
            found, _ = cost(argv, folder)
            if number:  # the first round fills the caches of the file system
                taken[name].append(found)
    return taken


def _standing(
    workload: str,
    peer: str,
    ours: Sequence[ProcessCost],
    theirs: Sequence[Sequence[ProcessCost]],
    *,
    accuracies: tuple[float | None, float | None] = (None, None),
) -> CommandComparison:
    together = [sum(one.seconds for one in several) for several in zip(*theirs, strict=True)]
    ratios = sorted(other / one.seconds for other, one in zip(together, ours, strict=True))
    return CommandComparison(
        workload=workload,
        peer=peer,
        seconds=median(together),
        zoo_seconds=median(one.seconds for one in ours),
        ratio=median(ratios),
        low=ratios[0],
        high=ratios[-1],
        processor=sum(median(one.processor for one in several) for several in theirs),
        zoo_processor=median(one.processor for one in ours),
        peak=max(one.peak for several in theirs for one in several),
        zoo_peak=max(one.peak for one in ours),
        accuracy=accuracies[0],
        zoo_accuracy=accuracies[1],
    )


# --- whole trainings ----------------------------------------------------------------------


def trainings(
    peers: Sequence[str], places: DataLocations, *, rounds: int
) -> Iterator[CommandComparison]:
    """Yield what `zoo train NAME` takes beside plain scripts, for the entries of the READMEs."""
    scripts = [peer for peer in ("torch", "sklearn") if peer in peers]
    if not scripts:
        raise ConfigError("There are scripts of torch and of sklearn alone to train against.")
    for name, recipe in RECIPES.items():
        with TemporaryDirectory(prefix="zoo-bench-") as place:
            data = data_folder(recipe.data, places, Path(place))
            yield from _training(name, data, scripts, Path(place), rounds=rounds)


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
    taken: dict[str, list[ProcessCost]] = {one: [] for one in commands}
    reached: dict[str, float] = {}
    for _ in range(rounds):
        for one, argv in commands.items():
            found, said = cost(argv, folder)
            taken[one].append(found)
            reached[one] = _of_run(folder) if one == "zoo" else float(said.split()[-1])
    for peer in scripts:
        accuracies = reached[peer], reached["zoo"]
        yield _standing(name, peer, taken["zoo"], [taken[peer]], accuracies=accuracies)


def _of_run(folder: Path) -> float:
    scores = run.last(folder / "runs").metadata["scores"]
    return float(list(scores.values())[-1]["accuracy"])


def data_folder(data: str, places: DataLocations, folder: Path) -> Path | None:
    """Return where a plain script finds the files; nothing for what scikit-learn brings."""
    if data == "digits":
        return None
    if data == "kaggle":  # which few people have: as Kaggle writes it
        pool = load(data_config("kaggle"), places).train
        assert pool.labels is not None  # noqa: S101 - of the pictures to train on they are known
        table = np.column_stack([pool.labels, pool.images])
        names = ",".join(["label", *(f"pixel{number}" for number in range(pool.images.shape[1]))])
        np.savetxt(folder / "train.csv", table, "%d", ",", header=names, comments="")
        return folder
    load(data_config("mnist"), places)  # which is fetched, if it is nowhere
    return next(places.mnist("train-images-idx3-ubyte")).parent
