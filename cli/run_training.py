"""Training in the terminal: progress display, Ctrl-C handling, final summary."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import asdict
from enum import Enum
from typing import TYPE_CHECKING, Self

import typer

from zoo.system.commands import quote
from zoo.system.signals import exit_code, termination_signals

from . import terminal
from .output import train as output
from .output.escape import as_json
from .output.result import write
from .output_options import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from zoo.config.entry import Entry
    from zoo.training.recorder import RunRecorder, TrainingResult
    from zoo.training.run import MetricsRow

    Outcome = tuple[Entry, TrainingResult]
    Show = Callable[[MetricsRow | None], None]


BAR_STEPS = 100  # between two updates of the bar, since drawing it takes longer than a step


class OutputMode(Enum):
    """The progress that a training shows on stdout while it runs."""

    LIVE = "a progress bar for a terminal"
    LINES = "one line per report, for a pipe"
    EVENTS = "one object per line, for a script"
    SEEDS = "one line per seed, for a pipe"
    NONE = "nothing before the result"


def output_mode(trainings: int = 1) -> OutputMode:
    """Return the output mode for the output options, the terminal and the number of trainings."""
    current = settings.get()
    if current.quiet or current.out or current.output_format in {"json", "csv", "md"}:
        return OutputMode.NONE
    if current.output_format == "jsonl":
        return OutputMode.EVENTS
    is_terminal = sys.stdout.isatty() and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    if is_terminal:
        return OutputMode.LIVE
    return OutputMode.LINES if trainings == 1 else OutputMode.SEEDS


class StopSignals:
    """SIGINT and SIGTERM, recorded until the current step is complete; the second one kills."""

    def __init__(self) -> None:
        self.received: signal.Signals | None = None

    def __enter__(self) -> Self:
        """Install the handlers."""
        self.previous = {
            number: signal.signal(number, self._record)
            for number in (signal.SIGINT, *termination_signals())
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
    with _resume_hint(recording):
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


@contextmanager
def _resume_hint(recording: RunRecorder) -> Iterator[None]:
    """Say in the error of a full disk, or of a full stdout, how the training goes on."""
    from zoo.errors import ZooError
    from zoo.files import NotWrittenError

    command = f"`zoo resume {quote(str(recording.run.path))}`"
    try:
        yield
    except NotWrittenError as error:
        error.hint = f"{error.hint} Then {command} continues the training.".lstrip()
        raise
    except OSError as error:
        if error.filename is not None:
            raise
        raise ZooError(
            f"The output could not be written: {error.strerror}.",
            hint=f"{command} continues the training.",
        ) from error
    finally:
        recording.run.unlock()


def _stop(recording: RunRecorder, mode: OutputMode, received: signal.Signals) -> None:
    recording.stop()
    step = recording.training.step
    if mode is OutputMode.EVENTS:
        print_event("stopped", entry=recording.entry.name, step=step, run=str(recording.run.path))
    terminal.say(f"zoo: stopped after step {step:,}; the run is saved.")
    terminal.say(f"     zoo resume {quote(str(recording.run.path))}")
    raise typer.Exit(exit_code(received))


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
        case OutputMode.SEEDS | OutputMode.NONE:
            yield lambda _row: None
        case OutputMode.EVENTS:
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
    from rich.console import Group
    from rich.live import Live
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    train, training, held_out = (
        recording.entry.train,
        recording.training,
        recording.prepared.held_out_split,
    )
    progress = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn()
    )
    name = f"{recording.entry.name} seed {train.seed}"
    task = progress.add_task(name, total=training.plan.steps, completed=training.step)
    with Live(progress, console=terminal.console(stderr=True), transient=True) as live:

        def show(row: MetricsRow | None) -> None:
            if row:
                live.update(Group(progress, output.row_line(row, train, held_out=held_out)))
            if row or training.step % BAR_STEPS == 0:
                progress.update(task, completed=training.step)

        yield show


def print_event(event: str, **fields: object) -> None:
    """Print one object on one line."""
    print(as_json({"event": event, **fields}), flush=True)


def write_outcome(outcomes: Sequence[Outcome], mode: OutputMode, *, last: bool) -> None:
    """Write the outcome of a training: as it ends, or those of all seeds after the last."""
    is_one_of_several = len(outcomes) > 1 or not last
    if mode is OutputMode.EVENTS:
        print_event("done", **output.outcome_facts(outcomes[-1], outcomes))
    elif mode is not OutputMode.NONE and is_one_of_several:
        terminal.show(output.seed_line(*outcomes[-1]))
        if last:
            terminal.show(output.seeds_summary(outcomes))
    elif last:
        write(output.outcomes_result(outcomes))
