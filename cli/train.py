"""`zoo train`: train one entry with one or more seeds, each in its own run folder."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from . import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.config.entry import Entry, Raw


def train(
    name: options.NameArgument,
    *,
    seed: Annotated[int | None, typer.Option(help="Random seed.")] = None,
    seeds: options.SeedsOption = None,
    set_options: options.SetOption = None,
    epochs: Annotated[
        int | None, typer.Option(help="Training length, in epochs or iterations.")
    ] = None,
    rate: Annotated[float | None, typer.Option(help="Learning rate.")] = None,
    batch: Annotated[int | None, typer.Option(help="Examples per step.")] = None,
    hidden: Annotated[
        str | None, typer.Option(help="Units of each hidden layer, e.g. 128,64.")
    ] = None,
    data: options.DataOption = None,
    runs: options.RunsOption = options.RUNS,
    offline: options.OfflineOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan without training.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print only the final result.")
    ] = False,
    json_lines: Annotated[bool, typer.Option("--json-lines", help="Print JSON lines.")] = False,
    plots: Annotated[bool, typer.Option(help="Draw curves.svg.")] = True,
    keep_weights: Annotated[
        bool, typer.Option("--keep-weights", help="Keep every epoch's weights, for `zoo demo`.")
    ] = False,
) -> None:
    """Train one model and check its README's claim."""
    from zoo.config import plugin_call
    from zoo.parallel.threads import one_thread
    from zoo.training import recorder

    from . import run_training

    listed = options.find_entry(name)
    changes = _changes(
        listed.raw, set_options, epochs=epochs, rate=rate, batch=batch, hidden=hidden
    )
    default = listed.with_changes(changes).train.seed
    entries = [
        listed.with_changes([*changes, ("train.seed", run_seed)])
        for run_seed in options.parse_seeds(seed, seeds, default=default)
    ]
    if dry_run:
        _show_plan(entries)
        return
    mode = run_training.output_mode(quiet=quiet, json_lines=json_lines)
    with one_thread():
        plugin_call.check(entries[0], where=entries[0].name)  # before data is loaded
        dataset = options.load_data(entries[0].data, data, offline=offline)
        original = options.base_entry(listed)
        accuracies: list[float] = []
        for entry in entries:
            recording = recorder.start(
                entry,
                dataset,
                runs=runs,
                clock=time.perf_counter,
                data_path=data,
                changes=entry.differences(original),
                text=listed.text,
                keep_weights=keep_weights,
            )
            result = run_training.run_training(recording, mode, plot=plots)
            accuracies.append(result.accuracy)
            run_training.print_result(entry, result, accuracies, mode, last=entry is entries[-1])


def _changes(
    raw: Raw,
    assignments: Sequence[str] | None,
    *,
    epochs: int | None,
    rate: float | None,
    batch: int | None,
    hidden: str | None,
) -> list[tuple[str, object]]:
    """Return the changes that the options make; the value None removes a key."""
    from zoo.config import load

    changes = options.assignments(assignments)
    if batch is not None:
        changes.append(("train.batch", batch))
    if epochs is not None:
        train = load.override(raw, changes).get("train", {})
        counts_iterations = isinstance(train, dict) and "iterations" in train
        if counts_iterations and "batch" not in train:  # a full-batch pass is one iteration
            changes.append(("train.iterations", epochs))
        else:
            if counts_iterations:
                changes.append(("train.iterations", None))
            changes.append(("train.epochs", epochs))
    if rate is not None:
        changes.append(("train.rate", rate))
    if hidden is not None:
        changes.append(("network.hidden", options.numbers(hidden, "--hidden")))
    return changes


def _show_plan(entries: list[Entry]) -> None:
    from zoo.training.memory import bytes_needed, check_memory

    from .output import train as output

    check_memory(entries[0])
    seeds = [entry.train.seed for entry in entries]
    needed = bytes_needed(entries[0])
    options.terminal(output.plan_page(entries[0], seeds=seeds, needed=needed))
