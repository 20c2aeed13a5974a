"""Comparisons of trainings that take a moment, and their page."""

import time
from pathlib import Path

from tests.helpers.entries import recipe
from zoo import compare, trainings
from zoo.catalog import FILE, Listed, read_catalog
from zoo.compare import Standing, Subject
from zoo.config import Entry
from zoo.data.digits import load_digits
from zoo.engines.engine import opened
from zoo.report.comparison import html
from zoo.results import results_of
from zoo.trainings import Wish

DIGITS = load_digits()
VERSIONS = {"zoo": "1.2", "numpy": "3.4", "blas": None}
TESTED = {
    "data": {"kind": "digits", "split": {"test": 360, "seed": 42}},
    "claim": {"value": 0.8, "split": "test", "tolerance": 0.05, "quote": "80 %"},
}


def page(standings: list[Standing], **more: object) -> str:
    known: dict[str, object] = {
        "pairs": [],
        "contrasts": {},
        "mistakes": 3,
        "command": "zoo compare a&b",
        "versions": VERSIONS,
    }
    return html(standings, **(known | more))  # type: ignore[arg-type]


def ours() -> Standing:
    listed = read_catalog().find("digits-10")
    recorded = results_of([listed.entry]).results["digits-10"]
    subject = Subject("digits-10", listed)
    return compare.standing(subject, {}, recorded, DIGITS, seeds=None, clock=time.perf_counter)


def own(runs: Path, *seeds: int, entry: Entry | None = None, name: str = "digits-7") -> Standing:
    entry = entry or recipe(TESTED)
    wishes = [
        Wish(
            entry.model_copy(update={"train": entry.train.model_copy(update={"seed": seed})}),
            DIGITS.digest,
        )
        for seed in seeds
    ]
    with opened("serial", jobs=1) as engine:
        list(trainings.make(wishes, engine, runs=runs, clock=time.perf_counter))
    subject = Subject(name, Listed(entry, {}, FILE, Path(f"{name}.toml")))
    local = compare.by_recipe(trainings.finished(runs))
    return compare.standing(subject, local, [], DIGITS, seeds=None, clock=time.perf_counter)
