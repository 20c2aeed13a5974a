"""The TOML of an entry, edited key by key."""

import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.entries import recipe
from zoo.config import load, toml_edit
from zoo.config.catalog import CatalogEntry, read_catalog
from zoo.config.toml_edit import edit, entry_toml

PLAIN = "# of the file\n\n# of a\na = 1  # beside a\nb = true\n\n# of t\n[t]  # beside t\nx = 1\n"


def after(text: str, **tables: Any) -> list[str]:
    """Return the lines of a text with some of its tables changed; None removes one."""
    changed = {**tomllib.loads(text), **tables}
    given = {key: value for key, value in changed.items() if value is not None}
    edited = edit(text, given)
    assert tomllib.loads(edited) == given
    return edited.splitlines()


def test_edit_nothing() -> None:
    assert edit(PLAIN, tomllib.loads(PLAIN)) == PLAIN


def test_edit_removed_table() -> None:
    """The comments of a table go with it, and the next one's stay."""
    text = PLAIN + "\n# of u\n[u]\ny = 2\n"
    assert after(text, t=None) == [*PLAIN.splitlines()[:5], "", "# of u", "[u]", "y = 2"]


def test_edit_marks_a_changed_value() -> None:
    """Its comments are dropped; the mark of a long value does not repeat it."""
    text = '[t]  # beside t\n# of x\nx = 1  # one\ny = 2  # two\nz = "0123456789"  # three\n'
    assert after(text, t={"x": 1.5, "y": 2, "z": "0123456789"}) == [
        "[t]  # beside t",
        "x = 1.5  # changed from 1",
        "y = 2  # two",
        'z = "0123456789"  # three',
    ]
    long = text.replace("0123456789", "0123456789" * 4)
    assert after(long, t={"x": 1, "y": 2, "z": "a"})[-1] == 'z = "a"  # changed'


def test_edit_top_level_without_marks() -> None:
    """A new name has no mark; what is above it is about the file."""
    text = '# of the file\nname = "a"  # short\n# of it\nsummary = "b"  # so\n'
    assert after(text, name="c", summary="d") == ["# of the file", 'name = "c"', 'summary = "d"']


def test_edit_added_key() -> None:
    """It comes in front of the comment of the next table."""
    text = "[t]\nx = 1\n\n# of u\n[u]\ny = 2\n"
    added = 'z = {kind = "a"}  # added'
    assert after(text, t={"x": 1, "z": {"kind": "a"}}) == [
        *text.splitlines()[:2],
        added,
        *text.splitlines()[2:],
    ]


def test_edit_changed_list() -> None:
    """A comment within a list speaks of its former elements."""
    text = "[t]\na = [  # weak\n    { k = 1 },  # one\n    { k = 2 },\n]\nb = 1  # of b\n"
    edited = after(text, t={"a": [{"k": 1}, {"k": 3}], "b": 1})
    assert edited[1:] == ["a = [", "    {k = 1},", "    {k = 3},", "]  # changed", "b = 1  # of b"]


def test_edit_tables_with_headers() -> None:
    text = "[[t.a]]  # first\nk = 1  # one\n# of the second\n[[t.a]]\nk = 2  # two\n"
    changed = [*text.splitlines()[:-1], "k = 3  # changed from 2"]
    assert after(text, t={"a": [{"k": 1}, {"k": 3}]}) == changed
    assert after(text, t={"a": [{"k": 1}]})[-3:] == ["a = [", "    {k = 1},", "]  # changed"]


def test_edit_other_spelling() -> None:
    """A value that means the same keeps its comments, also those within a list."""
    text = '[t]\na = [  # weak\n    { k = 1 },  # one\n    "x",\n]  # of a\n'
    tables = {"t": {"a": [{"k": 1.0}, {"k": "x"}]}}
    assert edit(text, tables, before=tables).splitlines()[1:] == [
        "a = [  # weak",
        "    { k = 1.0 },  # one",
        '    {k = "x"},',
        "]  # of a",
    ]


def fail(*_: object) -> None:
    raise IndexError


