"""Comparison of entries and runs: results that count, verdicts, pairs, curves, settings."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.digits import digits
from tests.helpers.entries import recipe
from zoo.analysis import compare, learning_curves, pairwise
from zoo.analysis.compare import ComparisonItem, ModelSummary
from zoo.config import cache_key
from zoo.config.catalog import USER_FILE, CatalogEntry, read_catalog
from zoo.config.entry import Entry
from zoo.config.results import Result
from zoo.errors import ConfigError, CorruptFileError
from zoo.parallel.open import open_engine
from zoo.training import build, jobs, model
from zoo.training.jobs import FinishedRun, TrainingJob
from zoo.training.run import Run

TESTED = {"data": {"kind": "digits", "split": {"test": 360, "seed": 42}}}
CLAIMED = {
    **TESTED,
    "claim": {"value": 0.8, "split": "test", "tolerance": 0.05, "quote": "80 %"},
}


def subject(entry: Entry, name: str = "here.toml") -> ComparisonItem:
    return ComparisonItem(entry.name, CatalogEntry(entry, {}, USER_FILE, Path(name)))


def train(entry: Entry, *seeds: int, runs: Path) -> None:
    several = []
    for seed in seeds:
        seeded = entry.model_copy(update={"train": entry.train.model_copy(update={"seed": seed})})
        several.append(TrainingJob(seeded, digits().digest))
    with open_engine("serial", jobs=1) as engine:
        for _ in jobs.run_jobs(several, engine, runs=runs, clock=time.perf_counter):
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


def stand(
    entry: Entry,
    runs: Path,
    recorded: list[Result] | None = None,
    *,
    seeds: list[int] | None = None,
    at_hand: bool = True,
) -> ModelSummary:
    return compare.summarize_model(
        subject(entry),
        compare.by_recipe(jobs.finished_runs(runs)),
        recorded or [],
        digits() if at_hand else None,
        seeds=seeds,
        clock=time.perf_counter,
    )


def test_standing_local_run_over_recorded(
    tmp_path: Path,
) -> None:
    """A seed that is recorded and was trained here counts once, as it was trained here."""
    entry = recipe(CLAIMED)
    train(entry, 1, 3, runs=tmp_path)
    found = stand(entry, tmp_path, [row(entry, seed, 0.5) for seed in (0, 1, 2)])
    assert [one.seed for one in found.results] == [0, 1, 2, 3]
    here = {done.record["seed"]: done.record["accuracy"] for done in found.local_runs}
    assert set(here) == {1, 3}
    assert [one.accuracy for one in found.results] == [0.5, here[1], 0.5, here[3]]
    assert found.summary is not None
    assert found.summary.n == 4
    assert found.seconds is not None
    assert found.seconds < 50  # those of the record are another machine's


def test_standing_named_seeds(tmp_path: Path) -> None:
    """Only the named seeds count."""
    entry = recipe(CLAIMED)
    train(entry, 0, runs=tmp_path)
    found = stand(entry, tmp_path, [row(entry, 1, 0.5), row(entry, 7, 0.9)], seeds=[1, 7, 9])
    assert [one.seed for one in found.results] == [1, 7]
    assert found.summary is not None
    assert found.summary.mean == pytest.approx(0.7)
    assert found.verdict == "missed"
    assert found.seconds == 100
    assert found.local_runs == ()


def test_standing_other_data_or_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings on other data or by other code do not count."""
    entry = recipe(CLAIMED)
    train(entry, 0, runs=tmp_path)
    recorded = [row(entry, 5, 0.5, data="f" * 64)]
    assert [one.seed for one in stand(entry, tmp_path, recorded).results] == [0]
    monkeypatch.setattr(cache_key, "source_digest", lambda: "of tomorrow")
    assert stand(entry, tmp_path).results == ()


