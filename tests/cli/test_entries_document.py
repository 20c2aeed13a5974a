"""registry/README.md: its reference of keys, and what it says of verdicts."""

import re
from pathlib import Path

import pytest

from tests.helpers import entry_reference, packages
from zoo.analysis.statistics import summarize
from zoo.config.catalog import read_catalog
from zoo.config.entry import Entry
from zoo.config.json_schema import schema
from zoo.config.results import results_of

PAGE = entry_reference.README.read_text(encoding="utf-8")


def test_entry_reference() -> None:
    """`python -m tests.helpers.entry_reference` would change nothing."""
    assert entry_reference.PART.search(PAGE)
    assert entry_reference.written(PAGE) == PAGE


def test_entry_reference_has_every_kind_and_key() -> None:
    full = Entry.model_json_schema()
    kinds = set(re.findall(r"'const': '(\w+)'", str(full)))
    assert kinds >= {"batch_norm", "glorot", "adamw", "cosine", "kaggle"}
    reference = entry_reference.reference()
    assert {kind for kind in kinds if f"| `{kind}` |" not in reference} == set()
    keys = {*full["properties"], *full["$defs"]["TrainConfig"]["properties"]}
    assert {key for key in keys if f"| `{key}` |" not in reference} == set()


def test_entry_reference_without_plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is the same, whichever plugins are installed."""
    folder = packages.write(tmp_path, "more-layers", {}, kinds='"layer.unlisted" = "more_layers:x"')
    packages.place(tmp_path / "site", folder)
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setenv("ZOO_PLUGINS", "more-layers")
    assert "unlisted" in str(schema())
    assert entry_reference.written(PAGE) == PAGE


def test_entries_document_verdict_of_ten_seeds() -> None:
    """digits-10 is reproduced over its 20 seeds and below its claim over the first 10."""
    entry = read_catalog().find("digits-10").entry
    assert entry.claim
    rows = results_of([entry]).results["digits-10"]
    assert len(rows) == 20
    means = [sum(row.accuracy for row in rows if row.seed < seeds) / seeds for seeds in (10, 20)]
    assert [entry.claim.verdict(mean) for mean in means] == ["missed", "reproduced"]


def test_entries_document_intervals() -> None:
    """All five claims are outside the interval of our mean, four within one deviation of it."""
    catalog = read_catalog()
    outside, near = 0, 0
    for name in ("digits-10", "kaggle-10", "mnist-10-decay", "mnist-10-sgd", "mnist-128"):
        entry = catalog.find(name).entry
        accuracies = summarize([row.accuracy for row in results_of([entry]).results[name]])
        assert entry.claim
        assert accuracies
        assert None not in (accuracies.sd, accuracies.low, accuracies.high)
        outside += not accuracies.low <= entry.claim.value <= accuracies.high  # type: ignore[operator]
        near += abs(entry.claim.value - accuracies.mean) < accuracies.sd  # type: ignore[operator]
    assert (outside, near) == (5, 4)
    words = " ".join(PAGE.split())
    assert "in all five it is outside. In four of them it is less than one standard" in words
