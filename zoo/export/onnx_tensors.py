"""Checks of the arrays that an ONNX file contains."""

import math
from typing import TYPE_CHECKING

import numpy as np

from zoo.export.onnx_errors import UnsafeModelError, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx import ModelProto, TensorProto

MAX_VALUES = 64_000_000  # of one array
MAX_RANK = 16  # axes
MAX_TEXTS, MAX_TEXT_BYTES = 5_000, 1_000  # the names of classes
TYPED = ("float_data", "int32_data", "int64_data", "double_data", "uint64_data")


def check_tensors(proto: "ModelProto") -> None:
    """Raise if an array is stored elsewhere, has another size than its shape, or is not finite."""
    from onnx import TensorProto

    for tensor in _tensors(proto):
        size = _checked_size(tensor)
        if tensor.data_type == TensorProto.STRING:
            _check_texts(tensor, size)
        else:
            _check_numbers(tensor, size)


def _tensors(proto: "ModelProto") -> "Iterator[TensorProto]":
    """Yield every array in the graph and in the attributes of its nodes."""
    yield from proto.graph.initializer
    for node in proto.graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors


def _checked_size(tensor: "TensorProto") -> int:
    """Return the number of values that the shape declares."""
    from onnx import TensorProto

    name = quoted(tensor.name)
    if tensor.data_location != TensorProto.DEFAULT or tensor.external_data:
        raise UnsafeModelError(f"the array {name} is stored in another file")
    if tensor.HasField("segment"):
        raise UnsafeModelError(f"the array {name} is segmented")
    shape = list(tensor.dims[: MAX_RANK + 1])
    size: int = math.prod(shape)
    if len(shape) > MAX_RANK or min(shape, default=0) < 0 or size > MAX_VALUES:
        raise UnsafeModelError(f"the array {name} has the shape {shape[:8]}")
    return size


def _check_numbers(tensor: "TensorProto", size: int) -> None:
    from onnx import helper, numpy_helper

    name, shape = quoted(tensor.name), list(tensor.dims)
    try:
        kind = helper.tensor_dtype_to_np_dtype(tensor.data_type)
    except (KeyError, ValueError, TypeError):
        raise UnsafeModelError(f"the array {name} has an unknown type") from None
    if kind.kind not in "fiub" or kind.itemsize * 8 < 8:
        raise UnsafeModelError(f"the array {name} has the type {kind}; expected numbers")
    if not _holds(tensor, size, kind.itemsize):
        raise UnsafeModelError(f"the array {name} does not hold as many numbers as its shape says")
    try:
        array = numpy_helper.to_array(tensor)
    except Exception:  # noqa: BLE001 - onnx raises many kinds
        raise UnsafeModelError(f"the array {name} is damaged") from None
    if array.shape != tuple(shape):
        raise UnsafeModelError(f"the array {name} does not hold as many numbers as its shape says")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise UnsafeModelError(f"the array {name} contains NaN or infinity")


def _check_texts(tensor: "TensorProto", size: int) -> None:
    """Raise if an array of texts has more than the names of classes."""
    name = quoted(tensor.name)
    if size > MAX_TEXTS or any(len(text) > MAX_TEXT_BYTES for text in tensor.string_data):
        raise UnsafeModelError(f"the array {name} has too many texts, or one that is too long")
    if len(tensor.string_data) != size or tensor.HasField("raw_data"):
        raise UnsafeModelError(f"the array {name} does not hold as many texts as its shape says")


def _holds(tensor: "TensorProto", size: int, item_bytes: int) -> bool:
    """Return whether exactly one field of values is set, with `size` of them."""
    lengths = [len(getattr(tensor, field)) for field in TYPED]
    if tensor.HasField("raw_data"):
        return len(tensor.raw_data) == size * item_bytes and not any(lengths)
    return sorted(lengths)[-2:] == [0, size]
