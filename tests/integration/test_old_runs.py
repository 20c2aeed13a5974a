"""Runs of a plugin's entry, made by zoo 0.1 with an earlier version of the plugin."""

import json
import shutil
from pathlib import Path

import pytest

from tests.helpers.paths import OLD_RUNS
from tests.helpers.process import zoo_process


@pytest.fixture(autouse=True)
def _old_runs(tmp_path: Path) -> None:
    for run in OLD_RUNS.glob("digits-swish-*"):
        shutil.copytree(run, tmp_path / "runs" / run.name)


def test_old_plugin_run_resumed(kinds_site: Path, tmp_path: Path) -> None:
    """A run with a plugin's optimizer is resumed with the current plugin; stderr names it."""
    run = tmp_path / "runs" / "digits-swish-s1-1"
    done = zoo_process("resume", run, "--quiet", cwd=tmp_path, PYTHONPATH=kinds_site)
    assert done.exit_code == 0, done.stderr
    assert "zoo-swish 0.1" in done.stderr
    record = json.loads((run / "run.json").read_text())
    assert record["status"] == "done"
    assert record["accuracy"] == pytest.approx(0.93, abs=0.03)


def test_old_plugin_run_evaluated(kinds_site: Path, tmp_path: Path) -> None:
    """The weights of a run give the accuracy that it recorded."""
    run = tmp_path / "runs" / "digits-swish-s0-1"
    done = zoo_process("evaluate", run, "--json", cwd=tmp_path, PYTHONPATH=kinds_site)
    assert done.exit_code == 0, done.stderr
    accuracy = json.loads((run / "run.json").read_text())["accuracy"]
    assert json.loads(done.stdout)["accuracy"] == pytest.approx(accuracy, abs=1 / 360)
