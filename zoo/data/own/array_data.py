"""Images or rows in IDX and .npz files, and their labels."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from zoo.config.dataset_info import describe_size
from zoo.config.own_data import IdxData, NpzData
from zoo.data.dataset import LabeledRows, Values
from zoo.data.idx import read_idx
from zoo.data.npy import read_arrays
from zoo.data.own.file_content import FileContent
from zoo.data.own.labels import classes_of, numbers_of
from zoo.data.own.table import Texts, as_text
from zoo.data.own.unpacked_size import max_unpacked
from zoo.errors import CorruptFileError, DataError

Array = npt.NDArray[Any]
MAX_BYTES = 2_000_000_000
MAX_GREY = 255
IMAGE_AXES, TABLE_AXES = 3, 2


def find_idx(data: IdxData) -> FileContent:
    """Return the facts about the IDX files of an entry, and their images."""
    images, labels = _idx(data.images, 3), _idx(data.labels, 1)
    test = None
    if data.test_images and data.test_labels:
        test = (_idx(data.test_images, 3), _idx(data.test_labels, 1))
    shape = data.shape or images.shape[1:]
    for path, pool in ((data.images, images), (data.test_images, test[0] if test else images)):
        if pool.shape[1:] != shape or not pool.size:
            raise DataError(
                f"{path} has {len(pool):,} images of {describe_size(pool.shape[1:])}; "
                f"expected images of {describe_size(shape)}."
            )
    values, _ = _pixels([images, *([test[0]] if test else [])], MAX_GREY, Path(data.images))
    return _found(
        data.images,
        data.classes,
        {"shape": shape},
        (values[0], labels),
        (values[1], test[1]) if test else None,
    )


def find_npz(data: NpzData) -> FileContent:
    """Return the facts about the .npz file of an entry, and its images or rows."""
    path = Path(data.file)
    names = [name for name in (data.x, data.y, data.test_x, data.test_y) if name]
    arrays = read_arrays(path, names, max_bytes=_max_bytes(path))
    x = [_with_shape(arrays[name], name, data, path) for name in (data.x, data.test_x) if name]
    if x[-1].shape[1:] != x[0].shape[1:]:
        raise DataError(
            f"{path}: {data.x} has shape {x[0].shape}, and {data.test_x} {x[-1].shape}; expected "
            "rows of one shape."
        )
    if x[0].ndim == IMAGE_AXES:
        shape, (values, highest) = x[0].shape[1:], _pixels(x, data.highest, path)
    else:
        shape, highest = (1, x[0].shape[1]), 0
        values = [_rows(rows, f"{path}, {name}") for rows, name in zip(x, names[::2], strict=True)]
    labels = [arrays[name] for name in (data.y, data.test_y) if name]
    pools = list(zip(values, labels, strict=True))
    facts = {"shape": shape, "highest": highest}
    return _found(data.file, data.classes, facts, pools[0], pools[1] if len(pools) > 1 else None)


def _idx(path: str, dimensions: int) -> Array:
    file = Path(path)
    return read_idx(file, dimensions=dimensions, max_bytes=_max_bytes(file), any_type=True)[0]


def _max_bytes(path: Path) -> int:
    return min(MAX_BYTES, max_unpacked(path))


def _with_shape(x: Array, name: str, data: NpzData, path: Path) -> Array:
    """Return the array with its rows in the shape that the entry states, if it does."""
    where = f"{path}, {name}"
    if x.dtype.kind not in "biuf":
        raise DataError(f"{where}: expected numbers, got {x.dtype}.")
    if x.ndim not in {IMAGE_AXES, TABLE_AXES} or not x.size:
        raise DataError(
            f"{where}: expected images (n, height, width) or rows (n, columns), "
            f"got an array of shape {x.shape}."
        )
    if data.shape is None or x.shape[1:] == data.shape:
        return x
    if x.shape[1:] == (data.shape[0] * data.shape[1],):
        return x if data.shape[0] == 1 else x.reshape(len(x), *data.shape)
    raise DataError(f"{where} has shape {x.shape}; data.shape is {list(data.shape)}.")


def _rows(x: Array, where: str) -> Values:
    """Return the rows of a table."""
    with np.errstate(over="ignore"):
        rows = x.astype(np.float32)
    if not np.isfinite(rows).all():
        row = int((~np.isfinite(rows)).any(axis=1).argmax())
        raise DataError(f"{where}, row {row + 1:,}: a value is missing, or infinite.")
    return rows


def _pixels(arrays: Sequence[Array], highest: int | None, path: Path) -> tuple[list[Values], int]:
    """Return arrays of images as bytes (n, pixels), and the largest grey value."""
    low, high = (float(f([f(x) for x in arrays])) for f in (np.min, np.max))
    if not (low >= 0 and high <= MAX_GREY):  # NaN is neither
        raise DataError(f"{path}: expected grey values from 0 to 255, or from 0 to 1.")
    are_shares = any(x.dtype.kind == "f" and bool((x != np.floor(x)).any()) for x in arrays)
    if are_shares and high > 1:
        raise DataError(f"{path}: expected whole grey values, or values from 0 to 1.")
    # where the largest value is more than half of a byte, images may just lack white
    highest = highest or (MAX_GREY if are_shares or high > MAX_GREY / 2 else int(high) or 1)
    if not are_shares and high > highest:
        raise DataError(f"{path} has the grey value {high:g}; data.highest is {highest}.")
    values = [np.rint(x * highest) if are_shares else x for x in arrays]
    return [x.astype(np.uint8).reshape(len(x), -1) for x in values], highest


def _found(
    path: str,
    classes: tuple[str, ...],
    facts: Mapping[str, object],
    train: tuple[Values, Array],
    test: tuple[Values, Array] | None,
) -> FileContent:
    texts = [_texts(path, *pool) for pool in (train, *([test] if test else []))]
    where = f"the labels of {path}"
    classes = classes or classes_of(texts[0], where=where, may_be_quantities=False)
    numbers = [numbers_of(labels, classes, where=where, by_number=True) for labels in texts]
    return FileContent(
        {
            "rows": len(train[0]),
            "test_rows": len(test[0]) if test else 0,
            "classes": classes,
            **facts,
        },
        LabeledRows(train[0], numbers[0]),
        LabeledRows(test[0], numbers[1]) if test else None,
    )


def _texts(path: str, values: Values, labels: Array) -> Texts:
    if labels.shape != (len(values),) or labels.dtype.kind not in "biufUS":
        raise CorruptFileError(
            f"{path} has {len(values):,} rows, but labels of {labels.dtype} {labels.shape}; "
            "expected a label for each row."
        )
    different, places = np.unique(labels, return_inverse=True)
    texts = Texts()
    codes = texts.add([as_text(label) for label in different.tolist()])
    return Texts(texts.known, [codes[places]])
