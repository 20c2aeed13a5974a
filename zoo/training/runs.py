"""Folders of runs: create, import, find and list."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from zoo.config.entry import Entry
from zoo.config.entry_paths import natural_sort_key
from zoo.errors import ConfigError, ZooError
from zoo.files import write_atomically
from zoo.training.run import RECORD, RUN_NAME, Run


def create_run(runs: Path, entry: Entry, *, seed: int) -> Run:
    """Make a new folder for this entry and seed, numbered behind those that are there."""
    try:
        runs.mkdir(parents=True, exist_ok=True)
        stem = f"{entry.name}-s{seed}-"
        taken = [path.name for path in runs.glob(f"{stem}*") if RUN_NAME.fullmatch(path.name)]
        number = max((int(name.removeprefix(stem)) for name in taken), default=0)
        while True:
            number += 1
            try:
                (runs / f"{stem}{number}").mkdir()
            except FileExistsError:  # another process was faster
                continue
            return Run(runs / f"{stem}{number}")
    except OSError as error:
        raise ZooError(f"{runs} cannot hold runs: {error.strerror}.", hint="--runs DIR") from None


def import_run(runs: Path, entry: Entry, files: Mapping[str, bytes]) -> Run:
    """Make the folder of a run that was trained elsewhere; it is one with its last file."""
    run = create_run(runs, entry, seed=entry.train.seed)
    for name in sorted(files, key=lambda name: name == RECORD):
        write_atomically(run.path / name, files[name])
    return run


def find_run(runs: Path, name: str) -> Run:
    """Return the run of that name in a folder of runs, or the run at that path."""
    path = Path(name) if os.sep in name else runs / name
    if not RUN_NAME.fullmatch(path.name) or not os.path.isfile(path / RECORD):  # noqa: PTH113 - Path's raises where this says no
        raise ConfigError(
            f"There is no run named {name!r} in {runs}.", hint="`zoo runs` shows them."
        )
    return Run(path)


def all_runs(runs: Path) -> Iterator[Run]:
    """Yield the runs in a folder; what is no run is passed over."""
    try:
        paths = sorted(runs.iterdir(), key=lambda path: natural_sort_key(path.name))
    except FileNotFoundError:
        return
    except OSError as error:
        raise ZooError(f"{runs} is no folder of runs: {error.strerror}.") from None
    for path in paths:
        if RUN_NAME.fullmatch(path.name) and _may_hold_a_run(path):
            yield Run(path)


def _may_hold_a_run(path: Path) -> bool:
    try:
        return (path / RECORD).is_file()
    except OSError:  # it is there and may not be looked at: whoever lists it shall hear of it
        return True


def last_run(runs: Path) -> Run:
    """Return the run that was touched last."""
    known = [run for run in all_runs(runs) if os.access(run.path / RECORD, os.R_OK)]
    if not known:
        raise ConfigError(f"{runs} holds no runs.", hint="`zoo train digits-10` makes one.")
    return max(known, key=lambda run: (run.path / RECORD).stat().st_mtime_ns)
