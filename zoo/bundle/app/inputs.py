"""Inputs of a prediction: images, folders, globs, IDX, Kaggle's CSV, tables and stdin."""

from __future__ import annotations

import os
import re
import sys

from .errors import BundleError, CorruptError, MissingFileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import IO

    from .image import Image
    from .model import Model

STDIN = "-"
# Other files in a folder are skipped. JPEG and the like are listed as unreadable.
IMAGES = re.compile(r"\.(png|bmp|p[pgbn]m|csv|jpe?g|gif|tiff?|webp)$")
IDX = re.compile(r"idx\d?(-ubyte)?(\.gz)?$|ubyte(\.gz)?$")
LABELS = re.compile(r"idx1-ubyte(\.gz)?$")
TABLES = (".csv", ".csv.gz", ".tsv")  # of columns with names; others are in .csv


class Input:
    """One image or table row as the network sees it, and its source."""

    def __init__(self, source: str, index: int, image: Sequence[float], steps: str) -> None:
        self.source = source
        self.index = index  # within its file
        self.image = image
        self.steps = steps  # the preprocessing steps


class UnreadableInput:
    """A file that could not be read as an image, or a row of a table, and the error."""

    def __init__(self, source: str, error: BundleError, *, is_row: bool = False) -> None:
        self.source = source
        self.error = error
        self.is_row = is_row  # the other rows of its table are predicted


def inputs(
    sources: Sequence[str], model: Model, preprocess: str | None
) -> Iterator[Input | UnreadableInput]:
    """Yield every image or row of the sources; raise at once if a source does not exist.

    If `preprocess` is None, image files are converted, and IDX and Kaggle's CSV taken as they are.
    """
    for name in sources:
        if name != STDIN and not os.path.lexists(name) and not _glob_files(name):
            msg = f"{name} does not exist."
            raise MissingFileError(
                msg,
                hint="Give an image, a folder, IDX, a CSV file in Kaggle's form, or -.",
            )
    for name in sources:
        for path in _sources(name):
            try:
                yield from _inputs_of_file(path, model, preprocess)
            except BundleError as error:  # noqa: PERF203 - the other files are still read
                yield UnreadableInput(path, error)


def _glob_files(pattern: str) -> list[str]:
    from glob import glob

    return sorted(filter(os.path.isfile, glob(pattern, recursive=True)))  # noqa: PTH207 - pathlib is slow to import


def _sources(name: str) -> Iterator[str]:
    if name == STDIN or not os.path.isdir(name):  # noqa: PTH112 - pathlib is slow to import
        yield from [name] if name == STDIN or os.path.lexists(name) else _glob_files(name)
        return
    for folder, folders, files in os.walk(name):
        folders[:] = sorted(file for file in folders if not file.startswith("."))
        for file in sorted(files):
            path = os.path.join(folder, file)  # noqa: PTH118 - pathlib is slow to import
            if _may_hold_images(file) and os.path.isfile(path):  # noqa: PTH113 - pathlib is slow to import
                yield path


def _may_hold_images(name: str) -> bool:
    lower = name.lower()
    matches = IMAGES.search(lower) or IDX.search(lower)
    return bool(matches) and not lower.startswith(".") and not LABELS.search(lower)


def _inputs_of_file(
    path: str, model: Model, preprocess: str | None
) -> Iterator[Input | UnreadableInput]:
    if not model.has_images:
        for index, row in enumerate(_rows(path, model)):
            if isinstance(row, BundleError):
                yield UnreadableInput(path, row, is_row=True)
            else:
                yield Input(path, index, row, "")
    elif path == STDIN:
        from .constants import MAX_BYTES
        from .decode import decode

        content = sys.stdin.buffer.read(MAX_BYTES + 1) if sys.stdin else b""
        yield _input(STDIN, 0, decode(content, where="stdin"), model, preprocess)
    elif path.lower().endswith(TABLES):
        from . import kaggle_csv

        if not path.lower().endswith(".csv") or not kaggle_csv.is_of_images(path):
            msg = f"{path} is a table, and {model.name} takes images."
            raise CorruptError(
                msg,
                hint=_other_models(model)
                or "Give images; a CSV file of images has the columns pixel0 to pixel783.",
            )
        yield from _inputs_of_array(
            path, kaggle_csv.read(path), kaggle_csv.SHAPE, model, preprocess
        )
    elif IDX.search(path.lower()):
        from . import idx

        images, shape = idx.read(path)
        yield from _inputs_of_array(path, images, shape, model, preprocess)
    else:
        from .constants import MAX_BYTES
        from .decode import decode
        from .files import read_file

        image = decode(read_file(path, MAX_BYTES), where=path)
        yield _input(path, 0, image, model, preprocess)


