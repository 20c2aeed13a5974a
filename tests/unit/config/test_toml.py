"""TOML with bounds: nesting, whole numbers, several values."""

from pathlib import Path

import pytest
from zoo.cli import completion

from tests.helpers.entries import SMALLEST
from zoo.config import load, plugin_call, toml
from zoo.config.catalog import read_entry
from zoo.config.issues import MAX_ISSUES, Issue, KeyPath
from zoo.errors import ConfigError

BITS = "a whole number has more than 64 bits"
NESTED = "tables or lists are nested more than 50 deep"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x = " + "9" * 5000, BITS),
        ("x = " + "9" * 310, BITS),
        ("x = 0x" + "f" * 5000, BITS),
        ("x = [1, {y = [-9223372036854775809]}]", BITS),
        ("x = " + "[" * 5000 + "]" * 5000, NESTED),
        (".".join("x" * 51) + " = 1", NESTED),
    ],
    ids=["digits", "float", "hex", "inner", "lists", "dots"],
)
def test_toml_beyond_bounds(text: str, problem: str) -> None:
    """Python could not print or copy such a value; it is one problem of one file."""
    with pytest.raises(ConfigError) as caught:
        load.parse(text, where="own.toml")
    assert str(caught.value) == f"own.toml is not valid TOML: {problem}."


@pytest.mark.parametrize(
    "text",
    ["{} = 1", "[[ {} ]]", "x = {{a = 1, {} = 1}}"],
    ids=["pair", "header", "inline"],
)
@pytest.mark.parametrize("key", ["a.", '"a,\\"".', "'a' . "], ids=["bare", "quoted", "spaced"])
def test_toml_key_of_many_parts(text: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """tomllib takes time quadratic in the parts of a key, so it is not asked."""
    monkeypatch.setattr("tomllib.loads", lambda _text: pytest.fail("it was read"))
    with pytest.raises(ValueError, match=NESTED):
        toml.loads(text.format(key * 50 + "a"))


def test_entry_file_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of more than MAX_BYTES is refused, and completion finds no name in it."""
    monkeypatch.setenv("ZOO_PATH", str(tmp_path))
    monkeypatch.setenv("ZOO_CACHE_DIR", str(tmp_path / "cache"))
    path = tmp_path / "own.toml"
    path.write_text(SMALLEST.ljust(toml.MAX_BYTES))
    assert read_entry(path).entry.name == "smallest"
    assert completion.entries("smallest") == ["smallest"]
    path.write_text(SMALLEST.ljust(toml.MAX_BYTES + 1))
    with pytest.raises(
        ConfigError, match=r"own\.toml could not be read: Larger than 250,000 bytes"
    ):
        read_entry(path)
    assert completion.entries("smallest") == []


def test_toml_within_bounds() -> None:
    """TOML has whole numbers of 64 bits."""
    assert toml.loads("x = [9223372036854775807, -9223372036854775807]")
    assert toml.loads(".".join("x" * 49) + " = 1")
    assert toml.loads(f"x = [{'0.5, ' * 100}] # {'a.' * 100}")


def test_set_option_several_lines() -> None:
    """A second line is not ignored: it is part of a text, which is not a number."""
    assert load.parse_assignment("train.rate=0.1\nx = 3") == ("train.rate", "0.1\nx = 3")
    assert load.parse_assignment("train.rate=[\n1,\n2]") == ("train.rate", [1, 2])
    with pytest.raises(ConfigError, match=f"--set train.epochs is not valid: {BITS}"):
        load.parse_assignment("train.epochs=" + "9" * 310)


def test_length_of_310_digits() -> None:
    """--epochs does not come from a TOML; the entry bounds it."""
    raw = load.override(load.parse(SMALLEST, where="it"), [("train.epochs", 10**310)])
    with pytest.raises(ConfigError, match=r"train.epochs: expected at most 1000000000000, got 1"):
        load.check(raw, where="it")


def test_toml_byte_order_mark(tmp_path: Path) -> None:
    """Notepad begins a file with a mark, which is not part of the text."""
    path = tmp_path / "own.toml"
    path.write_text(SMALLEST, encoding="utf-8-sig")
    assert read_entry(path).entry.name == "smallest"
    assert read_entry(path).text == SMALLEST


def test_issues_are_bounded() -> None:
    """Of thousands of unknown keys a message has the first, and the number of the others."""
    raw = load.parse(SMALLEST, where="it") | {f"key{number}": 1 for number in range(1000)}
    with pytest.raises(load.InvalidEntryError) as caught:
        load.check(raw, where="it")
    assert len(caught.value.issues) == 21
    assert str(caught.value).endswith("the entry: further problems: 980.")


def test_issue_of_a_long_value() -> None:
    """A value of thousands of characters is cut in the middle of the message."""
    raw = load.parse(SMALLEST, where="it") | {"summary": 1, "k" * 5000: 1}
    with pytest.raises(load.InvalidEntryError) as caught:
        load.check(raw, where="it")
    assert len(str(caught.value)) < 1000
    assert "kkk: unknown key" in str(caught.value)


def test_issues_of_plugins_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of thousands of kinds of plugins is read up to the last issue that is shown."""
    asked: list[int] = []
    kinds = ((("network", "block", index), index) for index in range(1000))
    monkeypatch.setattr("zoo.config.issues.iter_plugin_kinds_in", lambda *_: kinds)

    def one_issue(index: int, path: KeyPath) -> list[Issue]:
        asked.append(index)
        return [Issue(path, "wrong")]

    monkeypatch.setattr(plugin_call, "_issues", one_issue)
    assert len(plugin_call.issues_in({})) == MAX_ISSUES
    assert asked == list(range(MAX_ISSUES))
