"""What commands share: options, the console, and how a name becomes an entry."""

from __future__ import annotations

import os
import re
import shlex
import sys
from glob import iglob
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from . import completion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

    from rich.console import Console, RenderableType

    from zoo.config.catalog import CatalogEntry
    from zoo.config.entry import Entry
    from zoo.config.kinds import Data
    from zoo.data.dataset import Dataset
    from zoo.errors import ZooError
    from zoo.parallel.engine import Engine

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="A folder with the data, or Kaggle's train.csv. Without it: ZOO_DATA, cache, mirrors.",
    ),
]
OfflineOption = Annotated[
    bool, typer.Option("--offline", help="Open no connection (also ZOO_OFFLINE=1).")
]
RunsOption = Annotated[Path, typer.Option("--runs", envvar="ZOO_RUNS", help="The folder of runs.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
RUNS = Path("runs")
SeedsOption = Annotated[
    str | None, typer.Option(metavar="N | S,S,...", help="So many seeds, or these.")
]
MAX_SEEDS = 10_000  # each has a run folder
NameArgument = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="A name from `zoo list`, or a TOML file.",
        autocompletion=completion.entries,
    ),
]
ModelArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="A name from `zoo list`, a run, a .safetensors or an .onnx.",
        autocompletion=completion.models,
    ),
]
JobsOption = Annotated[
    int | None, typer.Option(min=1, max=1000, help="How many at once; all cores, if not said.")
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        metavar="ENGINE",
        help="serial, processes, dask, dask:tcp://HOST:PORT or dask:FILE.json.",
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key, as train.epochs=5."),
]
RuntimeOption = Annotated[
    Literal["numpy", "onnx"] | None,
    typer.Option(help="What does the arithmetic; an .onnx runs on onnxruntime by itself."),
]

# whoever names such a file as one to write to has mixed up two options
READ_ONLY = re.compile(
    r"\.(safetensors|onnx|toml|np[yz]|gz|png|jpe?g|bmp|gif|p[pgbn]m|tiff?|webp)$"
)


PIPE_WIDTH = 200  # in a pipe every row gets a line of its own, for grep


def console() -> Console:
    """Return where tables are printed: as wide as the terminal."""
    from rich.console import Console

    narrow = sys.stdout.isatty() or "COLUMNS" in os.environ
    width = None if narrow else PIPE_WIDTH
    plain = bool(os.environ.get("NO_COLOR"))  # Rich would still write bold and dim
    return Console(
        width=width, color_system=None if plain else "auto", highlight=False, soft_wrap=False
    )


def command_line(context: typer.Context) -> str:
    """Return the command as it was given, for pages that say how they were made."""
    return shlex.join(["zoo", *context.obj])


def check_not_an_input(target: Path | None, read: Iterable[str]) -> None:
    """Raise if what is to be written would take the place of anything that is read."""
    from zoo.errors import ConfigError

    if target is None:
        return
    if READ_ONLY.search(target.name.lower()):
        raise ConfigError(f"{target} is named like a model or a picture; it is not written to.")
    if target.exists() and any(_is_part_of(target, name) for name in read):
        raise ConfigError(f"{target} is what is read; it is not written to.")


def _is_part_of(target: Path, name: str) -> bool:
    """Whether an existing file is the one of that name, in that folder, or fits that glob."""
    if os.path.isdir(name):  # noqa: PTH112 - Path's raises where this says no
        return target.resolve().is_relative_to(Path(name).resolve())
    names = [name] if os.path.lexists(name) else iglob(name, recursive=True)  # noqa: PTH207 - Path's has no lone word
    return any(os.path.exists(one) and target.samefile(one) for one in names)  # noqa: PTH110 - the same


def rendered(*parts: RenderableType) -> str:
    """Return what the console shows of tables and texts, without blanks at the ends of lines."""
    from rich.console import Group

    to = console()
    with to.capture() as captured:
        to.print(Group(*parts))
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def terminal(*parts: RenderableType) -> None:
    """Print tables and texts."""
    print(rendered(*parts), end="")


def has_colour(to: Console) -> bool:
    """Whether colours arrive there."""
    return to.is_terminal and to.color_system is not None and not to.no_color


