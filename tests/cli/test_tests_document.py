"""tests/README.md: its folders, and the words after the language of a block."""

import re

from tests.helpers.documents import OTHER_NEEDS, PACKAGES
from tests.helpers.paths import ROOT

PAGE = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")


def names(heading: str) -> set[str]:
    """Return the names in the first column of the tables below a heading."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    cells = re.findall(r"^\| ([^|]*) \|", section, flags=re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_tests_document_folders() -> None:
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}
    assert names("The folders") == {name for name in folders if not name.startswith("_")}


def test_tests_document_words() -> None:
    """Every word that a block may have is explained."""
    languages = {"sh", "console", "python", "toml", "text"}
    words = {*PACKAGES, *OTHER_NEEDS, "rounds"}
    assert names("Documents are tests") - {"NAME"} == languages | words
