"""The constants of image reading: written once, for NumPy, for a bundle and for the page."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.paths import ROOT
from zoo.data.images import constants
from zoo.demo.page import NORMALIZATION

VALUES = {name: value for name, value in vars(constants).items() if name.isupper()}
# Numbers that also mean something else: indices, bytes, orientations, halves of pixels, lanes.
COMMON = {0, 0.5, 1, 2, 3, 4, 6, 8, 255}
NUMPY = ["normalize", "segmentation", "strokes", "components"]
PLAIN = ["alpha", "components", "image", "levels", "lighting", "normalize", "normalize_digits"]
PLAIN += ["preprocess", "resize", "segmentation", "strokes"]
SOURCES = [
    *(ROOT / "zoo" / "data" / "images" / f"{name}.py" for name in NUMPY),
    *(ROOT / "zoo" / "bundle" / "app" / f"{name}.py" for name in PLAIN),
    *(ROOT / "zoo" / "demo" / f"{name}.js" for name in NORMALIZATION),
]
IMPLEMENTATIONS = [ROOT / "zoo" / "data" / "images", ROOT / "zoo" / "bundle" / "app"]


def numbers(value: object) -> set[object]:
    """Return the numbers of a constant."""
    return set().union(*map(numbers, value)) if isinstance(value, tuple) else {value}


def numbers_in(path: Path) -> Iterator[float]:
    """Yield the numbers in a source file of Python or JavaScript, without its texts."""
    if path.suffix == ".js":
        code = re.sub(r"//.*|\"[^\"]*\"|`[^`]*`", "", path.read_text())
        yield from map(float, re.findall(r"(?<![\w.])\d+(?:\.\d+)?", code))
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            yield node.value


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_image_constants_written_once(path: Path) -> None:
    """No source repeats a number or a name of the constants."""
    known = numbers(tuple(VALUES.values())) - COMMON
    assert not known & set(numbers_in(path))
    assigned = set(re.findall(r"^(?:const )?([A-Z_\d]+) = ", path.read_text(), re.MULTILINE))
    assert not assigned & VALUES.keys()


@pytest.mark.parametrize("folder", IMPLEMENTATIONS, ids=lambda path: path.name)
def test_image_constants_used(folder: Path) -> None:
    """Both implementations in Python use all of them."""
    text = "".join(path.read_text() for path in folder.glob("*.py") if path.name != "constants.py")
    assert VALUES.keys() <= set(re.findall(r"\w+", text))
