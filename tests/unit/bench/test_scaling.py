"""Scaling of the training time: the exponents and the figure."""

from tests.helpers.figures import Shown
from zoo.bench import scaling
from zoo.bench.scaling import ScalingPoint


def test_scaling_slopes() -> None:
    points = [
        ScalingPoint("batch", 1, 8.0),
        ScalingPoint("batch", 2, 4.0),
        ScalingPoint("batch", 8, 4.0),
        ScalingPoint("units", 1, 1.0),
    ]
    assert [round(power, 9) for _, _, power in scaling.slopes(points, "batch")] == [-1, 0]


POINTS = [
    ScalingPoint("batch", 1, 8.0),
    ScalingPoint("batch", 8, 1.0),
    ScalingPoint("units", 1, 1.0),
    ScalingPoint("units", 4, 4.0),
]


def test_scaling_figure() -> None:
    """Each sweep has a line; where the time grows, a dashed one is linear growth."""
    figure = Shown(scaling.svg(POINTS))
    falling, growing = figure.drawn("blue")
    # y grows downward in SVG
    assert falling.points[0][1] < falling.points[-1][1]
    (linear,) = figure.drawn("soft dashed", tag="line")
    assert linear.points == growing.points  # four times the units take four times as long


def test_scaling_axes() -> None:
    """Every panel has labelled axes with ticks."""
    figure = Shown(scaling.svg(POINTS))
    assert figure.words("label") == ["seconds", "batch", "seconds", "units"]
    assert figure.words("") == [
        *("measured", "linear"),
        *("1", "2", "5", "10", "1", "2", "5"),
        *("1", "2", "5", "10", "1", "2"),
    ]
    assert figure.problems() == []


def test_scaling_linear_growth_within_the_axes() -> None:
    """Of a time that hardly grows, the dashed line begins at the lower axis."""
    points = [ScalingPoint("units", 1, 1.0), ScalingPoint("units", 1000, 1.5)]
    figure = Shown(scaling.svg(points))
    (linear,) = figure.drawn("soft dashed", tag="line")
    (measured,) = figure.drawn("blue")
    assert linear.points[0][0] > measured.points[0][0]
    assert linear.points[0][1] == measured.points[0][1]  # the time of 1 second is the axis
