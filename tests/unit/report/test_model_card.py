"""Model cards: the front matter, and the tables of variants."""

from pathlib import Path

import pytest

from tests.helpers import builtin_entries
from tests.helpers.front_matter import parse
from tests.helpers.markdown_page import MARKUP, page
from tests.helpers.models import random_model
from tests.helpers.shipped import built_in, folder, shipped
from zoo.nn.metrics import Score
from zoo.report.front_matter import scalar
from zoo.report.model_card import MAX_VARIANTS, card, tables_of

SCORES = {"test": Score(n=9, accuracy=0.75, loss=1.25)}


@pytest.mark.parametrize("name", builtin_entries.ENTRIES)
def test_front_matter(name: str) -> None:
    """The metadata names the licence, the data and the accuracy of the shipped weights."""
    metadata = parse((folder() / f"{name}.md").read_text(encoding="utf-8"))
    assert metadata["license"] == "mit"
    assert metadata["pipeline_tag"] == "image-classification"
    assert metadata.get("datasets") == (None if name.startswith("digits") else ["ylecun/mnist"])
    (model,) = metadata["model-index"]
    (result,) = model["results"]
    (metric,) = result["metrics"]
    assert (model["name"], result["dataset"]["split"]) == (name, "test")
    assert metric["value"] == round(
        shipped(built_in()[name].entry).facts.scores["test"].accuracy, 6
    )
    # the test split of kaggle-10 is not that of the dataset on the Hub
    assert (result["dataset"]["type"] == "ylecun/mnist") == name.startswith("mnist")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a: b # 'c'", "\"a: b # 'c'\""),
        ('say "no"\n', r'"say \"no\"\n"'),
        ("Zo\u00eb \U0001f600", '"Zo\u00eb \U0001f600"'),
        ("\x7f\x85\u2028\ufeff", r'"\u007f\u0085\u2028\ufeff"'),
        (0.980556, "0.980556"),
        (0.00001, "0.00001"),
        (3, "3"),
    ],
)
def test_front_matter_scalar(value: object, text: str) -> None:
    """Strings are in quotes; numbers have no exponent, which YAML would read as a string."""
    assert scalar(value) == text


def test_card_best_variants(tmp_path: Path) -> None:
    """A card has the first rows of the choice, and the sentences around the table."""
    rows = [f"| variant {number} | 90 |\n" for number in range(MAX_VARIANTS + 2)]
    head = "Before.\n\n| changed | accuracy |\n|---|---:|\n"
    path = tmp_path / "net.chosen.md"
    path.write_text("".join([head, *rows, "\nAfter.\n"]))
    assert tables_of("net", tmp_path) == {
        "Choice of the recipe": "".join([head, *rows[:MAX_VARIANTS]])
        + "\n[All 8 variants](net.chosen.md); these are the best.\n\nAfter.\n"
    }
    path.write_text("".join([head, *rows[:MAX_VARIANTS], "\nAfter.\n"]))
    assert tables_of("net", tmp_path) == {"Choice of the recipe": path.read_text()}


def test_card_of_foreign_words() -> None:
    """The words of an entry are text in the card, and only an address of the web is a link."""
    words = "# <script>alert(1)</script> [x](javascript:alert(1)) ![y](z) | *b*\n\n# c"
    origin = {"title": words, "author": words, "licence": words, "url": "javascript:alert(1)"}
    claim = {"value": 0.9, "tolerance": 0.01, "split": "train", "quote": words}
    model = random_model({"summary": words, "origin": origin, "claim": claim})
    facts = model.facts.model_copy(update={"scores": SCORES})
    _, _, text = card(model.entry, facts, ()).split("---\n", 2)
    shown = page(text)
    assert not MARKUP & set(shown.elements)
    assert shown.elements.count("h1") == 1
    assert shown.text.count("<script>alert(1)</script> [x](javascript:alert(1)) ![y](z) | *b*") == 5
