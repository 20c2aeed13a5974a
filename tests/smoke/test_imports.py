"""Imports and light commands import no heavy module."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.command import environment
from tests.helpers.process import HEAVY, loaded_by

OLD_RUNS = Path(__file__).parents[1] / "data/old_runs"


def modules_of(script: str, *arguments: str) -> dict[str, list[str]]:
    """Run a script in a new process and return the JSON that it writes to stderr."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, *arguments],
        env=environment(),
        capture_output=True,
        check=True,
        text=True,
    )
    return dict(json.loads(done.stderr))


COMMANDS = """
import json, sys
from zoo.cli.app import run

loaded = {}
for command in sys.argv[1:]:
    assert run(command.split()) == 0, command
    loaded[command] = sorted(sys.modules)
json.dump(loaded, sys.stderr)
"""


def test_import_weight_of_light_commands() -> None:
    """These commands, run in one process, import no heavy module."""
    commands = (
        "--help",
        "train --help",
        "evaluate --help",
        "export --help",
        "list",
        "list --json",
        "show mnist-128",
        "help",
        "help commands",
        "help runs rm",
        "data list",
        f"runs --runs {OLD_RUNS}",
    )
    loaded = modules_of(COMMANDS, *commands)
    assert list(loaded) == list(commands)
    for command, modules in loaded.items():
        assert not set(modules) & set(HEAVY), command


def test_import_weight_of_help() -> None:
    """The help imports no command, and the help of a command no other command."""
    page, train = loaded_by("--help"), loaded_by("train", "--help")
    help_modules = {name for name in page if name.startswith("zoo.")}
    assert help_modules == {
        "zoo.cli",
        "zoo.cli.app",
        "zoo.cli.command",
        "zoo.cli.commands",
        "zoo.cli.completion_request",
        "zoo.cli.examples",
        "zoo.cli.exit",
        "zoo.cli.output_options",
        "zoo.cli.plugin_commands",
        "zoo.cli.usage_errors",
        "zoo.control_characters",
        "zoo.errors",
        "zoo.config",
        "zoo.config.packages",
        "zoo.config.plugins",
        "zoo.system",
        "zoo.system.commands",
        "zoo.system.console",
        "zoo.system.signals",
    }
    assert {name for name in train if name.startswith("zoo.")} - help_modules == {
        "zoo.cli.completion",
        "zoo.cli.options",
        "zoo.cli.terminal",
        "zoo.cli.train",
    }
    assert not page & {"pydantic", "rich.console", "typer.rich_utils"}


STAGES = """
import sys

before, loaded = set(sys.modules), {}
import zoo
loaded["import"] = sorted(set(sys.modules) - before)
zoo.names(), zoo.ZooError
loaded["names"] = sorted(sys.modules)
from zoo.data.digits import load_digits
load_digits()
loaded["digits"] = sorted(sys.modules)
from zoo.analysis.baselines import BASELINES, is_not_installed
assert is_not_installed(BASELINES[0]) is None
loaded["peers"] = sorted(sys.modules)
loaded["names of peers"] = list(BASELINES)
import json
json.dump(loaded, sys.stderr)
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, list[str]]:
    """Return the imported modules of a process after each step."""
    return modules_of(STAGES)


def test_import_zoo(loaded: dict[str, list[str]]) -> None:
    """`import zoo` imports no other module."""
    assert loaded["import"] == ["zoo"]


def test_import_names_without_numpy(loaded: dict[str, list[str]]) -> None:
    assert "zoo" in loaded["names"]
    assert "numpy" not in loaded["names"]


def test_import_digits_without_sklearn(loaded: dict[str, list[str]]) -> None:
    assert "numpy" in loaded["digits"]
    assert not {"sklearn", "pandas", "scipy", "urllib.request"} & set(loaded["digits"])


def test_import_of_no_peer(loaded: dict[str, list[str]]) -> None:
    """The check for an installed peer does not import it."""
    assert len(loaded["names of peers"]) == 2
    assert not set(loaded["names of peers"]) & set(loaded["peers"])
