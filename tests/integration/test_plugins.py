"""Packages that bring something to zoo, and what becomes of zoo when they are broken."""

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.helpers import packages
from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.command import Result
from tests.helpers.entries import named
from tests.helpers.process import zoo_process

HELLO = """\
import typer

app = typer.Typer()


@app.command()
def hello(name: str, times: int = 1) -> None:
    '''Greet somebody.'''
    print(times * f"hello {name} ")
    if name == "nobody":
        raise typer.Exit(7)
"""
COMMAND = "{name} = '{package}.app:app'"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder into which pip has installed a good package and every kind of bad one."""
    here = tmp_path_factory.mktemp("strangers")

    def write(name: str, app: str, command: str, **entries: str) -> Path:
        files = {"app.py": app} | {f"{entry}.toml": text for entry, text in entries.items()}
        package = name.replace("-", "_")
        points = {"commands": COMMAND.format(name=command, package=package)}
        if entries:
            points["registry"] = f"{name} = '{package}'"
        return packages.write(here, name, files, **points)

    newer = named("newer").replace("name =", "format = 2\nname =", 1)
    folders = [
        write("good-plugin", HELLO, "hello", net=named("good-net")),
        write("raising", "raise ValueError('not today')", "raising"),
        write("leaving", "raise SystemExit(3)", "leaving"),
        write("lacking", "import a_package_that_nobody_has", "lacking"),
        write("no-typer", "app = print", "no-typer"),
        write("talking", "print('I am here')\n" + HELLO, "talking"),
        write("taking", HELLO, "train", digits=named("digits-10"), fine=named("taking-net")),
        write("newer", HELLO, "newer", newer=newer),
        write("gone", HELLO, "gone", net=named("gone-net")),
    ]
    site = here / "site"
    packages.install(site, *folders)
    shutil.rmtree(site / "gone")  # as an uninstallation that was cut off leaves it
    return site


Run = Callable[..., Result]


@pytest.fixture
def run(site: Path, tmp_path: Path) -> Run:
    """Return what runs zoo where all of them are installed."""
    return partial(zoo_process, cwd=tmp_path, PYTHONPATH=site)


def test_a_strangers_entry_and_command_are_there(run: Run) -> None:
    assert "good-net" in run("list", "-q").stdout.split()
    assert run("train", "good-net").exit_code == 0
    assert run("hello", "you", "--times", 2).stdout == "hello you hello you \n"
    assert run("hello", "nobody").exit_code == 7
    assert "Greet somebody." in run("hello", "--help").stdout
    assert run("hello", "you", "--tims", 2).exit_code == 2
    helped = run("--help").stdout
    assert "From good-plugin 1.2." in helped


def test_what_is_broken_is_warned_of_once_and_every_command_works(run: Run) -> None:
    done = run("list", "-q")
    assert done.exit_code == 0
    assert done.stdout.split() == [*ENTRIES, "good-net", "taking-net"]
    assert done.stderr.count("zoo: warning: ") == 3, done.stderr
    for words in (
        "gone 1.2 names the package 'gone', which is not there: install it again, or `pip un",
        "newer.toml is written for a newer zoo: its format is 2, and this one reads 1.",
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
def test_a_command_that_cannot_be_imported_is_said_to_be_theirs(
    run: Run, name: str, reason: str
) -> None:
    done = run(name)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"zoo: {name} 1.2 brings {name!r}, and {name}.app:app cannot be loaded: {reason}",
        f"     `pip install -U {name}` may mend it, `pip uninstall {name}` removes it.",
    ]


def test_what_is_no_command_is_said_to_be_none(run: Run) -> None:
    done = run("no-typer")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "zoo: no-typer 1.2 brings 'no-typer', and no_typer.app:app is no typer.Typer.\n"
    )
    assert "completion" not in run("hello", "--help").stdout


def test_what_a_package_prints_while_it_is_imported_stays_out_of_the_data(run: Run) -> None:
    done = run("talking", "you")
    assert (done.stdout, done.stderr) == ("hello you \n", "I am here\n")


def test_zoo_plugins_chooses(run: Run) -> None:
    none = run("list", "-q", ZOO_PLUGINS="none")
    assert (none.stdout.split(), none.stderr) == (ENTRIES, "")
    assert run("hello", "you", ZOO_PLUGINS="none").exit_code == 2
    some = run("list", "-q", ZOO_PLUGINS="newer, Good_Plugin")
    assert some.stdout.split() == [*ENTRIES, "good-net"]
    assert some.stderr.count("warning") == 1


def test_plugins_tells_who_brings_what_and_what_is_wrong(run: Run) -> None:
    done = run("plugins", "--json")
    found = {one["name"]: one for one in json.loads(done.stdout)}
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
    assert "there is a command named 'train' already" in " ".join(found["taking"]["faults"])
    lines = run("plugins", COLUMNS=80)
    assert max(map(len, lines.stdout.splitlines())) <= 80
    assert lines.stderr.count("zoo: warning: ") == 4


def test_metadata_that_is_damaged_or_lost_hides_nobody_else(tmp_path: Path) -> None:
    folder = packages.write(
        tmp_path, "fine-plugin", {"net.toml": named("fine-net")}, registry="a = 'fine_plugin'"
    )
    packages.install(tmp_path / "site", folder)
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
    assert listed.stderr.count("is damaged: install it again, or uninstall it.") == 1