def _rows(path: str, model: Model) -> Iterator[list[float] | BundleError]:
    """Yield the rows of a CSV file or stdin: by the names of the columns, if the data has them.

    The error of a row is yielded in its place.
    """
    suffixes = TABLES if model.table else TABLES[:1]
    if path == STDIN:
        if sys.stdin:
            yield from _rows_in(sys.stdin.buffer, model, "stdin")
        return
    if path.lower().endswith(".parquet"):
        msg = f"{path} is a Parquet file, which a bundle does not read."
        raise CorruptError(msg, hint="Save it as CSV, or use `zoo predict`.")
    if not path.lower().endswith(suffixes):
        msg = f"{path} does not contain table rows; a bundle reads {', '.join(suffixes)}."
        raise CorruptError(msg, hint=_other_models(model))
    from .files import opened

    with opened(path) as file:
        yield from _rows_in(file, model, path)


def _other_models(model: Model) -> str:
    """Return a hint at the models of the bundle that take tables, or images if this one does not.

    It is empty if there are none.
    """
    from .model import Model as AnyModel
    from .model import names

    others = [name for name in names(model.read) if name != model.name]
    fitting = [name for name in others if AnyModel(model.read, name).noun != model.noun]
    if not fitting:
        return ""
    kind = "tables" if model.has_images else "images"
    return f"Choose a model that takes {kind}: {' or '.join(f'-m {name}' for name in fitting)}."


def _rows_in(file: IO[bytes], model: Model, where: str) -> Iterator[list[float] | BundleError]:
    if model.table:
        from .table import named_rows

        return named_rows(file, model.table, where)
    from .csv_rows import rows_in

    return rows_in(file, model.features, where)


def _inputs_of_array(
    path: str,
    images: Iterator[bytes],
    shape: tuple[int, int],
    model: Model,
    preprocess: str | None,
) -> Iterator[Input | UnreadableInput]:
    """Yield the images of an IDX or CSV file, as they are unless `preprocess` is "auto"."""
    if preprocess == "auto":
        from .image import from_array

        for index, image in enumerate(images):
            starts = range(0, len(image), shape[1])
            rows = [image[start : start + shape[1]] for start in starts]
            yield _input(path, index, from_array(rows), model, preprocess)
        return
    if shape != model.shape:
        from .fit import conversion

        msg = (
            f"{path} contains images of {shape[0]} x {shape[1]} pixels, but {model.data} has "
            f"{model.shape[0]} x {model.shape[1]}."
        )
        raise CorruptError(msg, hint=conversion(model))
    for index, image in enumerate(images):
        if max(image) > model.highest:
            highest = model.highest
            msg = f"{path} contains the value {max(image)}; the maximum of a pixel is {highest}."
            raise CorruptError(msg)
        yield Input(path, index, image, "")


def _input(
    where: str, index: int, image: Image, model: Model, preprocess: str | None
) -> Input | UnreadableInput:
    """Return the image in the form of the data, or its error, so that other images are read."""
    from .fit import in_form

    name = f"{where} [{index}]" if index else where
    try:
        fitted = in_form(image, model, preprocess=preprocess, where=name)
    except BundleError as error:
        return UnreadableInput(where, error)
    return Input(where, index, fitted.image, fitted.steps)
