"""A recording carried to its end before somebody's eyes: progress, Ctrl-C, and the last word."""

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


BAR_STEPS = 100  # how often the bar moves: a step is made in less time than a bar is drawn


class OutputMode(Enum):
    """How much is said, and to whom."""

    LIVE = "a moving display for a terminal"
    LINES = "a line a report, for a pipe"
    QUIET = "only the end"
    JSON = "an object a line, for a script"


def output_mode(*, quiet: bool, json_lines: bool) -> OutputMode:
    """Return the voice that the options and the terminal ask for."""
    if json_lines:
        return OutputMode.JSON
    if quiet:
        return OutputMode.QUIET
    watched = sys.stdout.isatty() and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return OutputMode.LIVE if watched else OutputMode.LINES


class StopSignals:
    """Ctrl-C and SIGTERM, remembered until the step under way is done; the second one kills."""

    def __init__(self) -> None:
        self.received: signal.Signals | None = None

    def __enter__(self) -> Self:
        """Take the signals over."""
        self.before = {
            number: signal.signal(number, self._remember)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def __exit__(self, *_: object) -> None:
        """Give them back."""
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _remember(self, number: int, _frame: FrameType | None) -> None:
        self.received = signal.Signals(number)
        signal.signal(number, signal.SIG_DFL)


def run_training(recording: RunRecorder, voice: OutputMode, *, plot: bool) -> TrainingResult:
    """Train to the end and return how it ended; leave with 130 or 143 if a signal comes first."""
    with StopSignals() as signals, _display(recording, voice) as show:
        for row in recording:
            show(row)
            if signals.received and not recording.is_complete:
                _stop(recording, voice, signals.received)
    outcome = recording.finish(plot=plot)
    if signals.received:  # with the last step; the run is done, and what follows it is not wanted
        signal.raise_signal(signals.received)
    return outcome


def _stop(recording: RunRecorder, voice: OutputMode, received: signal.Signals) -> None:
    recording.stop()
    step = recording.training.step
    if voice is OutputMode.JSON:
        print_event("stopped", entry=recording.entry.name, step=step, run=str(recording.run.path))
    print(f"zoo: stopped after step {step:,}, and nothing is lost.", file=sys.stderr)
    print(f"     zoo resume {shlex.quote(str(recording.run.path))}", file=sys.stderr)
    raise typer.Exit(128 + received)


@contextmanager
def _display(recording: RunRecorder, voice: OutputMode) -> Iterator[Show]:
    """Give a function that is called at every step, with a row or without one."""
    train, held_out = recording.entry.train, recording.work.held_out_split

    def line(row: MetricsRow | None) -> None:
        if row:
            print(output.row_line(row, train, held_out=held_out), flush=True)

    def event(row: MetricsRow | None) -> None:
        if row:
            print_event("epoch", entry=recording.entry.name, **asdict(row))

    match voice:
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
                data=recording.facts["data"],
                run=str(recording.run.path),
            )
            yield event


@contextmanager
def _bar(recording: RunRecorder) -> Iterator[Show]:
    """Show a bar with the time left, and under it the last row; both go when it is over."""
    from rich.console import Console, Group
    from rich.live import Live
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    train, training, held_out = (
        recording.entry.train,
        recording.training,
        recording.work.held_out_split,
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
    """Print one object on a line of its own."""
    print(json.dumps({"event": event, **fields}, allow_nan=False), flush=True)


def print_result(
    entry: Entry, outcome: TrainingResult, accuracies: list[float], voice: OutputMode, *, last: bool
) -> None:
    """Say how a training ended, and after the last of several seeds what they come to."""
    from zoo.analysis.statistics import summarize

    summary = summarize(accuracies)
    if voice is OutputMode.JSON:
        test = outcome.scores.get("test")
        print_event(
            "done",
            entry=entry.name,
            seed=entry.train.seed,
            claim=entry.claim and entry.claim.value,
            split=outcome.split,
            accuracy=outcome.accuracy,
            test_accuracy=test and test.accuracy,
            verdict=outcome.verdict,
            changes=outcome.changes,
            seconds=outcome.seconds,
            fingerprint=outcome.fingerprint,
            run=str(outcome.run.path),
            seeds=summary and {"mean": summary.mean, "sd": summary.sd, "n": summary.n},
        )
        return
    if last and len(accuracies) == 1:
        print(output.outcome_lines(entry, outcome))
    elif summary:
        print(output.seed_line(entry, outcome))
        if last:
            print(output.seeds_lines(entry, summary, outcome.split))
