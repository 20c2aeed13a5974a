"""The promise itself: each entry, trained for real, lands where its results say."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import zoo_ok
from tests.helpers.mnist import FOLDER, folder, needs_mnist
from zoo.catalog import read_catalog
from zoo.results import results_of
from zoo.statistics import summarize

ON_MNIST = ["kaggle-10", "mnist-10-decay", "mnist-10-sgd", "mnist-128"]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def done(*arguments: object, **settings: Any) -> dict[str, Any]:  # noqa: ANN401 - settings of any kind
    """Train and return the last line."""
    said = zoo_ok("train", *arguments, "--json-lines", "--no-plots", **settings)
    last: dict[str, Any] = json.loads(said.splitlines()[-1])
    return last


def test_digits_land_on_their_mean_over_twenty_seeds() -> None:
    last = done("digits-10", "--seeds", 20)
    assert last["seeds"]["n"] == 20
    assert 0.945 <= last["seeds"]["mean"] <= 0.953


@needs_mnist
@pytest.mark.parametrize("name", ON_MNIST)
def test_a_seed_nobody_chose_lands_within_four_deviations_of_the_results(name: str) -> None:
    entry = read_catalog().find(name).entry
    summary = summarize([row.accuracy for row in results_of([entry]).results[name]])
    assert summary is not None
    assert summary.sd is not None
    last = done(name, "--seed", 1000, ZOO_DATA=folder())
    assert last["split"] == (entry.claim and entry.claim.split)
    assert abs(last["accuracy"] - summary.mean) <= 4 * summary.sd


@pytest.mark.parametrize("name", ["digits-10", pytest.param("mnist-128", marks=needs_mnist)])
def test_a_recorded_seed_gives_the_recorded_accuracy_again(name: str) -> None:
    recorded = results_of([read_catalog().find(name).entry]).results[name][0]
    last = done(name, "--seed", recorded.seed, ZOO_DATA=folder() if FOLDER else None)
    # another kernel rounds differently; half a point is what that may cost
    assert abs(last["accuracy"] - recorded.accuracy) < 0.005
    said = json.loads((Path(last["run"]) / "run.json").read_text())["versions"]
    here = f"numpy {said['numpy']}, {said['blas']} {said['kernel']}"
    if here in recorded.versions:
        assert last["fingerprint"] == recorded.fingerprint
