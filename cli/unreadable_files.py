"""The files that a command could not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from . import terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO

    from zoo.inference.file_groups import Unreadable
    from zoo.inference.predict import Prediction


class UnreadableFiles:
    """The unreadable files and their errors, on disk because there may be many."""

    def __init__(self, reasons: IO[str], noun: str) -> None:
        self.count, self.first, self.reasons, self.noun = 0, "", reasons, noun

    def filtered(self, stream: Iterable[Prediction | Unreadable]) -> Iterator[Prediction]:
        """Yield the predictions, and record the unreadable files."""
        from zoo.files import writing_temporary_files
        from zoo.inference.predict import Prediction

        for result in stream:
            if isinstance(result, Prediction):
                yield result
                continue
            self.count += 1
            self.first = self.first or str(result.error)
            with writing_temporary_files():
                self.reasons.write(f"     {terminal.message(str(result.error))}\n")

    def raise_if_any(self, reason: str) -> None:
        """Raise if there was an unreadable file."""
        from zoo.errors import CorruptFileError

        if self.count:
            raise CorruptFileError(f"{reason}. {self.first}")

    def report(self, *, n_predicted: int, skip: bool) -> None:
        """List the unreadable files on stderr, and exit with 1 unless they may be skipped."""
        if not self.count:
            return
        noun = self.noun if self.count == 1 else f"{self.noun}s"
        terminal.say(f"zoo: {self.count:,} {noun} could not be read:")
        self.reasons.seek(0)
        for reason in self.reasons:
            terminal.say(reason.rstrip("\n"))
        terminal.say(f"     predicted: {n_predicted:,}")
        if not skip:
            raise typer.Exit(1)
