"""Inputs for prediction: images, NumPy arrays, IDX, Kaggle's CSV, and stdin.

Inputs are streamed: a folder of any size is read file by file, an array in blocks.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby, islice
from pathlib import Path
from typing import BinaryIO

import numpy as np

from zoo.config.dataset_info import SOURCES, Source, describe_size
from zoo.data import csv_rows, idx, kaggle_csv, npy
from zoo.data.dataset import Bytes, Values
from zoo.data.images import decode, fit
from zoo.data.images.constants import MAX_BYTES, MAX_PIXELS
from zoo.data.images.decode import DecodedImage
from zoo.data.images.fit import Preprocess
from zoo.data.npy import UnitImages
from zoo.errors import CorruptFileError, ZooError
from zoo.files import check_size, not_read
from zoo.inference.file_groups import IDX, STDIN, TABLES, Unreadable, check, files_of, groups
from zoo.system.files import open_regular

MAX_BYTE = 255
UNSAFE_SUFFIXES = (".pkl", ".pickle", ".pt", ".pth", ".joblib")


@dataclass(frozen=True)
class Input:
    """One image or table row in the form that the network takes, and its source."""

    source: str
    index: int  # within its file
    image: Values  # (features,): uint8 pixels, or float32 table values
    steps: str  # the preprocessing that was applied
    true_label: int | None = None  # of an example of the data


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
    check(args)
    for is_stdin, neighbours in groupby(args, STDIN.__eq__):
        if is_stdin:
            for _ in neighbours:
                yield _call_loaders(STDIN, _from_stdin(stdin, spec))
        else:
            for group in groups(chain.from_iterable(map(files_of, neighbours))):
                yield _group_inputs(group, spec)


def _group_inputs(group: Sequence[Path | Unreadable], spec: InputSpec) -> Stream:
    for path in group:
        yield from [path] if isinstance(path, Unreadable) else read_file(path, spec)


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


def count_images(path: Path, spec: InputSpec) -> int:
    """Return the number of images that a file declares, which may have fewer.

    If reading the file yields only an error, this may raise it; then little of the file is read.
    """
    _check_type(path, spec)
    check_size(path, max_bytes(path, spec))
    name = path.name.lower()
    if name.endswith((".npy", ".npz")):
        return npy.numpy_count(path, spec.source, any_size=_any_size(spec))
    if spec.source.table and name.endswith(TABLES):
        from zoo.data.own.table_chunks import row_bound

        return row_bound(path)
    if name.endswith(".csv"):
        return csv_rows.line_count(path)
    return idx.idx_count(path, dimensions=3) if IDX.search(name) else 1


def max_bytes(path: Path, spec: InputSpec) -> int:
    """Return the maximum size of a file of this type whose content is hashed."""
    name = path.name.lower()
    if name.endswith((".npy", ".npz")):
        return npy.MAX_FILE_BYTES
    if name.endswith(TABLES):
        return kaggle_csv.MAX_BYTES if spec.source.has_images else csv_rows.MAX_FILE_BYTES
    return idx.MAX_FILE_BYTES if IDX.search(name) else MAX_BYTES


def _from_stdin(stdin: BinaryIO, spec: InputSpec) -> Loaders:
    if not spec.source.has_images:
        yield from _from_table(STDIN, _table_rows(Path("stdin"), spec, stdin))
        return
    content = stdin.read(MAX_BYTES + 1)
    yield partial(_input, STDIN, 0, decode.decode(content, where="stdin"), spec)


def _check_type(path: Path, spec: InputSpec) -> None:
    """Raise if a file of this type is never read for the model."""
    name = path.name.lower()
    if name.endswith(UNSAFE_SUFFIXES):
        raise CorruptFileError(
            f"{path} was not opened: a file of this type may run code when it is read.",
            hint="Save the images as .npy, or as image files."
            if spec.source.has_images
            else "Save the rows as .npy or .csv.",
        )
    if spec.source.has_images and name.endswith(TABLES) and not name.endswith(".csv"):
        raise _table_for_images(path)
    if not spec.source.has_images and not name.endswith((*_tables(spec), ".npy", ".npz")):
        kinds = ", ".join((*_tables(spec), ".npy"))
        raise CorruptFileError(f"{path} does not contain table rows; expected {kinds} or .npz.")


def _tables(spec: InputSpec) -> tuple[str, ...]:
    """Return the suffixes of tables: those without names of columns are CSV alone."""
    return TABLES if spec.source.table else (".csv",)


def _from_file(path: Path, spec: InputSpec, content: bytes | None) -> Loaders:
    _check_type(path, spec)
    name = path.name.lower()
    if name.endswith((".npy", ".npz")):
        yield from _from_numpy(path, spec)
    elif not spec.source.has_images:
        yield from _from_table(str(path), _table_rows(path, spec))
    elif name.endswith(".csv"):
        yield from _from_rows(path, _kaggle_images(path, spec), spec)
    elif IDX.search(name):
        images, _ = idx.read_idx(path, dimensions=3)
        yield from _from_rows(path, images, spec)
    else:
        if content is None:
            image = decode.read_image(path)
        else:
            image = decode.decode(content, where=str(path))
        yield partial(_input, str(path), 0, image, spec)


def _from_table(source: str, rows: Iterator[csv_rows.Row | ZooError]) -> Loaders:
    """Yield the rows of a table, or the error of a row, so that the others are predicted."""
    for index, row in enumerate(rows):
        if isinstance(row, ZooError):
            yield partial(Unreadable, source, row, is_row=True)
        else:
            yield partial(Input, source, index, row, "")


def _table_rows(
    path: Path, spec: InputSpec, stream: BinaryIO | None = None
) -> Iterator[csv_rows.Row | ZooError]:
    """Yield the rows of a CSV file or stream: by the names of the columns, if the data has them."""
    if form := spec.source.table:
        from zoo.data.own.named_rows import named_rows

        return named_rows(path, form, stream)
    if stream:
        return csv_rows.rows_in(stream, spec.source, where=str(path))
    return csv_rows.csv_rows(path, spec.source)


def _table_for_images(path: Path) -> CorruptFileError:
    return CorruptFileError(
        f"{path} is a table, and the model takes images.",
        hint="Name a model of a table; a CSV file of images has the columns pixel0 to pixel783.",
    )


def _kaggle_images(path: Path, spec: InputSpec) -> Bytes:
    """Return the images (n, 28, 28) of a CSV file in Kaggle's form, with or without labels."""
    try:
        with open_regular(path) as file:
            line = file.readline(100).lstrip(b"\xef\xbb\xbf")
    except OSError as error:
        raise not_read(path, error) from None
    labelled = line.startswith(b"label,")
    if not line.removeprefix(b"label,").startswith(b"pixel"):
        raise _table_for_images(path)
    pool, _ = kaggle_csv.read_csv(path, labelled=labelled, cache=spec.cache)
    return pool.images.reshape(-1, *SOURCES["kaggle"].shape)


