"""Comparison of entries and runs: results, verdicts, pairs, learning curves, settings."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.digits import digits
from tests.helpers.entries import recipe
from zoo.analysis import compare, comparison, learning_curves, pairwise, settings
from zoo.analysis.compare import ComparisonItem, ModelSummary
from zoo.config import cache_key
from zoo.config.catalog import USER_FILE, CatalogEntry, read_catalog
from zoo.config.entry import Entry
from zoo.config.results import Result
from zoo.errors import ConfigError, CorruptFileError
from zoo.parallel.open_engine import open_engine
from zoo.training import build, jobs, model
from zoo.training.jobs import FinishedRun, TrainingJob
from zoo.training.run import Run

TESTED = {"data": {"kind": "digits", "split": {"test": 360, "seed": 42}}}
CLAIMED = {
    **TESTED,
    "claim": {"value": 0.8, "split": "test", "tolerance": 0.05, "quote": "80 %"},
}


def item(entry: Entry, name: str = "own.toml") -> ComparisonItem:
    return ComparisonItem(entry.name, CatalogEntry(entry, {}, USER_FILE, Path(name)))


def train(entry: Entry, *seeds: int, runs: Path) -> None:
    trainings = []
    for seed in seeds:
        seeded = entry.model_copy(update={"train": entry.train.model_copy(update={"seed": seed})})
        trainings.append(TrainingJob(seeded, digits().digest))
    with open_engine("serial", jobs=1) as engine:
        for _ in jobs.run_jobs(trainings, engine, runs=runs, clock=time.perf_counter):
            pass


def row(entry: Entry, seed: int, accuracy: float, *, data: str | None = None) -> Result:
    return Result(
        entry=entry.name,
        seed=seed,
        split="test",
        accuracy=accuracy,
        loss=0.5,
        seconds=100,
        fingerprint="abc",
        versions="v",
        data=data or digits().digest,
        recipe=cache_key.recipe_digest(entry),
    )


def summary(
    entry: Entry,
    runs: Path,
    recorded: list[Result] | None = None,
    *,
    seeds: list[int] | None = None,
    with_data: bool = True,
) -> ModelSummary:
    return compare.summarize_model(
        item(entry),
        compare.group_by_recipe(jobs.finished_runs(runs)),
        recorded or [],
        digits() if with_data else None,
        seeds=seeds,
        clock=time.perf_counter,
    )


def test_summary_local_run_over_recorded(
    tmp_path: Path,
) -> None:
    """The local run counts if its seed also has a recorded result."""
    entry = recipe(CLAIMED)
    train(entry, 1, 3, runs=tmp_path)
    model_summary = summary(entry, tmp_path, [row(entry, seed, 0.5) for seed in (0, 1, 2)])
    assert [result.seed for result in model_summary.results] == [0, 1, 2, 3]
    local = {run.record["seed"]: run.record["accuracy"] for run in model_summary.local_runs}
    assert set(local) == {1, 3}
    assert [result.accuracy for result in model_summary.results] == [0.5, local[1], 0.5, local[3]]
    assert model_summary.summary is not None
    assert model_summary.summary.n == 4
    assert model_summary.seconds is not None
    assert model_summary.seconds < 50  # the recorded results are from another machine


def test_summary_named_seeds(tmp_path: Path) -> None:
    """Only the given seeds count."""
    entry = recipe(CLAIMED)
    train(entry, 0, runs=tmp_path)
    model_summary = summary(
        entry, tmp_path, [row(entry, 1, 0.5), row(entry, 7, 0.9)], seeds=[1, 7, 9]
    )
    assert [result.seed for result in model_summary.results] == [1, 7]
    assert model_summary.summary is not None
    assert model_summary.summary.mean == pytest.approx(0.7)
    assert model_summary.verdict == "missed"
    assert model_summary.seconds == 100
    assert model_summary.local_runs == ()


def test_summary_other_data_or_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs on other data or by other code do not count."""
    entry = recipe(CLAIMED)
    train(entry, 0, runs=tmp_path)
    recorded = [row(entry, 5, 0.5, data="f" * 64)]
    assert [result.seed for result in summary(entry, tmp_path, recorded).results] == [0]
    monkeypatch.setattr(cache_key, "source_digest", lambda: "changed")
    assert summary(entry, tmp_path).results == ()


