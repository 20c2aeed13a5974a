"""The HTML report of an evaluation."""

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
from PIL import Image

from tests.helpers.evaluation_report import CLAIM, judged, report
from tests.helpers.figures import Shown
from tests.helpers.stub_model import IMAGES, LABELS, Stub, dataset, facts
from zoo.analysis.evaluate import evaluate_model
from zoo.data.dataset import LabeledImages

VOID = {"meta", "link", "br", "img"}


class ParsedPage(HTMLParser):
    """The elements of a page in order, and the text of each cell and heading."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.open[-1], data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def rows(self, caption: str) -> list[list[str]]:
        """Return the texts of the non-empty cells of the table with this caption."""
        start = next(
            index
            for index, (tag, text) in enumerate(self.texts)
            if tag == "caption" and text.startswith(caption)
        )
        cells: list[list[str]] = []
        for tag, text in self.texts[start + 1 :]:
            if tag not in {"th", "td"}:
                break
            if tag == "th":
                cells.append([])
            cells[-1].append(text)
        return cells


def test_page_is_self_contained() -> None:
    """The page is well formed and does not load anything."""
    text = report(judged())
    parsed = ParsedPage(text)
    assert parsed.open == []
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<meta http')
    assert parsed.all("meta")[1] == {
        "http-equiv": "Content-Security-Policy",
        "content": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    }
    assert not parsed.all("script")
    assert "http:" not in text
    assert "https:" not in text
    assert "url(" not in text
    for tag, attributes in parsed.elements:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("src", "href"):
            assert (attributes.get(name) or "data:").startswith("data:")


def test_page_accessibility() -> None:
    parsed = ParsedPage(report(judged()))
    assert all(cell["scope"] in {"col", "row"} for cell in parsed.all("th"))
    assert [image["alt"] for image in parsed.all("img")] == [
        "A 0 that was read as 2",
        "A 7 that was read as 1",
    ]
    figures = [figure for figure in parsed.all("svg") if "aria-hidden" not in figure]
    assert [(figure["role"], figure["aria-label"]) for figure in figures] == [
        ("img", "The share of correct predictions in each bin of confidence"),
        ("img", "The number of predictions in each bin of confidence"),
        ("img", "Probabilities: 2 90.0%, 0 1.1%, 1 1.1%"),
        ("img", "Probabilities: 1 50.0%, 0 5.6%, 2 5.6%"),
    ]
    assert len(parsed.all("caption")) == 3
    assert [text for tag, text in parsed.texts if tag in {"h1", "title"}][:2] == [
        "stub on train",
        "stub",
    ]


def test_page_tables() -> None:
    parsed = ParsedPage(report(judged()))
    digits = parsed.rows("Precision: ")
    assert digits[5:7] == [["0", "1", "-", "0.0%", "0.0%"], ["1", "1", "50.0%", "100.0%", "66.7%"]]
    assert digits[12] == ["7", "2", "100.0%", "50.0%", "66.7%"]
    assert digits[14] == ["9", "0", "-", "-", "-"]
    confusion = parsed.rows("A row is the label")
    assert [row for row in confusion[10:] if len(row) > 1] == [
        ["0", "1"],
        ["1", "1"],
        ["7", "1", "1"],
    ]
    assert parsed.rows("Bins of the largest")[4:] == [
        ["46.67% to 53.33%", "2", "50.0%", "50.0%"],
        ["86.67% to 93.33%", "2", "90.0%", "50.0%"],
    ]


def test_page_confusion_shades() -> None:
    """The colour of a cell is its share, at most 45 %."""
    cells = re.findall(r'<td( class="right")? style="--s:([\d.]+)">(\d*)</td>', report(judged()))
    assert len(cells) == 100
    # the 0 was read as 2, the 1 as 1, of two 7s one as 7 and one as 1
    assert [cells[index] for index in (0, 2, 11, 71, 77)] == [
        (' class="right"', "0.0", ""),
        ("", "45.0", "1"),
        (' class="right"', "45.0", "1"),
        ("", "22.5", "1"),
        (' class="right"', "22.5", "1"),
    ]


def test_page_claim_scale() -> None:
    text = report(judged())
    # the axis is 0 to 100 %, because the ranges are 15.0 to 85.0 % and 54 to 56 %
    assert re.findall(r'middle">(\d+)</text>', text)[:6] == ["0", "20", "40", "60", "80", "100"]
    assert ">accuracy on train, %</text>" in text
    assert '<circle class="blue" cx="50.00%" cy="50%" r="6"/>' in text
    assert '<line class="orange dashed" x1="55.00%" y1="0" x2="55.00%" y2="100%"/>' in text
    assert '<rect class="orange faint" x="54.00%" y="0" width="2.00%" height="100%"/>' in text
    assert '<rect class="blue" x="15.00%" y="42%" width="69.99%" height="16%"/>' in text
    assert "the original’s 55.00%, ± 1.00%" in text


def test_page_claim_of_another_split() -> None:
    known = facts({"data.split.test": 2, "claim": CLAIM | {"split": "test"}})
    text = report(evaluate_model(Stub(known), dataset(), split="train"))
    assert "orange dashed" not in text.split("</style>")[1]
    assert "55.00% on test: not checked; use `--split test`." in text


def test_page_reliability_bars() -> None:
    text = report(judged())
    bars = re.findall(r'<rect class="blue half" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" h', text)
    # bins 8 and 14 of 15 have two predictions each; half of them are correct
    left = [f"{280 * number / 15:.1f}" for number in (7, 13)]
    assert [bar[:2] for bar in bars] == [*((x, "95.0") for x in left), *((x, "0.0") for x in left)]
    assert {bar[2] for bar in bars} == {f"{280 / 15 - 1:.1f}"}
    # the interval of one correct prediction of two: 9.45 to 90.55 %
    whiskers = re.findall(r'"ink" x1="[\d.]+" y1="([\d.]+)" x2="[\d.]+" y2="([\d.]+)"', text)
    assert whiskers == [(f"{190 * 0.9055:.1f}", f"{190 * 0.0945:.1f}")] * 2
    assert '"ink dashed" x1="0.0" y1="190.0" x2="280.0" y2="0.0"' in text


def test_page_diagram_labels() -> None:
    """The axes of both diagrams have labels; a number of predictions is a whole number."""
    parts = re.findall(r"<svg (aria-label.*?</svg>)", report(judged()), re.DOTALL)
    svg = '<svg xmlns="http://www.w3.org/2000/svg"'
    first, second = (Shown(f"{svg} {part}") for part in parts[:2])
    assert first.words("label") == ["correct, %", "largest probability, %"]
    assert second.words("label") == ["predictions", "largest probability, %"]
    assert second.words("")[:3] == ["0", "1", "2"]
    assert first.problems() + second.problems() == []


def test_page_images() -> None:
    bright = np.minimum(IMAGES, 16)  # the stub's images have values above the digits' maximum
    evaluated = judged()
    for mistake in evaluated.evaluation.mistakes:
        np.minimum(mistake.image, 16, out=mistake.image)
    encoded = re.findall(r'src="data:image/png;base64,([^"]+)"', report(evaluated))
    images = [np.asarray(Image.open(io.BytesIO(base64.b64decode(png)))) for png in encoded]
    assert len(images) == 2
    for image, row in zip(images, (3, 1), strict=True):
        expected = bright[row].reshape(8, 8).astype(int) * 255 // 16
        np.testing.assert_array_equal(image, expected)


def test_page_number_of_mistakes() -> None:
    assert "The 1 most confident of 2." in report(judged(), mistakes=1)
    assert report(judged(), mistakes=1).count("<figure>") == 1
    right = evaluate_model(Stub(), dataset(LabeledImages(IMAGES[:1], LABELS[:1])))
    assert "<p>There are no mistakes.</p>" in report(right)


def test_page_escapes_text() -> None:
    escaped = evaluate_model(Stub(name="<script>x</script>"), dataset(digest="<b>"))
    text = report(escaped, changed='train.rate "<0.2>"')
    assert "<script>" not in text
    assert "<h1>&lt;script&gt;x&lt;/script&gt;</h1>" in text
    assert "SHA-256 &lt;b&gt;" in text
    assert "train.rate &quot;&lt;0.2&gt;&quot;" in text
    assert "<code>zoo evaluate a&amp;b</code>" in text
    assert "“&lt;i&gt;55 %&lt;/i&gt; &amp; more”" in report(judged())


def test_page_warning_and_versions() -> None:
    other = evaluate_model(Stub(facts()), dataset(digest="e" * 64))
    assert '<p class="warning">stub was trained on the data dddddddddddd, and' in report(other)
    assert "<td>train: there is no labelled test split</td>" in report(other)
    text = report(judged())
    assert 'class="warning"' not in text
    assert "50.00% by the training, equal" in text
    assert "<td>zoo 1.2, numpy 3.4</td>" in text
    assert "Changed" not in text


def test_page_same_bytes() -> None:
    assert report(judged()) == report(judged())
