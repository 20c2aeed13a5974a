"""The errors of rows of a table, so that the other rows can be predicted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from zoo.errors import DataError

FILL_IN = "The model was trained without missing values: fill it in, or leave out the row."
CORRECT = "Correct it, or leave out the row."


@dataclass
class RowErrors:
    """The first error of each row; unless they are kept, the first of all is raised."""

    are_kept: bool = False
    by_row: dict[int, DataError] = field(default_factory=dict)  # counted from 0 in the chunk

    def add(self, rows: Iterable[int], error_of: Callable[[int], DataError]) -> None:
        """Add errors of rows."""
        for row in rows:
            if not self.are_kept:
                raise error_of(row)
            if row not in self.by_row:
                self.by_row[row] = error_of(row)
