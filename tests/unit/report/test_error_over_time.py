"""The figure of the error over the seconds of training."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import numpy as np

from tests.helpers.entries import recipe
from zoo.report.error_over_time import LearningCurve, learning_curve, svg
from zoo.training.run import MetricsRow

SVG = "{http://www.w3.org/2000/svg}"


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
    root = ET.fromstring(svg(curves))  # noqa: S314 - the figure is trusted
    texts = [node for node in root.iter(f"{SVG}text") if "name" in node.get("class", "")]
    assert sorted(node.text or "" for node in texts) == [f"{name} 5 %" for name in names]
    levels = sorted(float(node.get("y", "")) for node in texts)
    assert min(low - high for high, low in pairwise(levels)) >= 12
    wide, tall = float(root.get("width", "")), float(root.get("height", ""))
    assert max(levels) < tall
    for node in root.iter(f"{SVG}polyline"):
        points = [tuple(map(float, pair.split(","))) for pair in node.get("points", "").split()]
        assert all(0 < x < wide and 0 < y < tall for x, y in points)
        across = [x for x, _ in points]
        assert across == sorted(across)


def test_plot_claims_are_dashed() -> None:
    claim = {"value": 0.8, "split": "test", "tolerance": 0.05, "quote": "80 %"}
    both = [
        LearningCurve(
            recipe({"claim": entry_claim, "data.split": {"test": 360}}), 3, ((0.1, 0.9), (1, 0.1))
        )
        for entry_claim in (claim, None)
    ]
    text = svg(both)
    assert re.findall(r'<polyline class="(.*?)"', text) == ["hue0 claim", "hue0"]
