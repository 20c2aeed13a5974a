"""`python -m zoo.models RUNS` trains the built-in entries and makes everything that ships of them.

That is results.csv, and for each entry its weights, its ONNX file with the record of how it was
verified, its card, and the SHA-256 in the entry's own file. A training that already lies in the
folder RUNS, with the same recipe and the same seed, is taken from there, so that an interrupted
measurement goes on where it stopped.
"""

import csv
import hashlib
import io
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from zoo import model, record, results, store, weights
from zoo.card import card, chosen_split
from zoo.catalog import OURS, Listed, read_catalog, read_entry
from zoo.config import Entry
from zoo.data.load import load
from zoo.data.places import places_from_environment
from zoo.export.form import Form
from zoo.export.write import write_onnx
from zoo.files import write_atomically
from zoo.results import COLUMNS
from zoo.store import Facts, Run
from zoo.train import one_thread

HERE = Path(__file__).parent
RESULTS = HERE / "results.csv"


def make(
    runs: Annotated[Path, typer.Argument(help="The folder of runs to take from and to add to.")],
    *,
    seeds: Annotated[int, typer.Option(help="Seeds an entry, counted from 0.")] = 20,
) -> None:
    """Train every built-in entry with every seed; write results.csv and all that ships."""
    ours = [
        listed
        for listed in read_catalog().entries.values()
        if listed.provider.startswith(f"{OURS} ")
    ]
    with one_thread():
        trained = {listed.entry.name: _trained(listed, runs, seeds=seeds) for listed in ours}
        _write_results([run.facts for several in trained.values() for run in several])
        for listed in ours:
            _ship(listed, median(listed.entry, trained[listed.entry.name]))


def _trained(listed: Listed, runs: Path, *, seeds: int) -> list[Run]:
    entries = [listed.with_changes([("train.seed", seed)]) for seed in range(seeds)]
    found = []
    for run in _finished(entries, runs):
        typer.echo(run.path)
        found.append(run)
    return found


def _finished(entries: list[Entry], runs: Path) -> Iterator[Run]:
    """Yield each entry's run, trained now where there is none yet."""
    dataset = load(entries[0].data.kind, places_from_environment())
    done = {run.entry: run for run in store.all_runs(runs) if run.facts["status"] == "done"}
    for entry in entries:
        if entry.alone in done:
            yield done[entry.alone]
            continue
        recording = record.start(entry, dataset, runs=runs, clock=time.perf_counter)
        for _ in recording:
            pass  # nobody watches
        yield recording.finish(plot=True).run


def _write_results(facts: Sequence[Facts]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(_row, facts))
    write_atomically(RESULTS, text.getvalue().encode())


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


def median(entry: Entry, runs: Sequence[Run]) -> Run:
    """Return the run in the middle by validation or training accuracy, never by the test's."""
    split = chosen_split(entry)

    def place(run: Run) -> tuple[float, int]:
        return run.facts["scores"][split]["accuracy"], run.facts["seed"]

    return sorted(runs, key=place)[(len(runs) - 1) // 2]


def _ship(listed: Listed, run: Run) -> None:
    """Write the weights, name them in the entry's file, then write what is made of them."""
    name = listed.entry.name
    network, facts = weights.read(run.path / "weights.safetensors")
    path = HERE / f"{name}.safetensors"
    weights.write(path, network, facts)
    _name_weights(listed.path, path)
    entry = read_entry(listed.path).entry
    shipped = model.shipped(entry)
    write_onnx(shipped, HERE, Form())
    rows = results.results_of([entry]).results[name]
    write_atomically(HERE / f"{name}.md", card(entry, shipped.facts, rows).encode())
    typer.echo(path)


def _name_weights(entry: Path, path: Path) -> None:
    """Put the SHA-256 of the weights into the TOML of the entry."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    text = re.sub(r"\n\[weights\]\n(?:[^\[\n].*\n)*", "", entry.read_text(encoding="utf-8"))
    table = f'\n[weights]\npackage = "zoo.models"\nfile    = "{path.name}"\nsha256  = "{sha256}"\n'
    write_atomically(entry, f"{text}{table}".encode())


if __name__ == "__main__":
    typer.run(make)
