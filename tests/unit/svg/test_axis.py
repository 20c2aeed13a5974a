"""Axes of figures: round ends, ticks that have room, and widths of texts."""

import math
from itertools import pairwise

import pytest

from zoo.svg.axis import SPACE, Axis, distinct, log_ticks, shortened, ticks, width_of


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 2.5, [0, 0.5, 1, 1.5, 2, 2.5]),
        (0, 2.31, [0, 0.5, 1, 1.5, 2]),
        (0, 3, [0, 0.5, 1, 1.5, 2, 2.5, 3]),
        (0, 500, [0, 100, 200, 300, 400, 500]),
        (0, 2000, [0, 500, 1000, 1500, 2000]),
        (0, 7, [0, 2, 4, 6]),
        (0, 13, [0, 5, 10]),
        (0, 0.03, [0, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03]),
        (0, 0.0007, [0, 0.0002, 0.0004, 0.0006]),
        (0, 61_234, [0, 20_000, 40_000, 60_000]),
        (0.85, 0.905, [0.85, 0.86, 0.87, 0.88, 0.89, 0.9]),
        (-1.1, 1.1, [-1, -0.5, 0, 0.5, 1]),
    ],
)
def test_ticks(low: float, high: float, expected: list[float]) -> None:
    """Ticks are round numbers within the range."""
    assert ticks(low, high) == expected


def test_ticks_count() -> None:
    """A range has room for two to six steps."""
    # a step of 1, 2 or 5 is at most 2.5 times too wide: 6 / 2.5 = 2.4 steps at least
    highs = [*(1.07**power for power in range(-150, 150)), 3]
    steps = [len(ticks(0, high)) - 1 for high in highs]
    assert (min(steps), max(steps)) == (2, 6)


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ((96.1, 98.9), (96, 99)),  # zoomed to the data
        ((97.23, 97.31), (97.22, 97.32)),
        ((10.8, 98.3), (0, 100)),
        ((91.9, 97.3), (90, 98)),
        ((-0.3, 4.2), (-1, 5)),
        ((99.2, 100.4), (99.2, 100)),  # not above the limit
        ((100, 100), (50, 100)),  # a single value
        ((0, 0), (0, 1)),
        ((97.0, 97.00000000000001), (40, 100)),  # equal up to rounding
    ],
)
def test_axis_around(values: tuple[float, float], ends: tuple[float, float]) -> None:
    """The axis contains the values and ends at ticks, or at a limit."""
    axis = Axis.around(values, within=(-1, 100) if values[0] else (0, 100))
    assert (axis.low, axis.high) == ends


@pytest.mark.parametrize(
    ("values", "ends"),
    [((0.019, 0.73), (0.01, 1)), ((0.02, 50), (0.02, 50)), ((600, 900), (500, 1000))],
)
def test_axis_log_around(values: tuple[float, float], ends: tuple[float, float]) -> None:
    """A logarithmic axis ends at 1, 2 or 5 times a power of ten."""
    axis = Axis.log_around(values)
    assert (axis.low, axis.high, axis.is_log) == (*ends, True)


@pytest.mark.parametrize("other", [3.0, 3.0000000000000004])
def test_axis_log_around_one_value(other: float) -> None:
    axis = Axis.log_around([3.0, other])
    assert axis.low < 3 < axis.high


def test_axis_share() -> None:
    """The middle of a logarithmic axis is the geometric mean."""
    assert [Axis(2, 4).share(value) for value in (2, 3, 4)] == [0, 0.5, 1]
    logarithmic = Axis(0.01, 100, is_log=True)
    assert [round(logarithmic.share(value), 9) for value in (0.01, 1, 100)] == [0, 0.5, 1]


@pytest.mark.parametrize(
    ("axis", "room", "labels"),
    [
        (Axis(0, 2000), 360, "0 500 1,000 1,500 2,000"),
        (Axis(0, 2000), 120, "0 1,000 2,000"),
        (Axis(0, 3, is_whole=True), 360, "0 1 2 3"),  # no half epochs
        (Axis(0.01, 1, is_log=True), 400, "0.01 0.02 0.05 0.1 0.2 0.5 1"),
        (Axis(0.01, 1, is_log=True), 150, "0.01 0.1 1"),
        (Axis(1600, 51_200, is_log=True), 190, "2,000 10,000 50,000"),  # one power of ten
        (Axis(600, 900, is_log=True), 190, "600 700 800 900"),  # none at all
        (Axis.of(["relu", "tanh"]), 200, "relu tanh"),
    ],
)
def test_axis_ticks(axis: Axis, room: float, labels: str) -> None:
    """There are as many ticks as have room."""
    assert " ".join(axis.ticks(room).values()) == labels


def test_axis_ticks_do_not_touch() -> None:
    """In any room the texts are apart, and there is at least one."""
    axes = [
        *(Axis(0, 3.0**power) for power in range(-9, 12)),
        *(Axis(1e-3, 3.0**power, is_log=True) for power in range(-5, 12)),
    ]
    for axis in axes:
        for room in (60, 150, 280, 560):
            spans = [
                (room * axis.share(value) - half, room * axis.share(value) + half)
                for value, text in axis.ticks(room).items()
                for half in [width_of(text) / 2]
            ]
            assert spans
            assert all(start - end >= SPACE for (_, end), (start, _) in pairwise(spans))


def test_axis_names() -> None:
    """Many names are thinned out, and each has the room up to the next."""
    axis = Axis.of([f"name-{index}" for index in range(50)])
    shown = axis.ticks(260)
    assert list(shown)[:2] == [0, 10]  # 48 of 260 pixels each: at most 5 names
    assert axis.label_room(260) == 260 / 5 - SPACE
    assert Axis.of(["a", "b"]).label_room(260) == 130 - SPACE
    assert Axis(0, 1).label_room(260) == math.inf
    assert (axis.share(0), axis.share(49)) == (0.01, 0.99)


def test_log_ticks() -> None:
    assert log_ticks(0.05, 3) == [0.05, 0.1, 0.2, 0.5, 1, 2]


def test_shortened() -> None:
    """A text is cut where its room ends; wide letters need more of it."""
    assert width_of("abc") < width_of("四角い")
    assert shortened("abc", width_of("abc")) == "abc"
    assert shortened("abcdef", width_of("abcd")) == "abc…"
    assert shortened("abc", 1) == "…"


def test_distinct() -> None:
    """Names that have no room lose first what all begin with, so that they remain different."""
    names = ['["dense", "relu"]', '["dense", "tanh"]', '["dense", "sigmoid"]']
    assert distinct(names, 1000) == names
    assert distinct(names, width_of("12345678")) == ['…relu"]', '…tanh"]', "…sigmoi…"]
    assert distinct(["another", "one"], width_of("12345")) == ["anot…", "one"]
    assert distinct(["a single one"], width_of("12345")) == ["a si…"]
