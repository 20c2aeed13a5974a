"""Options, arguments and console functions that several commands share."""

from __future__ import annotations

import os
import re
from glob import iglob
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from zoo.system.commands import join

from . import completion, terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

    from zoo.config.catalog import CatalogEntry
    from zoo.config.datasets import Data
    from zoo.config.entry import Entry, TrainConfig
    from zoo.data.dataset import Dataset
    from zoo.parallel.engine import Engine
    from zoo.training.model import Classifier

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="Folder with the data, or Kaggle's train.csv. [default: ZOO_DATA, cache, mirrors]",
    ),
]
OfflineOption = Annotated[
    bool, typer.Option("--offline", help="Do not use the network (also ZOO_OFFLINE=1).")
]
RunsOption = Annotated[Path, typer.Option("--runs", envvar="ZOO_RUNS", help="Folder of runs.")]
RUNS = Path("runs")
SeedsOption = Annotated[
    str | None, typer.Option(metavar="N | S,S,...", help="Number of seeds, or a list of seeds.")
]
MAX_SEEDS = 10_000  # each has a run folder
NameArgument = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="Name from `zoo list`, TOML file, or data.",
        autocompletion=completion.entries,
    ),
]
ModelArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="A name (its shipped weights), run or file.",
        autocompletion=completion.models,
    ),
]
JobsOption = Annotated[
    int | None, typer.Option(min=1, max=1000, help="Number of parallel jobs. [default: all cores]")
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        metavar="ENGINE",
        help="Engine: serial, processes, dask, dask:tcp://HOST:PORT or dask:FILE.json.",
    ),
]
RetrainOption = Annotated[
    bool, typer.Option("--retrain", help="Ignore existing runs and train again.")
]
FreshOption = Annotated[bool, typer.Option("--fresh", hidden=True)]  # the earlier name of --retrain
EpochsOption = Annotated[int | None, typer.Option("--epochs", help="Number of epochs.")]
IterationsOption = Annotated[
    int | None,
    typer.Option("--iterations", help="Number of iterations, for entries that count these."),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", "-n", help="Show what would be done, and do nothing.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key, e.g. train.rate=0.05."),
]
RuntimeOption = Annotated[
    Literal["numpy", "onnx"] | None,
    typer.Option(help="Backend. [default: onnx for .onnx, else numpy]"),
]

# a file to write with such a name means that two options were mixed up
READ_ONLY = re.compile(
    r"\.(safetensors|onnx|toml|np[yz]|gz|png|jpe?g|bmp|gif|p[pgbn]m|tiff?|webp)$"
)


def command_line(context: typer.Context) -> str:
    """Return the command line of this process, for the pages that it writes."""
    return join(["zoo", *context.obj])


def check_not_an_input(target: Path | None, inputs: Iterable[str]) -> None:
    """Raise if the file to write would overwrite an input."""
    from zoo.errors import ConfigError

    if target is None:
        return
    if target.exists() and any(_is_part_of(target, name) for name in inputs):
        raise ConfigError(f"{target} is an input file; it was not overwritten.")
    if any(READ_ONLY.search(path.name.lower()) for path in (target, target.resolve())):
        raise ConfigError(f"{target} has the name of a model or an image; nothing was written.")


def _is_part_of(target: Path, name: str) -> bool:
    """Whether an existing file has this name, lies in this folder or matches this glob."""
    from zoo.system.files import is_same

    if os.path.isdir(name):  # noqa: PTH112 - Path.is_dir may raise
        return target.resolve().is_relative_to(Path(name).resolve())
    names = [name] if os.path.lexists(name) else iglob(name, recursive=True)  # noqa: PTH207 - Path.glob needs a folder
    return any(os.path.exists(existing) and is_same(target, Path(existing)) for existing in names)  # noqa: PTH110 - Path.exists may raise


def find_entry(name: str) -> CatalogEntry:
    """Return the entry with this name, the one in this TOML file, or one for this data."""
    from zoo.config.catalog import find
    from zoo.data.own.data_entry import is_data

    from .data_entries import find_data_entry

    return find_data_entry(name) if is_data(name) else find(name)


def find_complete_entry(
    name: str, changes: Sequence[tuple[str, object]] = (), data: Path | None = None
) -> CatalogEntry:
    """Return the entry with what it does not state about the user's files, which are read."""
    from zoo.config.own_data import FileData

    listed = find_entry(name)
    if not isinstance(listed.entry.data, FileData):
        return listed
    from zoo.data.own.load import completed

    return completed(listed, changes, data)


def base_entry(listed: CatalogEntry) -> Entry:
    """Return the catalog's entry of the same name, or the listed one if there is none.

    The entry.toml of a run keeps the name of the entry that it was made from.
    """
    from zoo.config.catalog import USER_FILE, read_catalog

    if listed.provider != USER_FILE:
        return listed.entry
    return read_catalog().entries.get(listed.entry.name, listed).entry