def warn(faults: Iterable[str]) -> None:
    """Say on stderr what is wrong and does not stop the command."""
    from .output.tables import plain

    for fault in faults:
        print(f"zoo: warning: {plain(fault)}", file=sys.stderr)


def print_error(error: ZooError) -> None:
    """Say on stderr what went wrong, and what to do."""
    from zoo.errors import ISSUE_BREAK

    from .output.tables import plain

    # of several faults each has a line; any other line break is part of a file's name
    lines = ISSUE_BREAK.join(map(plain, str(error).split(ISSUE_BREAK)))
    print(f"zoo: {lines}", file=sys.stderr)
    if error.hint:
        print(f"     {plain(error.hint)}", file=sys.stderr)


def find_entry(name: str) -> CatalogEntry:
    """Return the entry of that name, or the one in that TOML file."""
    from zoo.config.catalog import read_catalog, read_entry

    if name.endswith(".toml"):
        return read_entry(Path(name))
    return read_catalog().find(name)


def base_entry(listed: CatalogEntry) -> Entry:
    """Return the entry of that name that everybody has, or the listed one if there is none.

    A run's entry.toml keeps the name of the entry that was changed to make it.
    """
    from zoo.config.catalog import USER_FILE, read_catalog

    if listed.provider != USER_FILE:
        return listed.entry
    return read_catalog().entries.get(listed.entry.name, listed).entry


def overrides(entry: Entry) -> dict[str, Any]:
    """Return what was changed of the recipe that everybody has under this name."""
    from zoo.config.catalog import read_catalog

    listed = read_catalog().entries.get(entry.name)
    return entry.differences(listed.entry) if listed else {}


def assignments(set_: Sequence[str] | None) -> list[tuple[str, object]]:
    """Return the keys and values that --set names."""
    from zoo.config import entry as config

    return [config.parse_assignment(text) for text in set_ or []]


def parse_seeds(seed: int | None, seeds: str | None, *, default: int) -> list[int]:
    """Return the seeds: `--seeds 3` counts up from `--seed`, `--seeds 4,7` names them."""
    from zoo.errors import ConfigError

    first = default if seed is None else seed
    if seeds is None:
        return [first]
    chosen = numbers(seeds, "--seeds")
    if "," in seeds:
        if seed is not None:
            raise ConfigError("--seed and a list of --seeds contradict each other.")
        if len(set(chosen)) < len(chosen):
            raise ConfigError(f"--seeds names a seed twice: {seeds}.")
        return chosen
    if not 1 <= chosen[0] <= MAX_SEEDS:
        raise ConfigError(f"--seeds needs a number from 1 to {MAX_SEEDS:,}, and got {seeds}.")
    return list(range(first, first + chosen[0]))


def numbers(text: str, option: str) -> list[int]:
    """Return whole numbers that stand with commas between them."""
    from zoo.errors import ConfigError

    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(re.fullmatch(r"-?[0-9]{1,18}", part) for part in parts):
        raise ConfigError(
            f"{option} needs whole numbers with commas between them, and got {text!r}."
        )
    return [int(part) for part in parts]


def resolve_engine(
    engine: str | None, jobs: int | None, *, tasks: int
) -> AbstractContextManager[Engine]:
    """Return the engine that is named, or what this machine has room for; none has no work."""
    from zoo.parallel.open import cpu_count, open_engine, parse_engine

    if engine is not None:
        parse_engine(engine)
    most = jobs or cpu_count()
    several = min(most, tasks) > 1
    fitting = "processes" if several else "serial"
    return open_engine(engine if engine and tasks else fitting, jobs=most)


def load_data(data: Data, given: Path | None, *, offline: bool) -> Dataset:
    """Return the rows that an entry names, downloaded if it must be, and say where it came from."""
    from zoo.data.load import load
    from zoo.data.locations import locations_from_environment

    from .progress import download_progress

    with download_progress() as progress:
        dataset = load(data, locations_from_environment(given, offline=offline), progress)
    if given and data.kind == "digits":
        warn(["The digits come with scikit-learn; --data is not looked at."])
    return dataset
