"""What looking around imports: nothing heavy."""

import subprocess
import sys

import pytest

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


def test_importing_zoo_loads_nothing_but_itself() -> None:
    script = (
        "import sys; before = set(sys.modules); import zoo; print(*(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, check=True, text=True
    )
    assert done.stdout.split() == ["zoo"]