def test_standing_verdict_and_middle_run(
    tmp_path: Path,
) -> None:
    """The verdict is that of the mean, and the weights that are judged are the middle run's."""
    entry = recipe(CLAIMED)
    train(entry, 0, 1, 2, runs=tmp_path)
    found = stand(entry, tmp_path)
    assert found.summary is not None
    assert entry.claim is not None
    assert found.verdict == entry.claim.verdict(found.summary.mean)
    assert found.model is not None
    trained = sorted(
        jobs.finished_runs(tmp_path),
        key=lambda done: done.record["scores"]["train"]["accuracy"],
    )
    assert found.model.name == trained[1].run.name
    assert found.evaluation is not None
    assert found.evaluation.evaluation.accuracy == found.recorded
    assert stand(entry, tmp_path, at_hand=False).evaluation is None


def test_standing_of_a_bare_entry(tmp_path: Path) -> None:
    """An entry without claim, results or weights has parameters and a pace."""
    found = stand(recipe(), tmp_path)
    assert (found.summary, found.verdict, found.model, found.evaluation) == (None, None, None, None)
    assert (found.seconds, found.recorded) == (None, None)
    assert found.bytes == 4 * (65 * 7 + 8 * 10)
    assert found.microseconds > 0
    assert learning_curves.curve(found) is None


def test_standing_of_a_changed_copy() -> None:
    """A changed copy of an entry inherits neither its weights nor its results."""
    from zoo.config.results import results_of

    ours = read_catalog().find("digits-10")
    changed = ours.with_changes([("network.hidden", [11])])
    assert changed.weights is not None
    assert len(results_of([ours.entry]).results["digits-10"]) == 20
    assert results_of([changed]).results["digits-10"] == []
    found = compare.summarize_model(
        subject(changed), {}, [], digits(), seeds=None, clock=time.perf_counter
    )
    assert found.model is None


def test_pace_median() -> None:
    """The pace is the median round divided by its thousand images."""
    # the clock is asked before and after each of five rounds, which take 1, 5, 2, 4 and 3 ms
    ticks = iter([0, 1, 1, 6, 6, 8, 8, 12, 12, 15])
    assert compare.inference_latency(recipe(), lambda: next(ticks) / 1000) == pytest.approx(3)


def test_curve_over_seeds(tmp_path: Path) -> None:
    """A curve is the mean over the seeds, between the worst and the best."""
    entry = recipe(CLAIMED)
    train(entry, 0, 1, 2, runs=tmp_path)
    found = learning_curves.curve(stand(entry, tmp_path))
    assert found is not None
    assert (found.split, found.unit, found.seeds) == ("test", "epoch", 3)
    rows = [done.run.rows() for done in jobs.finished_runs(tmp_path)]
    last = [one[-1].held_out_accuracy or 0 for one in rows]
    assert [point.number for point in found.points] == [1, 2, 3]
    assert found.points[-1].mean == pytest.approx(np.mean(np.array(last)))
    assert (found.points[-1].low, found.points[-1].high) == (min(last), max(last))
    of_training = learning_curves.curve(stand(recipe(TESTED | {"claim": _of("train")}), tmp_path))
    assert of_training is not None
    assert of_training.split == "train"
    assert of_training.points[0].low == min(one[0].train_accuracy for one in rows)


def test_curve_seed_that_ended_early(tmp_path: Path) -> None:
    """A seed that ended early stays on the curve where it was."""
    entry = recipe(CLAIMED)
    train(entry, 0, 1, runs=tmp_path)
    early, late = (done.run for done in jobs.finished_runs(tmp_path))
    rows = early.rows()
    early.write_rows(rows[:1], unit="epoch", held_out="test")
    found = learning_curves.curve(stand(entry, tmp_path))
    assert found is not None
    ends = {rows[0].held_out_accuracy or 0, late.rows()[-1].held_out_accuracy or 0}
    assert (found.points[-1].low, found.points[-1].high) == (min(ends), max(ends))
    for run in (early, late):
        (run.path / "metrics.csv").unlink()
    assert learning_curves.curve(stand(entry, tmp_path)) is None


