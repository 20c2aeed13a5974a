"""Folders of the checkout."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / "tests" / "packages"  # example plugin packages
OLD_RUNS = ROOT / "tests" / "data" / "old_runs"
OLD_STUDY = ROOT / "tests" / "data" / "old_study"


def tracked_files() -> list[str]:
    """Return the files under version control; skip the test where git has none."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - git from the path
        capture_output=True,
        check=False,
        text=True,
        cwd=ROOT,
    )
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    return listed.stdout.split("\0")[:-1]
