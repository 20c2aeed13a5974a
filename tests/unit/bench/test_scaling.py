"""Scaling of the training time: the exponents and the figure."""

from xml.etree import ElementTree as ET

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


def test_scaling_figure() -> None:
    points = [
        ScalingPoint("batch", 1, 8.0),
        ScalingPoint("batch", 8, 1.0),
        ScalingPoint("units", 1, 1.0),
        ScalingPoint("units", 4, 4.0),
    ]
    figure = ET.fromstring(scaling.svg(points))  # noqa: S314 - the figure is trusted
    lines = [node for node in figure.iter() if node.tag.endswith("polyline")]
    assert len(lines) == 2
    first, last = lines[0].attrib["points"].split()
    # the time falls; y grows downward in SVG
    assert float(first.split(",")[1]) < float(last.split(",")[1])