def _from_rows(path: Path, images: Bytes, spec: InputSpec) -> Loaders:
    """Yield images (n, height, width) uint8: unchanged, unless preprocessing was requested."""
    source = spec.source
    if spec.preprocess == "auto":
        if (pixels := math.prod(images.shape[1:])) > MAX_PIXELS:
            raise CorruptFileError(
                f"{path} contains images of {pixels:,} pixels; the maximum is {MAX_PIXELS:,}."
            )
        for index, image in enumerate(images):
            yield partial(_grey_input, str(path), index, image, MAX_BYTE, spec)
        return
    if images.shape[1:] != source.shape:
        raise CorruptFileError(
            f"{path} contains images of {describe_size(images.shape[1:])} pixels, "
            f"but {source.title} has {describe_size(source.shape)}.",
            hint=fit.conversion(source),
        )
    if images.max(initial=0) > source.highest:
        raise CorruptFileError(
            f"{path} contains the value {images.max()}; the maximum of a pixel is {source.highest}."
        )
    for index, image in enumerate(images.reshape(len(images), math.prod(source.shape))):
        yield partial(Input, str(path), index, image, "")


def _any_size(spec: InputSpec) -> bool:
    return spec.source.has_images and spec.preprocess == "auto"


def _from_numpy(path: Path, spec: InputSpec) -> Loaders:
    source = spec.source
    any_size = _any_size(spec)
    counts: Counter[str] = Counter()
    for name, block in npy.numpy_images(path, source, any_size=any_size):
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
        fitted = fit.in_form(image, spec.source, preprocess=spec.preprocess, where=name)
    except ZooError as error:
        return Unreadable(where, error)
    return Input(where, index, fitted.image.reshape(-1), fitted.steps)
