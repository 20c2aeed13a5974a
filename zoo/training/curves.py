"""Learning curves as an SVG: loss and accuracy over the training."""

import math
from collections.abc import Sequence

from zoo.config.entry import Entry
from zoo.formatting import percent
from zoo.svg.axis import Axis
from zoo.svg.figure import Figure
from zoo.svg.style import HUES
from zoo.training.run import MetricsRow


def svg(entry: Entry, rows: Sequence[MetricsRow], *, held_out: str | None) -> str:
    """Return loss and accuracy over the training, with the original's claim as a dashed line."""
    claim = entry.claim
    name = f"{entry.name} {entry.architecture}, seed {entry.train.seed}"
    losses = {"training": [(row.number, row.train_loss) for row in rows]}
    accuracies = {"training": [(row.number, 100 * row.train_accuracy) for row in rows]}
    if held_out:
        losses[held_out] = [(row.number, row.held_out_loss or 0) for row in rows]
        accuracies[held_out] = [(row.number, 100 * (row.held_out_accuracy or 0)) for row in rows]
    shares = [y for points in accuracies.values() for _, y in points]
    if claim:
        shares.append(100 * claim.value)
    highest = max(y for points in losses.values() for _, y in points)
    figure = Figure(name, columns=2)
    x = Axis(0, max(rows[-1].number, 1), entry.train.unit, is_whole=True)
    left = figure.panel(x, Axis.around([0, highest], "loss", within=(0, math.inf)))
    right = figure.panel(x, Axis.around(shares, "accuracy, %", within=(0, 100)))
    for panel, curves in ((left, losses), (right, accuracies)):
        for (label, points), hue in zip(curves.items(), HUES, strict=False):
            panel.line(points, hue, label)
    if claim:
        label = f"the original's {percent(claim.value, 1)} ({claim.split})"
        right.level(100 * claim.value, "soft dashed", label)
    return figure.file(f"Learning curves of {name}")