def test_summary_verdict_and_median_run(
    tmp_path: Path,
) -> None:
    """The verdict is the mean's, and the evaluated weights are the median run's."""
    entry = recipe(CLAIMED)
    train(entry, 0, 1, 2, runs=tmp_path)
    model_summary = summary(entry, tmp_path)
    assert model_summary.summary is not None
    assert entry.claim is not None
    assert model_summary.verdict == entry.claim.verdict(model_summary.summary.mean)
    assert model_summary.model is not None
    trained = sorted(
        jobs.finished_runs(tmp_path),
        key=lambda run: run.record["scores"]["train"]["accuracy"],
    )
    assert model_summary.model.name == trained[1].run.name
    assert model_summary.evaluation is not None
    assert model_summary.evaluation.evaluation.accuracy == model_summary.recorded_accuracy
    assert summary(entry, tmp_path, with_data=False).evaluation is None


def test_summary_of_a_bare_entry(tmp_path: Path) -> None:
    """An entry without claim, results or weights has parameters and a latency."""
    model_summary = summary(recipe(), tmp_path)
    assert (
        model_summary.summary,
        model_summary.verdict,
        model_summary.model,
        model_summary.evaluation,
    ) == (None, None, None, None)
    assert (model_summary.seconds, model_summary.recorded_accuracy) == (None, None)
    assert model_summary.size_bytes == 4 * (65 * 7 + 8 * 10)
    assert model_summary.microseconds > 0
    assert learning_curves.curve(model_summary) is None


def test_summary_of_a_changed_copy() -> None:
    """A changed copy of an entry does not get its weights or its results."""
    from zoo.config.results import results_of

    listed = read_catalog().find("digits-10")
    changed = listed.with_changes([("network.hidden", [11])])
    assert changed.weights is not None
    assert len(results_of([listed.entry]).results["digits-10"]) == 20
    assert results_of([changed]).results["digits-10"] == []
    model_summary = compare.summarize_model(
        item(changed), {}, [], digits(), seeds=None, clock=time.perf_counter
    )
    assert model_summary.model is None


def test_latency_median() -> None:
    """The latency is the median round divided by its thousand images."""
    # the clock is read before and after each of five rounds, which take 1, 5, 2, 4 and 3 ms
    ticks = iter([0, 1, 1, 6, 6, 8, 8, 12, 12, 15])
    assert compare.inference_latency(recipe(), lambda: next(ticks) / 1000) == pytest.approx(3)


def test_curve_over_seeds(tmp_path: Path) -> None:
    """A point of a curve is the mean over the seeds, with the worst and the best."""
    entry = recipe(CLAIMED)
    train(entry, 0, 1, 2, runs=tmp_path)
    found = learning_curves.curve(summary(entry, tmp_path))
    assert found is not None
    assert (found.split, found.unit, found.seeds) == ("test", "epoch", 3)
    rows_by_run = [finished.run.rows() for finished in jobs.finished_runs(tmp_path)]
    last = [rows[-1].held_out_accuracy or 0 for rows in rows_by_run]
    assert [point.number for point in found.points] == [1, 2, 3]
    assert found.points[-1].mean == pytest.approx(np.mean(np.array(last)))
    assert (found.points[-1].low, found.points[-1].high) == (min(last), max(last))
    of_training = learning_curves.curve(summary(recipe(TESTED | {"claim": _of("train")}), tmp_path))
    assert of_training is not None
    assert of_training.split == "train"
    assert of_training.points[0].low == min(rows[0].train_accuracy for rows in rows_by_run)


def test_curve_seed_that_stopped_early(tmp_path: Path) -> None:
    """A seed that stopped early keeps its last accuracy."""
    entry = recipe(CLAIMED)
    train(entry, 0, 1, runs=tmp_path)
    early, late = (finished.run for finished in jobs.finished_runs(tmp_path))
    rows = early.rows()
    early.write_rows(rows[:1], unit="epoch", held_out="test")
    curve = learning_curves.curve(summary(entry, tmp_path))
    assert curve is not None
    ends = {rows[0].held_out_accuracy or 0, late.rows()[-1].held_out_accuracy or 0}
    assert (curve.points[-1].low, curve.points[-1].high) == (min(ends), max(ends))
    for run in (early, late):
        (run.path / "metrics.csv").unlink()
    assert learning_curves.curve(summary(entry, tmp_path)) is None


