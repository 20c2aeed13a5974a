"""README.md: its length, its table of claims and its first two commands."""

import re

from tests.helpers.documents import blocks
from tests.helpers.paths import ROOT
from zoo.analysis.statistics import summarize
from zoo.config.catalog import read_catalog
from zoo.config.results import results_of
from zoo.formatting import verdict_words

PAGE = ROOT / "README.md"
README = PAGE.read_text(encoding="utf-8")


def test_readme_length() -> None:
    """It is one page: 150 lines and 900 words at most."""
    assert len(README.splitlines()) <= 150
    assert len(README.split()) <= 900


def test_readme_first_commands() -> None:
    """The first block sets up and trains, the second sets up and tests."""
    first, second, *_ = (block.text for block in blocks(PAGE))
    setup = "python3 -m venv .venv && .venv/bin/pip install "
    assert first == f"{setup}. && .venv/bin/zoo train digits-10\n"
    assert second == f"{setup}'.[test]' && .venv/bin/pytest\n"


def test_readme_table_of_claims() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in README.splitlines()
        if line.startswith("| [")
    ]
    expected = []
    for name, listed in read_catalog().entries.items():
        entry = listed.entry
        summary = summarize([row.accuracy for row in results_of([entry]).results[name]])
        if entry.claim is None:
            continue  # a best entry
        assert summary is not None
        assert summary.sd is not None
        about = "~" if re.search("~|approximately", entry.claim.quote) else ""
        expected.append(
            [
                f"[{name}](registry/{name}.toml)",
                entry.architecture,
                f"{about}{100 * entry.claim.value:.1f} % {entry.claim.split}",
                f"{100 * summary.mean:.1f} ± {100 * summary.sd:.1f} % ({summary.n})",
                verdict_words(entry.claim.verdict(summary.mean)),
            ]
        )
    linked = re.compile(r"\[(.*?)\]\(.*?\)")
    assert [[*row[:2], linked.sub(r"\1", row[2]), *row[3:]] for row in rows] == expected


def test_readme_originals() -> None:
    """The five public READMEs are the originals; README means zoo's own pages."""
    prose = re.sub(r"\([^)]*README\.md[^)]*\)", "", README)
    assert "README" not in prose
