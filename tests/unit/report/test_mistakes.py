"""The figures of mistakes: bars and names of the classes."""

import re

from tests.helpers.evaluation_report import judged, of_classes
from zoo.report.mistakes import mistake_figures


def figure(names: list[str]) -> str:
    evaluated = of_classes(names)
    return "".join(mistake_figures(evaluated, evaluated.evaluation.mistakes[:1]))


def test_mistakes_of_digits() -> None:
    """Every bar has its digit; the prediction is orange, the label is blue."""
    evaluated = judged()
    text = "".join(mistake_figures(evaluated, evaluated.evaluation.mistakes[:1]))
    digits = re.findall(r"<text (.*?)>(.)</text>", text)
    assert [digit for _, digit in digits] == list("0123456789")
    coloured = {digit: re.findall('class="(.*?)"', names) for names, digit in digits}
    assert (coloured["0"], coloured["2"], coloured["3"]) == (["blue"], ["orange"], [])
    heights = [float(height) for height in re.findall(r'height="([\d.]+)"><title>', text)]
    assert heights[2] == 32.4  # a probability of 90 %, of 36 pixels
    assert "<title>2 90.0%</title>" in text


def test_mistakes_of_named_classes() -> None:
    """Long names are titles of the bars, and are in the texts for screen readers."""
    text = figure(["ankle boot", "a <b>", "sandal"])
    assert "<text" not in text
    assert "<title>ankle boot 33.3%</title>" in text
    assert 'alt="A ankle boot that was read as a &lt;b&gt;"' in text
    assert 'aria-label="Probabilities: ankle boot 33.3%, a &lt;b&gt; 33.3%, sandal' in text


def test_mistakes_of_many_classes() -> None:
    """Names that would touch each other are left out."""
    names = [f"{number}" for number in range(30)]
    assert "<text" not in figure(names)
    assert figure(names).count("<rect") == 30
    assert figure(names[:9]).count("<text") == 9
