"""Learning curves of a model: its accuracy over the training, averaged over the seeds."""

from dataclasses import dataclass
from statistics import fmean

from zoo.analysis.compare import ModelSummary
from zoo.training.run import MetricsRow


@dataclass(frozen=True)
class CurvePoint:
    """A point of a learning curve: the mean, the minimum and the maximum over the seeds."""

    number: int  # the epoch or iteration
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """The accuracy over the training, for all seeds of the local runs."""

    split: str
    unit: str
    seeds: int
    points: tuple[CurvePoint, ...]


def curve(summary: ModelSummary) -> Curve | None:
    """Return the learning curve of a model; None if no local run has recorded one."""
    if not summary.local_runs:
        return None
    entry = summary.entry
    held_out = next((name for name in entry.splits if name != "train"), "train")
    split = "train" if summary.item.split == "train" else held_out
    curves = [
        {row.number: _accuracy(row, split) for row in finished.run.rows()}
        for finished in summary.local_runs
    ]
    curves = [accuracies for accuracies in curves if accuracies]
    if not curves:
        return None
    # a run that stopped early keeps its last accuracy
    last = [accuracies[max(accuracies)] for accuracies in curves]
    points = []
    for number in sorted(set().union(*curves)):
        values = [accuracies.get(number, end) for accuracies, end in zip(curves, last, strict=True)]
        points.append(CurvePoint(number, fmean(values), min(values), max(values)))
    return Curve(split, entry.train.unit, len(curves), tuple(points))


def _accuracy(row: MetricsRow, split: str) -> float:
    held_out = row.held_out_accuracy if split != "train" else None
    return row.train_accuracy if held_out is None else held_out
