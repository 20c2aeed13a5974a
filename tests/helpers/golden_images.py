"""The golden images, and the forms to which every implementation must normalize them.

`python -m tests.helpers.golden_writer` wrote them.
"""

import json
import platform
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from tests.helpers.paths import ROOT
from zoo.data.dataset import Bytes

FOLDER = ROOT / "tests" / "data" / "golden_images"
EXPECTED = FOLDER / "expected.json"
SHAPES = ((28, 28), (8, 8))
DRAWING = "drawing-"  # begins the names of images that can be drawn on the page of `zoo demo`
PILLOW_ONLY = (".gif", ".jpg")  # a bundle does not read them

# Older versions of Pillow resize rows and columns in another order, and a fused multiply-add of
# another processor rounds once less: a pixel may differ by one level, but no label.
EXACT = int(version("pillow").split(".")[0]) >= 13 and platform.machine() in {"x86_64", "AMD64"}
TOLERANCE = 0 if EXACT else 1

Form = dict[str, str | list[str]]  # as it is stored: the steps and the rows of pixels, or the error


@dataclass(frozen=True)
class NormalizedForm:
    """The expected pixels, uint8, and steps; or the error."""

    pixels: Bytes | None
    steps: str
    error: str


def names() -> list[str]:
    """Return the names of all images."""
    return sorted(_expected())


def content(name: str) -> bytes:
    """Return the content of an image's file."""
    return (FOLDER / name).read_bytes()


def expected_form(name: str, shape: tuple[int, int]) -> NormalizedForm:
    """Return what an image of this name is normalized to."""
    form = _expected()[name][size_text(shape)]
    if "error" in form:
        return NormalizedForm(None, "", str(form["error"]))
    rows = b"".join(map(bytes.fromhex, form["pixels"]))
    return NormalizedForm(np.frombuffer(rows, np.uint8).reshape(shape), str(form["steps"]), "")


def size_text(shape: tuple[int, int]) -> str:
    """Return a shape as the key of its form."""
    return f"{shape[0]} x {shape[1]}"


@cache
def _expected() -> dict[str, dict[str, Form]]:
    forms: dict[str, dict[str, Form]] = json.loads(EXPECTED.read_text())
    return forms


def paths() -> set[Path]:
    """Return the files of the images."""
    return set(FOLDER.iterdir()) - {EXPECTED}
