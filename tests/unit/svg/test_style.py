"""The palette: contrast, and the same classes in light and in dark mode."""

import re

import pytest

from zoo import html
from zoo.svg.style import DARK, HUES, LIGHT, PALETTE, STYLE


def luminance(colour: str) -> float:
    """Return the luminance as WCAG 2 defines it."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", ["ink", "soft", *HUES])
def test_palette_contrast(name: str) -> None:
    """Texts and lines are legible on the paper: a contrast of 4.5 at least."""
    for mode in (LIGHT, DARK):
        low, high = sorted(luminance(PALETTE[key][mode]) for key in (name, "paper"))
        assert (high + 0.05) / (low + 0.05) >= 4.5


def test_style_modes() -> None:
    """Every colour of light mode has its twin in dark mode, and none is a variable."""
    light, dark = STYLE.split("@media (prefers-color-scheme: dark)")
    colours = re.compile(r"svg(?: \.\w+)? { color: #\w{6} }")
    assert [re.sub("#.*", "", rule) for rule in colours.findall(light)] == [
        re.sub("#.*", "", rule) for rule in colours.findall(dark)
    ]
    assert len(colours.findall(light)) == len(HUES) + 7
    assert "var(" not in STYLE


def test_pages_have_the_palette() -> None:
    """A page has the style of figures, and the palette as variables."""
    assert STYLE in html.STYLE
    assert f"--right: {PALETTE['blue'][LIGHT]}; --wrong: {PALETTE['orange'][LIGHT]};" in html.STYLE
    assert f"--right: {PALETTE['blue'][DARK]}; --wrong: {PALETTE['orange'][DARK]};" in html.STYLE
