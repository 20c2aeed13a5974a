"""Checkpoints whose digest is right, and whose content is not zoo's."""

import json
import math
from typing import Any

import numpy as np
import pytest

from zoo.errors import CorruptFileError
from zoo.training.checkpoint import Arrays, checked

GENERATOR = dict(np.random.default_rng(0).bit_generator.state)
REST: dict[str, Any] = {
    "step": 7,
    "generators": {"order": GENERATOR},
    "before": {"order": GENERATOR},
    "best": [0.5, 1],
}
CURRENT: Arrays = {"parameters": np.zeros(4, np.float32)}


def check(rest: str = json.dumps(REST), *, seconds: float = 1.5, arrays: Arrays = CURRENT) -> str:
    return checked(arrays, rest, seconds, current=CURRENT, where="a-s0-1")


def test_checkpoint_sound() -> None:
    """A sound checkpoint stays as it is, also without the best accuracy."""
    assert json.loads(check()) == REST
    without = {key: value for key, value in REST.items() if key != "best"}
    assert json.loads(check(json.dumps(without))) == without


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"step": -1}, "step"),
        ({"step": 2**53}, "step"),
        ({"step": 1.0}, "step"),
        ({"generators": {"order": GENERATOR | {"uinteger": 2**32}}}, "generators.order.uinteger"),
        ({"generators": {"order": GENERATOR | {"has_uint32": 2}}}, "generators.order.has_uint32"),
        ({"generators": {"order": {"bit_generator": "MT19937"}}}, "generators.order.bit_generator"),
        ({"before": {"order": GENERATOR | {"state": {"state": -1}}}}, "before.order.state.state"),
        ({"before": []}, "before"),
        ({"best": [math.nan, 1]}, "best.0"),
        ({"best": [0.5]}, "best.1"),
        ({"more": 1}, "more"),
    ],
    ids=str,
)  # fmt: skip
def test_checkpoint_rest_refused(change: dict[str, Any], where: str) -> None:
    with pytest.raises(CorruptFileError, match=f"does not match its entry: {where}"):
        check(json.dumps(REST | change))


@pytest.mark.parametrize("rest", ["", "[]", "[" * 10_000, "{", '{"step": 1', "1" * 10_000])
def test_checkpoint_rest_not_json(rest: str) -> None:
    with pytest.raises(CorruptFileError, match="does not match its entry"):
        check(rest)


@pytest.mark.parametrize(
    "array",
    [np.zeros(1, np.float32), np.zeros((), np.float32), np.zeros(4), np.zeros((1, 4), np.float32)],
    ids=["one", "scalar", "float64", "row"],
)
def test_checkpoint_array_refused(array: np.ndarray[Any, Any]) -> None:
    """An array of another shape or type is refused, also one that NumPy would repeat."""
    with pytest.raises(CorruptFileError, match="does not match its entry: parameters"):
        check(arrays={"parameters": array})
    with pytest.raises(CorruptFileError, match="does not match its entry: parameters"):
        check(arrays={})


@pytest.mark.parametrize("seconds", [-1.0, math.inf, math.nan])
def test_checkpoint_seconds_refused(seconds: float) -> None:
    with pytest.raises(CorruptFileError, match="does not match its entry: seconds"):
        check(seconds=seconds)
