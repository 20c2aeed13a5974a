"""What killed commands and full disks left in a folder of runs, which no other command lists."""

from collections.abc import Iterator
from pathlib import Path

from zoo.errors import ZooError
from zoo.system.temporary import left_over
from zoo.training.run import RECORD, RUN_NAME, Run


def leftovers(runs: Path, *, now: float) -> list[Path]:
    """Return runs without a record, and temporary files and folders of ended processes.

    A run that is being trained or written is not among them.
    """
    try:
        folders = sorted(path for path in runs.iterdir() if path.is_dir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ZooError(f"Cannot list the runs in {runs}: {error.strerror}.") from None
    return [*left_over(runs, now=now), *(path for f in folders for path in _in_folder(f, now))]


def _in_folder(folder: Path, now: float) -> Iterator[Path]:
    """Yield what is left over in a folder of the runs, or the folder itself."""
    is_run = bool(RUN_NAME.fullmatch(folder.name))
    try:
        has_record = (folder / RECORD).exists()
    except OSError:  # a folder that may not be entered may be a run
        return
    if is_run and not has_record:
        if not folder.is_symlink() and not Run(folder).is_locked():
            yield folder
        return
    if is_run or folder.name == "contrasts":
        yield from left_over(folder, now=now)
    if is_run:
        yield from left_over(folder / "weights", now=now)
