"""The figure of the error over the seconds of training."""

import re
from itertools import pairwise

import numpy as np

from tests.helpers.entries import recipe
from tests.helpers.figures import Shown
from zoo.report.error_over_time import LearningCurve, learning_curve, svg
from zoo.training.run import MetricsRow


def rows(*points: tuple[float, float]) -> list[MetricsRow]:
    return [
        MetricsRow(number, number, 0.1, 1.0, 0.5, 1.0, accuracy, seconds)
        for number, (seconds, accuracy) in enumerate(points, start=1)
    ]


def test_learning_curve_mean() -> None:
    curve = learning_curve(recipe(), [rows((1, 0.5), (2, 0.75)), rows((3, 0.7), (4, 0.85))])
    assert curve is not None
    assert curve.seeds == 2
    np.testing.assert_allclose(curve.points, [(2, 0.4), (3, 0.2)])


def test_learning_curve_of_short_runs() -> None:
    """A run without a held-out error does not shorten the others."""
    unmeasured = [MetricsRow(1, 1, 0.1, 1.0, 0.5, None, None, 1.0)]
    assert learning_curve(recipe(), [unmeasured, []]) is None
    curve = learning_curve(recipe(), [unmeasured, rows((1, 0.5), (2, 0.75), (3, 1.0))])
    assert curve is not None
    assert curve.points == ((1, 0.5), (2, 0.25))  # an error of 0 has no logarithm


def test_plot_lines_and_names() -> None:
    """Lines are within the axes, and names do not overlap."""
    names = [f"net-{number}" for number in range(9)]
    curves = [
        LearningCurve(recipe({"name": name}), 3, ((0.01, 0.9), (10.0 + index, 0.05)))
        for index, name in enumerate(names)
    ]
    figure = Shown(svg(curves))
    assert sorted(figure.words("blue")) == [f"{name} 5 %" for name in names]
    levels = sorted(text.base for text in figure.texts if text.style == "blue")
    assert min(low - high for high, low in pairwise(levels)) >= 12
    assert figure.problems() == []
    wide, tall = figure.size
    lines = figure.drawn("blue")
    assert len(lines) == 9
    for line in lines:
        assert all(0 < x < wide and 0 < y < tall for x, y in line.points)
        across = [x for x, _ in line.points]
        assert across == sorted(across)


def test_plot_axes() -> None:
    """Both axes are logarithmic, labelled, and end at round numbers."""
    curve = LearningCurve(recipe(), 3, ((0.1, 0.9), (1.0, 0.09), (10.0, 0.009)))
    figure = Shown(svg([curve]))
    assert figure.words("label") == [
        "error on held-out images, %",
        "seconds of training, one core",
    ]
    assert figure.words("") == [
        *("0.5", "1", "2", "5", "10", "20", "50", "100"),
        *("0.1", "0.2", "0.5", "1", "2", "5", "10"),
    ]
    (line,) = figure.drawn("blue")
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(line.points)]
    np.testing.assert_allclose(steps[0], steps[1], atol=0.11)  # a straight line


def test_plot_long_names() -> None:
    """The figure is as wide as the longest name needs."""
    name = "a-name-of-forty-characters-and-no-fewer-x"
    figure = Shown(svg([LearningCurve(recipe({"name": name}), 3, ((0.1, 0.9), (1.0, 0.1)))]))
    assert figure.words("blue") == [f"{name} 10 %"]
    assert figure.problems() == []


def test_plot_claims_are_dashed() -> None:
    claim = {"value": 0.8, "split": "test", "tolerance": 0.05, "quote": "80 %"}
    both = [
        LearningCurve(
            recipe({"claim": entry_claim, "data.split": {"test": 360}}), 3, ((0.1, 0.9), (1, 0.1))
        )
        for entry_claim in (claim, None)
    ]
    text = svg(both)
    assert re.findall(r'<polyline class="(.*?)"', text) == ["blue dashed", "blue"]
