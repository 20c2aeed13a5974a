"""What a network is asked about: pictures, folders, NumPy's arrays, IDX, Kaggle's csv, stdin.

Everything streams: a folder of any size is walked file by file, an array is read in blocks.
Files come in groups, cut by their names alone, or after 1,024 files. An image's number in its
group decides which row of a product it is, so a file that is added moves the images of its own
group and no others.
"""

import hashlib
import math
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from glob import has_magic, iglob
from itertools import chain, groupby, islice
from pathlib import Path
from typing import BinaryIO

import numpy as np

from zoo.config.dataset_info import SOURCES, Source, describe_size
from zoo.data.csv_rows import csv_rows, rows_in
from zoo.data.dataset import Bytes, Values
from zoo.data.idx import idx_count, read_idx
from zoo.data.images import decode, normalize
from zoo.data.images.decode import DecodedImage
from zoo.data.images.normalize import Preprocess
from zoo.data.kaggle_csv import read_csv
from zoo.data.npy import Shares, numpy_count, numpy_images
from zoo.data.verified_files import read_chunks
from zoo.errors import CorruptFileError, DataError, ZooError

STDIN = "-"
BYTE = 255
FILES_PER_GROUP = 128  # in a group, on average
MAX_FILES_PER_GROUP = 1024
# a folder's other files are passed over
IMAGE_SUFFIXES = re.compile(r"\.(png|jpe?g|bmp|gif|p[pgbn]m|tiff?|webp|np[yz]|csv)$")
IDX = re.compile(r"idx\d?(-ubyte)?(\.gz)?$|ubyte(\.gz)?$")
LABELS = re.compile(r"idx1-ubyte(\.gz)?$")
UNSAFE_SUFFIXES = (".pkl", ".pickle", ".pt", ".pth", ".joblib")


@dataclass(frozen=True)
class Input:
    """One picture, or a row of a table, as the network will see it, and where it comes from."""

    source: str
    index: int  # within its file
    image: Values  # in a row
    said: str  # what was done to it


@dataclass(frozen=True)
class Unreadable:
    """A file that gave no picture, and why."""

    source: str
    error: ZooError


Stream = Iterator[Input | Unreadable]
Loaders = Iterator[Callable[[], Input | Unreadable]]  # so that what is passed over costs little


@dataclass(frozen=True)
class InputSpec:
    """What the network wants: pictures like those of this data, preprocessed in this way.

    Without a way, pictures are brought to the form of the data, and arrays are taken as they are.
    """

    source: Source
    preprocess: Preprocess | None
    cache: Path  # where a parsed csv is kept


def streams(words: Sequence[str], wanted: InputSpec, *, stdin: BinaryIO) -> Iterator[Stream]:
    """Yield the images behind the words by groups; a word that leads nowhere is said at once."""
    _check(words)
    for is_stdin, some in groupby(words, STDIN.__eq__):
        if is_stdin:
            for _ in some:
                yield _guarded(STDIN, _from_stdin(stdin, wanted))
        else:
            for group in groups(chain.from_iterable(map(_paths, some))):
                yield _of_group(group, wanted)


def _of_group(group: Sequence[Path | Unreadable], wanted: InputSpec) -> Stream:
    for path in group:
        yield from [path] if isinstance(path, Unreadable) else read_file(path, wanted)


