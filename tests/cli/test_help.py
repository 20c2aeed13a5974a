"""`zoo help`: the guides, and the commands' help pages."""

import json
import re
import sys
from pathlib import Path

import pytest
from zoo.cli import pager
from zoo.cli.completion import guides_and_commands
from zoo.cli.help import GUIDES, Guide

from tests.helpers.command import zoo, zoo_ok
from tests.helpers.unix import unix_only

PAGE = """# Guide
See [the entries](../../registry/README.md#all), [a file](x.py), [NumPy](https://numpy.org).

![A seven](seven.png)

`[code](x.md)`
"""


@pytest.fixture
def guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The text of the guide `data`, in a folder of its own."""
    (tmp_path / "README.md").write_text(PAGE)
    monkeypatch.setattr(Guide, "path", tmp_path / "README.md")
    return PAGE


@pytest.mark.parametrize("name", GUIDES)
def test_guide_is_its_file(name: str) -> None:
    """In a pipe a guide is the README of its folder."""
    text = GUIDES[name].path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert zoo_ok("help", name).startswith(text)
    assert zoo_ok("help", name, "--format", "md") == text


def test_guides_json() -> None:
    rows = json.loads(zoo_ok("help", "--json"))
    assert [row["name"] for row in rows] == list(GUIDES)
    assert all(set(row) == {"name", "title", "path"} for row in rows)
    assert all(row["path"].endswith("README.md") for row in rows)


def test_guide_and_command(guide: str) -> None:
    """A guide with the name of a command ends with the way to its options."""
    note = "`zoo data --help` lists the options of the command.\n"
    assert zoo_ok("help", "data") == f"{guide}\n{note}"
    assert zoo_ok("help", "core") == guide
    assert json.loads(zoo_ok("help", "data", "--json"))["text"] == guide


@pytest.mark.usefixtures("guide")
def test_guide_on_a_terminal() -> None:
    """Links and pictures are words; a link to another guide says how to read it."""
    shown = zoo_ok("help", "data", "--color", "always", NO_COLOR=None, COLUMNS=200, TERM="xterm")
    assert "zoo help entries" in shown
    assert "https://numpy.org" in shown
    assert "Picture: A seven" in shown
    assert "[code](x.md)" in shown
    for path in ("README.md", "x.py", "seven.png"):
        assert path not in shown


def test_guide_code_is_copied(guide: str, tmp_path: Path) -> None:
    """A program on a narrow terminal has the lines of the guide."""
    program = "def answer():\n    return [" + ", ".join(["'a long line'"] * 12) + "]\n\n\nanswer()"
    (tmp_path / "README.md").write_text(f"{guide}\n```python\n{program}\n```\n")
    shown = zoo_ok("help", "data", "--color", "always", NO_COLOR=None, COLUMNS=50, TERM="xterm")
    assert f"\n{program}\n" in re.sub(r"\x1b\[[\d;]*m", "", shown)


def test_guide_on_a_light_terminal() -> None:
    """No guide has a background of its own, which would be black on white."""
    shown = zoo_ok("help", "data", "--color", "always", NO_COLOR=None, COLUMNS=80, TERM="xterm")
    codes = {code for style in re.findall(r"\x1b\[([\d;]*)m", shown) for code in style.split(";")}
    assert "36" in codes
    assert not codes & {"7", *(str(40 + colour) for colour in range(8))}


@pytest.mark.parametrize(("folder", "guide"), [("nn", "core"), ("registry", "entries")])
def test_guide_by_its_folder(folder: str, guide: str) -> None:
    assert zoo_ok("help", folder) == zoo_ok("help", guide)
    assert zoo_ok("help", "bench").startswith("Usage: zoo bench")


def test_guide_folder() -> None:
    assert Guide("zoo.registry", "").folder == "registry"
    assert Guide("zoo.nn", "").folder == "zoo/nn"


@pytest.mark.parametrize("name", ["train", "runs", "runs rm", "data fetch"])
def test_help_of_a_command(name: str) -> None:
    """`zoo help COMMAND` is `zoo COMMAND --help`, unless COMMAND is a guide."""
    assert zoo_ok("help", *name.split()) == zoo_ok(*name.split(), "--help")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("exprt", "There is no guide or command 'exprt'.\n     Did you mean 'export'?"),
        ("clusters", "There is no guide or command 'clusters'.\n     Did you mean 'cluster'?"),
        ("7", "There is no guide or command '7'.\n     `zoo help` lists the guides."),
        ("runs lst", "`zoo runs` does not have a command 'lst'.\n     Did you mean 'list'?"),
    ],
)
def test_help_unknown(name: str, message: str) -> None:
    done = zoo("help", *name.split())
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", f"zoo: {message}\n")


def test_help_is_mentioned() -> None:
    assert zoo_ok("--help").splitlines()[-1].strip() == "`zoo help` lists guides."


def test_help_completion() -> None:
    assert guides_and_commands("c") == ["check", "cluster", "commands", "compare", "core"]
    assert "check" in guides_and_commands("ch")


class Terminal:
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@unix_only
def test_pager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long text goes to PAGER, a short one to stdout."""
    seen = tmp_path / "seen"
    program = tmp_path / "pager"
    program.write_text(f"#!{sys.executable}\nimport sys\nopen({str(seen)!r}, 'w').write(input())\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setenv("PAGER", str(program))
    monkeypatch.setenv("LINES", "10")
    pager.show("short\n")
    assert not seen.exists()
    pager.show("first\n" + "line\n" * 10)
    assert seen.read_text() == "first"


@pytest.mark.parametrize("program", ["", "no-such-pager", "'"])
def test_pager_missing(
    program: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setenv("PAGER", program)
    pager.show("line\n" * 100)
    assert capsys.readouterr().out == "line\n" * 100
