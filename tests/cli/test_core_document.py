"""zoo/nn/README.md: its picture, its list of files, and where it finds each formula."""

import re

import pytest

from tests.helpers import flat_vector
from tests.helpers.figures import Shown
from tests.helpers.paths import ROOT

FOLDER = ROOT / "zoo" / "nn"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_core_document_picture() -> None:
    """`python -m tests.helpers.flat_vector` would change nothing, and no texts overlap."""
    drawn = flat_vector.PICTURE.read_text(encoding="utf-8")
    assert flat_vector.picture(*flat_vector.example()) == drawn
    assert Shown(drawn).problems() == []


def test_core_document_files() -> None:
    """The list has every file, and none is longer than the page says."""
    section = PAGE.split("\n## The files, in the order to read them\n", 1)[1]
    listed = re.findall(r"^\| \[(\w+\.py)\]\(\1\) \|", section, flags=re.MULTILINE)
    files = [path for path in FOLDER.glob("*.py") if path.name != "__init__.py"]
    assert sorted(listed) == sorted(path.name for path in files)
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert max(lines.values()) <= 250
    assert f"in {lines['reference.py']} lines" in PAGE


@pytest.mark.parametrize(
    ("name", "path"), re.findall(r"`([\w.]+)` in \[\w+\.py\]\(([./\w]+)\)", PAGE)
)
def test_core_document_place(name: str, path: str) -> None:
    """A function is in the file that the page names."""
    text = (FOLDER / path).read_text(encoding="utf-8")
    for part in name.split("."):
        assert re.search(rf"^ *(?:def|class) {part}\b", text, flags=re.MULTILINE)
