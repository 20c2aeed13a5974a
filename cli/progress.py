"""Progress on stderr: downloads, predictions and tasks."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from zoo.control_characters import plain

from . import terminal
from .output.escape import styled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from zoo.data.locations import Progress


@contextmanager
def download_progress() -> Iterator[Progress]:
    """Return a context manager with the function that shows downloads on stderr."""
    console = terminal.console(stderr=True)
    if console.is_terminal and not console.is_dumb_terminal:
        with _bars(console) as progress:
            yield progress
    else:
        yield _lines()


@contextmanager
def _bars(console: Console) -> Iterator[Progress]:
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as RichProgress

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def show(name: str, received: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=received, total=total)

        yield show


def _lines() -> Progress:
    """Return a function that prints one line per file."""
    printed: set[str] = set()

    def show(name: str, received: int, total: int | None) -> None:  # noqa: ARG001 - the signature of Progress
        if name not in printed:
            printed.add(name)
            size = f" ({total:,} bytes)" if total else ""
            terminal.say(f"Downloading {name}{size}")

    return show


LINE_EVERY = 10_000  # images or rows per line of progress without a terminal


@contextmanager
def input_counter(noun: str, *, quiet: bool) -> Iterator[Callable[[], None]]:
    """Return a context manager with the function that counts inputs, on a terminal or in lines."""
    console, counted = terminal.console(stderr=True), 0
    if quiet:
        yield lambda: None
    elif console.is_terminal and not console.is_dumb_terminal:
        from rich.progress import Progress as RichProgress
        from rich.progress import TextColumn, TimeElapsedColumn

        columns = (TextColumn(f"{{task.completed:,.0f}} {noun}s"), TimeElapsedColumn())
        with RichProgress(*columns, console=console, transient=True) as bars:
            task = bars.add_task("", total=None)
            yield lambda: bars.advance(task)
    else:

        def count() -> None:
            nonlocal counted
            counted += 1
            if counted % LINE_EVERY == 0:
                terminal.say(f"zoo: {counted:,} {noun}s so far")

        yield count


class TaskProgress:
    """Progress of tasks of different cost: the number done and the time left.

    On a terminal a bar moves; elsewhere every task has a line, or there is one line per `pause`
    seconds. An interruption prints how many results are saved.
    """

    def __init__(
        self,
        count: int,
        cost: float,
        name: str,
        clock: Callable[[], float],
        *,
        already: int = 0,
        pause: float = 0,
        hint: str = "Run the same command again to continue.",
    ) -> None:
        self.count, self.cost, self.name, self.clock = count, cost, name, clock
        self.pause, self.hint = pause, hint
        self.finished, self.spent = already, 0.0
        self.bars: RichProgress | None = None
        self.started = self.last_line = clock()

    def __enter__(self) -> Self:
        """Start the display."""
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as RichProgress

        console = terminal.console(stderr=True)
        if console.is_terminal and not console.is_dumb_terminal:
            columns = (
                TextColumn("{task.fields[done]} of {task.fields[count]} {task.fields[name]}"),
                BarColumn(),
                TextColumn("{task.fields[left]}"),
                TextColumn("{task.description}", markup=False),
            )
            self.bars = RichProgress(*columns, console=console, transient=True)
            self.bars.start()
            self.task = self.bars.add_task(
                "", total=self.cost, done=self.finished, count=self.count, name=self.name, left=""
            )
        return self

    def __exit__(self, _: object, error: BaseException | None, *__: object) -> None:
        """Remove the bar; say after an interruption or a full disk how the command goes on."""
        from zoo.files import NotWrittenError

        if self.bars:
            self.bars.stop()
        if isinstance(error, NotWrittenError):
            error.hint = f"{error.hint} {self.hint}".lstrip()
        if isinstance(error, KeyboardInterrupt | SystemExit):
            terminal.say(
                f"zoo: stopped: {self.finished:,} of {self.count:,} {self.name} are saved."
            )
            terminal.say(f"     {self.hint}")

    def failed(self, message: str) -> None:
        """Print the failure of a task, above the bar."""
        if self.bars:
            self.bars.console.print(styled(terminal.message(f"zoo: {message}")))
        else:
            terminal.say(f"zoo: {message}")

    def done(self, cost: float, label: str) -> None:
        """Count a finished task."""
        self.finished += 1
        self.spent += cost
        now = self.clock()
        elapsed = now - self.started
        left = elapsed * (self.cost - self.spent) / self.spent
        if self.bars:
            self.bars.update(
                self.task,
                completed=self.spent,
                description=plain(label),
                done=self.finished,
                left=f"{span(left)} left",
            )
        elif now >= self.last_line + self.pause or self.finished == self.count:
            self.last_line = now
            terminal.say(f"zoo: {self.finished}/{self.count} {label}; about {span(left)} left")


def span(seconds: float) -> str:
    """Return such as 0:07 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
