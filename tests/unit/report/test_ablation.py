"""The HTML page of an ablation."""

import re

from tests.helpers.entries import recipe
from zoo.analysis.ablation import Component, ablation
from zoo.report.ablation import html

FULL = {0: 0.95, 1: 0.96, 2: 0.97}


def page(*without: tuple[str, dict[int, float]]) -> str:
    parts = [(Component(label, ()), accuracies) for label, accuracies in without]
    return html(ablation(recipe(), FULL, parts, recipe_length=1), command="zoo ablate", versions={})


def test_ablation_axis() -> None:
    """The axis is labelled, contains 0, and every row has a line there."""
    text = page(
        ("helper", {0: 0.92, 1: 0.93, 2: 0.94}),  # 3 points for each seed
        ("harmful <i>", {0: 0.96, 1: 0.97, 2: 0.98}),  # -1 point
        ("unclear", {0: 0.94, 1: 0.97, 2: 0.97}),  # 1, -1 and 0 points: ± 2.48 around 0
    )
    assert ">effect on the accuracy, points</text>" in text
    ticks = re.findall(r'<text x="([\d.]+)%" y="18" text-anchor="middle">(-?\d+)</text>', text)
    assert [label for _, label in ticks] == ["-3", "-2", "-1", "0", "1", "2", "3"]
    assert text.count('<line class="ink" x1="50.00%"') == 3
    dots = re.findall(r'<circle class="(\w+)" cx="([\d.]+)%"', text)
    assert dots == [("blue", "100.00"), ("soft", "50.00"), ("orange", "33.33")]
    assert "harmful &lt;i&gt;" in text


def test_ablation_without_effects() -> None:
    """If all runs without a component failed, there is no figure."""
    text = page(("failed", {}))
    assert "<svg" not in text
    assert '<th scope="row">failed</th><td>-</td>' in text
