"""Rows of intervals on one axis."""

import re

from zoo.report import intervals
from zoo.svg.axis import Axis

AXIS = Axis(90, 98, "accuracy, %")


def test_intervals_axis() -> None:
    """Below the rows are the ticks and the label; in each row are lines at the ticks."""
    rows = [intervals.Row("<b>a</b>", [], "a < b"), intervals.Row("b", [])]
    text = intervals.figure(AXIS, rows)
    ticks = re.findall(r'<text x="([\d.]+)%" y="18" text-anchor="middle">(\d+)</text>', text)
    assert ticks == [(f"{25 * step:.2f}", str(90 + 2 * step)) for step in range(5)]
    assert '<text class="label" x="50%" y="36" text-anchor="middle">accuracy, %</text>' in text
    lines = re.findall(r'<line class="grid" x1="([\d.]+)%"', text)
    assert lines == [tick for tick, _ in ticks] * 2
    assert '<div class="name"><b>a</b></div>' in text
    assert '<p class="details">a &lt; b</p>' in text
    assert text.startswith('<div class="intervals">')


def test_intervals_without_names() -> None:
    text = intervals.figure(AXIS, [intervals.Row("", [])])
    assert text.startswith('<div class="intervals nameless">')
    assert 'class="name"' not in text


def test_intervals_marks() -> None:
    """Marks are at shares of the width; what is outside the axis ends at its ends."""
    assert 'x="25.00%" y="42%" width="50.00%"' in intervals.bar(AXIS, 92, 96, "blue")
    assert 'x="50.00%" y="42%" width="50.00%"' in intervals.bar(AXIS, 94, 101, "blue")
    assert 'cx="0.00%"' in intervals.dot(AXIS, 10, "blue")
    assert 'x1="75.00%"' in intervals.line(AXIS, 96, "ink")
