"""`zoo resume`: continue a run that was interrupted, or train it for longer."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import completion, options, terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zoo.training.recorder import RunRecorder


def resume(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN", help="Name or folder of a run.", autocompletion=completion.runs
        ),
    ] = None,
    *,
    last: Annotated[bool, typer.Option("--last", help="Use the most recent run.")] = False,
    epochs: Annotated[
        int | None, typer.Option("--epochs", help="New total number of epochs.")
    ] = None,
    iterations: Annotated[
        int | None, typer.Option("--iterations", help="New total number of iterations.")
    ] = None,
    data: options.DataOption = None,
    runs: options.RunsOption = options.RUNS,
    offline: options.OfflineOption = False,
    dry_run: options.DryRunOption = False,
    plots: Annotated[bool, typer.Option(help="Draw curves.svg.")] = True,
) -> None:
    """Resume an interrupted run; the result is bit-identical."""
    from zoo.errors import ConfigError
    from zoo.parallel.threads import one_thread
    from zoo.training.resume import check_resume, entry_to_resume
    from zoo.training.resume import resume as resume_run
    from zoo.training.runs import find_run, last_run

    from . import run_training
    from .output import train as output
    from .output.result import write

    if (name is None) == (not last):
        raise ConfigError(
            "Expected either a run or --last.", hint="Run `zoo runs` to list the runs."
        )
    run = find_run(runs, name) if name else last_run(runs)
    path = data or (Path(text) if (text := run.metadata["data"]["given"]) else None)
    length = options.requested_length(
        run.entry.train, name=run.name, epochs=epochs, iterations=iterations
    )
    if dry_run:
        run.lock()
        run.unlock()
        entry = entry_to_resume(run, length)
        dataset = options.local_data(entry.data, path)
        if dataset:
            check_resume(run, dataset, entry, clock=time.perf_counter)
        write(output.resume_plan(run.name, entry, has_data=dataset is not None))
        return
    mode = run_training.output_mode()
    with one_thread():
        dataset = options.load_data(run.entry.data, path, offline=offline)
        metadata = run.metadata
        before = (metadata.get("longer") or metadata)["versions"]
        recording = resume_run(run, dataset, length=length, clock=time.perf_counter)
        terminal.warn(_warnings(recording, before, longer=length is not None))
        result = run_training.run_training(recording, mode, plot=plots)
        run_training.write_outcome([(recording.entry, result)], mode, last=True)


def _warnings(recording: RunRecorder, before: dict[str, str], *, longer: bool) -> Iterator[str]:
    """Yield the reasons why the result may differ from that of an uninterrupted run."""
    if longer and recording.entry.train.schedule_depends_on_length:
        yield "the learning rate depends on the length, and the first steps used another length."
    current = recording.metadata["versions"]
    changed = [
        f"{name} {before.get(name) or 'unknown'} is now {current.get(name) or 'missing'}"
        for name in current | before
        if before.get(name) != current.get(name)
    ]
    if changed:
        yield f"{', '.join(changed)}: the bits may differ."
