"""`zoo bench`: peers that do the same, recipes that are the READMEs', words for what is amiss."""

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.helpers.command import environment as of_program
from tests.helpers.command import zoo
from zoo.bench import commands, growth, run
from zoo.bench.environment import environment
from zoo.bench.run import IDEAS, Row, chosen, compare, task_of
from zoo.bench.scripts.recipes import RECIPES
from zoo.bench.workloads import Workload
from zoo.catalog import read_catalog
from zoo.data.load import load
from zoo.data.places import places_from_environment
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
    "answers": Workload("answers", "some pictures", "digits", (12,), answers=40, repeats=3),
}


SAME = {  # who does the same arithmetic
    "full": ("sklearn", "torch", "jax", "jax-scan"),
    "small": ("sklearn", "torch", "jax", "jax-scan"),
    "deep": ("sklearn", "torch"),
    "adam": ("torch",),
    "norm": ("torch",),
    "answers": ("torch", "jax", "onnxruntime"),
}
OTHERWISE = {
    "full": ("naive",),
    "adam": ("sklearn",),
    "dropout": ("torch",),
    "answers": ("sklearn", "naive"),
}


def rows_of(name: str, peers: Iterable[str]) -> list[Row]:
    """Return the rows of those peers that are installed."""
    here = [peer for peer in peers if peer == "naive" or find_spec(peer.partition("-")[0])]
    found = list(compare(SHORT[name], load("digits", places_from_environment()), here, rounds=2))
    rows = [one for one in found if isinstance(one, Row)]
    assert [row.peer for row in rows] == here, found
    return rows


@pytest.mark.parametrize("name", SAME)
def test_peers_that_do_the_same_end_with_the_same_parameters_or_answers(name: str) -> None:
    for row in rows_of(name, SAME[name]):
        assert not row.differs
        assert row.difference < (2e-4 if name == "norm" else 2e-5), row
        assert row.accuracy == pytest.approx(row.zoo_accuracy, abs=0.003)
        assert row.low <= row.ratio <= row.high
        assert row.seconds > 0 < row.zoo_seconds


@pytest.mark.parametrize("name", OTHERWISE)
def test_peers_that_do_otherwise_say_so(name: str) -> None:
    assert all(row.differs for row in rows_of(name, OTHERWISE[name]))


def test_a_peer_that_cannot_do_it_is_told_and_stops_no_other() -> None:
    digits = load("digits", places_from_environment())
    found = list(compare(SHORT["adam"], digits, ["naive", "sklearn"], rounds=1))
    assert not isinstance(found[0], Row)
    assert "plain gradient descent alone" in found[0].reason
    assert isinstance(found[1], Row)


@pytest.mark.parametrize("name", ["dropout", "norm"])
def test_scikit_learn_does_not_train_what_it_has_not(name: str) -> None:
    digits = load("digits", places_from_environment())
    (found,) = compare(SHORT[name], digits, ["sklearn"], rounds=1)
    assert not isinstance(found, Row)
    assert found.reason == "scikit-learn has neither dropout nor batch normalization"


def test_a_peer_that_breaks_at_its_start_is_told_and_stops_no_other() -> None:
    digits = load("digits", places_from_environment())
    broken, fine = compare(SHORT["full"], digits, ["nobody", "naive"], rounds=1)
    assert not isinstance(broken, Row)
    assert broken.reason.startswith("it ended with 1: ModuleNotFoundError: ")
    assert isinstance(fine, Row)


def test_a_peer_that_is_killed_between_two_rounds_is_told(tmp_path: Path) -> None:
    task_of(SHORT["full"], load("digits", places_from_environment())).write(tmp_path)
    with run.started("naive", tmp_path) as child:
        child.round()
        assert len(child.seconds) == 1
        child.process.kill()
        child.process.wait()
        child.round()
        child.end()
    assert child.reason == "it ended with -9: without a word"


def test_a_command_is_charged_what_it_took_and_not_what_its_starter_holds(tmp_path: Path) -> None:
    held = bytearray(b"x" * 200_000_000)
    took, said = commands.cost(
        [sys.executable, "-I", "-c", "print(len(b'x' * 60_000_000))"], tmp_path
    )
    assert said == "60000000\n"
    assert 60e6 < took.peak < 120e6 < len(held)
    assert 0 < took.processor < took.seconds * 3
    with pytest.raises(ZooError, match="ended with 3: no"):
        commands.cost(
            [sys.executable, "-c", "import sys; print('no', file=sys.stderr); sys.exit(3)"],
            tmp_path,
        )


def test_a_table_in_markdown_says_who_was_not_timed_and_why(tmp_path: Path) -> None:
    asked = ("bench", "W1", "--against", "naive,onnxruntime", "--rounds", 1, "--md")
    done = zoo(*asked, cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    head, _, row, *rest = done.stdout.splitlines()
    assert head == "| workload | zoo | tutorial NumPy |"
    assert re.fullmatch(r"\| W1: .* steps \| .* m?s \| [\d.]+\* \([\d.]+-[\d.]+\) \|", row)
    assert "* is not the same work: tutorial NumPy computes in float64." in rest
    assert "onnxruntime is not timed at W1: onnxruntime answers, and does not train." in rest
    alone = zoo("bench", "W1", "--against", "onnxruntime", "--rounds", 1, "--md", cwd=tmp_path)
    assert alone.stdout.startswith("onnxruntime is not timed at W1: ")


def test_children_choose_their_own_kernels_and_have_one_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    found = environment()
    assert "OPENBLAS_CORETYPE" not in found
    assert {found[f"{name}_NUM_THREADS"] for name in ("OPENBLAS", "OMP", "MKL")} == {"1"}


def test_the_scripts_train_what_the_entries_of_the_readmes_train() -> None:
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


def test_for_scripts_there_are_rows_and_a_machine(tmp_path: Path) -> None:
    done = zoo("bench", "W1", "--against", "sklearn", "--rounds", 1, "--json", cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    (row,) = found["rows"]
    wanted = "workload peer seconds zoo_seconds ratio low high accuracy zoo_accuracy"
    assert set(wanted.split()) <= row.keys()
    assert row["ratio"] == pytest.approx(row["seconds"] / row["zoo_seconds"])
    assert row["accuracy"] == row["zoo_accuracy"] > 0.9
    assert {"processor", "cores", "blas", "kernel", "numpy"} <= found["machine"].keys()


def test_each_idea_on_the_way_to_the_core_computes_the_same() -> None:
    digits = load("digits", places_from_environment())
    rows = list(compare(SHORT["small"], digits, chosen(["ideas"]), rounds=1))
    assert [row.peer for row in rows] == list(IDEAS)
    for row in rows:
        assert isinstance(row, Row)
        assert not row.differs
        assert row.difference < 2e-5
        assert row.accuracy == row.zoo_accuracy


def test_shares_of_a_whole_training_come_to_all_of_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zoo.cli.shares", "digits-10", "--runs", "runs"],
        cwd=tmp_path,
        env=of_program(),
        capture_output=True,
        check=True,
        text=True,
    )
    parts = json.loads(done.stdout.splitlines()[-1])
    assert set(parts) == {
        "reading the data",
        "steps",
        "evaluation",
        "checkpoints and files",
        "the plot",
        "display",
        "the rest",
    }
    assert min(parts.values()) > 0
    assert (tmp_path / "runs" / "digits-10-s0-1" / "weights.safetensors").exists()


def test_an_epoch_of_a_sweep_is_measured() -> None:
    assert growth.epoch("batch", 4096) > 0
