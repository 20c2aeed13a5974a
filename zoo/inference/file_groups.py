"""The files of arguments, in groups: images, folders, globs and arrays.

A folder of any size is walked file by file. Groups end at certain names or after 1,024 files. An
image's number in its group determines its row in a matrix product, so an added file only affects
the images of its own group.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import has_magic, iglob
from pathlib import Path

from zoo.errors import DataError, ZooError
from zoo.files import not_read
from zoo.system.files import file_id

STDIN = "-"
FILES_PER_GROUP = 128  # on average
MAX_FILES_PER_GROUP = 1024
# Other files in a folder are skipped.
IMAGE_SUFFIXES = re.compile(r"\.(png|jpe?g|bmp|gif|p[pgbn]m|tiff?|webp|np[yz]|csv)$")
TABLES = (".csv", ".csv.gz", ".tsv", ".parquet")
IDX = re.compile(r"idx\d?(-ubyte)?(\.gz)?$|ubyte(\.gz)?$")
LABELS = re.compile(r"idx1-ubyte(\.gz)?$")


@dataclass(frozen=True)
class Unreadable:
    """A file without a readable image, or a row of a table, and the error."""

    source: str
    error: ZooError
    is_row: bool = False  # the other rows of its table are predicted


def groups(paths: Iterable[Path | Unreadable]) -> Iterator[list[Path | Unreadable]]:
    """Yield groups of files: each array alone, others up to a name whose hash ends a group."""
    group: list[Path | Unreadable] = []
    for path in paths:
        name = path.source if isinstance(path, Unreadable) else str(path)
        alone = is_array(Path(name))
        if alone and group:
            yield group
            group = []
        group.append(path)
        if alone or _ends_group(Path(name).name) or len(group) == MAX_FILES_PER_GROUP:
            yield group
            group = []
    if group:
        yield group


def _ends_group(name: str) -> bool:
    digest = hashlib.sha256(name.encode(errors="surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") % FILES_PER_GROUP == 0


def paths(args: Sequence[str]) -> Iterator[Path | Unreadable]:
    """Yield every file of the arguments; an argument without files raises immediately."""
    check(args)
    for arg in args:
        yield from files_of(arg)


def check(args: Sequence[str]) -> None:
    """Raise if an argument has no files."""
    for arg in args:
        if arg != STDIN and not os.path.lexists(arg) and not _glob(arg):
            raise DataError(
                _problem(arg),
                hint="Give an image, a folder, .npy, .npz, IDX, a CSV file in Kaggle's form, - for "
                "stdin, or test:0 for an example of the data; `zoo data sample` writes images.",
            )


def _problem(arg: str) -> str:
    if not arg:
        return 'The name of a file is empty: "".'
    return f"No file matches {arg}." if has_magic(arg) else f"{arg} does not exist."


def _glob(arg: str) -> bool:
    return has_magic(arg) and any(iglob(arg, recursive=True))  # noqa: PTH207 - Path.glob needs a folder


def files_of(arg: str) -> Iterator[Path | Unreadable]:
    """Yield the files of an argument: those in a folder, the file, or those of a glob."""
    path = Path(arg)
    if os.path.isdir(arg):  # noqa: PTH112 - Path.is_dir may raise
        yield from _walk(path)
    elif os.path.lexists(arg):
        yield path
    else:
        for name in sorted(iglob(arg, recursive=True)):  # noqa: PTH207 - Path.glob needs a folder
            if os.path.isfile(name):  # noqa: PTH113 - Path.is_file may raise
                yield Path(name)


def _walk(top: Path) -> Iterator[Path | Unreadable]:
    """Yield the files that may contain images, by name; each folder is entered only once."""
    entered = set()
    waiting = [top]
    while waiting:
        path = waiting.pop()
        if not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir may raise
            yield path
            continue
        try:
            folder = file_id(path)
            if folder in entered:
                continue
            entered.add(folder)
            names = sorted(os.listdir(path), reverse=True)  # noqa: PTH208 - strings need less memory
        except OSError as error:
            yield Unreadable(str(path), not_read(path, error))
            continue
        waiting += [path / name for name in names if _is_image_file(path / name)]


def _is_image_file(path: Path) -> bool:
    """Return whether it is a folder, or a regular file that may contain images.

    A pipe or a device may be endless.
    """
    if path.name.startswith("."):
        return False
    if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir may raise
        return True
    is_special = os.path.exists(path) and not os.path.isfile(path)  # noqa: PTH110, PTH113 - Path may raise
    return _may_contain_images(path.name) and not is_special


def _may_contain_images(name: str) -> bool:
    lower = name.lower()
    is_supported = IMAGE_SUFFIXES.search(lower) or IDX.search(lower)
    return bool(is_supported) and not LABELS.search(lower)


def is_table(source: str) -> bool:
    """Return whether the rows of a source are counted from 1: a table's, from a file or stdin."""
    return source == STDIN or source.lower().endswith(TABLES)


def is_array(path: Path) -> bool:
    """Return whether a file is an array or a table that may contain thousands of images or rows."""
    name = path.name.lower()
    return name.endswith((".npy", ".npz", *TABLES)) or bool(IDX.search(name))
