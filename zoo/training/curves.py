"""Learning curves as an SVG: loss and accuracy over the training."""

from collections.abc import Sequence

from zoo.config.entry import Entry
from zoo.svg import ANCHOR_END, BOTTOM, GAP, HEIGHT, TOP, WIDTH, Panel, document
from zoo.training.run import MetricsRow


def svg(entry: Entry, rows: Sequence[MetricsRow], *, held_out: str | None) -> str:
    """Return loss and accuracy over the training, with the README's claim as a dashed line."""
    end = max(rows[-1].number, 1)
    losses = {"train": [(row.number, row.train_loss) for row in rows]}
    accuracies = {"train": [(row.number, row.train_accuracy) for row in rows]}
    if held_out:
        losses["held"] = [(row.number, row.held_out_loss or 0) for row in rows]
        accuracies["held"] = [(row.number, row.held_out_accuracy or 0) for row in rows]
    highest = max(y for points in losses.values() for _, y in points)
    left = Panel(GAP, end, 0, highest or 1)
    right = Panel(2 * GAP + WIDTH, end, 0, 1)
    elements = [*left.axes("Loss", entry.train.unit), *right.axes("Accuracy", entry.train.unit)]
    if entry.claim:
        elements.append(right.level(entry.claim.value, "claim"))
    for panel, curves in ((left, losses), (right, accuracies)):
        elements += [panel.line(points, name) for name, points in curves.items()]
    legend = [("train", "training")]
    if held_out:
        legend.append(("held", held_out))
    if entry.claim:
        legend.append(("", f"dashed: the README's {entry.claim.value:.1%} ({entry.claim.split})"))
    labels = " &#160; ".join(f'<tspan class="{name}">{label}</tspan>' for name, label in legend)
    elements.append(f'<text x="{right.left + WIDTH}" y="22" {ANCHOR_END}>{labels}</text>')
    name = f"{entry.name} {entry.architecture}, seed {entry.train.seed}"
    return document(
        elements,
        title=f"Learning curves of {name}",
        heading=name,
        width=2 * (WIDTH + GAP) + 20,
        height=TOP + HEIGHT + BOTTOM + 8,
    )
