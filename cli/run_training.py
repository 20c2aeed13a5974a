"""Training in the terminal: progress display, Ctrl-C handling, final summary."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
from contextlib import contextmanager
from dataclasses import asdict
from enum import Enum
from typing import TYPE_CHECKING, Self

import typer

from .output import train as output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from zoo.config.entry import Entry
    from zoo.training.recorder import RunRecorder, TrainingResult
    from zoo.training.run import MetricsRow

    Show = Callable[[MetricsRow | None], None]


BAR_STEPS = 100  # between two updates of the bar, since drawing it takes longer than a step


class OutputMode(Enum):
    """The format of the progress output."""

    LIVE = "a progress bar for a terminal"
    LINES = "one line per report, for a pipe"
    QUIET = "only the final result"
    JSON = "one object per line, for a script"


def output_mode(*, quiet: bool, json_lines: bool) -> OutputMode:
    """Return the output mode for the options and the terminal."""
    if json_lines:
        return OutputMode.JSON
    if quiet:
        return OutputMode.QUIET
    is_terminal = sys.stdout.isatty() and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return OutputMode.LIVE if is_terminal else OutputMode.LINES


class StopSignals:
    """SIGINT and SIGTERM, recorded until the current step is complete; the second one kills."""

    def __init__(self) -> None:
        self.received: signal.Signals | None = None

    def __enter__(self) -> Self:
        """Install the handlers."""
        self.previous = {
            number: signal.signal(number, self._record)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def __exit__(self, *_: object) -> None:
        """Restore the previous handlers."""
        for number, handler in self.previous.items():
            signal.signal(number, handler)

    def _record(self, number: int, _frame: FrameType | None) -> None:
        self.received = signal.Signals(number)
        signal.signal(number, signal.SIG_DFL)


def run_training(recording: RunRecorder, mode: OutputMode, *, plot: bool) -> TrainingResult:
    """Train to the end and return the result; exit with 130 or 143 after a signal."""
    with StopSignals() as signals, _display(recording, mode) as show:
        for row in recording:
            show(row)
            if signals.received and not recording.is_complete:
                _stop(recording, mode, signals.received)
    result = recording.finish(plot=plot)
    # a signal during the last step: the run is complete, but the command must not continue
    if signals.received:
        signal.raise_signal(signals.received)
    return result


def _stop(recording: RunRecorder, mode: OutputMode, received: signal.Signals) -> None:
    recording.stop()
    step = recording.training.step
    if mode is OutputMode.JSON:
        print_event("stopped", entry=recording.entry.name, step=step, run=str(recording.run.path))
    print(f"zoo: stopped after step {step:,}; the run is saved.", file=sys.stderr)
    print(f"     zoo resume {shlex.quote(str(recording.run.path))}", file=sys.stderr)
    raise typer.Exit(128 + received)


@contextmanager
def _display(recording: RunRecorder, mode: OutputMode) -> Iterator[Show]:
    """Yield a function to call at every step, with a row of metrics or None."""
    train, held_out = recording.entry.train, recording.prepared.held_out_split

    def line(row: MetricsRow | None) -> None:
        if row:
            print(output.row_line(row, train, held_out=held_out), flush=True)

    def event(row: MetricsRow | None) -> None:
        if row:
            print_event("epoch", entry=recording.entry.name, **asdict(row))

    match mode:
        case OutputMode.LIVE:
            with _bar(recording) as show:
                yield show
        case OutputMode.LINES:
            yield line
        case OutputMode.QUIET:
            yield lambda _row: None
        case OutputMode.JSON:
            print_event(
                "start",
                entry=recording.entry.name,
                seed=train.seed,
                unit=train.unit,
                length=train.length,
                held_out=held_out,
                data=recording.metadata["data"],
                run=str(recording.run.path),
            )
            yield event


@contextmanager
def _bar(recording: RunRecorder) -> Iterator[Show]:
    """Show a bar with the time left and the last row of metrics until the training ends."""
    from rich.console import Console, Group
    from rich.live import Live
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    train, training, held_out = (
        recording.entry.train,
        recording.training,
        recording.prepared.held_out_split,
    )
    progress = Progress(TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    name = f"{recording.entry.name} seed {train.seed}"
    task = progress.add_task(name, total=training.plan.steps, completed=training.step)
    with Live(progress, console=Console(stderr=True), transient=True) as live:

        def show(row: MetricsRow | None) -> None:
            if row:
                live.update(Group(progress, output.row_line(row, train, held_out=held_out)))
            if row or training.step % BAR_STEPS == 0:
                progress.update(task, completed=training.step)

        yield show


def print_event(event: str, **fields: object) -> None:
    """Print one object on one line."""
    print(json.dumps({"event": event, **fields}, allow_nan=False), flush=True)


def print_result(
    entry: Entry, result: TrainingResult, accuracies: list[float], mode: OutputMode, *, last: bool
) -> None:
    """Print the result of a training, and after the last of several seeds their summary."""
    from zoo.analysis.statistics import summarize

    summary = summarize(accuracies)
    if mode is OutputMode.JSON:
        test = result.scores.get("test")
        print_event(
            "done",
            entry=entry.name,
            seed=entry.train.seed,
            claim=entry.claim and entry.claim.value,
            split=result.split,
            accuracy=result.accuracy,
            test_accuracy=test and test.accuracy,
            verdict=result.verdict,
            changes=result.changes,
            seconds=result.seconds,
            fingerprint=result.fingerprint,
            run=str(result.run.path),
            seeds=summary and {"mean": summary.mean, "sd": summary.sd, "n": summary.n},
        )
        return
    if last and len(accuracies) == 1:
        print(output.outcome_lines(entry, result))
    elif summary:
        print(output.seed_line(entry, result))
        if last:
            print(output.seeds_lines(entry, summary, result.split))
