"""The page of a study, and its figure: accuracy over the trials and every searched setting."""

from collections.abc import Mapping
from html import escape

from zoo import html as pages
from zoo.analysis import study_rows
from zoo.analysis.search import Search
from zoo.analysis.search_space import Choice, Range, Space
from zoo.analysis.studies import Study
from zoo.config.entry import Entry
from zoo.svg.axis import Axis
from zoo.svg.figure import Figure

SIZE = {"width": 260, "height": 170}  # of a panel


def html(
    search: Search,
    entry: Entry,
    study: Study,
    *,
    command: str,
    versions: Mapping[str, str | None],
) -> str:
    """Return the page; `command` recreates it."""
    trials = study_rows.trial_rows(study, search.space)
    importances = study_rows.importance_rows(study)
    space = [(key, str(axis)) for key, axis in search.space.items()]
    return pages.page(
        f"zoo tune: {search.name}",
        [
            f"<h1>Search for the settings of {escape(search.name)}</h1>",
            f"<p>{escape(entry.summary)}</p>",
            f"<p>{escape(study_rows.title(search, entry, study))}</p>",
            *(
                f'<p class="soft">{escape(note)}</p>'
                for note in study_rows.notes(search, entry, study)
            ),
            *(
                [figure(search.name, study, search.space).inline("Accuracy over the trials")]
                if trials
                else []
            ),
            "<h2>Best trials</h2>",
            pages.table(
                "The accuracy on the validation split, and the settings",
                study_rows.columns(search.space),
                trials,
            ),
            *(
                [
                    "<h2>Importance of the settings</h2>",
                    pages.table(
                        "The share of the variance of the accuracy that each setting explains",
                        ("setting", "share"),
                        importances,
                    ),
                ]
                if importances
                else []
            ),
            "<h2>Search space</h2>",
            pages.key_values(space),
            *pages.reproduction(command, versions),
        ],
    )


def svg(name: str, study: Study, space: Space) -> str:
    """Return the figure as a file."""
    return figure(name, study, space).file()


def figure(name: str, study: Study, space: Space) -> Figure:
    """Return the figure; the best trial has its own colour."""
    done = [trial for trial in study.trials if trial.accuracy is not None]
    accuracies = [100 * (trial.accuracy or 0) for trial in done]
    y = Axis.around(accuracies, "accuracy, %", within=(0, 100))
    drawing = Figure(f"{name}: accuracy on validation, {len(done)} trials", columns=3)
    x = Axis(0, max(done[-1].number, 1), "trial", is_whole=True)
    panel = drawing.panel(x, y, **SIZE)
    numbers = [float(trial.number) for trial in done]
    best_so_far = [max(accuracies[: index + 1]) for index in range(len(done))]
    panel.line(zip(numbers, best_so_far, strict=True), "orange", "the best so far")
    places = [(panel, numbers)]
    for key, axis in space.items():
        panel = drawing.panel(_axis(key, axis), y, **SIZE)
        places.append((panel, [_position(axis, trial.values[key]) for trial in done]))
    for panel, positions in places:
        points = list(zip(positions, accuracies, strict=True))
        is_best = [trial == study.best for trial in done]
        others = [point for point, best in zip(points, is_best, strict=True) if not best]
        panel.points(others, "blue half", "a trial")
        best = [point for point, best in zip(points, is_best, strict=True) if best]
        panel.points(best, "orange", "the best trial")  # on top of the others
    return drawing


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
