"""Figures: where data, labels and legends are, and what is cut."""

from tests.helpers.figures import Shown
from zoo.svg.axis import SPACE, Axis
from zoo.svg.figure import Figure, Panel


def test_panel_place() -> None:
    """A panel maps the data's corners to its own; y grows downward."""
    panel = Panel(Axis(0, 4), Axis(1, 3), 100, 50)
    assert [panel.place(*point) for point in ((0, 1), (4, 3), (1, 1.5))] == [
        (0, 50),
        (100, 0),
        (25, 37.5),
    ]


def test_figure_labels() -> None:
    """Both axes have a label and ticks at the pixels of their values."""
    figure = Figure("heading")
    panel = figure.panel(Axis(0, 10, "epoch"), Axis(96, 99, "accuracy, %"), width=200, height=120)
    panel.line([(0, 96), (10, 99)], "blue", "training")
    shown = Shown(figure.file("for screen readers"))
    assert shown.words("heading") == ["heading"]
    assert shown.words("label") == ["accuracy, %", "epoch"]
    assert shown.words("") == [
        *("training",),
        *("96", "96.5", "97", "97.5", "98", "98.5", "99"),
        *("0", "2", "4", "6", "8", "10"),
    ]
    (line,) = shown.drawn("blue")
    (left, bottom), (right, top) = line.points
    assert (right - left, bottom - top) == (200, 120)
    bases = {text.words: text.base for text in shown.texts}
    assert bases["96"] - bottom == bases["97.5"] - (top + 60) == bases["99"] - top
    assert shown.problems() == []


def test_figure_single_point() -> None:
    """A single point becomes a dot."""
    figure = Figure()
    panel = figure.panel(Axis(0, 1), Axis(0, 1))
    panel.line([(0.5, 0.5)], "blue")
    shown = Shown(figure.file("dot"))
    assert not shown.drawn("blue")
    assert len(shown.drawn("blue", tag="circle")) == 1


def test_figure_rows_of_panels() -> None:
    """Panels of a figure stand in rows, below a legend that names each kind once."""
    figure = Figure("five", columns=2)
    for number in range(5):
        panel = figure.panel(Axis(0, 1, "x"), Axis(0, 1, "y"), width=100, height=80)
        panel.level(number / 5, "soft dashed", "the level")
        panel.points([(0, 0)], "orange half", "a point")
    shown = Shown(figure.file())
    lefts = [line.points[0][0] for line in shown.drawn("soft dashed", tag="line")]
    tops = [line.points[0][1] for line in shown.drawn("orange half", tag="circle")]
    assert lefts[0] == lefts[2] == lefts[4] < lefts[1] == lefts[3]
    assert tops[0] == tops[1] < tops[2] == tops[3] < tops[4]
    assert [shown.words("").count(label) for label in ("the level", "a point")] == [1, 1]
    assert shown.problems() == []


def test_figure_long_texts() -> None:
    """Texts without room are cut, and the whole text is their title."""
    long = "a name that is far too long for such a small figure"
    figure = Figure(long)
    panel = figure.panel(Axis.of([long, long], long), Axis(0, 1, long), width=150, height=80)
    panel.level(0.5, "blue", long)
    panel.level(0.7, "orange", long[::-1])
    shown = Shown(figure.file("long"))
    cut = [text.words for text in shown.texts if text.words.endswith("…")]
    assert len(cut) == 7
    assert shown.problems() == []
    titles = [node.text for node in shown.root.iter() if node.tag.endswith("title")]
    assert titles.count(long) == 6


def test_figure_wide_ticks() -> None:
    """The margin has room for the widest label of the vertical axis."""
    figure = Figure()
    panel = figure.panel(Axis(0, 1), Axis(0, 5e9))
    assert panel.margin >= SPACE + 7 * len("5,000,000,000")
    figure.panel(Axis(0, 123_456_789), Axis(0, 1))
    shown = Shown(figure.file("wide"))
    assert shown.problems() == []


def test_figure_inline() -> None:
    """In a page the figure has a label and no style of its own."""
    figure = Figure()
    panel = figure.panel(Axis(0, 10), Axis(0, 100), width=100, height=100)
    panel.bar(2, 4, 50, "blue")
    panel.band([(0, 10), (10, 20)], [(0, 30), (10, 40)], "blue")
    text = figure.inline('a "label" & <more>')
    assert 'role="img"' in text
    assert "aria-label='a \"label\" &amp; &lt;more&gt;'" in text
    assert "<style" not in text
    assert '<rect class="blue" x="20.0" y="50.0" width="19.0" height="50.0"/>' in text
    assert 'points="0.0,90.0 100.0,80.0 100.0,60.0 0.0,70.0"' in text


def test_figure_escapes_texts() -> None:
    figure = Figure("<b>&")
    figure.panel(Axis.of(["<i>"], "<x>"), Axis(0, 1, "<y>"))
    shown = Shown(figure.file())
    assert shown.words("heading") == ["<b>&"]
    assert shown.words("label") == ["<y>", "<x>"]
    assert "<i>" in shown.words("")
