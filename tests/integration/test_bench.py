"""`zoo bench`: peers in child processes, unsupported workloads, and tables."""

import json
import re
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import zoo
from zoo.bench import commands, run, scaling, workloads
from zoo.bench.environment import environment
from zoo.bench.run import BenchRow, MissingPeer, compare, task_of
from zoo.bench.scripts.recipes import RECIPES
from zoo.bench.workloads import Workload
from zoo.errors import ZooError

SHORT = {
    "full": Workload("full", "a few full batches", "digits", (10,), steps=30),
    "small": Workload("small", "an epoch in small batches", "digits", (12,), batch=64),
    "deep": Workload(
        "deep",
        "two layers, momentum",
        "digits",
        (12, 8),
        batch=50,
        train={"optimizer": {"kind": "sgd", "momentum": 0.9}},
    ),
    "adam": Workload(
        "adam", "Adam", "digits", (12,), batch=64, rate=0.01, train={"optimizer": "adam"}
    ),
    "dropout": Workload(
        "dropout",
        "dropout",
        "digits",
        (12,),
        batch=64,
        block=("dense", "relu", {"kind": "dropout", "rate": 0.2}),
    ),
    "norm": Workload(
        "norm",
        "batch normalization",
        "digits",
        (12,),
        batch=64,
        block=("dense", "batch_norm", "relu"),
    ),
    "answers": Workload("answers", "some images", "digits", (12,), answers=40, repeats=3),
}
SAME = {  # the peers that do the same arithmetic
    "full": ("sklearn", "torch", "jax", "jax-scan"),
    "small": ("sklearn", "torch", "jax-scan"),
    "deep": ("sklearn", "torch"),
    "adam": ("torch",),
    "norm": ("torch",),
    "answers": ("torch", "jax", "onnxruntime"),
}
DIFFERENT = {
    "full": ("naive",),
    "adam": ("sklearn",),
    "dropout": ("torch",),
    "answers": ("sklearn", "naive"),
}
UNSUPPORTED = {  # the peers that cannot run it, with their reasons
    "full": {"missing": "it ended with exit code 1: ModuleNotFoundError: "},
    "adam": {"naive": "plain gradient descent alone"},
    "dropout": {"sklearn": "scikit-learn has neither dropout nor batch normalization"},
    "norm": {"sklearn": "scikit-learn has neither dropout nor batch normalization"},
}


def digits() -> Any:
    from zoo.data.digits import load_digits

    return load_digits()


@cache
def compared(name: str) -> dict[str, BenchRow | MissingPeer]:
    """Return the result of every installed peer at a workload, from one comparison."""
    peers = [*SAME.get(name, ()), *DIFFERENT.get(name, ()), *UNSUPPORTED.get(name, ())]
    installed = [
        peer for peer in peers if peer in ("naive", "missing") or find_spec(peer.partition("-")[0])
    ]
    results = list(compare(SHORT[name], digits(), installed, rounds=2))
    assert [row.peer for row in results] == installed
    return {row.peer: row for row in results}


@pytest.mark.parametrize("name", SAME)
def test_bench_same_arithmetic(name: str) -> None:
    """Peers with the same arithmetic have the same parameters or predictions."""
    for peer, row in compared(name).items():
        if peer not in SAME[name]:
            continue
        assert isinstance(row, BenchRow), row
        assert not row.differs
        assert row.difference < (2e-4 if name == "norm" else 2e-5), row
        assert row.accuracy == pytest.approx(row.zoo_accuracy, abs=0.003)
        assert row.low <= row.ratio <= row.high
        assert row.seconds > 0 < row.zoo_seconds


@pytest.mark.parametrize("name", DIFFERENT)
def test_bench_other_arithmetic(name: str) -> None:
    """Peers with other arithmetic list the differences."""
    rows = [row for peer, row in compared(name).items() if peer in DIFFERENT[name]]
    assert all(isinstance(row, BenchRow) and row.differs for row in rows), rows


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_bench_peer_unsupported(name: str) -> None:
    """A peer that cannot run, or fails at its start, has a reason and does not stop the others."""
    for peer, reason in UNSUPPORTED[name].items():
        result = compared(name)[peer]
        assert isinstance(result, MissingPeer)
        assert reason in result.reason
    assert any(isinstance(row, BenchRow) for row in compared(name).values())


