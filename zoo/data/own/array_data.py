"""Images or rows in IDX and .npz files, and their labels."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from zoo.config.own_data import IdxData, NpzData
from zoo.data.dataset import Values
from zoo.data.idx import read_idx
from zoo.data.npy import read_arrays
from zoo.data.own.found import Found, Numbers, Rows
from zoo.data.own.labels import classes_of, numbers_of
from zoo.data.own.table import Texts, as_text
from zoo.errors import CorruptFileError, DataError

Array = npt.NDArray[Any]
MAX_BYTES = 2_000_000_000
MAX_GREY = 255
IMAGE_AXES, TABLE_AXES = 3, 2


def find_idx(data: IdxData) -> Found:
    """Return the facts about the IDX files of an entry, and their images."""
    images, labels = _idx(data.images, 3), _idx(data.labels, 1)
    test = None
    if data.test_images and data.test_labels:
        test = (_idx(data.test_images, 3), _idx(data.test_labels, 1))
    shape = data.shape or images.shape[1:]
    for pool in [images, *([test[0]] if test else [])]:
        if pool.shape[1:] != shape:
            raise DataError(
                f"{data.images} has images of {pool.shape[1:]}; expected {tuple(shape)}."
            )
    return _found(
        data.images,
        data.classes,
        {"shape": shape},
        (images.reshape(len(images), -1), labels),
        (test[0].reshape(len(test[0]), -1), test[1]) if test else None,
    )


def find_npz(data: NpzData) -> Found:
    """Return the facts about the .npz file of an entry, and its images or rows."""
    path = Path(data.file)
    arrays = read_arrays(
        path, [name for name in (data.x, data.y, data.test_x, data.test_y) if name]
    )
    x = _with_shape(arrays[data.x], data, path)
    values, highest = _values(x, data, path)
    facts = {"shape": x.shape[1:] if x.ndim == IMAGE_AXES else (1, x.shape[1]), "highest": highest}
    test = None
    if data.test_x and data.test_y:
        stated = data.model_copy(update=facts)
        test_values, _ = _values(_with_shape(arrays[data.test_x], stated, path), stated, path)
        test = (test_values, arrays[data.test_y])
    return _found(data.file, data.classes, facts, (values, arrays[data.y]), test)


def _idx(path: str, dimensions: int) -> Array:
    return read_idx(Path(path), dimensions=dimensions, max_bytes=MAX_BYTES)[0]


def _with_shape(x: Array, data: NpzData, path: Path) -> Array:
    """Return the array with its rows in the shape that the entry states, if it does."""
    if x.ndim not in {IMAGE_AXES, TABLE_AXES} or not x.size:
        raise DataError(
            f"{path}, {data.x}: expected images (n, height, width) or rows (n, columns), "
            f"got an array of shape {x.shape}."
        )
    if data.shape is None or x.shape[1:] == data.shape:
        return x
    if x.shape[1:] == (data.shape[0] * data.shape[1],):
        return x if data.shape[0] == 1 else x.reshape(len(x), *data.shape)
    raise DataError(f"{path}, {data.x} has shape {x.shape}; data.shape is {list(data.shape)}.")


def _values(x: Array, data: NpzData, path: Path) -> tuple[Values, int]:
    """Return the pixels as bytes and the largest grey value, or the rows of a table and 0."""
    where = f"{path}, {data.x}"
    if x.dtype.kind not in "biuf":
        raise DataError(f"{where}: expected numbers, got {x.dtype}.")
    if x.ndim == TABLE_AXES:
        with np.errstate(over="ignore"):
            rows = x.astype(np.float32)
        if not np.isfinite(rows).all():
            row = int((~np.isfinite(rows)).any(axis=1).argmax())
            raise DataError(f"{where}, row {row + 1:,}: a value is missing, or infinite.")
        return rows, 0
    low, high = float(x.min()), float(x.max())
    if not (low >= 0 and high <= MAX_GREY):  # NaN is neither
        raise DataError(f"{where}: expected grey values from 0 to 255, or from 0 to 1.")
    has_fractions = x.dtype.kind == "f" and bool((x != np.floor(x)).any())
    if has_fractions and high > 1:
        raise DataError(f"{where}: expected whole grey values, or values from 0 to 1.")
    highest = data.highest or (MAX_GREY if has_fractions else int(high) or 1)
    pixels = np.rint(x * highest) if has_fractions else x
    if pixels.max() > highest:
        raise DataError(f"{where} has the grey value {high:g}; data.highest is {highest}.")
    return pixels.astype(np.uint8).reshape(len(x), -1), highest


def _found(
    path: str,
    classes: tuple[str, ...],
    facts: Mapping[str, object],
    train: tuple[Values, Array],
    test: tuple[Values, Array] | None,
) -> Found:
    texts = [_texts(path, *pool) for pool in (train, *([test] if test else []))]
    where = f"the labels of {path}"
    classes = classes or classes_of(texts[0], where=where)
    numbers = [_numbers(labels, classes, where=where) for labels in texts]
    return Found(
        {
            "rows": len(train[0]),
            "test_rows": len(test[0]) if test else 0,
            "classes": classes,
            **facts,
        },
        Rows(train[0], numbers[0]),
        Rows(test[0], numbers[1]) if test else None,
    )


def _texts(path: str, values: Values, labels: Array) -> Texts:
    if labels.shape != (len(values),) or labels.dtype.kind not in "biufUS":
        raise CorruptFileError(
            f"{path} has {len(values):,} rows, but labels of {labels.dtype} {labels.shape}; "
            "expected a label for each row."
        )
    different, codes = np.unique(labels, return_inverse=True)
    return Texts({as_text(label): code for code, label in enumerate(different.tolist())}, [codes])


def _numbers(labels: Texts, classes: tuple[str, ...], *, where: str) -> Numbers:
    """Return the numbers of the classes; a label is a class, or its number from 0."""
    if set(labels.known) <= set(classes):
        return numbers_of(labels, classes, where=where)
    by_number = {str(number): name for number, name in enumerate(classes)}
    named = {by_number.get(text, text): code for text, code in labels.known.items()}
    return numbers_of(Texts(named, labels.chunks), classes, where=where)
