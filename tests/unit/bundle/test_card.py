"""The model card of a bundle."""

from dataclasses import replace

from tests.helpers.markdown_page import MARKUP, page
from tests.helpers.models import random_model
from zoo.bundle.card import card_of

HOSTILE = "# <script>alert(1)</script> [x](javascript:alert(1)) ![y](z) | `a` *b*\n\n# c"


def test_card_of_a_bundle_is_text() -> None:
    """The words of an entry are text in the card: no HTML, link, image, heading or cell."""
    model = random_model({"summary": HOSTILE, "origin": {"title": HOSTILE, "licence": HOSTILE}})
    model = replace(model, name=HOSTILE)
    shown = page(card_of(model))
    assert not MARKUP & set(shown.elements)
    assert shown.elements.count("h1") == 1
    assert shown.elements.count("td") == 3
    assert shown.text.count("<script>alert(1)</script> [x](javascript:alert(1)) ![y](z) | a") == 4