def test_standing_missing_score(tmp_path: Path) -> None:
    """A run without the score that counts is named."""
    entry = recipe(TESTED)
    train(entry, 0, runs=tmp_path)
    (done,) = jobs.finished_runs(tmp_path)
    facts = {key: value for key, value in done.record.items() if key != "format"}
    scores = {"test": facts["scores"]["test"]}
    done.run.write_metadata(facts | {"scores": scores, "split": "test"})
    with pytest.raises(CorruptFileError, match=r"digits-7-s0-1.run\.json has no score on train\."):
        stand(entry, tmp_path)


def _of(split: str) -> dict[str, object]:
    return {"value": 0.8, "split": split, "tolerance": 0.05, "quote": "80 %"}


def test_settings_that_differ(tmp_path: Path) -> None:
    """Settings are those that differ, with the value of each entry."""
    entries = [
        recipe({"train.rate": 0.1}),
        recipe({"train.rate": 0.2, "train.batch": None}),
        recipe({"train.rate": 0.2, "train.schedule": {"kind": "step", "every": 2, "factor": 0.5}}),
    ]
    found = compare.differing_settings([stand(entry, tmp_path) for entry in entries])
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
    """A pair is tested on the images that both hold out."""
    drawn = {"data": {"kind": "digits", "split": {"test": 360}}}  # by the seed of each run
    entry = recipe(drawn)
    train(entry, 0, 1, runs=tmp_path)
    first, second = (_run(tmp_path, seed) for seed in (0, 1))
    (found,) = pairwise.pairs([(first, second)], {"digits": digits()})
    parts = [build.splits(entry, digits(), seed=seed).test for seed in (0, 1)]
    common = sorted(set(parts[0].rows) & set(parts[1].rows)) if parts[0] and parts[1] else []
    assert found.n == len(common) < 360
    assert found.split == "test"
    labels = digits().train.labels
    assert labels is not None
    answers = [
        model.load_run(one.item.run).logits(digits().train.images[common]).argmax(axis=1)
        for one in (first, second)
        if one.item.run
    ]
    right = [one == labels[common] for one in answers]
    assert found.right == (right[0].sum(), right[1].sum())
    assert found.test.only_first == sum(right[0] & ~right[1])
    assert found.test.only_second == sum(~right[0] & right[1])
    assert [one.index for one in found.differences] == [
        index for index, a, b in zip(common, *right, strict=True) if a != b
    ]
    for one in found.differences:
        assert one.label == labels[one.index]
        assert (one.first == one.label) != (one.second == one.label)


def _run(runs: Path, seed: int) -> ModelSummary:
    run = Run(runs / f"digits-7-s{seed}-1")
    listed = CatalogEntry(run.entry, {}, USER_FILE, run.path / "entry.toml")
    one = ComparisonItem(run.name, listed, run)
    return compare.summarize_model(one, {}, [], digits(), seeds=None, clock=time.perf_counter)


def test_pairs_corrected(tmp_path: Path) -> None:
    """Several pairs are corrected for their number."""
    train(recipe(TESTED), 0, 1, 2, runs=tmp_path)
    a, b, c = (_run(tmp_path, seed) for seed in (0, 1, 2))
    found = pairwise.pairs([(a, b), (b, c)], {"digits": digits()})
    smaller, larger = sorted(found, key=lambda one: one.test.exact)
    assert smaller.corrected == pytest.approx(min(2 * smaller.test.exact, 1))
    assert larger.corrected >= larger.test.exact
    (alone,) = pairwise.pairs([(a, b)], {"digits": digits()})
    assert alone.corrected == alone.test.exact


