"""The journal of a study: torn lines, full disks, files that are none."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from zoo.analysis.journal import Journal
from zoo.analysis.study_folder import StudyWriteError
from zoo.errors import CorruptFileError

FIRST, SECOND = {"op_code": 0, "name": "a"}, {"op_code": 1, "name": "é"}
LINES = b'{"op_code":0,"name":"a"}\n{"op_code":1,"name":"\\u00e9"}\n'


def journal_with(folder: Path, content: bytes) -> Journal:
    journal = Journal(folder)
    journal.path.write_bytes(content)
    return journal


def test_journal_records(tmp_path: Path) -> None:
    """Records come back from any number on, those of another process too."""
    journal, other = Journal(tmp_path), Journal(tmp_path)
    assert list(journal.read_logs(0)) == []
    journal.append_logs([FIRST])
    other.append_logs([SECOND])
    assert journal.path.read_bytes() == LINES
    assert list(journal.read_logs(0)) == [FIRST, SECOND]
    assert list(journal.read_logs(1)) == [SECOND]
    assert list(journal.read_logs(2)) == []


@pytest.mark.parametrize("kept", range(len(LINES)))
def test_journal_torn_at_every_byte(tmp_path: Path, kept: int) -> None:
    """A line that a kill or a full disk has torn is not a record, and the next one replaces it."""
    journal = journal_with(tmp_path, LINES[:kept])
    complete = [FIRST] if kept >= LINES.index(b"\n") + 1 else []
    assert list(journal.read_logs(0)) == complete
    assert journal.path.read_bytes() == LINES[:kept]
    journal.append_logs([SECOND])
    assert list(journal.read_logs(len(complete))) == [SECOND]
    assert list(Journal(tmp_path).read_logs(0)) == [*complete, SECOND]


def test_journal_torn_line_replaced_while_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that saw the beginning of a torn line and the end of the next one reads again."""
    journal = journal_with(tmp_path, LINES + b'{"op_code":2,"na{"op_code":2}\n')
    real = Journal._read  # noqa: SLF001 - what another process does between two calls

    def read(self: Journal, first: int) -> list[dict[str, Any]]:
        try:
            return real(self, first)
        finally:
            self.path.write_bytes(LINES + b'{"op_code":2}\n')

    monkeypatch.setattr(Journal, "_read", read)
    assert list(journal.read_logs(0)) == [FIRST, SECOND, {"op_code": 2}]


@pytest.mark.parametrize("torn", [b"", b'{"op_code":1,"na'])
def test_journal_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, torn: bytes) -> None:
    """The error says what could not be written and how to go on; the journal stays whole."""
    journal = journal_with(tmp_path, LINES)

    def full(self: Journal, _lines: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(torn)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "_write", full)
        with pytest.raises(StudyWriteError) as raised:
            journal.append_logs([FIRST])
    assert str(raised.value) == f"{journal.path} could not be written: No space left on device."
    assert raised.value.hint == (
        "Free space on its disk. Then run the same command with --resume to continue."
    )
    journal.append_logs([FIRST])
    assert list(journal.read_logs(0)) == [FIRST, SECOND, FIRST]


@pytest.mark.parametrize(
    "content", [b"notes", b"[]\n", b"{}", b'{"op', b"\x00\x00", b'{"a": 1}\n{"op_code":0}\n']
)
def test_journal_foreign_file(tmp_path: Path, content: bytes) -> None:
    """A file that does not begin like a journal is refused and stays as it is."""
    journal = journal_with(tmp_path, content)
    if content == b'{"op':  # the first record may be torn
        assert list(journal.read_logs(0)) == []
        return
    with pytest.raises(CorruptFileError, match=r"journal\.log is not the journal of a study\."):
        list(journal.read_logs(0))
    assert journal.path.read_bytes() == content


@pytest.mark.parametrize("line", [b"nonsense", b"[1]", b"[" * 10_000, b"9" * 10_000, b"\xff"])
def test_journal_damaged_line(tmp_path: Path, line: bytes) -> None:
    """A complete line that is not an object in JSON is named."""
    journal = journal_with(tmp_path, LINES + line + b"\n" + LINES)
    with pytest.raises(CorruptFileError, match=r"is damaged: line 3 is not a record in JSON\."):
        list(journal.read_logs(0))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a pipe with a name")
def test_journal_pipe(tmp_path: Path) -> None:
    """A pipe is not waited for."""
    journal = Journal(tmp_path)
    os.mkfifo(journal.path)
    with pytest.raises(CorruptFileError, match="is not the journal"):
        list(journal.read_logs(0))


def test_journal_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line or a file beyond the limit is refused before it is read."""
    journal = journal_with(tmp_path, LINES + b'{"op_code":"' + b"x" * 200)
    assert list(journal.read_logs(0)) == [FIRST, SECOND]
    monkeypatch.setattr("zoo.analysis.journal.MAX_LINE", 100)
    with pytest.raises(CorruptFileError, match="line 3 is not a record in JSON"):
        list(journal.read_logs(0))
    monkeypatch.setattr("zoo.analysis.journal.MAX_BYTES", 200)
    with pytest.raises(CorruptFileError, match="expected at most 200 bytes, got 267"):
        list(journal.read_logs(0))
