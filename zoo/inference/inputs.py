"""Inputs for prediction: images, folders, NumPy arrays, IDX, Kaggle's CSV, and stdin.

Inputs are streamed: a folder of any size is walked file by file, an array is read in blocks.
Files form groups, which end at certain names or after 1,024 files. An image's number in its
group determines its row in a matrix product, so an added file only affects the images of its own
group.
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
from zoo.data.images.constants import MAX_BYTES
from zoo.data.images.decode import DecodedImage
from zoo.data.images.normalize import Preprocess
from zoo.data.kaggle_csv import read_csv
from zoo.data.npy import UnitImages, numpy_count, numpy_images
from zoo.data.verified_files import read_chunks
from zoo.errors import CorruptFileError, DataError, ZooError

STDIN = "-"
MAX_BYTE = 255
FILES_PER_GROUP = 128  # on average
MAX_FILES_PER_GROUP = 1024
# Other files in a folder are skipped.
IMAGE_SUFFIXES = re.compile(r"\.(png|jpe?g|bmp|gif|p[pgbn]m|tiff?|webp|np[yz]|csv)$")
IDX = re.compile(r"idx\d?(-ubyte)?(\.gz)?$|ubyte(\.gz)?$")
LABELS = re.compile(r"idx1-ubyte(\.gz)?$")
UNSAFE_SUFFIXES = (".pkl", ".pickle", ".pt", ".pth", ".joblib")


@dataclass(frozen=True)
class Input:
    """One image or table row in the form that the network takes, and its source."""

    source: str
    index: int  # within its file
    image: Values  # (features,): uint8 pixels, or float32 table values
    steps: str  # the preprocessing that was applied


@dataclass(frozen=True)
class Unreadable:
    """A file without a readable image, and the error."""

    source: str
    error: ZooError


Stream = Iterator[Input | Unreadable]
Loaders = Iterator[Callable[[], Input | Unreadable]]  # skipped inputs are never preprocessed


@dataclass(frozen=True)
class InputSpec:
    """The dataset whose form the network expects, and the preprocessing.

    If `preprocess` is None, image files are normalized and arrays are used unchanged.
    """

    source: Source
    preprocess: Preprocess | None
    cache: Path  # for parsed CSV files


def streams(args: Sequence[str], spec: InputSpec, *, stdin: BinaryIO) -> Iterator[Stream]:
    """Yield the inputs of each group of files; an argument without files raises immediately."""
    _check(args)
    for is_stdin, neighbours in groupby(args, STDIN.__eq__):
        if is_stdin:
            for _ in neighbours:
                yield _call_loaders(STDIN, _from_stdin(stdin, spec))
        else:
            for group in groups(chain.from_iterable(map(_paths, neighbours))):
                yield _group_inputs(group, spec)


def _group_inputs(group: Sequence[Path | Unreadable], spec: InputSpec) -> Stream:
    for path in group:
        yield from [path] if isinstance(path, Unreadable) else read_file(path, spec)


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
    _check(args)
    for arg in args:
        yield from _paths(arg)


def _check(args: Sequence[str]) -> None:
    for arg in args:
        if arg != STDIN and not os.path.lexists(arg) and not _glob(arg):
            raise DataError(
                f"No file matches {arg}." if has_magic(arg) else f"{arg} does not exist.",
                hint="Give an image, a folder, .npy, .npz, IDX, a CSV file in Kaggle's form, "
                "or - for an image on stdin.",
            )


def read_file(
    path: Path,
    spec: InputSpec,
    *,
    first: int = 0,
    end: int | None = None,
    content: bytes | None = None,
) -> Stream:
    """Yield the inputs in a file, or those with the numbers first..end.

    If the `content` of an image file is given, the file is not read again.
    """
    yield from _call_loaders(str(path), _from_file(path, spec, content), first, end)


def _call_loaders(source: str, loaders: Loaders, first: int = 0, end: int | None = None) -> Stream:
    """Yield the inputs first..end, and an error if it occurs within this range."""
    reached = 0
    try:
        for load in islice(loaders, end):
            reached += 1
            if reached > first:
                yield load()
    except ZooError as error:
        if reached >= first:
            yield Unreadable(source, error)


def _glob(arg: str) -> bool:
    return has_magic(arg) and any(iglob(arg, recursive=True))  # noqa: PTH207 - Path.glob needs a folder


def _paths(arg: str) -> Iterator[Path | Unreadable]:
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
            status = path.stat()
            if (status.st_dev, status.st_ino) in entered:
                continue
            entered.add((status.st_dev, status.st_ino))
            names = sorted(os.listdir(path), reverse=True)  # noqa: PTH208 - strings need less memory
        except OSError as error:
            yield Unreadable(str(path), DataError(f"{path} cannot be listed: {error.strerror}."))
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


def is_array(path: Path) -> bool:
    """Return whether a file is an array that may contain thousands of images."""
    name = path.name.lower()
    return name.endswith((".npy", ".npz", ".csv")) or bool(IDX.search(name))


def count_images(path: Path, spec: InputSpec) -> int:
    """Return the number of images that an array file declares, without checking the file."""
    name = path.name.lower()
    try:
        if name.endswith((".npy", ".npz")):
            return numpy_count(path, spec.source, any_size=spec.preprocess == "auto")
        if name.endswith(".csv"):
            return sum(piece.count(b"\n") for piece in read_chunks(path))
        return idx_count(path)
    except ZooError:
        return 0  # reading the file raises the same error


def _from_stdin(stdin: BinaryIO, spec: InputSpec) -> Loaders:
    if not spec.source.has_images:
        for index, row in enumerate(rows_in(stdin, spec.source, where="stdin")):
            yield partial(Input, STDIN, index, row, "")
        return
    content = stdin.read(MAX_BYTES + 1)
    yield partial(_input, STDIN, 0, decode.decode(content, where="stdin"), spec)


def _from_file(path: Path, spec: InputSpec, content: bytes | None) -> Loaders:
    name = path.name.lower()
    if name.endswith(UNSAFE_SUFFIXES):
        raise CorruptFileError(
            f"{path} was not opened: a file of this type may run code when it is read.",
            hint="Save the images as .npy, or as image files.",
        )
    if name.endswith((".npy", ".npz")):
        yield from _from_numpy(path, spec)
    elif not spec.source.has_images:
        if not name.endswith(".csv"):
            raise CorruptFileError(
                f"{path} does not contain table rows; expected .csv, .npy or .npz."
            )
        for index, row in enumerate(csv_rows(path, spec.source)):
            yield partial(Input, str(path), index, row, "")
    elif name.endswith(".csv"):
        yield from _from_rows(path, _kaggle_images(path, spec), spec)
    elif IDX.search(name):
        images, _ = read_idx(path, dimensions=3)
        yield from _from_rows(path, images, spec)
    else:
        if content is None:
            image = decode.read_image(path)
        else:
            image = decode.decode(content, where=str(path))
        yield partial(_input, str(path), 0, image, spec)


def _kaggle_images(path: Path, spec: InputSpec) -> Bytes:
    """Return the images (n, 28, 28) of a CSV file in Kaggle's form, with or without labels."""
    try:
        with path.open("rb") as file:
            labelled = file.readline(100).lstrip(b"\xef\xbb\xbf").startswith(b"label,")
    except OSError as error:
        raise DataError(f"{path} could not be read: {error.strerror}.") from None
    pool, _ = read_csv(path, labelled=labelled, cache=spec.cache)
    return pool.images.reshape(-1, *SOURCES["kaggle"].shape)


