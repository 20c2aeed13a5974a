"""Folders of runs: create, import, find and list."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from zoo.config.entry import Entry
from zoo.config.entry_paths import natural_sort_key
from zoo.errors import ConfigError, ZooError
from zoo.files import NotWrittenError, new_folders, remove_left_over_once, write_atomically
from zoo.system.file_errors import DELETED_FOLDER, is_in_deleted_folder, reading_hint
from zoo.system.files import replace_empty_folder
from zoo.system.names import is_path
from zoo.system.temporary import new_path
from zoo.training.record import RECORD
from zoo.training.run import RUN_NAME, Run

ANOTHER_FOLDER = "Choose another folder: --runs DIR."


def create_run(runs: Path, entry: Entry, *, seed: int) -> Run:
    """Create a folder for a run of this entry and seed, with the next free number."""
    with folder_of_runs(runs):
        stem = f"{entry.name}-s{seed}-"
        names = [path.name for path in runs.glob(f"{stem}*") if RUN_NAME.fullmatch(path.name)]
        number = max((int(name.removeprefix(stem)) for name in names), default=0)
        while True:
            number += 1
            if not RUN_NAME.fullmatch(f"{stem}{number}"):
                raise ConfigError(
                    f"{runs / f'{stem}{number - 1}'} has the greatest number that a run can have.",
                    hint="Rename or delete it, or choose another folder: --runs DIR.",
                )
            try:
                (runs / f"{stem}{number}").mkdir()
            except FileExistsError:  # another process created it first
                continue
            path = runs / f"{stem}{number}"
            remove_left_over_once(runs, now=path.stat().st_mtime)
            return Run(path)


@contextmanager
def folder_of_runs(runs: Path) -> Iterator[None]:
    """Make a folder of runs; if the block raises, a new one without a run goes away."""
    try:
        with new_folders(runs):
            yield
    except OSError as error:
        raise ZooError(
            f"Cannot create a run in {runs}: {error.strerror}.",
            hint=DELETED_FOLDER if is_in_deleted_folder(runs) else ANOTHER_FOLDER,
        ) from None


def import_run(runs: Path, entry: Entry, files: Mapping[str, bytes]) -> Run:
    """Create the folder of a run that a worker trained; it appears with all of its files."""
    temporary = new_path(runs)
    label = f"The run of {entry.name} with seed {entry.train.seed} in {runs}"
    try:
        with new_folders(runs):
            try:
                for name, content in files.items():
                    write_atomically(temporary / name, content)
                run = create_run(runs, entry, seed=entry.train.seed)
                replace_empty_folder(temporary, run.path)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise NotWrittenError(temporary, error, name=label) from error
    except NotWrittenError as error:  # the user does not know the temporary folder
        raise NotWrittenError(temporary, error.reason, name=label) from error
    return run


def find_run(runs: Path, name: str) -> Run:
    """Return the run with this name in a folder of runs, or the run at this path."""
    path = Path(name) if is_path(name) else runs / name
    if not RUN_NAME.fullmatch(path.name) or not may_be_a_run(path):
        longer = _run_that_begins_with(path)
        hint = f"Did you mean {longer}?" if longer else "List the runs: `zoo runs`."
        raise ConfigError(f"There is no run named {name!r} in {runs}.", hint=hint)
    return Run(path)


def _run_that_begins_with(path: Path) -> str | None:
    """Return the name of the first run that begins with this path, such as digits-10-s0-1."""
    with suppress(ZooError):  # the folder cannot be listed
        names = (run.path.name for run in all_runs(path.parent))
        return next((name for name in names if name.startswith(path.name)), None)
    return None


def all_runs(runs: Path) -> Iterator[Run]:
    """Yield the runs in a folder; other files and folders are skipped."""
    try:
        paths = sorted(runs.iterdir(), key=lambda path: natural_sort_key(path.name))
    except FileNotFoundError:
        return
    except OSError as error:
        raise not_listed(runs, error) from None
    for path in paths:
        if RUN_NAME.fullmatch(path.name) and may_be_a_run(path):
            yield Run(path)


def not_listed(runs: Path, error: OSError) -> ZooError:
    """Return the error for a folder of runs that cannot be read."""
    return ZooError(
        f"Cannot list the runs in {runs}: {error.strerror}.",
        hint=reading_hint(error, runs) or ANOTHER_FOLDER,
    )


def may_be_a_run(path: Path) -> bool:
    """Return whether a folder has a record of a run, which may be a link or not readable."""
    try:
        os.lstat(path / RECORD)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:  # it is not readable: reading it later reports that
        return True
    return True


def last_run(runs: Path) -> Run:
    """Return the run that was modified last."""
    modified: dict[int, Run] = {}
    for run in all_runs(runs):
        with suppress(OSError):  # another process deleted it meanwhile
            if os.access(run.path / RECORD, os.R_OK):
                modified.setdefault((run.path / RECORD).stat().st_mtime_ns, run)
    if not modified:
        raise ConfigError(
            f"There are no runs in {runs}.", hint="Train a model: `zoo train digits-10`."
        )
    return modified[max(modified)]
