"""`zoo bench`: peers that do the same, recipes that are the READMEs', words for what is amiss."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tests.program import environment as of_program
from tests.program import zoo
from zoo.bench import growth, limits
from zoo.bench.environment import environment
from zoo.bench.growth import Point
from zoo.bench.run import IDEAS, Row, chosen, compare, task_of
from zoo.bench.scripts.recipes import RECIPES
from zoo.bench.task import Task
from zoo.bench.workloads import USUAL, WORKLOADS, Workload
from zoo.catalog import read_catalog
from zoo.data.load import load
from zoo.data.places import places_from_environment

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
    "answers": Workload("answers", "some pictures", "digits", (12,), answers=40, repeats=3),
}


@pytest.mark.parametrize("name", SHORT)
def test_peers_that_are_said_to_do_the_same_end_with_the_same_parameters(name: str) -> None:
    digits = load("digits", places_from_environment())
    peers = ["sklearn"] if name in {"deep", "adam"} else ["sklearn", "naive"]
    rows = list(compare(SHORT[name], digits, peers, rounds=2))
    assert [row.peer for row in rows] == peers
    for row in rows:
        assert isinstance(row, Row)
        assert (
            (row.difference < 2e-5) == (name != "adam") == (not row.differs or row.peer == "naive")
        )
        assert row.accuracy == pytest.approx(row.zoo_accuracy, abs=0.003)
        assert row.low <= row.ratio <= row.high
        assert row.seconds > 0 < row.zoo_seconds


def test_a_task_comes_back_from_its_folder_as_it_was(tmp_path: Path) -> None:
    task = task_of(SHORT["small"], load("digits", places_from_environment()))
    task.write(tmp_path)
    again = Task.read(tmp_path)
    assert dict(again.facts) == dict(task.facts)
    for name in ("images", "labels", "test_images", "test_labels", "order"):
        assert np.array_equal(getattr(again, name), getattr(task, name))
    assert sorted(task.order[0]) == list(range(1437))
    assert again.inputs.max() == 1


def test_a_peer_that_cannot_do_it_is_told_and_stops_no_other() -> None:
    digits = load("digits", places_from_environment())
    found = list(compare(SHORT["adam"], digits, ["naive", "sklearn"], rounds=1))
    assert not isinstance(found[0], Row)
    assert "plain gradient descent alone" in found[0].reason
    assert isinstance(found[1], Row)


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
    assert done.returncode == 0, done.stderr
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


def test_the_operations_of_a_step_are_those_of_its_products() -> None:
    up = 2 * 64 * (785 * 128 + 129 * 10)
    down = 2 * 64 * 128 * 10
    assert limits.operations(WORKLOADS["W4"].entry) == 2 * up + down


def test_the_calls_of_a_step_are_counted_and_the_step_is_made() -> None:
    under_way = limits.training(WORKLOADS["W3"].entry)
    steps = iter(under_way)
    first, *others = (limits.calls(steps) for _ in range(4))
    assert under_way.step == 4
    assert 30 < others[0] < first  # the first draws the order and takes memory as well
    assert len(set(others)) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("W9",), "There is no workload named 'W9'."),
        (("W1", "--against", "abacus"), "There is no peer named 'abacus'."),
        (("W1", "--json", "--md"), "--md and --json print: choose one."),
        (("W1", "--plot", "growth.svg"), "--plot draws growth."),
    ],
)
def test_what_is_not_there_is_told(arguments: tuple[str, ...], words: str) -> None:
    done = zoo("bench", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"zoo: {words}\n")


def test_the_usual_workloads_are_those_of_the_readmes_sizes() -> None:
    shapes = [WORKLOADS[name].entry.shape for name in USUAL]
    assert shapes == [
        "64-10-10",
        "784-10-10",
        "784-10-10",
        "784-128-10",
        "784-800-10",
        "784-128-10",
        "784-128-10",
    ]


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


def test_growth_is_the_power_between_neighbours() -> None:
    found = [
        Point("batch", 1, 8.0),
        Point("batch", 2, 4.0),
        Point("batch", 8, 4.0),
        Point("units", 1, 1.0),
    ]
    assert [round(power, 9) for _, _, power in growth.slopes(found, "batch")] == [-1, 0]


def test_growth_is_drawn_a_panel_a_sweep() -> None:
    found = [
        Point("batch", 1, 8.0),
        Point("batch", 8, 1.0),
        Point("units", 1, 1.0),
        Point("units", 4, 4.0),
    ]
    drawn = ET.fromstring(growth.svg(found))  # noqa: S314 - our own
    lines = [one for one in drawn.iter() if one.tag.endswith("polyline")]
    assert len(lines) == 2
    first, last = lines[0].attrib["points"].split()
    assert float(first.split(",")[1]) < float(last.split(",")[1])  # it falls: up is small in an SVG


def test_an_epoch_of_a_sweep_is_measured() -> None:
    assert growth.epoch("batch", 4096) > 0
