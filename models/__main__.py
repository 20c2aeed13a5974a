"""The generator of the shipped files: `python -m zoo.models RUNS [NAME ...]`.

It trains built-in entries and writes their rows in results.csv, and for each entry its weights, its
ONNX file with the record of its verification, its card, and the SHA-256 in the entry's TOML file. A
run in the folder RUNS with the same recipe and seed is reused, so an interrupted command can be
continued.
"""

import csv
import hashlib
import io
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from zoo.config.catalog import CatalogEntry, read_entry
from zoo.config.results import COLUMNS
from zoo.data.load import load
from zoo.data.locations import locations_from_environment
from zoo.errors import ZooError
from zoo.export.options import ExportOptions
from zoo.export.write import write_onnx
from zoo.files import write_atomically
from zoo.parallel.open_engine import open_engine
from zoo.parallel.threads import one_thread
from zoo.parallel.worker import Failure
from zoo.training import model, weights
from zoo.training.jobs import (
    FinishedRun,
    TrainingJob,
    finished_runs,
    median_run,
    register_dataset,
    run_jobs,
)
from zoo.training.record import Metadata
from zoo.training.run import Run

from .built_in import built_in
from .cards import write_card

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.csv"


def make(
    runs: Annotated[Path, typer.Argument(help="Folder of existing and new runs.")],
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of entries. [default: all]")
    ] = None,
    *,
    seeds: Annotated[int, typer.Option(help="Number of seeds per entry, from 0.")] = 20,
    jobs: Annotated[int, typer.Option(help="Number of parallel trainings.")] = 1,
) -> None:
    """Train built-in entries with every seed; write their results and files."""
    entries = built_in()
    selected = [entries[name] for name in names or entries]
    with one_thread():
        trained = {
            listed.entry.name: _trained(listed, runs, seeds=seeds, jobs=jobs) for listed in selected
        }
        rows = {name: [_row(run.record) for run in finished] for name, finished in trained.items()}
        _write_results([row for name in entries for row in rows.get(name, _rows_of(name))])
        for listed in selected:
            _ship(listed, median_run(listed.entry, trained[listed.entry.name]).run)


def _trained(listed: CatalogEntry, runs: Path, *, seeds: int, jobs: int) -> list[FinishedRun]:
    """Return the run of every seed, after training the missing ones."""
    dataset = load(listed.entry.data, locations_from_environment())
    register_dataset(dataset)
    all_jobs = [
        TrainingJob(listed.with_changes([("train.seed", seed)]), dataset.digest, text=listed.text)
        for seed in range(seeds)
    ]
    finished = {run.key: run for run in finished_runs(runs)}
    missing = [job for job in all_jobs if job.key not in finished]
    with open_engine("processes" if jobs > 1 else "serial", jobs=jobs) as engine:
        for job, run in run_jobs(missing, engine, runs=runs, clock=time.perf_counter):
            if isinstance(run, Failure):
                raise ZooError(f"{job.label}: {run.reason}", hint=run.hint)
            typer.echo(run.path)
            finished[job.key] = FinishedRun(run, run.metadata)
    return [finished[job.key] for job in all_jobs]


def _rows_of(name: str) -> list[dict[str, str]]:
    """Return the existing rows of an entry in results.csv."""
    with RESULTS.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["entry"] == name]


def _write_results(rows: Sequence[Mapping[str, object]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomically(RESULTS, text.getvalue().encode())


def _row(facts: Metadata) -> dict[str, object]:
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
        "data": facts["data"]["digest"],
        "recipe": facts["recipe"],
    }


def _ship(listed: CatalogEntry, run: Run) -> None:
    """Write the weights, their SHA-256 in the entry's file, the ONNX file and the card."""
    name = listed.entry.name
    network, facts = weights.read(run.path / "weights.safetensors")
    path = FOLDER / f"{name}.safetensors"
    weights.write(path, network, facts)
    _write_weights_table(listed.path, path)
    entry = read_entry(listed.path).entry
    write_onnx(model.load_shipped(entry), FOLDER, ExportOptions())
    write_card(entry)
    typer.echo(path)


def _write_weights_table(entry: Path, path: Path) -> None:
    """Write the SHA-256 of the weights into the TOML file of the entry."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    text = re.sub(r"\n\[weights\]\n(?:[^\[\n].*\n)*", "", entry.read_text(encoding="utf-8"))
    table = f'\n[weights]\npackage = "zoo.models"\nfile    = "{path.name}"\nsha256  = "{sha256}"\n'
    write_atomically(entry, f"{text}{table}".encode())


if __name__ == "__main__":
    typer.run(make)