@pytest.mark.parametrize("wrong", [fail, lambda *_: None], ids=["fails", "changes nothing"])
def test_edit_that_fails(monkeypatch: pytest.MonkeyPatch, wrong: Callable[..., None]) -> None:
    """Where tomlkit fails at a layout, the values are right and the comments are lost."""
    monkeypatch.setattr(toml_edit, "_edit", wrong)
    assert after(PLAIN, a=2) == ["a = 2", "b = true", "", "[t]", "x = 1"]


KEYS = st.sampled_from("abc")
VALUES = st.recursive(
    st.integers(-3, 3) | st.floats(allow_nan=False) | st.booleans() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
TABLES = st.dictionaries(KEYS, VALUES, max_size=3)
TEXTS = (
    'a = 1  # a\nb = [  # b\n  1,  # c\n  { a = 2 },\n]\n# d\n[c]\na = true\n[c.b]\nc = "#"\n',
    "a.b.c = 1  # a\na.b.a = 2\n[b.a]  # b\n# c\nc = 1\n[c]\n[b.c]\na = 3",
    "[a]\n  [a.b]\n  # c\n  c = 1\n[[b]]  # b\na = 1\n[[b]]\n# d\na = 2\n[a.c]\n",
)


@given(st.sampled_from(TEXTS), TABLES)
def test_edit_gives_exactly_the_values(text: str, tables: dict[str, Any]) -> None:
    """Whatever the layout, the result has the new values, with their types."""
    assert repr(sorted_tables(tomllib.loads(edit(text, tables)))) == repr(sorted_tables(tables))


def sorted_tables(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sorted_tables(inner) for key, inner in sorted(value.items())}
    return [sorted_tables(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("listed", read_catalog().entries.values(), ids=lambda it: it.entry.name)
def test_entry_toml(listed: CatalogEntry) -> None:
    """With and without a text the data is all that the entry has, defaults included."""
    tables = listed.entry.without_results.model_dump(mode="json", exclude_none=True)
    for text in ("", listed.text):
        assert tomllib.loads(entry_toml(listed.entry, text)) == tables


ORIGINAL = """
name = "digits-7"
summary = "Seven hidden units."
data = "digits"  # no test split

[results]
package = "zoo.models"
file = "results.csv"

[preprocess]  # ours
divide = 16  # the largest pixel

[network]
hidden = [7]
block = [  # without dropout
    "dense",
    "relu",  # the plainest
]

[train]  # stated
epochs = 3
rate = 0.1  # stated, too
optimizer = "sgd"  # gradient descent
weights = "he"
"""


def test_entry_toml_comments() -> None:
    """Defaults have a heading; a changed value has a mark, another spelling does not."""
    raw = tomllib.loads(ORIGINAL)
    changed = load.override(raw, [("train.rate", 0.2), ("train.seed", 3)])
    lines = entry_toml(load.check(changed, where="it"), ORIGINAL).splitlines()
    assert lines[4:24] == [
        "format = 1",
        "",
        "[preprocess]  # ours",
        "divide = 16.0  # the largest pixel",
        "# defaults",
        "mean = 0.0",
        "std = 1.0",
        "",
        "[network]",
        "hidden = [7]",
        "block = [  # without dropout",
        '    {kind = "dense"},',
        '    {kind = "relu"},  # the plainest',
        "]",
        "# defaults",
        "input = []",
        "",
        "[train]  # stated",
        "epochs = 3",
        "rate = 0.2  # changed from 0.1",
    ]
    assert lines[24:28] == [
        'optimizer = {kind = "sgd", momentum = 0.0, nesterov = false}  # gradient descent',
        'weights = {kind = "he"}',
        "seed = 3  # changed from 0",
        "# defaults",
    ]
    assert lines[3].endswith("}  # no test split")
    assert "[results]" not in lines


def test_entry_toml_without_text() -> None:
    """The tables of an entry have headers; their keys have a line each."""
    lines = entry_toml(recipe()).splitlines()
    assert lines[:6] == [
        "format = 1",
        'name = "digits-7"',
        'summary = "Seven hidden units."',
        "",
        "[data]",
        "split = {validation = 0, test = 0}",
    ]
    assert lines[lines.index("[network]") :][:6] == [
        "[network]",
        "hidden = [7]",
        "block = [",
        '    {kind = "dense"},',
        '    {kind = "relu"},',
        "]",
    ]
