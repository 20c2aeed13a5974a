"""Runtimes in processes of their own."""

from functools import cache

import numpy as np
import pytest

from tests.helpers.models import random_model
from zoo.data.digits import load_digits
from zoo.export import onnx_graph, runtimes
from zoo.export.runtime_process import Pixels


@cache
def digits() -> Pixels:
    return load_digits().train.images.reshape(-1, 8, 8)


def test_child_answers() -> None:
    """A process answers with the bits that this one gives."""
    ask = runtimes.in_child("onnxruntime")
    content, pixels = onnx_graph.to_onnx(random_model()), digits()
    there, here = (
        one(content, pixels, ("logits",))["logits"] for one in (ask, runtimes.onnxruntime)
    )
    np.testing.assert_array_equal(there, here)


def test_child_fails() -> None:
    ask = runtimes.in_child("onnxruntime")
    with pytest.raises(runtimes.RuntimeFailedError, match=r"(?i)protobuf"):
        ask(b"no onnx", digits(), ("logits",))
