"""Trainings that several claims are read from, each made once a test run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import zoo
from tests.helpers.mnist import folder
from tests.helpers.shared import built_once


@pytest.fixture(scope="session")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which `zoo compare --train` has trained every README's entry.

    `found.json` holds its stdout and `said` its stderr; the runs are those of seed 0.
    """

    def train(run_folder: Path) -> None:
        run_folder.mkdir()
        command = ("compare", "--train", "--seeds", 1, "--json")
        finished = zoo(*command, cwd=run_folder, ZOO_DATA=folder())
        assert finished.exit_code == 0, finished.stderr
        (run_folder / "found.json").write_text(finished.stdout)
        (run_folder / "said").write_text(finished.stderr)

    return built_once(tmp_path_factory, "compared", train)


@pytest.fixture(scope="session")
def record_of(compared: Path) -> Callable[[str], dict[str, Any]]:
    """Return a function from an entry's name to the record of its run in there."""

    def found(name: str) -> dict[str, Any]:
        return dict(
            json.loads(
                (compared / "runs" / f"compare-{name}" / f"{name}-s0-1" / "run.json").read_text()
            )
        )

    return found