def test_summary_missing_score(tmp_path: Path) -> None:
    """The error names a run without the score of its split."""
    entry = recipe(TESTED)
    train(entry, 0, runs=tmp_path)
    (finished,) = jobs.finished_runs(tmp_path)
    facts = {key: value for key, value in finished.record.items() if key != "format"}
    scores = {"test": facts["scores"]["test"]}
    finished.run.write_metadata(facts | {"scores": scores, "split": "test"})
    with pytest.raises(CorruptFileError, match=r"digits-7-s0-1.run\.json has no score on train\."):
        summary(entry, tmp_path)


def _of(split: str) -> dict[str, object]:
    return {"value": 0.8, "split": split, "tolerance": 0.05, "quote": "80 %"}


def test_settings_that_differ() -> None:
    """Only the settings that differ are listed, with the value of each entry."""
    entries = [
        recipe({"train.rate": 0.1}),
        recipe({"train.rate": 0.2, "train.batch": None}),
        recipe({"train.rate": 0.2, "train.schedule": {"kind": "step", "every": 2, "factor": 0.5}}),
    ]
    found = settings.differing_settings(entries)
    assert found == {
        "train.batch": [8, None, 8],
        "train.rate": [0.1, 0.2, 0.2],
        "train.schedule": [
            {"kind": "constant"},
            {"kind": "constant"},
            {"kind": "step", "every": 2, "factor": 0.5},
        ],
    }


def test_pair_common_images(tmp_path: Path) -> None:
    """A pair is tested on the images that both models hold out."""
    by_seed = {"data": {"kind": "digits", "split": {"test": 360}}}  # drawn by each run's seed
    entry = recipe(by_seed)
    train(entry, 0, 1, runs=tmp_path)
    first, second = (_run(tmp_path, seed) for seed in (0, 1))
    (found,) = pairwise.pairs([(first, second)], {"digits": digits()})
    parts = [build.splits(entry, digits(), seed=seed).test for seed in (0, 1)]
    common = sorted(set(parts[0].rows) & set(parts[1].rows)) if parts[0] and parts[1] else []
    assert found.n == len(common) < 360
    assert found.split == "test"
    labels = digits().train.labels
    assert labels is not None
    predictions = [
        model.load_run(run.item.run).logits(digits().train.images[common]).argmax(axis=1)
        for run in (first, second)
        if run.item.run
    ]
    right = [predicted == labels[common] for predicted in predictions]
    assert found.right == (right[0].sum(), right[1].sum())
    assert found.test.only_first == sum(right[0] & ~right[1])
    assert found.test.only_second == sum(~right[0] & right[1])
    assert [difference.index for difference in found.differences] == [
        index for index, a, b in zip(common, *right, strict=True) if a != b
    ]
    for difference in found.differences:
        assert difference.label == labels[difference.index]
        right_answers = [difference.first, difference.second].count(difference.label)
        assert right_answers == 1


def _run(runs: Path, seed: int) -> ModelSummary:
    run = Run(runs / f"digits-7-s{seed}-1")
    listed = CatalogEntry(run.entry, {}, USER_FILE, run.path / "entry.toml")
    run_item = ComparisonItem(run.name, listed, run)
    return compare.summarize_model(run_item, {}, [], digits(), seeds=None, clock=time.perf_counter)


def test_pairs_corrected(tmp_path: Path) -> None:
    """The p-values of several pairs are corrected for their number."""
    train(recipe(TESTED), 0, 1, 2, runs=tmp_path)
    a, b, c = (_run(tmp_path, seed) for seed in (0, 1, 2))
    found = pairwise.pairs([(a, b), (b, c)], {"digits": digits()})
    smaller, larger = sorted(found, key=lambda pair: pair.test.exact)
    assert smaller.corrected == pytest.approx(min(2 * smaller.test.exact, 1))
    assert larger.corrected >= larger.test.exact
    (alone,) = pairwise.pairs([(a, b)], {"digits": digits()})
    assert alone.corrected == alone.test.exact


FETCH = "Run `zoo data fetch mnist`."


