"""Text of others in the output of commands: never markup, control characters or formulas."""

import ast
import csv
import io
import json
import os
from pathlib import Path

import pytest
from zoo.cli.output import escape

from tests.helpers.command import zoo, zoo_ok
from tests.helpers.drawn_images import stored
from tests.helpers.entries import SMALLEST
from tests.helpers.markdown_page import MARKUP, page
from tests.helpers.paths import ROOT
from zoo.data.digits import load_digits

CONTROLS = "\x1b[31m\x07\x7f\x9b\u202e\u2066"  # ESC, bell, DEL, a C1 code, two bidi controls
HOSTILE = f"[/] [relu] :smile: {CONTROLS}"
SHOWN = r"[/] [relu] :smile: \x1b[31m\x07\x7f\x9b\u202e\u2066"
FORMATS = ("table", "json", "jsonl", "csv", "md")
ORIGIN = f"""
[origin]
title = {escape.as_json(HOSTILE)}
author = {escape.as_json(HOSTILE)}
licence = {escape.as_json(HOSTILE)}

[claim]
value = 0.9
tolerance = 0.01
split = "test"
quote = {escape.as_json(HOSTILE)}
"""


def is_plain(text: str) -> bool:
    return all(character.isprintable() or character == "\n" for character in text)


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the path of an entry, each of whose texts is hostile, also that of its folder."""
    monkeypatch.chdir(tmp_path)
    name = HOSTILE.replace("/", "") if os.name == "posix" else "[relu]"
    folder = tmp_path / name
    folder.mkdir()
    data = '{ kind = "digits", split = { test = 300 } }'
    text = SMALLEST.replace('"digits"', data)
    text = text.replace("Only the required keys.", escape.as_json(HOSTILE)[1:-1])
    (folder / "own.toml").write_text(text + ORIGIN)
    return f"{name}/own.toml"


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize("command", ["show", "check", "train", "tune", "list", "runs"])
def test_foreign_text_of_an_entry(
    entry: str, command: str, output_format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a command prints of an entry and its path is printable."""
    arguments: dict[str, tuple[str, ...]] = {
        "train": ("train", entry, "--epochs", "1", "--runs", Path(entry).parent.name),
        "tune": ("tune", entry, "--space", "train.rate=0.1,0.2", "--dry-run"),
        "list": ("list",),
        "runs": ("runs", "list", "--runs", Path(entry).parent.name),
    }
    if command == "list":
        settings = Path(os.environ["XDG_CONFIG_HOME"]) / "zoo" / "entries"
        settings.mkdir(parents=True)
        Path(entry).rename(settings / "own.toml")
        monkeypatch.setenv("ZOO_PLUGINS", "none")
    chosen = arguments.get(command, (command, entry))
    result = zoo(*chosen, "--format", output_format)
    assert result.exit_code == 0, result.stderr
    assert is_plain(result.stdout), result.stdout
    assert is_plain(result.stderr), result.stderr
    assert command != "list" or "smallest" in result.stdout


@pytest.mark.parametrize("width", [80, 200])
def test_foreign_text_is_not_markup(entry: str, width: int) -> None:
    """[relu] does not vanish, [/] is not an error, and :smile: stays a word."""
    shown = zoo_ok("show", entry, COLUMNS=width)
    assert SHOWN in " ".join(shown.split())


@pytest.mark.parametrize("command", ["show", "check", "train"])
def test_foreign_text_in_markdown(tmp_path: Path, command: str) -> None:
    """In Markdown it is text too: no HTML, no link, no image, no cell."""
    words = "# <script>x</script> [a](javascript:b) ![c](d) | *e*"
    data = '{ kind = "digits", split = { test = 300 } }'
    text = SMALLEST.replace('"digits"', data).replace("Only the required keys.", words)
    (tmp_path / "own.toml").write_text(text + ORIGIN.replace(escape.as_json(HOSTILE), f'"{words}"'))
    options = ("--dry-run",) if command == "train" else ()
    shown = page(zoo_ok(command, "own.toml", *options, "--format", "md", cwd=tmp_path))
    assert not MARKUP & set(shown.elements)
    assert command != "show" or words.removeprefix("# ") in shown.text


def test_foreign_text_of_a_run_and_an_image(entry: str) -> None:
    """Evaluation, prediction and runs escape the name of a folder."""
    runs = Path(entry).parent
    zoo_ok("train", entry, "--epochs", 1, "--runs", runs)
    image = runs / "image.png"
    image.write_bytes(stored(load_digits().train.images[0].reshape(8, 8) * 15))
    model = runs / "smallest-s0-1"
    for command in (
        ("predict", model, image),
        ("predict", model, image, "--show"),
        ("evaluate", model, "--errors", 2),
        ("runs", "show", model),
        ("resume", model, "--epochs", 2, "--dry-run"),
    ):
        for output_format in FORMATS:
            result = zoo(*command, "--format", output_format)
            assert is_plain(result.stdout + result.stderr), result


def test_foreign_text_in_an_error(entry: str) -> None:
    """An error escapes it too, in its hint and its notes."""
    result = zoo("predict", f"{Path(entry).parent}/missing", "a.png")
    assert result.exit_code == 2
    assert is_plain(result.stderr)


def test_json_has_no_del() -> None:
    """json.dumps leaves DEL as it is; the text that is read back is the same."""
    text = escape.as_json({"name": HOSTILE})
    assert text.isprintable()
    assert json.loads(text) == {"name": HOSTILE}


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+SUM(A1)", "'+SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "\\t=1"),
        ("\r=1", "\\r=1"),
        ("-0.5", "-0.5"),
        ("+1e-3", "+1e-3"),
        (-0.5, "-0.5"),
        (None, ""),
        ("a=b", "a=b"),
    ],
)
def test_csv_cell_formula(cell: object, written: str) -> None:
    """A text that a spreadsheet would compute gets an apostrophe; numbers stay numbers."""
    assert next(csv.reader(io.StringIO(escape.csv_row([cell, "x"])))) == [written, "x"]


def test_csv_of_names_that_are_formulas(tmp_path: Path) -> None:
    """The name of an image is a text, in the table of `zoo predict` too."""
    name = "=1+1.png"
    (tmp_path / name).write_bytes(stored(load_digits().train.images[0].reshape(8, 8) * 15))
    zoo_ok("predict", "digits-10", name, "--format", "csv", "-o", "out.csv", cwd=tmp_path)
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert rows[0]["source"] == f"'{name}"


def test_texts_are_styled_in_one_place() -> None:
    """Rich's Text, whose control characters reach the terminal, is made by cli/output/escape."""
    makers = ("cli/output/escape.py", "cli/terminal_images.py")
    for path in sorted((ROOT / "cli").rglob("*.py")):
        where = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "Text" or where in makers, where
                is_bare = node.func.id == "TextColumn" and "markup" not in ast.dump(node)
                assert not is_bare or "{task.description}" not in ast.unparse(node), where
            if isinstance(node, ast.Attribute) and node.attr == "dumps":
                assert where in (makers[0], "cli/completion.py"), where
