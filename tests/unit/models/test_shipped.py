"""Shipped models: weights, ONNX files, records, cards.

Run the command in CONTRIBUTING.md to update stale files.
"""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.helpers import builtin_entries
from tests.helpers.builtin_entries import AIMS
from tests.helpers.paths import ROOT
from tests.helpers.shipped import assert_recorded_scores, built_in, folder, record, shipped
from zoo.config.results import results_of
from zoo.export import metadata, onnx_graph
from zoo.export.onnx_graph import to_onnx
from zoo.export.options import ExportOptions
from zoo.nn.losses import softmax
from zoo.report.model_card import TITLES, card, tables_of
from zoo.svg.style import STYLE
from zoo.training.jobs import FinishedRun, median_run
from zoo.training.run import Run

each = pytest.mark.parametrize("name", builtin_entries.ENTRIES)


def test_shipped_files() -> None:
    """Every file belongs to an entry, and every entry has its files."""
    names = {path.name for path in folder().iterdir() if path.suffix not in {".py", ".csv"}}
    names -= {"__pycache__", "RUNTIMES.md", "SPEED.md"}
    names -= {
        "README.md",
        "learning.svg",
        "growth.svg",
        "speed.svg",
        "terminal.svg",
        "demo.png",
        "demo.html",
    }
    suffixes = ("safetensors", "onnx", "json", "md")
    tables = {f"{name}.{kind}.md" for name in AIMS for kind in TITLES}
    assert list(built_in()) == builtin_entries.ENTRIES
    assert names == {f"{name}.{suffix}" for name in built_in() for suffix in suffixes} | tables


@pytest.mark.parametrize("name", ["growth.svg", "learning.svg", "speed.svg", "demo.html"])
def test_shipped_figures(name: str) -> None:
    """The figures and the page have the stylesheet of today."""
    assert STYLE in (ROOT / "models" / name).read_text(encoding="utf-8")


def test_shipped_seed_is_the_median() -> None:
    """The seed with the median validation accuracy ships; the test split is not used."""
    validation = [0.83, 0.81, 0.85, 0.82, 0.84, 0.86]
    runs = [
        FinishedRun(
            Run(Path(f"{seed}")), {"seed": seed, "scores": {"validation": {"accuracy": accuracy}}}
        )
        for seed, accuracy in enumerate(validation)
    ]
    assert median_run(built_in()["mnist-128"].entry, runs).record["seed"] == 0
    assert {listed.entry.selection_split for listed in built_in().values()} == {
        "train",
        "validation",
    }


@each
def test_shipped_weights(name: str) -> None:
    """The weights belong to the recipe, and to the row of their seed in results.csv."""
    listed = built_in()[name]
    facts = shipped(listed.entry).facts
    expected = listed.with_changes([("train.seed", facts.seed)]).without_results
    without_address = {"origin": {"url"}}  # an original may be found after the training
    assert facts.entry.model_dump(exclude=without_address) == expected.model_dump(
        exclude=without_address
    )
    row = {row.seed: row for row in results_of([listed.entry]).results[name]}[facts.seed]
    assert row.fingerprint == facts.fingerprint
    assert row.accuracy == pytest.approx(
        facts.scores[listed.entry.evaluation_split].accuracy, abs=1e-6
    )


@each
def test_shipped_onnx(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights export to the ONNX file, and both runtimes have a small recorded difference."""
    content = (folder() / f"{name}.onnx").read_bytes()
    entry, recorded = built_in()[name].entry, record(name)
    for module in (metadata, onnx_graph):  # the file names the version that wrote it
        monkeypatch.setattr(module, "__version__", recorded["zoo"])
    assert content == to_onnx(shipped(entry), ExportOptions())
    assert recorded["sha256"] == hashlib.sha256(content).hexdigest()
    verified = recorded["verified"]
    assert {runtime["name"] for runtime in verified["runtimes"]} >= {
        "onnx.reference",
        "onnxruntime",
    }
    assert all(runtime["largest_difference"] <= 1e-5 for runtime in verified["runtimes"])
    assert verified["count"] >= (360 if entry.data.kind == "digits" else 10_000)


@each
def test_shipped_examples(name: str) -> None:
    """The weights give the recorded probabilities of three images."""
    examples = record(name)["examples"]
    assert len(examples) == 3
    images = np.array([example["picture"] for example in examples], np.uint8).reshape(3, -1)
    np.testing.assert_allclose(
        softmax(shipped(built_in()[name].entry).logits(images)),
        [example["probabilities"] for example in examples],
        rtol=1e-4,
        atol=1e-6,
    )


def test_shipped_cards() -> None:
    """Every card equals the current output of its command."""
    stale = []
    for name in built_in():
        entry = built_in()[name].entry
        tables = tables_of(name, folder())
        assert set(tables) == (set(TITLES.values()) if name in AIMS else set()), name
        written = card(entry, shipped(entry).facts, results_of([entry]).results[name], tables)
        if (folder() / f"{name}.md").read_text() != written:
            stale.append(name)
    assert stale == []


def test_shipped_accuracy_on_digits() -> None:
    assert_recorded_scores("digits-10")
