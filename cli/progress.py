"""Progress on stderr: of a download, and of pictures that are being answered."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zoo.data.progress import Progress

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID


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
def _bars(console: "Console") -> Iterator[Progress]:
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

    def show(name: str, received: int, total: int | None) -> None:  # noqa: ARG001 - a line has no bar
        if name not in told:
            told.add(name)
            size = f" ({total:,} bytes)" if total else ""
            print(f"Downloading {name}{size}", file=sys.stderr)

    return show


EVERY = 10_000  # pictures a line, where there is no terminal


@contextmanager
def counting(*, quiet: bool) -> Iterator[Callable[[], None]]:
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