def test_pair_refused(tmp_path: Path) -> None:
    """A pair needs weights, the same data and images in common."""
    train(recipe(TESTED), 0, runs=tmp_path)
    tested = _run(tmp_path, 0)
    untrained = summary(recipe(TESTED | {"name": "other"}), tmp_path)
    listed = read_catalog().find("mnist-128")
    mnist = compare.summarize_model(
        ComparisonItem("mnist-128", listed), {}, [], None, seeds=None, clock=time.perf_counter
    )
    for couple, datasets, message in (
        ((tested, untrained), {"digits": digits()}, "other does not have weights."),
        ((tested, mnist), {"digits": digits()}, "use different data"),
        ((mnist, mnist), {}, "which is not available"),
        (
            (tested, tested),
            {"digits": replace(digits(), digest="f" * 64)},
            "it may have been trained on some of these images",
        ),
    ):
        with pytest.raises(ConfigError, match=message):
            pairwise.pairs([couple], datasets)
    for name, hint in (("digits-10", "Run `pip install scikit-learn`."), ("mnist-128", FETCH)):
        item = ComparisonItem(name, read_catalog().find(name))
        model = replace(mnist, item=item)
        with pytest.raises(ConfigError) as caught:
            pairwise.pairs([(model, model)], {})
        assert caught.value.hint == hint
    train(recipe({"name": "all"}), 0, runs=tmp_path)
    everything = compare.summarize_model(
        ComparisonItem("all", CatalogEntry(recipe({"name": "all"}), {}, USER_FILE, tmp_path)),
        compare.group_by_recipe(jobs.finished_runs(tmp_path)),
        [],
        digits(),
        seeds=None,
        clock=time.perf_counter,
    )
    with pytest.raises(ConfigError, match="have no test images in common"):
        pairwise.pairs([(tested, everything)], {"digits": digits()})


def test_distinct_items(tmp_path: Path) -> None:
    """Each item is listed once, and items of one name are named by their paths."""
    listed = read_catalog().find("digits-10")
    copy = CatalogEntry(listed.entry, listed.raw, USER_FILE, Path("copy.toml"))
    found = compare.distinct(
        [
            ComparisonItem("digits-10", listed),
            ComparisonItem("digits-10", copy),
            ComparisonItem("digits-10", listed),
        ]
    )
    assert [named.name for named in found] == ["digits-10", "copy.toml"]
    runs = [
        ComparisonItem(
            "own-s0-1",
            CatalogEntry(listed.entry, listed.raw, USER_FILE, path / "entry.toml"),
            Run(path),
        )
        for path in (tmp_path / "a" / "own-s0-1", tmp_path / "b" / "own-s0-1")
    ]
    for run in runs:
        run.listed.path.parent.mkdir(parents=True)
    assert [run.name for run in compare.distinct(runs)] == [
        str(run.listed.path.parent) for run in runs
    ]


def test_find_entry_run_or_toml(tmp_path: Path) -> None:
    """A name is that of an entry, a completed run or a TOML file."""
    catalog = read_catalog()
    train(recipe(), 0, runs=tmp_path)
    named = compare.find("digits-7-s0-1", catalog, runs=tmp_path)
    assert (named.name, named.run is not None) == ("digits-7-s0-1", True)
    toml = str(tmp_path / "digits-7-s0-1" / "entry.toml")
    assert compare.find(toml, catalog, runs=tmp_path).name == "digits-7"
    assert compare.find("mnist-128", catalog, runs=tmp_path).split == "validation"
    with pytest.raises(
        ConfigError, match="is a model file; expected an entry, a run or a TOML file"
    ):
        compare.find("weights.safetensors", catalog, runs=tmp_path)
    with pytest.raises(ConfigError, match="There is no entry named 'digit'"):
        compare.find("digit", catalog, runs=tmp_path)


def test_below_threshold(tmp_path: Path) -> None:
    """Entries below the threshold are listed, also those without results."""
    entry = recipe(CLAIMED)
    good = summary(entry, tmp_path, [row(entry, 0, 0.9)])
    assert comparison.below_threshold([good], 0.9) == []
    assert comparison.below_threshold([good, summary(recipe(), tmp_path)], 0.91) == [
        "digits-7 reaches 90.00%",
        "digits-7 has no results",
    ]


def test_by_recipe(tmp_path: Path) -> None:
    """Runs are grouped by their recipe; runs without a key are left out."""
    train(recipe(), 0, 1, runs=tmp_path)
    train(recipe({"train.rate": 0.2}), 0, runs=tmp_path)
    groups = compare.group_by_recipe(jobs.finished_runs(tmp_path))
    assert sorted(len(runs) for runs in groups.values()) == [1, 2]
    without_key = FinishedRun(Run(tmp_path / "x"), {"seed": 1})
    assert compare.group_by_recipe([without_key]) == {}
