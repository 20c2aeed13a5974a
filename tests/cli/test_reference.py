"""cli/README.md: the reference is that of the program, and so are the fields of JSON."""

import json
import re
from pathlib import Path

import pytest

from tests.helpers import cli_reference
from tests.helpers.command_examples import COMMANDS, prepare, replace_slow, runner
from zoo.config.catalog import read_catalog

SECTION = re.compile(r"^## JSON objects$(.*?)^## ", flags=re.MULTILINE | re.DOTALL)
OPTIONAL = re.compile(r"\(with [^)]*\)")
WITHOUT_FIELDS = "schema"  # an object that is described elsewhere


def test_reference_is_current() -> None:
    """Run `python -m tests.helpers.cli_reference` after a change of a command."""
    assert cli_reference.current().strip() == cli_reference.reference().strip()


def fields(text: str) -> tuple[set[str], set[str]]:
    """Return the required and the optional fields of an object as the README writes it."""
    text = OPTIONAL.sub("?", text)
    while re.search(r"[\[{]", text):
        text = re.sub(r"\s*(?:\[[^\[\]{}]*\]|\{[^\[\]{}]*\})", "", text)
    names = [name.strip() for name in text.split(",")]
    optional = {name.rstrip(" ?") for name in names if name.endswith("?")}
    return {name for name in names if not name.endswith("?")}, optional


def documented() -> dict[str, tuple[set[str], set[str]]]:
    """Return the fields of every command's objects in cli/README.md."""
    section = SECTION.search(cli_reference.README.read_text(encoding="utf-8"))
    assert section
    found: dict[str, tuple[set[str], set[str]]] = {}
    commands: list[str] = []
    for part in re.split(r"^(```text.*?^```)$", section[1], flags=re.MULTILINE | re.DOTALL):
        if part.startswith("```"):
            found |= dict.fromkeys(commands, fields(part[len("```text") : -len("```")]))
        else:
            commands = re.findall(r"\*\*`zoo ([\w ]+)`\*\*", part)
    return found


def test_json_fields_are_documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command's objects have the fields that cli/README.md lists, and no others."""
    prepared, folder = tmp_path / "prepared", tmp_path / "runs"
    prepared.mkdir()
    folder.mkdir()
    prepare(prepared)
    replace_slow(monkeypatch)
    run = runner(prepared, folder)
    listed = documented()
    assert set(COMMANDS) - {WITHOUT_FIELDS} <= set(listed)
    for name in COMMANDS.keys() - {WITHOUT_FIELDS}:
        data = json.loads(run(name, "--json").stdout)
        actual = {key for item in ([data] if isinstance(data, dict) else data) for key in item}
        required, optional = listed[name]
        assert required <= actual <= required | optional, name


def test_reference_entries_exist() -> None:
    """The examples name entries that exist."""
    names = re.findall(r"\b(?:mnist|digits|kaggle)-[\w-]+(?![\w.*-])", cli_reference.current())
    known = set(read_catalog().entries)
    assert {re.sub(r"-s\d+-\d+$", "", name) for name in names} <= known
