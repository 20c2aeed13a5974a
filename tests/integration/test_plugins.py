"""Installed plugins: entries, commands, and warnings for broken ones."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.helpers import packages
from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.command import Result
from tests.helpers.entries import named
from tests.helpers.process import zoo_process

Run = Callable[..., Result]


@pytest.fixture
def run(packages_site: Path, tmp_path: Path) -> Run:
    """Return a function that runs zoo with all these plugins."""
    return partial(zoo_process, cwd=tmp_path, PYTHONPATH=packages_site)


def test_plugin_entry_and_command(run: Run) -> None:
    assert "good-net" in run("list", "-q").stdout.split()
    assert run("train", "good-net").exit_code == 0
    assert run("hello", "you", "--times", 2).stdout == "hello you hello you \n"
    assert run("hello", "nobody").exit_code == 7
    assert "Greet somebody." in run("hello", "--help").stdout
    assert run("hello", "you", "--tims", 2).exit_code == 2
    helped = run("--help").stdout
    assert "From good-plugin 1.2." in helped
    rows = helped.partition("Plugins:\n")[2].partition("\n\n")[0].splitlines()
    names = [row.split()[0] for row in rows]
    assert names == sorted(names)
    assert len(names) > 5


def test_plugin_command_usage_error(run: Run) -> None:
    done = run("hello", "you", "--times", "x")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "zoo: --times: expected a whole number, got 'x'.\n     Run `zoo hello --help`.\n"
    )


def test_plugin_command_help(run: Run) -> None:
    """Its pages are plain, as those of zoo, and -h shows them."""
    page = run("hello", "-h")
    assert (page.exit_code, page.stderr) == (0, "")
    assert page.stdout.startswith("Usage: zoo hello [OPTIONS] ")
    assert "-h, --help" in page.stdout
    assert "─" not in page.stdout


def test_plugin_warnings(run: Run) -> None:
    """A broken plugin causes one warning, and every command works."""
    done = run("list", "-q")
    assert done.exit_code == 0
    assert done.stdout.split() == [*ENTRIES, "good-net", "taking-net"]
    assert done.stderr.count("zoo: warning: ") == 3, done.stderr
    for words in (
        "gone 1.2 names the package 'gone', which does not exist: reinstall it, or run `pip un",
        "newer.toml has format 2, for a newer zoo; this version reads format 1.",
        "The name 'digits-10' is taken by numpy-zoo",
    ):
        assert words in done.stderr
    for command in (
        ("show", "digits-10"),
        ("train", "digits-10", "--set", "train.iterations=1"),
        ("--help",),
    ):
        done = run(*command)
        assert done.exit_code == 0
        assert done.stderr == "" or command[0] == "train"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("raising", "ValueError: not today."),
        ("leaving", "SystemExit: 3."),
        ("lacking", "ModuleNotFoundError: No module named 'a_package_that_nobody_has'."),
    ],
)
def test_plugin_command_not_importable(run: Run, name: str, reason: str) -> None:
    done = run(name)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"zoo: {name} 1.2 provides {name!r}, but {name}.app:app cannot be loaded: {reason}",
        f"     Update it with `pip install -U {name}`, or remove it with `pip uninstall {name}`.",
    ]


def test_plugin_command_not_typer(run: Run) -> None:
    done = run("no-typer")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "zoo: no-typer 1.2: the command 'no-typer' is not valid; expected a typer.Typer, "
        "got no_typer.app:app.\n"
    )
    assert "completion" not in run("hello", "--help").stdout


def test_plugin_prints_at_import(run: Run) -> None:
    """The output of a plugin's import goes to stderr."""
    done = run("talking", "you")
    assert (done.stdout, done.stderr) == ("hello you \n", "I am here\n")


def test_zoo_plugins_setting(run: Run) -> None:
    """ZOO_PLUGINS selects the plugins."""
    none = run("list", "-q", ZOO_PLUGINS="none")
    assert (none.stdout.split(), none.stderr) == (ENTRIES, "")
    assert run("hello", "you", ZOO_PLUGINS="none").exit_code == 2
    some = run("list", "-q", ZOO_PLUGINS="newer, Good_Plugin")
    assert some.stdout.split() == [*ENTRIES, "good-net"]
    assert some.stderr.count("warning") == 1


