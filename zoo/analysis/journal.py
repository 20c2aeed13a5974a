"""The journal of a study: a file with a line of JSON for each of Optuna's records.

Optuna's own backend leaves its lock behind when its process is killed, for which the others then
wait, and it appends to a line that a kill or a full disk has torn.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from optuna.storages.journal import BaseJournalBackend

from zoo.analysis.study_folder import ANOTHER_FOLDER, JOURNAL, damaged, locked, not_written
from zoo.errors import CorruptFileError
from zoo.system.files import open_regular

BEGINNING = b'{"op_code":'  # of each line
MAX_LINE = 2**24  # bytes
MAX_BYTES = 2**30

Record = dict[str, Any]


class Journal(BaseJournalBackend):
    """The journal in a folder. A last line without its end was torn, and is not a record."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL
        self.line = 0  # the number of the line that was read last
        self._starts = [0]  # the offset of each line, and the end of the last one

    def read_logs(self, log_number_from: int) -> Iterator[Record]:
        """Yield the records from a number on."""
        try:
            records = self._read(log_number_from)
        except CorruptFileError:
            with locked(self.path.parent):  # another process may just have replaced a torn line
                records = self._read(log_number_from)
        for self.line, record in enumerate(records, start=log_number_from + 1):
            yield record

    def append_logs(self, logs: list[Record]) -> None:
        """Append records; raise a StudyWriteError if the disk is full."""
        lines = [json.dumps(log, separators=(",", ":")).encode() + b"\n" for log in logs]
        with locked(self.path.parent):
            try:
                self._write(b"".join(lines))
            except OSError as error:
                raise not_written(self.path, error) from error

    def _read(self, first: int) -> list[Record]:
        if not self.path.exists():
            return []
        if not self.path.is_file():
            raise self._foreign()
        records = []
        with open_regular(self.path) as file:
            if (size := os.fstat(file.fileno()).st_size) > MAX_BYTES:
                raise damaged(self.path, f"expected at most {MAX_BYTES:,} bytes, got {size:,}")
            file.seek(self._starts[first])
            for number, line in enumerate(iter(lambda: file.readline(MAX_LINE), b""), start=first):
                if not line.endswith(b"\n") and len(line) < MAX_LINE:
                    if number == 0:
                        self._check_first(line)
                    break
                records.append(self._record(number + 1, line))
                self._starts[number + 1 :] = [file.tell()]
        return records

    def _record(self, number: int, line: bytes) -> Record:
        if number == 1:
            self._check_first(line)
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            raise damaged(self.path, f"line {number} is not a record in JSON")
        return record

    def _check_first(self, line: bytes) -> None:
        """Raise if a line that may be torn does not begin like a record."""
        if line[: len(BEGINNING)] != BEGINNING[: len(line)]:
            raise self._foreign()

    def _foreign(self) -> CorruptFileError:
        return CorruptFileError(f"{self.path} is not the journal of a study.", hint=ANOTHER_FOLDER)

    def _write(self, lines: bytes) -> None:
        """Append lines, instead of a line that was torn."""
        with self.path.open("a+b") as file:
            file.truncate(_end_of_lines(file))
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())


def _end_of_lines(file: BinaryIO) -> int:
    """Return the offset after the last complete line."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - 1, 0))
    if file.read() in {b"", b"\n"}:
        return size
    start = file.seek(max(size - MAX_LINE, 0))
    return start + file.read().rfind(b"\n") + 1
