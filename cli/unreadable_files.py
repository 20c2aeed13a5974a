"""The files, and the rows of tables, that a command could not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from . import terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO

    from zoo.inference.file_groups import Unreadable
    from zoo.inference.predict import Prediction


SHOWN_ROWS = 10


class UnreadableFiles:
    """The unreadable files, all of them on disk because there may be many, and the first rows."""

    def __init__(self, reasons: IO[str], noun: str, only_source: str | None) -> None:
        self.reasons, self.noun, self.only_source = reasons, noun, only_source
        self.files, self.rows, self.first = 0, 0, ""
        self.hints: dict[str, None] = {}
        self.exit_code = 1

    def filtered(self, stream: Iterable[Prediction | Unreadable]) -> Iterator[Prediction]:
        """Yield the predictions, and record the unreadable files."""
        from zoo.files import writing_temporary_files
        from zoo.inference.predict import Prediction

        for result in stream:
            if isinstance(result, Prediction):
                yield result
                continue
            self.first = self.first or str(result.error)
            if result.is_row:
                self.rows += 1
                if self.rows > SHOWN_ROWS:
                    continue
                self.hints[result.error.hint] = None
            else:
                self.files += 1
                if self.only_source == result.source:  # some of the only file was read
                    self.hints[result.error.hint] = None
                    self.exit_code = result.error.exit_code
            with writing_temporary_files():
                self.reasons.write(f"     {terminal.message(str(result.error))}\n")

    def raise_if_any(self, reason: str) -> None:
        """Raise if there was an unreadable file."""
        from zoo.errors import CorruptFileError

        if self.first:
            raise CorruptFileError(f"{reason}. {self.first}")

    def report(self, *, n_predicted: int, skip: bool) -> None:
        """List the unreadable files on stderr, and exit unless they may be skipped.

        The exit code is 1, or that of the error if the only file is damaged after some rows.
        """
        from zoo.formatting import count

        if not self.first:
            return
        counted = [(self.files, self.noun), (self.rows, "row")]
        nouns = " and ".join(count(number, noun) for number, noun in counted if number)
        terminal.say(f"zoo: {nouns} could not be read:")
        self.reasons.seek(0)
        for reason in self.reasons:
            terminal.say(reason.rstrip("\n"))
        if self.rows > SHOWN_ROWS:
            terminal.say(f"     and {count(self.rows - SHOWN_ROWS, 'more row')}")
        for hint in filter(None, self.hints):
            terminal.say(f"     {hint}")
        terminal.say(f"     predicted: {n_predicted:,}")
        if not skip:
            raise typer.Exit(self.exit_code)