def test_pair_refused(tmp_path: Path) -> None:
    """A pair needs weights, the same data and images in common."""
    train(recipe(TESTED), 0, runs=tmp_path)
    tested = _run(tmp_path, 0)
    untrained = stand(recipe(TESTED | {"name": "other"}), tmp_path)
    ours = read_catalog().find("mnist-128")
    mnist = compare.summarize_model(
        ComparisonItem("mnist-128", ours), {}, [], None, seeds=None, clock=time.perf_counter
    )
    for two, datasets, words in (
        ((tested, untrained), {"digits": digits()}, "other has no weights to answer with."),
        ((tested, mnist), {"digits": digits()}, "read different data"),
        ((mnist, mnist), {}, "which is not at hand"),
        (
            (tested, tested),
            {"digits": replace(digits(), digest="f" * 64)},
            "it may have learned some of these pictures",
        ),
    ):
        with pytest.raises(ConfigError, match=words):
            pairwise.pairs([two], datasets)
    train(recipe({"name": "all"}), 0, runs=tmp_path)
    everything = compare.summarize_model(
        ComparisonItem("all", CatalogEntry(recipe({"name": "all"}), {}, USER_FILE, tmp_path)),
        compare.by_recipe(jobs.finished_runs(tmp_path)),
        [],
        digits(),
        seeds=None,
        clock=time.perf_counter,
    )
    with pytest.raises(ConfigError, match="have no test pictures in common"):
        pairwise.pairs([(tested, everything)], {"digits": digits()})


def test_distinct_subjects(tmp_path: Path) -> None:
    """Subjects are told apart and counted once."""
    ours = read_catalog().find("digits-10")
    here = CatalogEntry(ours.entry, ours.raw, USER_FILE, Path("copy.toml"))
    found = compare.distinct(
        [
            ComparisonItem("digits-10", ours),
            ComparisonItem("digits-10", here),
            ComparisonItem("digits-10", ours),
        ]
    )
    assert [one.name for one in found] == ["digits-10", "copy.toml"]
    runs = [
        ComparisonItem(
            "own-s0-1",
            CatalogEntry(ours.entry, ours.raw, USER_FILE, path / "entry.toml"),
            Run(path),
        )
        for path in (tmp_path / "a" / "own-s0-1", tmp_path / "b" / "own-s0-1")
    ]
    for run in runs:
        run.listed.path.parent.mkdir(parents=True)
    assert [one.name for one in compare.distinct(runs)] == [
        str(one.listed.path.parent) for one in runs
    ]


def test_find_entry_run_or_toml(tmp_path: Path) -> None:
    """A word names an entry, a run that is done or a TOML file."""
    catalog = read_catalog()
    train(recipe(), 0, runs=tmp_path)
    named = compare.find("digits-7-s0-1", catalog, runs=tmp_path)
    assert (named.name, named.run is not None) == ("digits-7-s0-1", True)
    toml = str(tmp_path / "digits-7-s0-1" / "entry.toml")
    assert compare.find(toml, catalog, runs=tmp_path).name == "digits-7"
    assert compare.find("mnist-128", catalog, runs=tmp_path).split == "validation"
    with pytest.raises(ConfigError, match="is a model without its trainings"):
        compare.find("weights.safetensors", catalog, runs=tmp_path)
    with pytest.raises(ConfigError, match="There is no entry named 'digit'"):
        compare.find("digit", catalog, runs=tmp_path)


def test_missed_accuracy(tmp_path: Path) -> None:
    """Entries below a wanted accuracy are named, also those without results."""
    entry = recipe(CLAIMED)
    good = stand(entry, tmp_path, [row(entry, 0, 0.9)])
    assert compare.below_threshold([good], 0.9) == []
    assert compare.below_threshold([good, stand(recipe(), tmp_path)], 0.91) == [
        "digits-7 reaches 0.9000",
        "digits-7 has no results",
    ]


def test_by_recipe(tmp_path: Path) -> None:
    """Runs are grouped by their recipe, and those without a key are left out."""
    train(recipe(), 0, 1, runs=tmp_path)
    train(recipe({"train.rate": 0.2}), 0, runs=tmp_path)
    found = compare.by_recipe(jobs.finished_runs(tmp_path))
    assert sorted(len(several) for several in found.values()) == [1, 2]
    nobodys = FinishedRun(Run(tmp_path / "x"), {"seed": 1})
    assert compare.by_recipe([nobodys]) == {}
