"""From a file of one's own to a model that is taken away, each step with one command."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.bundles import predictions, run_ok
from tests.helpers.command import zoo_ok
from tests.helpers.own_data import (
    FIVE_SHAPES,
    write_csv,
    write_digits,
    write_entry,
    write_iris,
    write_shapes,
    write_wine,
)


def iris(folder: Path) -> str:
    write_iris(folder)
    return "iris.csv"


def wine(folder: Path) -> str:
    return write_wine(folder).name


def shapes(folder: Path) -> str:
    write_shapes(folder, 12, shapes=FIVE_SHAPES)
    return "shapes"


def digits(folder: Path) -> str:
    write_digits(folder)
    return "digits.npz"


@pytest.mark.parametrize(
    ("write", "classes", "least"),
    [
        (iris, ["setosa", "versicolor", "virginica"], 0.9),
        (wine, ["barbera", "barolo", "grignolino"], 0.9),
        (shapes, sorted(FIVE_SHAPES), 0.75),  # of 12 images for testing
        (digits, [str(digit) for digit in range(10)], 0.94),
    ],
)
def test_from_data_to_a_bundle(
    tmp_path: Path, write: Callable[[Path], str], classes: list[str], least: float
) -> None:
    """The run, the ONNX file in onnxruntime, and the bundle give the same answers."""
    data = write(tmp_path)

    def ok(*arguments: object) -> str:
        return zoo_ok(*arguments, cwd=tmp_path)

    ok("init", "mine", "--data", data)
    ok("check", "mine.toml")
    ok("train", "mine.toml", "--seeds", "2")
    compared = json.loads(ok("compare", "mine.toml", "--seeds", "2", "--json"))
    report = json.loads(ok("evaluate", "mine-s0-1", "--json"))
    assert report["accuracy"] >= least
    assert list(report["classes"]) == classes
    assert compared[0]["reproduced"]["n"] == 2
    assert compared[0]["reproduced"]["mean"] >= least

    rows = json.loads(ok("predict", "mine-s0-1", data, "--format", "json"))
    assert {row["label"] for row in rows} <= set(classes)
    assert "onnxruntime" in ok("export", "mine-s0-1", "--onnx")
    ok("bundle", "mine-s0-1", "-o", "mine.pyz")
    answers = ok("predict", "mine-s0-1", data, "--quiet")
    assert ok("predict", "mine-s0-1.onnx", data, "--quiet") == answers
    assert "equal labels" in run_ok(tmp_path / "mine.pyz", "--verify")
    if data.endswith(".npz"):  # a bundle reads images and tables
        return
    labels, probabilities = predictions(run_ok(tmp_path / "mine.pyz", tmp_path / data, "--json"))
    assert labels == [row["label"] for row in rows] == answers.split()
    expected = np.array([row["probabilities"] for row in rows])
    assert np.abs(probabilities - expected).max() < 1e-5


@pytest.mark.parametrize("engine", ["processes", "dask"])
def test_groups_with_every_engine(tmp_path: Path, engine: str) -> None:
    """A training on groups has the same bits in a process of its own."""
    if engine == "dask":
        pytest.importorskip("distributed")
    rows: list[list[object]] = [
        [number % 7, number % 5, f"patient {number // 4}", "ab"[number % 7 > 3]]
        for number in range(80)
    ]
    write_csv(tmp_path / "visits.csv", ("p", "q", "patient", "kind"), rows)
    data = 'kind = "csv"\nfile = "visits.csv"\nlabel = "kind"\n'
    write_entry(tmp_path, "visits", f'{data}split = {{test = 0.2, group = "patient"}}')

    def fingerprints(*options: str) -> list[str]:
        runs = tmp_path / f"runs-{options[1]}"
        zoo_ok(
            "compare",
            "visits.toml",
            "--seeds",
            "2",
            "--train",
            "--runs",
            runs,
            *options,
            cwd=tmp_path,
        )
        records = [json.loads(path.read_text()) for path in sorted(runs.rglob("run.json"))]
        return [f"{record['fingerprint']} {record['data']['splits']}" for record in records]

    alone = fingerprints("--engine", "serial")
    assert len(alone) == 2
    assert fingerprints("--engine", engine, "--jobs", "2") == alone
