"""The comments of a TOML, taken off and put back."""

import pytest

from zoo.config.catalog import CatalogEntry, read_catalog
from zoo.config.toml_comments import Comments, attach, detach

TEXT = """# of the file

# of a
# and more of a
a = 1 # beside a
# of nothing

  # of b
  b = [  # in b
    2,  # of 2
  ]  # beside b
c = '''
# text'''
# of t
[t]  # beside t
d.e = "#"
d.f = 3  # beside d.f

# of u
[[u]]
# of the end
"""


def test_detach() -> None:
    """Comments within a list, and those above a blank line, stay in the text."""
    rest, comments = detach(TEXT)
    assert (
        rest
        == """# of the file

a = 1
# of nothing

  b = [  # in b
    2,  # of 2
  ]
c = '''
# text'''
[t]
d.e = "#"
d.f = 3

[[u]]
# of the end
"""
    )
    assert comments == {
        ("a",): Comments("# of a\n# and more of a\n", " # beside a"),
        ("b",): Comments("  # of b\n", "  # beside b"),
        ("c",): Comments(),
        ("t",): Comments("# of t\n", "  # beside t"),
        ("t", "d", "e"): Comments(),
        ("t", "d", "f"): Comments("", "  # beside d.f"),
        ("u", 0): Comments("# of u\n", ""),
    }
    assert attach(rest, comments) == TEXT


def test_detach_comment_at_the_start() -> None:
    assert detach("# of a\na = 1") == ("a = 1", {("a",): Comments("# of a\n", "")})


def test_attach_missing_key() -> None:
    """The comments of a key that is not in the text are left out."""
    assert attach("a = 1\n", {("b",): Comments("# of b\n", "  # b")}) == "a = 1\n"


@pytest.mark.parametrize("listed", read_catalog().entries.values(), ids=lambda it: it.entry.name)
def test_detach_and_attach_entries(listed: CatalogEntry) -> None:
    assert attach(*detach(listed.text)) == listed.text