def groups(several: Iterable[Path | Unreadable]) -> Iterator[list[Path | Unreadable]]:
    """Yield the files by groups: an array alone, others up to a name that hashes to an end."""
    waiting: list[Path | Unreadable] = []
    for path in several:
        name = path.source if isinstance(path, Unreadable) else str(path)
        alone = is_array(Path(name))
        if alone and waiting:
            yield waiting
            waiting = []
        waiting.append(path)
        if alone or _ends_a_group(Path(name).name) or len(waiting) == MAX_FILES_PER_GROUP:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _ends_a_group(name: str) -> bool:
    digest = hashlib.sha256(name.encode(errors="surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") % FILES_PER_GROUP == 0


def paths(words: Sequence[str]) -> Iterator[Path | Unreadable]:
    """Yield every file behind the words; a word that leads nowhere is said at once."""
    _check(words)
    for word in words:
        yield from _paths(word)


def _check(words: Sequence[str]) -> None:
    for word in words:
        if word != STDIN and not os.path.lexists(word) and not _glob(word):
            raise DataError(
                f"{word} is not there." if not has_magic(word) else f"No file fits {word}.",
                hint="A picture, a folder, .npy, .npz, IDX, a csv in Kaggle's form, "
                "or - for a picture on stdin.",
            )


def read_file(
    path: Path,
    wanted: InputSpec,
    *,
    first: int = 0,
    end: int | None = None,
    content: bytes | None = None,
) -> Stream:
    """Yield the pictures in a file, or those from one number to another.

    The `content` of a picture file, where it is known, is not read again.
    """
    yield from _guarded(str(path), _from_file(path, wanted, content), first, end)


def _guarded(source: str, makers: Loaders, first: int = 0, end: int | None = None) -> Stream:
    """Yield what is made, and the error that ends it in the range where it stands."""
    reached = 0
    try:
        for make in islice(makers, end):
            reached += 1
            if reached > first:
                yield make()
    except ZooError as error:
        if reached >= first:
            yield Unreadable(source, error)


def _glob(word: str) -> bool:
    return has_magic(word) and any(iglob(word, recursive=True))  # noqa: PTH207 - Path's has no lone word


def _paths(word: str) -> Iterator[Path | Unreadable]:
    path = Path(word)
    if os.path.isdir(word):  # noqa: PTH112 - Path's raises where this says no
        yield from _walk(path)
    elif os.path.lexists(word):
        yield path
    else:
        for name in sorted(iglob(word, recursive=True)):  # noqa: PTH207 - the same
            if os.path.isfile(name):  # noqa: PTH113 - Path's raises where this says no
                yield Path(name)


def _walk(top: Path) -> Iterator[Path | Unreadable]:
    """Yield the files that may hold pictures, by name; a folder is entered once, however linked."""
    entered = set()
    waiting = [top]
    while waiting:
        path = waiting.pop()
        if not os.path.isdir(path):  # noqa: PTH112 - Path's raises where this says no
            yield path
            continue
        try:
            status = path.stat()
            if (status.st_dev, status.st_ino) in entered:
                continue
            entered.add((status.st_dev, status.st_ino))
            names = sorted(os.listdir(path), reverse=True)  # noqa: PTH208 - names are small
        except OSError as error:
            yield Unreadable(str(path), DataError(f"{path} cannot be entered: {error.strerror}."))
            continue
        waiting += [path / name for name in names if _is_image_file(path / name)]


def _is_image_file(path: Path) -> bool:
    """Whether it is a folder, or a file that may hold pictures; a pipe or a device has no end."""
    if path.name.startswith("."):
        return False
    if os.path.isdir(path):  # noqa: PTH112 - Path's raises where this says no
        return True
    endless = os.path.exists(path) and not os.path.isfile(path)  # noqa: PTH110, PTH113 - the same
    return _may_hold_images(path.name) and not endless


def _may_hold_images(name: str) -> bool:
    lower = name.lower()
    known = IMAGE_SUFFIXES.search(lower) or IDX.search(lower)
    return bool(known) and not LABELS.search(lower)


def is_array(path: Path) -> bool:
    """Whether a file holds pictures by the thousand, and is no picture itself."""
    name = path.name.lower()
    return name.endswith((".npy", ".npz", ".csv")) or bool(IDX.search(name))


def count_images(path: Path, wanted: InputSpec) -> int:
    """Return how many pictures a file of many speaks of, before it is known to be sound."""
    name = path.name.lower()
    try:
        if name.endswith((".npy", ".npz")):
            return numpy_count(path, wanted.source, any_size=wanted.preprocess == "auto")
        if name.endswith(".csv"):
            return sum(piece.count(b"\n") for piece in read_chunks(path))
        return idx_count(path)
    except ZooError:
        return 0  # it is told when it is read


def _from_stdin(stdin: BinaryIO, wanted: InputSpec) -> Loaders:
    if not wanted.source.has_images:
        for index, row in enumerate(rows_in(stdin, wanted.source, where="stdin")):
            yield partial(Input, STDIN, index, row, "")
        return
    content = stdin.read(decode.MAX_BYTES + 1)
    yield partial(_input, STDIN, 0, decode.decode(content, where="stdin"), wanted)


def _from_file(path: Path, wanted: InputSpec, content: bytes | None) -> Loaders:
    name = path.name.lower()
    if name.endswith(UNSAFE_SUFFIXES):
        raise CorruptFileError(
            f"{path} is not opened: such a file may run code when it is read.",
            hint="Save the pictures as .npy, or as picture files.",
        )
    if name.endswith((".npy", ".npz")):
        yield from _from_numpy(path, wanted)
    elif not wanted.source.has_images:
        if not name.endswith(".csv"):
            raise CorruptFileError(
                f"{path} holds no rows of a table; these are in .csv, .npy or .npz."
            )
        for index, row in enumerate(csv_rows(path, wanted.source)):
            yield partial(Input, str(path), index, row, "")
    elif name.endswith(".csv"):
        yield from _from_rows(path, _csv(path, wanted), wanted)
    elif IDX.search(name):
        images, _ = read_idx(path, dimensions=3)
        yield from _from_rows(path, images, wanted)
    else:
        if content is None:
            picture = decode.read_image(path)
        else:
            picture = decode.decode(content, where=str(path))
        yield partial(_input, str(path), 0, picture, wanted)


def _csv(path: Path, wanted: InputSpec) -> Bytes:
    """Return the pictures of a file in Kaggle's form, which has labels or none."""
    try:
        with path.open("rb") as file:
            labelled = file.readline(100).lstrip(b"\xef\xbb\xbf").startswith(b"label,")
    except OSError as error:
        raise DataError(f"{path} could not be read: {error.strerror}.") from None
    pool, _ = read_csv(path, labelled=labelled, cache=wanted.cache)
    return pool.images.reshape(-1, *SOURCES["kaggle"].shape)


def _from_rows(path: Path, images: Bytes, wanted: InputSpec) -> Loaders:
    """Yield pictures of bytes: as they are, if nothing else is asked for."""
    source = wanted.source
    if wanted.preprocess == "auto":
        for index, image in enumerate(images):
            yield partial(_grey_input, str(path), index, image, BYTE, wanted)
        return
    if images.shape[1:] != source.shape:
        raise CorruptFileError(
            f"{path} holds pictures of {describe_size(images.shape[1:])} pixels, "
            f"and {source.title} has {describe_size(source.shape)}.",
            hint="--preprocess auto fits pictures of any size.",
        )
    if images.max(initial=0) > source.highest:
        raise CorruptFileError(
            f"{path} holds the value {images.max()}; the highest of a pixel is {source.highest}."
        )
    for index, image in enumerate(images.reshape(len(images), math.prod(source.shape))):
        yield partial(Input, str(path), index, image, "")


def _from_numpy(path: Path, wanted: InputSpec) -> Loaders:
    source = wanted.source
    any_size = source.has_images and wanted.preprocess == "auto"
    counts: Counter[str] = Counter()
    for name, block in numpy_images(path, source, any_size=any_size):
        where = f"{path}:{name}" if path.suffix.lower() == ".npz" else str(path)
        for shares in block:
            index = counts[name]
            counts[name] += 1
            if not source.has_images:
                yield partial(Input, where, index, shares.reshape(-1), "")
            elif any_size:
                yield partial(_grey_input, where, index, shares, 1, wanted)
            else:
                yield partial(_whole_input, where, index, shares, source)


def _grey_input(
    where: str, index: int, values: Bytes | Shares, white: int, wanted: InputSpec
) -> Input | Unreadable:
    grey = np.divide(values, white, dtype=np.float32)
    return _input(where, index, decode.from_array(grey), wanted)


def _whole_input(where: str, index: int, shares: Shares, source: Source) -> Input:
    image = np.rint(shares * source.highest).astype(np.uint8).reshape(-1)
    return Input(where, index, image, "")


def _input(where: str, index: int, picture: DecodedImage, wanted: InputSpec) -> Input | Unreadable:
    """Return the picture in the form of the data; one that is blank keeps no other from it."""
    name = f"{where} [{index}]" if index else where
    try:
        drawn = normalize.normalize(
            picture, wanted.source.shape, preprocess=wanted.preprocess or "auto", where=name
        )
    except ZooError as error:
        return Unreadable(where, error)
    return Input(where, index, drawn.image.reshape(-1), drawn.steps)
