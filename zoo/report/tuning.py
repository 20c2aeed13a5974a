"""The figure of a study: accuracy over the trials and over every searched setting."""

from zoo.analysis.search_space import Choice, Range, Space
from zoo.analysis.studies import Study
from zoo.svg.axis import Axis
from zoo.svg.figure import Figure

SIZE = {"width": 260, "height": 170}  # of a panel


def svg(name: str, study: Study, space: Space) -> str:
    """Return the figure; the best trial has its own colour."""
    done = [trial for trial in study.trials if trial.accuracy is not None]
    accuracies = [100 * (trial.accuracy or 0) for trial in done]
    y = Axis.around(accuracies, "accuracy, %", within=(0, 100))
    figure = Figure(f"{name}: accuracy on validation, {len(done)} trials", columns=3)
    x = Axis(0, max(done[-1].number, 1), "trial", is_whole=True)
    panel = figure.panel(x, y, **SIZE)
    numbers = [float(trial.number) for trial in done]
    best_so_far = [max(accuracies[: index + 1]) for index in range(len(done))]
    panel.line(zip(numbers, best_so_far, strict=True), "orange", "the best so far")
    places = [(panel, numbers)]
    for key, axis in space.items():
        panel = figure.panel(_axis(key, axis), y, **SIZE)
        places.append((panel, [_position(axis, trial.values[key]) for trial in done]))
    for panel, positions in places:
        points = list(zip(positions, accuracies, strict=True))
        is_best = [trial == study.best for trial in done]
        others = [point for point, best in zip(points, is_best, strict=True) if not best]
        panel.points(others, "blue half", "a trial")
        best = [point for point, best in zip(points, is_best, strict=True) if best]
        panel.points(best, "orange", "the best trial")  # on top of the others
    return figure.file()


def _axis(key: str, axis: Range | Choice) -> Axis:
    if isinstance(axis, Choice):
        return Axis.of(axis.texts, key)
    label = f"{key} (logarithmic)" if axis.log else key
    return Axis(axis.low, axis.high, label, is_log=axis.log, is_whole=axis.is_integer)


def _position(axis: Range | Choice, value: object) -> float:
    """Return the number of a trial's value, or its index in a list of values."""
    if isinstance(axis, Choice):
        return [repr(axis.value(text)) for text in axis.texts].index(repr(value))
    return float(str(value))
