"""Learning curves as SVG: axes, points and texts."""

import pytest

from tests.helpers.entries import recipe
from tests.helpers.figures import Line, Shown
from zoo.config.entry import Entry
from zoo.training.curves import svg
from zoo.training.run import MetricsRow

CLAIM = {"value": 0.8, "split": "train", "tolerance": 0.01, "quote": "80 %"}
ROWS = [  # epoch, step, rate; loss and accuracy of the training, the same held out; seconds
    MetricsRow(1, 10, 0.1, 2.0, 0.25, 2.5, 0.2, 1.0),
    MetricsRow(2, 20, 0.1, 1.0, 0.5, 1.5, 0.4, 2.0),
    MetricsRow(4, 40, 0.1, 0.5, 0.75, 1.0, 0.7, 4.0),
]
WIDTH, HEIGHT = 360, 250  # of a panel


def shown(entry: Entry, rows: list[MetricsRow], *, held_out: str | None = None) -> Shown:
    return Shown(svg(entry, rows, held_out=held_out))


def shares(line: Line, panel: Line) -> list[tuple[float, float]]:
    """Return the points of a line as shares of its panel, from the lower left corner."""
    left, low = panel.points[0]
    return [(round((x - left) / WIDTH, 3), round((low - y) / HEIGHT, 3)) for x, y in line.points]


def test_curves_points() -> None:
    """The curves have a point for each row."""
    image = shown(recipe(), ROWS, held_out="test")
    # the left panel goes from 0 to 4 epochs and to a loss of 2.5, the right one from 20 to 80 %
    grids = [
        line for line in image.drawn("grid", tag="line") if line.points[0][0] != line.points[1][0]
    ]
    left, right = grids[0], next(line for line in grids if line.points[0][0] > WIDTH)
    training, held_out = image.drawn("blue"), image.drawn("orange")
    assert shares(training[0], left) == [(0.25, 0.8), (0.5, 0.4), (1, 0.2)]
    assert shares(held_out[0], left) == [(0.25, 1), (0.5, 0.6), (1, 0.4)]
    thirds = [(0.25, 0.083), (0.5, 0.5), (1, 0.917)]
    assert shares(training[1], right) == thirds
    assert shares(held_out[1], right) == [(0.25, 0), (0.5, 0.333), (1, 0.833)]


def test_curves_zoom() -> None:
    """An accuracy of 96 to 99 % takes the whole height."""
    rows = [
        MetricsRow(number, number, 0.1, 0.2, accuracy, 0.2, accuracy - 0.005, 1.0)
        for number, accuracy in enumerate((0.965, 0.98, 0.99), start=1)
    ]
    image = shown(recipe(), rows, held_out="test")
    assert image.words("")[-11:] == [
        *("96", "96.5", "97", "97.5", "98", "98.5", "99"),
        *("0", "1", "2", "3"),
    ]
    heights = [
        y for line in (*image.drawn("blue")[1:], *image.drawn("orange")[1:]) for _, y in line.points
    ]
    assert max(heights) - min(heights) == HEIGHT


def test_curves_single_row() -> None:
    """A single row becomes dots."""
    image = shown(recipe(), ROWS[:1], held_out="test")
    for hue in ("blue", "orange"):
        assert not image.drawn(hue)
        assert len(image.drawn(hue, tag="circle")) == 2


def test_curves_claim() -> None:
    """The claim is a dashed line at its height, with a label."""
    image = shown(recipe({"claim": CLAIM}), ROWS)
    (claim,) = image.drawn("soft dashed", tag="line")
    bases = {text.words: text.base for text in image.texts}
    # the ticks are 20 to 80 %, and the baseline of a text is 4 pixels below its middle
    assert {y for _, y in claim.points} == {bases["80"] - 4}
    assert "the original's 80.0% (train)" in image.words("")


def test_curves_without_claim() -> None:
    """Without a claim or a held-out split, neither is mentioned."""
    labels = shown(recipe(), ROWS).words("")
    assert not any("original" in label for label in labels)
    assert [label for label in labels if label in {"training", "test"}] == ["training"]
    assert "test" in shown(recipe(), ROWS, held_out="test").words("")


def test_curves_title() -> None:
    """The title names the entry, its architecture and its seed."""
    image = shown(recipe({"train.seed": 3}), ROWS)
    assert image.title == "Learning curves of digits-7 64-7-10, seed 3"
    assert image.words("heading") == ["digits-7 64-7-10, seed 3"]


def test_curves_labels() -> None:
    """Both panels have labelled axes, and no text touches another."""
    iterations = recipe({"train.epochs": None, "train.iterations": 4})
    for entry, unit in ((recipe({"claim": CLAIM}), "epoch"), (iterations, "iteration")):
        image = shown(entry, ROWS, held_out="test")
        assert image.words("label") == ["loss", unit, "accuracy, %", unit]
        assert image.problems() == []


def test_curves_escape() -> None:
    entry = recipe().model_copy(update={"name": "<b>&co"})  # not a valid name of an entry
    assert shown(entry, ROWS).words("heading") == ["<b>&co 64-7-10, seed 0"]


@pytest.mark.parametrize("loss", [0.0, 1e12])
def test_curves_extreme_loss(loss: float) -> None:
    image = shown(recipe(), [MetricsRow(0, 0, 0.1, loss, 1.0, None, None, 0.0)])
    assert len(image.drawn("blue", tag="circle")) == 2
    assert image.problems() == []
