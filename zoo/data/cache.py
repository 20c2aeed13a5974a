"""The cache folder: its location, and the files in it that zoo wrote."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import platformdirs

from zoo.data.archives import SETS
from zoo.data.pins import MNIST
from zoo.errors import ZooError
from zoo.system.file_errors import hint, reading_hint
from zoo.system.files import when_free
from zoo.system.temporary import NAME

ARCHIVES = {f"{one.folder}/{archive.name}" for one in SETS.values() for archive in one.archives}
FOLDERS = (
    "",
    "mnist",
    *sorted({one.folder for one in SETS.values()}),
    "kaggle",
    "kaggle/parsed",
)
WRITTEN = re.compile(  # by completion, by `zoo data fetch` and `import`, and by parsing of CSV
    r"names\.json"
    rf"|mnist/(?:{'|'.join(re.escape(pinned.name) for pinned in MNIST)})"
    r"|kaggle/(?:train|test)\.csv"
    r"|kaggle/parsed/[0-9a-f]{64}\.arrays"
    rf"|{'|'.join(map(re.escape, sorted(ARCHIVES)))}"
)


def cache_folder() -> Path:
    """Return the folder in ZOO_CACHE_DIR, or else zoo's folder in the user's cache."""
    folder = os.environ.get("ZOO_CACHE_DIR")
    return Path(folder) if folder else Path(platformdirs.user_cache_dir("zoo"))


def cached_files(cache: Path, *, keep: Path | None = None) -> list[Path]:
    """Return the files in the cache that zoo wrote, except those in `keep`, the user's own folder.

    Links are skipped, and so are folders that a link replaces: they lead to files of the user.
    """
    kept = keep and keep.resolve()
    return [
        path
        for folder in FOLDERS
        for path in _files(cache, folder)
        if kept is None or kept not in (path.resolve(), *path.resolve().parents)
    ]


def delete_files(cache: Path, paths: list[Path]) -> None:
    """Delete files of the cache, and then the folders of zoo that are empty."""
    for path in paths:
        try:
            when_free(partial(path.unlink, missing_ok=True))
        except OSError as error:
            raise ZooError(
                f"{path} could not be deleted: {error.strerror}.",
                hint=hint(error, path),
            ) from error
    for folder in reversed(FOLDERS[1:]):
        with suppress(OSError):  # it is not empty, is a link, or does not exist
            (cache / folder).rmdir()


def _files(cache: Path, name: str) -> Iterator[Path]:
    """Yield zoo's files in one folder of the cache."""
    folder = cache / name
    try:
        if folder.resolve() != cache.resolve() / name or not folder.is_dir():
            return
        for path in sorted(folder.iterdir()):
            is_temporary = NAME.fullmatch(path.name)
            is_regular = path.is_file() and not path.is_symlink()
            name_in_cache = path.relative_to(cache).as_posix()
            if is_regular and (is_temporary or WRITTEN.fullmatch(name_in_cache)):
                yield path
    except OSError as error:
        raise ZooError(
            f"{folder} cannot be searched: {error.strerror}.", hint=reading_hint(error, folder)
        ) from error
