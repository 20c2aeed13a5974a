"""Folders of the checkout."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / "tests" / "packages"  # example plugin packages
OLD_RUNS = ROOT / "tests" / "data" / "old_runs"
