"""Learning curves over the seeds of a model."""

from dataclasses import dataclass
from statistics import fmean

from zoo.analysis.compare import ModelSummary
from zoo.training.run import MetricsRow


@dataclass(frozen=True)
class CurvePoint:
    """A place on a learning curve: the mean over the seeds, and between which they all lie."""

    number: int  # of epochs or iterations
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """How the accuracy grew over the training, over all seeds that were trained here."""

    split: str
    unit: str
    seeds: int
    points: tuple[CurvePoint, ...]


def curve(standing: ModelSummary) -> Curve | None:
    """Return the learning curve of a subject; nothing if no training here has left one."""
    if not standing.local_runs:
        return None
    entry = standing.entry
    watched = next((name for name in entry.splits if name != "train"), "train")
    split = "train" if standing.item.split == "train" else watched
    courses = [
        {row.number: _accuracy(row, split) for row in done.run.rows()}
        for done in standing.local_runs
    ]
    courses = [course for course in courses if course]
    if not courses:
        return None
    # a training that ended early stays where it was
    last = [course[max(course)] for course in courses]
    points = []
    for number in sorted(set().union(*courses)):
        several = [course.get(number, end) for course, end in zip(courses, last, strict=True)]
        points.append(CurvePoint(number, fmean(several), min(several), max(several)))
    return Curve(split, entry.train.unit, len(courses), tuple(points))


def _accuracy(row: MetricsRow, split: str) -> float:
    held_out = row.held_out_accuracy if split != "train" else None
    return row.train_accuracy if held_out is None else held_out