def _from_rows(path: Path, images: Bytes, spec: InputSpec) -> Loaders:
    """Yield images (n, height, width) uint8: unchanged, unless preprocessing was requested."""
    source = spec.source
    if spec.preprocess == "auto":
        for index, image in enumerate(images):
            yield partial(_grey_input, str(path), index, image, MAX_BYTE, spec)
        return
    if images.shape[1:] != source.shape:
        raise CorruptFileError(
            f"{path} contains images of {describe_size(images.shape[1:])} pixels, "
            f"but {source.title} has {describe_size(source.shape)}.",
            hint="To convert images of any size, use --preprocess auto.",
        )
    if images.max(initial=0) > source.highest:
        raise CorruptFileError(
            f"{path} contains the value {images.max()}; the maximum of a pixel is {source.highest}."
        )
    for index, image in enumerate(images.reshape(len(images), math.prod(source.shape))):
        yield partial(Input, str(path), index, image, "")


def _from_numpy(path: Path, spec: InputSpec) -> Loaders:
    source = spec.source
    any_size = source.has_images and spec.preprocess == "auto"
    counts: Counter[str] = Counter()
    for name, block in numpy_images(path, source, any_size=any_size):
        where = f"{path}:{name}" if path.suffix.lower() == ".npz" else str(path)
        for row in block:
            index = counts[name]
            counts[name] += 1
            if not source.has_images:
                yield partial(Input, where, index, row.reshape(-1), "")
            elif any_size:
                yield partial(_grey_input, where, index, row, 1, spec)
            else:
                yield partial(_rescaled_input, where, index, row, source)


def _grey_input(
    where: str, index: int, values: Bytes | UnitImages, white: int, spec: InputSpec
) -> Input | Unreadable:
    grey = np.divide(values, white, dtype=np.float32)
    return _input(where, index, decode.from_array(grey), spec)


def _rescaled_input(where: str, index: int, values: UnitImages, source: Source) -> Input:
    image = np.rint(values * source.highest).astype(np.uint8).reshape(-1)
    return Input(where, index, image, "")


def _input(where: str, index: int, image: DecodedImage, spec: InputSpec) -> Input | Unreadable:
    """Return the image in the form of the data, or its error, so that other images are read."""
    name = f"{where} [{index}]" if index else where
    try:
        normalized = normalize.normalize(
            image, spec.source.shape, preprocess=spec.preprocess or "auto", where=name
        )
    except ZooError as error:
        return Unreadable(where, error)
    return Input(where, index, normalized.image.reshape(-1), normalized.steps)
