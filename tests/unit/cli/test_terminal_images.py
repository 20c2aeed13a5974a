"""Images in a terminal."""

import numpy as np
import pytest
from rich.text import Text
from zoo.cli.terminal_images import blocks

TINY = np.array([[0, 16, 8], [16, 16, 0]], np.uint8)


def wide(rows: int, columns: int) -> np.ndarray:
    """Return an image that is not small, with one row and one column of ink."""
    image = np.zeros((rows, columns), np.uint8)
    image[0], image[:, -1] = 255, 51
    return image


def styles(text: Text) -> list[tuple[str, str]]:
    return [(text.plain[span.start : span.end], str(span.style)) for span in text.spans]


def test_blocks_letters() -> None:
    # 16 of 16 is the last of ten letters, 8 of 16 is number 4.5, and an even 4 is the nearest
    assert blocks(TINY, highest=16, colour=False).plain == "  @@==\n@@@@  "


@pytest.mark.parametrize(
    ("value", "letter"), [(0, " "), (14, " "), (15, "."), (128, "+"), (240, "%"), (241, "@")]
)
def test_blocks_ramp(value: int, letter: str) -> None:
    # a step is 255 / 9 = 28.3 wide, and the nearest is taken: the first ends at 14.2
    assert blocks(np.array([[value]], np.uint8), highest=255, colour=False).plain == 2 * letter


def test_blocks_colour() -> None:
    """In colour a character is one pixel above another."""
    text = blocks(wide(2, 14), highest=255, colour=True)
    assert text.plain == "▀" * 14
    assert styles(text) == [
        ("▀" * 13, "rgb(255,255,255) on rgb(0,0,0)"),
        ("▀", "rgb(51,51,51) on rgb(51,51,51)"),
    ]


def test_blocks_small_image_in_colour() -> None:
    text = blocks(TINY, highest=16, colour=True)
    assert text.plain == "▀▀▀▀▀▀\n▀▀▀▀▀▀"
    black, white, grey = "rgb(0,0,0)", "rgb(255,255,255)", "rgb(127,127,127)"
    assert styles(text) == [
        ("▀▀", f"{black} on {black}"),
        ("▀▀", f"{white} on {white}"),
        ("▀▀", f"{grey} on {grey}"),
        ("▀▀▀▀", f"{white} on {white}"),
        ("▀▀", f"{black} on {black}"),
    ]


def test_blocks_odd_rows() -> None:
    text = blocks(wide(3, 14), highest=255, colour=True)
    assert text.plain == "\n".join(["▀" * 14] * 2)
    assert styles(text)[-1] == ("▀", "rgb(51,51,51) on rgb(0,0,0)")


@pytest.mark.parametrize(
    ("side", "colour", "columns", "lines"),
    [(28, True, 28, 14), (28, False, 56, 28), (8, True, 16, 8), (8, False, 16, 8)],
)
def test_blocks_size(side: int, colour: bool, columns: int, lines: int) -> None:  # noqa: FBT001 - a case of a table
    text = blocks(np.zeros((side, side), np.uint8), highest=255, colour=colour).plain
    assert {len(line) for line in text.split("\n")} == {columns}
    assert len(text.split("\n")) == lines
