"""The READMEs: their code blocks run, and their links lead somewhere."""

from pathlib import Path

import pytest

from tests.helpers import documents
from tests.helpers.links import broken_links
from tests.helpers.paths import ROOT

READMES = documents.documents()
PAGES = sorted(
    path for pattern in ("*.md", "models/*.md", ".github/**/*.md") for path in ROOT.glob(pattern)
)


@pytest.mark.parametrize("document", READMES, ids=documents.name)
def test_document_blocks(document: Path, tmp_path: Path) -> None:
    """Every block that needs nothing beyond the default install runs, in order."""
    with documents.session(tmp_path, ZOO_OFFLINE="1") as session:
        for block in documents.blocks(document):
            if not block.needs:
                session.run(block)


@pytest.mark.parametrize("page", sorted({*PAGES, *READMES}), ids=documents.name)
def test_document_links(page: Path) -> None:
    """Every link leads to a file or a heading that exists, and every image has a text."""
    assert broken_links(page) == []


def test_document_output_wildcards() -> None:
    expected = "a ... c\n...\nend\n"
    assert documents.matches(expected, "a b c\nx\ny\nend\n")
    assert documents.matches(expected, "a  c\nend")
    assert not documents.matches(expected, "a b d\nend\n")
    assert not documents.matches(expected, "a b c\nend\nmore\n")
    assert not documents.matches("loss 0.5", "loss  10.25")
    assert documents.matches("loss 0.5", "loss  0.62", rounds=True)
    assert documents.matches("a 9.5% ...\n...\nb 1.0", "a  10.4% 7.1\nx 3.3\nb 1.2", rounds=True)
    assert not documents.matches("result   95.28% on test", "result   12.01% on test", rounds=True)
    assert not documents.matches("result   95.28% on test", "result   95.28%  on", rounds=True)


BLOCK = "```{0}\n{1}\n```\n"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sh", "zoo lst"),
        ("sh", "echo a | grep b"),
        ("console", "$ zoo runs\nno such output"),
        ("python", "assert 1 == 2"),
    ],
)
def test_document_block_that_fails(language: str, text: str, tmp_path: Path) -> None:
    """A block that is wrong is seen."""
    page = ROOT / "README.md"
    block = documents.Block(page, 1, language, frozenset(), rounds=False, text=text)
    with documents.session(tmp_path) as session, pytest.raises(AssertionError):
        session.run(block)


def test_document_broken_link(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    (tmp_path / "other.md").write_text("# A heading, `code`\n\n## Twice\n\n## Twice\n")
    page.write_text(
        "# Top\n[a](other.md) [b](missing.md) [c](#top) [d](#bottom) [e](other.md#twice-1)\n"
        "[f](other.md#twice-2) [g](other.md#a-heading-code) ![](other.md) <img src='other.md'>\n"
        "`[not](a-link)`\n```\n[nor](this)\n```\n"
    )
    assert broken_links(page) == [
        "missing.md",
        "#bottom",
        "other.md#twice-2",
        "other.md (an image without a text)",
        "other.md (an image without a text)",
    ]
