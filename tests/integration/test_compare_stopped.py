"""`zoo compare` stopped in the middle, and over a thousand runs."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_compare import objects
from tests.helpers.command import environment, zoo, zoo_ok
from tests.helpers.entries import SMALLEST
from tests.helpers.process import ZOO
from zoo import compare, trainings
from zoo.catalog import read_catalog


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle_it_keeps_what_is_done_and_goes_on(
    own: Path, number: signal.Signals
) -> None:
    own.write_text(SMALLEST.replace("epochs = 1", "epochs = 1000"))
    command = [str(ZOO), "compare", str(own), "--train", "--seeds", "8", "--jobs", "2"]
    process = subprocess.Popen(
        command,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    first = process.stderr.readline()
    assert first.startswith("zoo: 1/8 ")
    os.killpg(process.pid, number)  # as a terminal does, to everybody
    said, complaints = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "Traceback" not in complaints
    assert " of 8 trainings are done and kept." in complaints
    assert "The same command goes on." in complaints
    assert said == ""
    kept = {path: path.stat().st_ino for path in Path("runs").glob("*/run.json")}
    assert 1 <= len(kept) < 8
    finished = zoo(*command[1:])
    assert finished.exit_code == 0, finished.stderr
    assert f"zoo: {8 - len(kept)}/{8 - len(kept)} " in finished.stderr
    after = {path: path.stat().st_ino for path in Path("runs").glob("*/run.json")}
    assert kept.items() <= after.items()
    assert len(after) == 8


def test_a_thousand_finished_runs_are_each_looked_at_once(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoo_ok("train", own, "--quiet", "--no-plots")
    one = next(Path("runs").iterdir())
    facts = json.loads((one / "run.json").read_text())
    for seed in range(1, 1000):
        copy = tmp_path / "runs" / f"smallest-s{seed}-1"
        copy.mkdir()
        for path in one.glob("[!.]*"):
            if path.name != "run.json":
                os.link(path, copy / path.name)
        (copy / "run.json").write_text(json.dumps(facts | {"seed": seed}))
    opened: list[str] = []
    real = Path.read_text

    def counted(path: Path, *arguments: Any, **keywords: Any) -> str:  # noqa: ANN401 - as it is called
        opened.append(path.name)
        return real(path, *arguments, **keywords)

    with monkeypatch.context() as watched:
        watched.setattr(Path, "read_text", counted)
        found = _of_everything(own)
    assert found.summary is not None
    assert found.summary.n == 1000
    assert opened.count("run.json") == 1000
    assert opened.count("entry.toml") <= 1
    assert "metrics.csv" not in opened
    assert objects(own)[0]["reproduced"]["n"] == 1000
    assert len(json.loads(zoo_ok("runs", "list", "--json"))) == 1000


def _of_everything(own: Path) -> compare.Standing:
    local = compare.by_recipe(trainings.finished(Path("runs")))
    assert [len(several) for several in local.values()] == [1000]
    return compare.standing(
        compare.find(str(own), read_catalog(), runs=Path("runs")),
        local,
        [],
        None,
        seeds=None,
        clock=time.perf_counter,
    )