def test_bench_peer_killed_between_rounds(tmp_path: Path) -> None:
    task_of(SHORT["full"], digits()).write(tmp_path)
    with run.start_peer("naive", tmp_path) as child:
        child.round()
        assert len(child.seconds) == 1
        child.process.kill()
        child.process.wait()
        child.round()
        child.end()
    assert child.reason == "it ended with exit code -9: no message"


def test_bench_command_cost(tmp_path: Path) -> None:
    """The cost of a command does not include the memory of the process that starts it."""
    parent_memory = bytearray(b"x" * 200_000_000)
    cost, output = commands.cost(
        [sys.executable, "-I", "-c", "print(len(b'x' * 60_000_000))"], tmp_path
    )
    assert output == "60000000\n"
    assert 60e6 < cost.peak < 120e6 < len(parent_memory)
    assert 0 < cost.processor < cost.seconds * 3
    with pytest.raises(ZooError, match="ended with exit code 3: no"):
        commands.cost(
            [sys.executable, "-c", "import sys; print('no', file=sys.stderr); sys.exit(3)"],
            tmp_path,
        )


@pytest.fixture
def short_w1(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten W1 to 600 steps."""
    short = Workload("W1", "digits 64-10-10, full batch, 600 steps", "digits", (10,), steps=600)
    monkeypatch.setitem(workloads.WORKLOADS, "W1", short)


@pytest.mark.usefixtures("short_w1")
def test_bench_markdown(tmp_path: Path) -> None:
    """A Markdown table lists the peers that were not timed, with their reasons."""
    asked = ("bench", "W1", "--against", "naive,onnxruntime", "--rounds", 1, "--md")
    done = zoo(*asked, cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    head, _, row, *rest = done.stdout.splitlines()
    assert head == "| workload | zoo | tutorial NumPy |"
    assert re.fullmatch(r"\| W1: .* steps \| .* m?s \| [\d.]+\* \([\d.]+-[\d.]+\) \|", row)
    assert r"\* is not the same work: tutorial NumPy computes in float64." in rest
    assert "onnxruntime is not timed at W1: onnxruntime cannot train." in rest
    alone = zoo("bench", "W1", "--against", "onnxruntime", "--rounds", 1, "--md", cwd=tmp_path)
    assert alone.stdout.startswith("onnxruntime is not timed at W1: ")


@pytest.mark.usefixtures("short_w1")
def test_bench_json(tmp_path: Path) -> None:
    done = zoo("bench", "W1", "--against", "sklearn", "--rounds", 1, "--json", cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    result = json.loads(done.stdout)
    (row,) = result["rows"]
    keys = "workload peer seconds zoo_seconds ratio low high accuracy zoo_accuracy"
    assert set(keys.split()) <= row.keys()
    assert row["ratio"] == pytest.approx(row["seconds"] / row["zoo_seconds"])
    assert row["accuracy"] == row["zoo_accuracy"] > 0.9
    assert {"processor", "cores", "blas", "kernel", "numpy"} <= result["machine"].keys()


def test_bench_child_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Child processes have one thread and the default BLAS kernels."""
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    variables = environment()
    assert "OPENBLAS_CORETYPE" not in variables
    assert {variables[f"{name}_NUM_THREADS"] for name in ("OPENBLAS", "OMP", "MKL")} == {"1"}


def test_bench_scripts_have_the_readme_recipes() -> None:
    """The scripts train what the entries of the READMEs train."""
    from zoo.config.catalog import read_catalog

    entries = read_catalog().entries
    for name, recipe in RECIPES.items():
        entry = entries[name].entry
        train, split = entry.train, entry.data.split
        assert (entry.data.kind, list(entry.network.hidden)) == (recipe.data, [recipe.hidden])
        assert (train.rate, train.batch, train.length) == (recipe.rate, recipe.batch, recipe.passes)
        assert split.train == recipe.train
        assert (split.test or split.validation or None) == recipe.held_out
        spread = {"uniform": ("high",), "normal": ("std",)}[train.weights.kind]
        assert getattr(train.weights, spread[0]) == recipe.spread
        assert recipe.uniform == (train.weights.kind == "uniform")
        assert getattr(train.schedule, "every", None) == recipe.halves


def test_bench_epoch_of_a_sweep() -> None:
    assert scaling.epoch("batch", 4096) > 0
