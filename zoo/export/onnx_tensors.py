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
TYPED = ("float_data", "int32_data", "int64_data", "double_data", "uint64_data")


def check_tensors(proto: "ModelProto") -> None:
    """Raise if an array is stored elsewhere, has another size than its shape, or is not finite."""
    for tensor in _tensors(proto):
        _check_tensor(tensor)


def _tensors(proto: "ModelProto") -> "Iterator[TensorProto]":
    """Yield every array in the graph and in the attributes of its nodes."""
    yield from proto.graph.initializer
    for node in proto.graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors


def _check_tensor(tensor: "TensorProto") -> None:
    from onnx import TensorProto, helper, numpy_helper

    name = quoted(tensor.name)
    if tensor.data_location != TensorProto.DEFAULT or tensor.external_data:
        raise UnsafeModelError(f"the array {name} is stored in another file")
    if tensor.HasField("segment"):
        raise UnsafeModelError(f"the array {name} is segmented")
    shape = list(tensor.dims[: MAX_RANK + 1])
    size = math.prod(shape)
    if len(shape) > MAX_RANK or min(shape, default=0) < 0 or size > MAX_VALUES:
        raise UnsafeModelError(f"the array {name} has the shape {shape[:8]}")
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


def _holds(tensor: "TensorProto", size: int, item_bytes: int) -> bool:
    """Return whether exactly one field of values is set, with `size` of them."""
    lengths = [len(getattr(tensor, field)) for field in TYPED]
    if tensor.HasField("raw_data"):
        return len(tensor.raw_data) == size * item_bytes and not any(lengths)
    return sorted(lengths)[-2:] == [0, size]