def test_plugins_listing(run: Run) -> None:
    """`zoo plugins` lists what each plugin provides, and its faults."""
    done = run("plugins", "--json")
    found = {plugin["name"]: plugin for plugin in json.loads(done.stdout)}
    assert next(iter(found)) == "numpy-zoo"
    assert found["numpy-zoo"]["entries"] == ENTRIES
    assert found["good-plugin"] == {
        "name": "good-plugin",
        "version": "1.2",
        "from": found["good-plugin"]["from"],
        "entries": ["good-net"],
        "kinds": [],
        "commands": ["hello"],
        "faults": [],
    }
    assert found["good-plugin"]["from"].endswith("/site/good_plugin")
    assert [len(found[name]["faults"]) for name in ("taking", "newer", "gone")] == [2, 1, 1]
    assert "a command named 'train' already exists" in " ".join(found["taking"]["faults"])
    lines = run("plugins", COLUMNS=80)
    assert max(map(len, lines.stdout.splitlines())) <= 80
    assert lines.stderr.count("zoo: warning: ") == 4


def test_plugin_metadata_damaged(tmp_path: Path) -> None:
    """Damaged or missing metadata does not hide the other plugins."""
    folder = packages.write(
        tmp_path, "fine-plugin", {"net.toml": named("fine-net")}, registry="a = 'fine_plugin'"
    )
    packages.place(tmp_path / "site", folder)
    for name, text in (
        ("broken", "[zoo.registry]\nno line\n"),
        ("lost", "[zoo.registry]\na = os\n"),
    ):
        (tmp_path / "site" / f"{name}-1.dist-info").mkdir()
        (tmp_path / "site" / f"{name}-1.dist-info" / "entry_points.txt").write_text(text)
    for command in (("list", "-q"), ("plugins",), ("--help",), ("show", "fine-net")):
        for settings in ({}, {"ZOO_PLUGINS": "fine-plugin"}):
            done = zoo_process(*command, cwd=tmp_path, PYTHONPATH=tmp_path / "site", **settings)
            assert done.exit_code == 0, done.stderr
            assert "Traceback" not in done.stderr
    listed = zoo_process("list", "-q", cwd=tmp_path, PYTHONPATH=tmp_path / "site")
    assert listed.stdout.split() == [*ENTRIES, "fine-net"]
    assert listed.stderr.count("is damaged; reinstall or uninstall it.") == 1


def test_plugin_check_command_exists(run: Run) -> None:
    """A command that cannot be called fails, though its code is valid."""
    done = run("plugins", "check", "taking")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-1] == (
        "FAILED zoo train: a command named 'train' already exists."
    )


ESCAPING = """\
import warnings

import typer

E = "\\x1b]0;title\\x07"
app = typer.Typer(help=f"Help {E}", no_args_is_help=True, epilog=f"End {E}")
inner = typer.Typer(help=f"Inner {E}", no_args_is_help=True)
app.add_typer(inner, name="inner")


@app.command(help=f"Raise {E}")
def fail(how: str, text: str = typer.Option(E, help=f"Option {E}")) -> None:
    if how == "warn":
        warnings.warn(E)
    elif how == "exit":
        raise SystemExit(E)
    elif how == "bad":
        raise typer.BadParameter(E)
    elif how == "missing":
        raise typer.BadParameter(E, param_hint="'--how'")
    else:
        raise type(f"Error{E}", (Exception,), {})(E)  # \x07


@inner.command(help=f"Deep {E}")
def deep(choice: str = typer.Option("a", help=E)) -> None:
    pass
"""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("escaping", 2),
        ("escaping --help", 0),
        ("escaping fail --help", 0),
        ("escaping inner", 2),
        ("escaping inner --help", 0),
        ("escaping inner deep --help", 0),
        ("escaping fail raise", 1),
        ("-v escaping fail raise", 1),
        ("escaping fail warn", 0),
        ("escaping fail exit", 1),
        ("escaping fail bad", 2),
        ("escaping fail missing", 2),
        ("help escaping", 0),
        ("help escaping inner deep --format md", 0),
    ],
)
def test_plugin_text_has_no_control_characters(tmp_path: Path, arguments: str, code: int) -> None:
    """The help pages and the messages of a plugin's command cannot give a terminal orders."""
    folder = packages.write(
        tmp_path / "sources",
        "escaping",
        {"app.py": ESCAPING},
        commands="escaping = 'escaping.app:app'",
    )
    packages.place(tmp_path / "site", folder)
    done = zoo_process(*arguments.split(), cwd=tmp_path, PYTHONPATH=tmp_path / "site")
    shown = done.stdout + done.stderr
    assert done.exit_code == code, shown
    assert r"\x1b]0;title\x07" in shown
    assert all(character.isprintable() or character == "\n" for character in shown), shown


def test_plugin_command_without_its_argument(run: Run) -> None:
    """It is a usage error, as in zoo's own commands; there is no example."""
    result = run("hello")
    assert result.exit_code == 2
    assert result.stderr == "zoo: `zoo hello` needs NAME.\n     Run `zoo hello --help`.\n"