def changes_to(
    listed: CatalogEntry, entry: Entry, assigned: Sequence[tuple[str, object]]
) -> dict[str, Any]:
    """Return what differs in an entry from the recipe of the catalog or of the user's file.

    `listed` was completed from the user's files with the `assigned` values of its data.
    """
    from zoo.config.own_data import FileData

    changes = entry.differences(base_entry(listed))
    if not isinstance(entry.data, FileData):
        return changes
    tables = {key.split(".")[1] for key in changes if key.startswith("data.")}
    return changes | {
        key: value
        for key, value in assigned
        if key.startswith("data.") and key.split(".")[1] not in tables
    }


def overrides(entry: Entry) -> dict[str, Any]:
    """Return the differences from the catalog's recipe of the same name."""
    from zoo.config.catalog import read_catalog

    listed = read_catalog().entries.get(entry.name)
    return entry.differences(listed.entry) if listed else {}


def assignments(texts: Sequence[str] | None) -> list[tuple[str, object]]:
    """Return the keys and values of --set."""
    from zoo.config import load

    return [load.parse_assignment(text) for text in texts or []]


def parse_seeds(seed: int | None, seeds: str | None, *, default: int) -> list[int]:
    """Return the seeds: `--seeds 3` counts up from `--seed`, `--seeds 4,7` names them."""
    from zoo.errors import ConfigError

    first = default if seed is None else seed
    if seeds is None:
        return [first]
    seeds_list = numbers(seeds, "--seeds")
    if "," in seeds:
        if seed is not None:
            raise ConfigError("--seed and a list of --seeds exclude each other.")
        if len(set(seeds_list)) < len(seeds_list):
            raise ConfigError(f"--seeds contains a seed twice: {seeds}.")
        return seeds_list
    if not 1 <= seeds_list[0] <= MAX_SEEDS:
        raise ConfigError(f"--seeds needs a number from 1 to {MAX_SEEDS:,}, got {seeds}.")
    return list(range(first, first + seeds_list[0]))


def numbers(text: str, option: str) -> list[int]:
    """Return the integers of a comma-separated list."""
    from zoo.errors import ConfigError

    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(re.fullmatch(r"-?[0-9]{1,18}", part) for part in parts):
        raise ConfigError(f"{option} needs integers separated by commas, got {text!r}.")
    return [int(part) for part in parts]


def resolve_engine(
    engine: str | None, jobs: int | None, *, tasks: int
) -> AbstractContextManager[Engine]:
    """Return the requested engine, or one that fits this machine; serial if there are no tasks."""
    from zoo.parallel.cpus import cpu_count
    from zoo.parallel.open_engine import open_engine, parse_engine

    if engine is not None:
        parse_engine(engine)
    n_jobs = jobs or cpu_count()
    parallel = min(n_jobs, tasks) > 1
    default = "processes" if parallel else "serial"
    return open_engine(engine if engine and tasks else default, jobs=n_jobs)


def load_data(data: Data, path: Path | None, *, offline: bool) -> Dataset:
    """Return the dataset of an entry; download it if necessary."""
    from zoo.data.load import load
    from zoo.data.locations import locations_from_environment

    from .progress import download_progress

    with download_progress() as progress:
        dataset = load(data, locations_from_environment(path, offline=offline), progress)
    if path and data.kind == "digits":
        terminal.warn(["The digits are part of scikit-learn; --data is ignored."])
    return dataset


def model_data(
    name: str, classifier: Classifier, path: Path | None, *, runs: Path, offline: bool
) -> Dataset:
    """Return the dataset that a model was trained for; download it if necessary."""
    from zoo.config.datasets import data_config
    from zoo.config.own_data import FileData
    from zoo.inference.load import find_data_folder, find_run_or_none

    facts, run = classifier.facts, find_run_or_none(name, runs=runs)
    if facts and isinstance(facts.entry.data, FileData) and run:
        config = run.entry.data  # whose paths are absolute
    else:
        config = facts.entry.data if facts else data_config(classifier.source.name)
    return load_data(config, path or find_data_folder(name, runs=runs), offline=offline)


def local_data(data: Data, path: Path | None) -> Dataset | None:
    """Return the dataset of an entry if it is on this machine; nothing is downloaded."""
    from zoo.data.load import load
    from zoo.data.locations import locations_from_environment
    from zoo.errors import ZooError

    try:
        return load(data, locations_from_environment(path, offline=True))
    except ZooError:
        if path and not path.exists():
            raise
        return None


def requested_length(
    train: TrainConfig, *, name: str, epochs: int | None, iterations: int | None
) -> int | None:
    """Return the length that --epochs or --iterations asks for, in the unit of the entry."""
    from zoo.errors import ConfigError

    lengths = {"epoch": epochs, "iteration": iterations}
    length = lengths.pop(train.unit)
    if any(other is not None for other in lengths.values()):
        (other,) = lengths
        raise ConfigError(
            f"{name} counts {train.unit}s, not {other}s.", hint=f"Use --{train.unit}s N."
        )
    return length
