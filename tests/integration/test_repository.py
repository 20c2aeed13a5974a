"""The files that are under version control."""

import subprocess

import pytest

from tests.helpers.paths import ROOT


def test_repository_folders() -> None:
    """The top of the project holds the five folders and no other."""
    tracked = subprocess.run(
        ["git", "ls-files"],  # noqa: S607 - git from the path
        capture_output=True,
        check=False,
        text=True,
        cwd=ROOT,
    )
    if tracked.returncode:
        pytest.skip("this is not a git checkout")
    folders = {line.split("/")[0] for line in tracked.stdout.splitlines() if "/" in line}
    assert folders == {"zoo", "cli", "registry", "models", "tests", ".ci"}
