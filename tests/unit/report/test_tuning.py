"""The figure of a study."""

from tests.helpers.figures import Shown
from zoo.analysis.search_space import Choice, Range, Space
from zoo.analysis.studies import Study, Trial
from zoo.report.tuning import svg

SPACE: Space = {
    "train.rate": Range(0.01, 1.0, log=True),
    "network.hidden": Range(8, 64),
    "network.block": Choice(('["dense", "a_very_long_activation"]', '["dense", "relu"]')),
}


def trial(number: int, accuracy: float | None, rate: float, hidden: int, block: str) -> Trial:
    values = {"train.rate": rate, "network.hidden": hidden, "network.block": ["dense", block]}
    return Trial(number, values, "failed" if accuracy is None else "done", accuracy, 1.0, "")


STUDY = Study(
    (
        trial(0, 0.96, 0.1, 8, "relu"),
        trial(1, 0.95, 0.01, 64, "relu"),
        trial(2, None, 0.5, 10, "relu"),
        trial(3, 0.99, 1.0, 36, "a_very_long_activation"),
    ),
    {},
)


def test_study_axes() -> None:
    """Every panel has labelled axes; the accuracy is zoomed to the trials."""
    figure = Shown(svg("own", STUDY, SPACE))
    assert figure.words("heading") == ["own: accuracy on validation, 3 trials"]
    assert figure.words("label")[1::2] == [
        *("trial", "train.rate (logarithmic)", "network.hidden", "network.block")
    ]
    assert set(figure.words("label")[::2]) == {"accuracy, %"}
    ticks = figure.words("")[3:]
    assert ticks[:9] == ["95", "96", "97", "98", "99", "0", "1", "2", "3"]
    assert ticks[14:21] == ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]
    assert figure.problems() == []


def test_study_points() -> None:
    """Each trial is a dot at its value, the best one in its own colour."""
    figure = Shown(svg("own", STUDY, SPACE))
    (so_far,) = figure.drawn("orange")
    left, right = so_far.points[0][0], so_far.points[-1][0]
    assert [(y > so_far.points[-1][1]) for _, y in so_far.points] == [True, True, False]
    others, best = figure.drawn("blue half", tag="circle"), figure.drawn("orange", tag="circle")
    assert (len(others), len(best)) == (2 * 4, 4)
    assert best[0].points == (so_far.points[-1],)
    # the rates 0.1, 0.01 and 1 are in the middle, at the left and at the right of their panel
    (middle, first), last = (dot.points[0][0] for dot in others[2:4]), best[1].points[0][0]
    assert round(last - first, 1) == round(right - left, 1)
    assert round(middle - first, 1) == round((right - left) / 2, 1)


def test_study_names() -> None:
    """A value of a list without room is cut, and its title is the whole of it."""
    figure = Shown(svg("own", STUDY, SPACE))
    titles = [node.text for node in figure.root.iter() if node.tag.endswith("title")]
    assert titles[1:] == ['["dense", "a_very_long_activation"]', '["dense", "relu"]']


def test_study_of_one_trial() -> None:
    figure = Shown(svg("own", Study(STUDY.trials[:1], {}), SPACE))
    assert len(figure.drawn("orange", tag="circle")) == 4 + 1  # and the line of a single point
    assert figure.problems() == []
