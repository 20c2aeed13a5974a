"""Line numbers of TOML keys."""

import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given, reject
from hypothesis import strategies as st

from zoo.config.catalog import read_catalog
from zoo.config.issues import KeyPath
from zoo.config.toml_lines import line_of, lines

TEXT = """\
name = "it's # no comment"  # a comment
data.split.test = 3

[train]  # the recipe
note    = \"\"\"
several = 1
"lines" = 2\"\"\"
augment = [
    { kind = "shift", pixels = 1 },  # [
    # nothing
    { kind = 'rotate', degrees = 5 },
]
when = 2026-11-21 10:00:00
[[table]]
a = 1
[table.inner]
b = [[1, 2], [3]]
[[table]]
a.'b c'.d = {}
"""


def test_lines_of_keys() -> None:
    assert lines(TEXT) == {
        (): 1,
        ("name",): 1,
        ("data",): 2,
        ("data", "split"): 2,
        ("data", "split", "test"): 2,
        ("train",): 4,
        ("train", "note"): 5,
        ("train", "augment"): 8,
        ("train", "augment", 0): 9,
        ("train", "augment", 0, "kind"): 9,
        ("train", "augment", 0, "pixels"): 9,
        ("train", "augment", 1): 11,
        ("train", "augment", 1, "kind"): 11,
        ("train", "augment", 1, "degrees"): 11,
        ("train", "when"): 13,
        ("table",): 14,
        ("table", 0): 14,
        ("table", 0, "a"): 15,
        ("table", 0, "inner"): 16,
        ("table", 0, "inner", "b"): 17,
        ("table", 0, "inner", "b", 0): 17,
        ("table", 0, "inner", "b", 0, 0): 17,
        ("table", 0, "inner", "b", 0, 1): 17,
        ("table", 0, "inner", "b", 1): 17,
        ("table", 0, "inner", "b", 1, 0): 17,
        ("table", 1): 18,
        ("table", 1, "a"): 19,
        ("table", 1, "a", "b c"): 19,
        ("table", 1, "a", "b c", "d"): 19,
    }


def test_line_of_missing_key() -> None:
    numbers = lines(TEXT)
    assert line_of(("train", "augment", 1, "share"), numbers) == 11
    assert line_of(("train", "rate"), numbers) == 4
    assert line_of(("network", "hidden"), numbers) == 1


def paths(value: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*path, key))
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from paths(inner, (*path, number))


def test_lines_of_built_in_entries() -> None:
    for name, listed in read_catalog().entries.items():
        text = listed.path.read_text(encoding="utf-8")
        assert set(lines(text)) == set(paths(tomllib.loads(text))), name


KEYS = st.sampled_from(["a", "b-1", "'c d'", '"e#]"', '"\\u0041"', "1", '""'])
NUMBERS = ["7", "1.5e3", "true", "07:32:00"]
TEXTS = ['"x # ] } \\" ="', "'y\\'", '"""\n[z]\nq = 1 ""\n"""', "''''u'''"]
WORDS = st.sampled_from([*NUMBERS, *TEXTS])
BREAKS = st.sampled_from(["", " ", "\n", " # ] }\n", "\r\n\t"])
DOTTED = st.lists(KEYS, min_size=1, max_size=3).map(" . ".join)


def inside(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    elements = st.lists(st.tuples(BREAKS, values, BREAKS).map("".join), max_size=3)
    pairs = st.lists(st.tuples(DOTTED, values).map(" = ".join), max_size=3)
    return elements.map(lambda parts: f"[{','.join(parts)}]") | pairs.map(
        lambda parts: f"{{{', '.join(parts)}}}"
    )


PAIRS = st.tuples(DOTTED, st.recursive(WORDS, inside, max_leaves=6)).map("= ".join)
HEADERS = DOTTED.map(lambda keys: f"[{keys}] # [") | DOTTED.map(lambda keys: f"[[ {keys} ]]")


class CountedText(str):
    """A text that knows how many of its characters were searched for line breaks."""

    __slots__ = ("searched",)

    def count(self, *arguments: Any) -> int:
        """Count as str does."""
        self.searched = getattr(self, "searched", 0) + len(range(*arguments[1:]))
        return super().count(*arguments)


def test_lines_search_the_text_once() -> None:
    """A list of 300,000 elements counts each line once, not once for each element."""
    text = CountedText("a = [\n1,\n2,\n3,\n4]\nb.c = 5\n" + "[[d]]\n" * 50)
    assert lines(text)["d", 49] == 56
    assert text.searched <= len(text)


@given(st.lists(PAIRS | HEADERS | st.just("  # nothing"), max_size=8).map("\n".join))
def test_lines_of_any_toml(text: str) -> None:
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        reject()
    result = lines(text)
    assert set(result) == set(paths(read))
    assert all(1 <= line <= 1 + text.count("\n") for line in result.values())
