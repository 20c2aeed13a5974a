"""What killed commands and full disks left in a folder of runs, which no other command lists."""

import os
from collections.abc import Iterator
from pathlib import Path

from zoo.system.temporary import left_over
from zoo.training.run import RUN_NAME, Run
from zoo.training.runs import may_be_a_run, not_listed

COMMANDS = ("ablate-", "compare-")  # whose runs are kept apart from the user's own


def leftovers(runs: Path, *, now: float) -> list[Path]:
    """Return runs without a record, and temporary files and folders of ended processes.

    A run that is being trained or written is not among them.
    """
    try:
        folders = sorted(path for path in runs.iterdir() if path.is_dir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise not_listed(runs, error) from None
    return [*left_over(runs, now=now), *(path for f in folders for path in _in_folder(f, now))]


def _is_of_a_command(folder: Path) -> bool:
    """Return whether a folder has the runs of a command, such as ablate-mnist-10."""
    if not folder.name.startswith(COMMANDS) or may_be_a_run(folder):
        return False
    return any(RUN_NAME.fullmatch(path.name) for path in folder.iterdir())


def _in_folder(folder: Path, now: float) -> Iterator[Path]:
    """Yield what is left over in a folder of the runs, or the folder itself."""
    is_run = bool(RUN_NAME.fullmatch(folder.name))
    if folder.is_symlink():
        return
    if _is_of_a_command(folder):
        yield from leftovers(folder, now=now)
        return
    if is_run and not may_be_a_run(folder):
        if not Run(folder).is_locked():
            yield folder
        return
    if is_run or folder.name == "contrasts":
        yield from left_over(folder, now=now)
    if is_run and not os.path.islink(folder / "weights"):  # noqa: PTH114 - False if it may not be entered
        yield from left_over(folder / "weights", now=now)
