"""`zoo train`: train one entry with one or more seeds, each in its own run folder."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from . import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.config.catalog import CatalogEntry
    from zoo.config.entry import Entry

    from .run_training import Outcome


def train(
    name: options.NameArgument,
    *,
    seed: Annotated[int | None, typer.Option(help="Random seed.")] = None,
    seeds: options.SeedsOption = None,
    set_options: options.SetOption = None,
    epochs: options.EpochsOption = None,
    iterations: options.IterationsOption = None,
    rate: Annotated[float | None, typer.Option("--rate", help="Learning rate.")] = None,
    batch: Annotated[int | None, typer.Option("--batch", help="Examples per step.")] = None,
    # the names that other tools use
    lr: Annotated[float | None, typer.Option("--lr", "--learning-rate", hidden=True)] = None,
    batch_size: Annotated[int | None, typer.Option("--batch-size", hidden=True)] = None,
    optimizer: Annotated[str | None, typer.Option("--optimizer", hidden=True)] = None,
    hidden: Annotated[
        str | None,
        typer.Option(metavar="N,N,...", help="Units of each hidden layer, e.g. 128,64."),
    ] = None,
    data: options.DataOption = None,
    runs: options.RunsOption = options.RUNS,
    offline: options.OfflineOption = False,
    dry_run: options.DryRunOption = False,
    plots: Annotated[bool, typer.Option(help="Draw curves.svg.")] = True,
    keep_weights: Annotated[
        bool, typer.Option("--keep-weights", help="Keep every epoch's weights, for `zoo demo`.")
    ] = False,
) -> None:
    """Train one model and check its original's claim."""
    from zoo.config import plugin_call
    from zoo.parallel.threads import one_thread
    from zoo.training import recorder

    from . import run_training

    assigned = options.assignments(set_options)
    listed = options.find_complete_entry(name, assigned, data)
    units = None if hidden is None else options.numbers(hidden, "--hidden")
    settings = [
        ("--rate", "train.rate", rate),
        ("--lr", "train.rate", lr),
        ("--batch", "train.batch", batch),
        ("--batch-size", "train.batch", batch_size),
        ("--optimizer", "train.optimizer", optimizer),
        ("--hidden", "network.hidden", units),
    ]
    others = [
        ("--seed", "train.seed", seed),
        ("--epochs", "train.epochs", epochs),
        ("--iterations", "train.iterations", iterations),
    ]
    _check_exclusive(assigned, [*settings, *others])
    changes = assigned + [(key, value) for _, key, value in settings if value is not None]
    changes = _with_length(listed, changes, epochs, iterations)
    default = listed.with_changes(changes).train.seed
    entries = [
        listed.with_changes([*changes, ("train.seed", run_seed)])
        for run_seed in options.parse_seeds(seed, seeds, default=default)
    ]
    if dry_run:
        _write_plan(entries)
        return
    mode = run_training.output_mode(len(entries))
    with one_thread():
        plugin_call.check(entries[0], where=entries[0].name)  # before data is loaded
        dataset = options.load_data(entries[0].data, data, offline=offline)
        outcomes: list[Outcome] = []
        for entry in entries:
            recording = recorder.start(
                entry,
                dataset,
                runs=runs,
                clock=time.perf_counter,
                data_path=data,
                changes=options.changes_to(listed, entry, assigned),
                text=listed.text,
                keep_weights=keep_weights,
            )
            result = run_training.run_training(recording, mode, plot=plots)
            outcomes.append((entry, result))
            run_training.write_outcome(outcomes, mode, last=entry is entries[-1])


def _check_exclusive(
    assigned: Sequence[tuple[str, object]], settings: Sequence[tuple[str, str, object]]
) -> None:
    """Raise if two options set the same key; settings are an option, its key and its value."""
    from zoo.errors import ConfigError

    before = [(f"--set {key}", key) for key, _ in assigned]
    for option, key, value in settings:
        if value is None:
            continue
        for other, other_key in before:
            if other_key == key or other_key.startswith(f"{key}."):
                raise ConfigError(f"{other} and {option} exclude each other.")
        before.append((option, key))


def _with_length(
    listed: CatalogEntry,
    changes: list[tuple[str, object]],
    epochs: int | None,
    iterations: int | None,
) -> list[tuple[str, object]]:
    """Return the changes and those that set the new length; the value None removes a key."""
    if epochs is None and iterations is None:
        return changes
    train, name = listed.with_changes(changes).train, listed.entry.name
    if epochs is not None and iterations is None and train.unit == "iteration" and train.batch:
        # a pass in batches is no longer one iteration, so the entry can count epochs
        return [*changes, ("train.iterations", None), ("train.epochs", epochs)]
    length = options.requested_length(train, name=name, epochs=epochs, iterations=iterations)
    return [*changes, (f"train.{train.unit}s", length)]


def _write_plan(entries: list[Entry]) -> None:
    from zoo.training.memory import bytes_needed, check_memory

    from .output import train as output
    from .output.result import write

    check_memory(entries[0])
    seeds = [entry.train.seed for entry in entries]
    write(output.plan_result(entries[0], seeds=seeds, needed=bytes_needed(entries[0])))
