"""Progress on stderr: of a download, of pictures that are being answered, of many tasks."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from zoo.data.locations import Progress


@contextmanager
def download_progress() -> Iterator[Progress]:
    """Give the function that shows a download on stderr as long as the block runs."""
    from rich.console import Console

    console = Console(stderr=True)
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
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def show(name: str, received: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=received, total=total)

        yield show


def _lines() -> Progress:
    """Return a function that says once for each file that it comes."""
    told: set[str] = set()

    def show(name: str, received: int, total: int | None) -> None:  # noqa: ARG001 - as Progress has it
        if name not in told:
            told.add(name)
            size = f" ({total:,} bytes)" if total else ""
            print(f"Downloading {name}{size}", file=sys.stderr)

    return show


EVERY = 10_000  # pictures a line, where there is no terminal


@contextmanager
def image_counter(*, quiet: bool) -> Iterator[Callable[[], None]]:
    """Give the function that counts a picture: on a terminal a moving number, else some lines."""
    from rich.console import Console

    console, counted = Console(stderr=True), 0
    if quiet:
        yield lambda: None
    elif console.is_terminal and not console.is_dumb_terminal:
        from rich.progress import Progress as Bars
        from rich.progress import TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.completed:,.0f} pictures"), TimeElapsedColumn())
        with Bars(*columns, console=console, transient=True) as bars:
            task = bars.add_task("", total=None)
            yield lambda: bars.advance(task)
    else:

        def count() -> None:
            nonlocal counted
            counted += 1
            if counted % EVERY == 0:
                print(f"zoo: {counted:,} pictures so far", file=sys.stderr, flush=True)

        yield count


class TaskProgress:
    """Many tasks of different lengths: how many are done, how long the rest will take.

    On a terminal a bar moves; elsewhere every task has a line, unless seconds are to pass between
    two. Whoever stops it hears what is kept.
    """

    def __init__(
        self,
        count: int,
        effort: float,
        name: str,
        clock: Callable[[], float],
        *,
        already: int = 0,
        pause: float = 0,
        way_on: str = "The same command goes on.",
    ) -> None:
        self.count, self.effort, self.name, self.clock = count, effort, name, clock
        self.pause, self.way_on = pause, way_on
        self.finished, self.spent = already, 0.0
        self.bars: RichProgress | None = None
        self.began = self.told = clock()

    def __enter__(self) -> Self:
        """Begin to show it."""
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bars

        console = Console(stderr=True)
        if console.is_terminal and not console.is_dumb_terminal:
            columns = (
                TextColumn("{task.fields[done]} of {task.fields[count]} {task.fields[name]}"),
                BarColumn(),
                TextColumn("{task.fields[left]}"),
                TextColumn("{task.description}", markup=False),
            )
            self.bars = Bars(*columns, console=console, transient=True)
            self.bars.start()
            self.task = self.bars.add_task(
                "", total=self.effort, done=self.finished, count=self.count, name=self.name, left=""
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Take the bar away."""
        if self.bars:
            self.bars.stop()
        if kind and issubclass(kind, KeyboardInterrupt | SystemExit):
            print(
                f"zoo: stopped: {self.finished:,} of {self.count:,} {self.name} are done and kept.",
                file=sys.stderr,
            )
            print(f"     {self.way_on}", file=sys.stderr)

    def failed(self, words: str) -> None:
        """Say of one that it failed, above the bar."""
        from .output.tables import plain

        if self.bars:
            self.bars.console.print(f"zoo: {plain(words)}", markup=False, highlight=False)
        else:
            print(f"zoo: {plain(words)}", file=sys.stderr, flush=True)

    def done(self, effort: float, words: str) -> None:
        """Count one more."""
        self.finished += 1
        self.spent += effort
        now = self.clock()
        elapsed = now - self.began
        left = elapsed * (self.effort - self.spent) / self.spent
        if self.bars:
            self.bars.update(
                self.task,
                completed=self.spent,
                description=words,
                done=self.finished,
                left=f"{span(left)} left",
            )
        elif now >= self.told + self.pause or self.finished == self.count:
            self.told = now
            print(
                f"zoo: {self.finished}/{self.count} {words}; about {span(left)} left",
                file=sys.stderr,
                flush=True,
            )


def span(seconds: float) -> str:
    """Return such as 0:07 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
