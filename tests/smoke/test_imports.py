"""What looking around imports: nothing heavy."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.command import environment
from tests.helpers.process import HEAVY, loaded_by


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("list",),
        ("show", "mnist-128"),
        ("list", "--json"),
        ("train", "--help"),
        ("evaluate", "--help"),
        ("data", "list"),
    ],
    ids=" ".join,
)
def test_looking_around_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert not loaded_by(*arguments) & set(HEAVY)


def test_help_loads_no_command_and_a_command_no_other() -> None:
    page, train = (
        {one for one in loaded_by(*asked, "--help") if one.startswith("zoo.")}
        for asked in ((), ("train",))
    )
    assert page == {
        "zoo.cli",
        "zoo.cli.app",
        "zoo.cli.commands",
        "zoo.cli.foreign",
        "zoo.errors",
        "zoo.packages",
        "zoo.plugins",
    }
    assert train - page == {"zoo.cli.completion", "zoo.cli.options", "zoo.cli.train"}
    assert not loaded_by("--help") & {"pydantic", "rich.console", "typer.rich_utils"}


def test_import_zoo() -> None:
    script = (
        "import sys; before = set(sys.modules); import zoo; print(*(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, check=True, text=True
    )
    assert done.stdout.split() == ["zoo"]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_import_names_without_numpy() -> None:
    script = "import sys, zoo; zoo.names(), zoo.ZooError; print('numpy' in sys.modules)"
    done = subprocess.check_output([sys.executable, "-c", script], env=environment(), text=True)
    assert done == "False\n"


def test_import_digits_without_sklearn() -> None:
    program = (
        "import sys; from zoo.data.digits import load_digits; load_digits(); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert not {"sklearn", "pandas", "scipy", "urllib.request"} & set(done.stdout.split())


def test_import_of_no_peer() -> None:
    script = (
        "import json, sys; from zoo.contrast import PEERS, unavailable\n"
        "found = [unavailable(peer) for peer in PEERS]\n"
        "print(json.dumps([found[0], [peer in sys.modules for peer in PEERS]]))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, check=True, text=True
    )
    assert json.loads(done.stdout) == [None, [False, False]]
