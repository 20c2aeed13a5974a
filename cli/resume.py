"""`zoo resume`: go on with a training that was stopped, killed or is to be longer."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import completion, options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zoo.training.recorder import RunRecorder


def resume(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN", help="A run: its name or its folder.", autocompletion=completion.runs
        ),
    ] = None,
    *,
    last: Annotated[bool, typer.Option("--last", help="The run that was touched last.")] = False,
    epochs: Annotated[
        int | None, typer.Option(help="The new length in all, in the entry's epochs or iterations.")
    ] = None,
    data: options.DataOption = None,
    runs: options.RunsOption = options.RUNS,
    offline: options.OfflineOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show the end alone.")] = False,
    json_lines: Annotated[bool, typer.Option("--json-lines", help="Print JSON lines.")] = False,
    plots: Annotated[bool, typer.Option(help="Draw curves.svg.")] = True,
) -> None:
    """Go on with a training where it stopped, to the same bits as if it never had."""
    from zoo.errors import ConfigError
    from zoo.parallel.threads import one_thread
    from zoo.training import recorder
    from zoo.training.runs import find_run, last_run

    from . import run_training

    if (name is None) == (not last):
        raise ConfigError("Name one run, or say --last.", hint="`zoo runs` shows them.")
    run = find_run(runs, name) if name else last_run(runs)
    given = data or (Path(text) if (text := run.metadata["data"]["given"]) else None)
    voice = run_training.output_mode(quiet=quiet, json_lines=json_lines)
    with one_thread():
        dataset = options.load_data(run.entry.data, given, offline=offline)
        before = run.metadata["versions"]
        recording = recorder.resume(run, dataset, length=epochs, clock=time.perf_counter)
        options.warn(_doubts(recording, before, longer=epochs is not None))
        outcome = run_training.run_training(recording, voice, plot=plots)
        run_training.print_result(recording.entry, outcome, [outcome.accuracy], voice, last=True)


def _doubts(recording: RunRecorder, before: dict[str, str], *, longer: bool) -> Iterator[str]:
    """Yield why the end may differ from that of a training that never stopped."""
    if longer and recording.entry.train.schedule_depends_on_length:
        yield "the rate depends on the length here, and the steps made so far had another one."
    now = recording.metadata["versions"]
    changed = [
        f"{name} {before.get(name) or 'of before'} is now {now.get(name) or 'gone'}"
        for name in now | before
        if before.get(name) != now.get(name)
    ]
    if changed:
        yield f"{', '.join(changed)}: the bits may differ."
