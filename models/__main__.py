"""`python -m zoo.models RUNS` measures the built-in entries and writes results.csv here.

A training that already lies in the folder RUNS, with the same recipe and the same seed, is taken
from there, so that an interrupted measurement goes on where it stopped.
"""

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from zoo import record, store
from zoo.catalog import OURS, read_catalog
from zoo.config import Entry
from zoo.data.load import load
from zoo.data.places import places_from_environment
from zoo.files import write_atomically
from zoo.results import COLUMNS
from zoo.store import Facts, Run
from zoo.train import one_thread

RESULTS = Path(__file__).with_name("results.csv")


def measure(
    runs: Annotated[Path, typer.Argument(help="The folder of runs to take from and to add to.")],
    *,
    seeds: Annotated[int, typer.Option(help="Seeds an entry, counted from 0.")] = 20,
) -> None:
    """Train every built-in entry with every seed and write results.csv."""
    rows = []
    with one_thread():
        for listed in read_catalog().entries.values():
            if not listed.provider.startswith(f"{OURS} "):
                continue
            entries = [listed.with_changes([("train.seed", seed)]) for seed in range(seeds)]
            for run in _finished(entries, runs):
                rows.append(_row(run.facts))
                typer.echo(run.path)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomically(RESULTS, text.getvalue().encode())


def _finished(entries: list[Entry], runs: Path) -> Iterator[Run]:
    """Yield each entry's run, trained now where there is none yet."""
    dataset = load(entries[0].data.kind, places_from_environment())
    done = {run.entry.alone: run for run in store.all_runs(runs) if run.facts["status"] == "done"}
    for entry in entries:
        if entry.alone in done:
            yield done[entry.alone]
            continue
        recording = record.start(entry, dataset, runs=runs, clock=time.perf_counter)
        for _ in recording:
            pass  # nobody watches
        yield recording.finish(plot=True).run


def _row(facts: Facts) -> dict[str, object]:
    versions = facts["versions"]
    return {
        "entry": facts["entry"],
        "seed": facts["seed"],
        "split": facts["split"],
        "accuracy": round(facts["accuracy"], 6),
        "loss": round(facts["scores"][facts["split"]]["loss"], 6),
        "seconds": round(facts["seconds"], 2),
        "fingerprint": facts["fingerprint"],
        "versions": (
            f"zoo {versions['zoo']}, python {versions['python']}, numpy {versions['numpy']}, "
            f"{versions['blas']} {versions['kernel']}"
        ),
    }


if __name__ == "__main__":
    typer.run(measure)
