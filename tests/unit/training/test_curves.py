"""Learning curves as SVG: ticks, points and texts."""

import xml.etree.ElementTree as ET

import pytest

from tests.helpers.entries import recipe
from zoo.config.entry import Entry
from zoo.svg import GAP, HEIGHT, TOP, WIDTH, Panel, ticks
from zoo.training.curves import svg
from zoo.training.run import MetricsRow

SVG = "{http://www.w3.org/2000/svg}"
CLAIM = {"value": 0.8, "split": "train", "tolerance": 0.01, "quote": "80 %"}
ROWS = [  # epoch, step, rate; loss and accuracy of the training, the same held out; seconds
    MetricsRow(1, 10, 0.1, 2.0, 0.25, 2.5, 0.2, 1.0),
    MetricsRow(2, 20, 0.1, 1.0, 0.5, 1.5, 0.4, 2.0),
    MetricsRow(4, 40, 0.1, 0.5, 0.75, 1.0, 0.7, 4.0),
]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 2.5, [0, 0.5, 1, 1.5, 2, 2.5]),
        (0, 2.31, [0, 0.5, 1, 1.5, 2]),
        (0, 3, [0, 0.5, 1, 1.5, 2, 2.5, 3]),
        (0, 500, [0, 100, 200, 300, 400, 500]),
        (0, 2000, [0, 500, 1000, 1500, 2000]),
        (0, 7, [0, 2, 4, 6]),
        (0, 13, [0, 5, 10]),
        (0, 0.03, [0, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03]),
        (0, 0.0007, [0, 0.0002, 0.0004, 0.0006]),
        (0, 61_234, [0, 20_000, 40_000, 60_000]),
        (0.85, 0.905, [0.85, 0.86, 0.87, 0.88, 0.89, 0.9]),
        (-1.1, 1.1, [-1, -0.5, 0, 0.5, 1]),
    ],
)
def test_ticks(low: float, high: float, expected: list[float]) -> None:
    """Ticks are round numbers within the range."""
    assert ticks(low, high) == expected


def test_ticks_count() -> None:
    """A range has room for two to six steps."""
    # a step of 1, 2 or 5 is at most 2.5 times too wide: 6 / 2.5 = 2.4 steps at least
    highs = [*(1.07**power for power in range(-150, 150)), 3]
    steps = [len(ticks(0, high)) - 1 for high in highs]
    assert (min(steps), max(steps)) == (2, 6)


def test_panel_corners() -> None:
    """A panel maps the data's corners to its own corners."""
    panel = Panel(left=10, end=4, low=0, high=2)
    assert panel.place(0, 0) == f"10.0,{TOP + HEIGHT:.1f}"
    assert panel.place(4, 2) == f"{10 + WIDTH:.1f},{TOP:.1f}"
    assert panel.place(1, 0.5) == f"{10 + WIDTH / 4:.1f},{TOP + HEIGHT * 3 / 4:.1f}"


def parsed_svg(entry: Entry, rows: list[MetricsRow], *, held_out: str | None = None) -> ET.Element:
    return ET.fromstring(svg(entry, rows, held_out=held_out))  # noqa: S314 - zoo wrote it


def texts(image: ET.Element) -> list[str]:
    return [text.text or "" for text in image.iter() if text.tag in {f"{SVG}text", f"{SVG}tspan"}]


def test_curves_points() -> None:
    """The curves have a point for each row."""
    lines = [
        (line.get("class"), line.get("points"))
        for line in parsed_svg(recipe(), ROWS, held_out="test").iter(f"{SVG}polyline")
    ]
    # the left panel goes from 0 to 4 epochs and from 0 to a loss of 2.5; the right one to 1
    left, right = GAP, 2 * GAP + WIDTH
    expected = [
        ("train", left, [(1, 2.0 / 2.5), (2, 1.0 / 2.5), (4, 0.5 / 2.5)]),
        ("held", left, [(1, 1), (2, 1.5 / 2.5), (4, 1.0 / 2.5)]),
        ("train", right, [(1, 0.25), (2, 0.5), (4, 0.75)]),
        ("held", right, [(1, 0.2), (2, 0.4), (4, 0.7)]),
    ]
    assert lines == [
        (
            name,
            " ".join(
                f"{start + x / 4 * WIDTH:.1f},{TOP + HEIGHT * (1 - y):.1f}" for x, y in points
            ),
        )
        for name, start, points in expected
    ]


def test_curves_single_row() -> None:
    """A single row becomes dots."""
    image = parsed_svg(recipe(), ROWS[:1], held_out="test")
    assert not list(image.iter(f"{SVG}polyline"))
    assert [dot.get("class") for dot in image.iter(f"{SVG}circle")] == ["train", "held"] * 2


def test_curves_claim() -> None:
    """The claim is a dashed line at its height, with a label."""
    image = parsed_svg(recipe({"claim": CLAIM}), ROWS)
    claims = [line for line in image.iter(f"{SVG}line") if line.get("class") == "claim"]
    # at 80 % of the height
    assert [line.get("y1") for line in claims] == [f"{TOP + HEIGHT * 0.2:.1f}"]
    assert "dashed: the README's 80.0% (train)" in texts(image)
    assert "stroke-dasharray" in svg(recipe(), ROWS, held_out=None)


def test_curves_without_claim() -> None:
    """Without a claim or a held-out split, neither is mentioned."""
    labels = texts(parsed_svg(recipe(), ROWS))
    assert not any("README" in label for label in labels)
    assert [label for label in labels if label in {"training", "test"}] == ["training"]
    assert "test" in texts(parsed_svg(recipe(), ROWS, held_out="test"))


def test_curves_title() -> None:
    """The title names the entry, its architecture and its seed."""
    image = parsed_svg(recipe({"train.seed": 3}), ROWS)
    title = image.find(f"{SVG}title")
    assert title is not None
    assert title.text == "Learning curves of digits-7 64-7-10, seed 3"
    assert "digits-7 64-7-10, seed 3" in texts(image)


def test_curves_unit() -> None:
    """The unit is below both panels."""
    assert texts(parsed_svg(recipe(), ROWS)).count("epoch") == 2
    iterations = recipe({"train.epochs": None, "train.iterations": 4})
    assert texts(parsed_svg(iterations, ROWS)).count("iteration") == 2


def test_curves_escape() -> None:
    entry = recipe().model_copy(update={"name": "<b>&co"})  # not a valid name of an entry
    assert "<b>&co 64-7-10, seed 0" in texts(parsed_svg(entry, ROWS))


def test_curves_loss_of_zero() -> None:
    row = MetricsRow(0, 0, 0.1, 0.0, 1.0, None, None, 0.0)
    assert [dot.get("class") for dot in parsed_svg(recipe(), [row]).iter(f"{SVG}circle")] == [
        "train"
    ] * 2
