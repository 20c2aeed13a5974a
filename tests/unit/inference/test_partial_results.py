"""Partial results on disk."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.errors import ConfigError, CorruptFileError, DataError, ZooError
from zoo.inference.file_groups import Unreadable
from zoo.inference.inputs import Input
from zoo.inference.partial_results import PartialResults, serialize
from zoo.inference.predict import Prediction
from zoo.system.temporary import new_path

KEY = "ab" * 32
SHARES = np.array([1 / 3, 1e-30, 0.1, *[0] * 7], np.float32)
BAD_ROW = Unreadable("a.csv", DataError("a.csv, row 6: it is bad."), is_row=True)
BAD = Unreadable("b.png", CorruptFileError("b.png is empty.", hint="Take another."))
GOOD = Prediction(Input("a\udcff.png", 3, np.zeros(64, np.uint8), "as it is"), SHARES)
CONTENT = serialize(KEY, [GOOD, BAD, BAD_ROW])


def test_part_round_trip(tmp_path: Path) -> None:
    """Predictions and errors are read as they were written, bit-identically."""
    parts = PartialResults(tmp_path / "out.csv")
    parts.save(KEY, CONTENT)
    assert [path.name for path in (tmp_path / "out.csv.parts").iterdir()] == [f"{KEY}.part"]
    good, bad, bad_row = parts.read(KEY)
    assert isinstance(good, Prediction)
    assert (good.input.source, good.input.index, good.input.steps) == ("a\udcff.png", 3, "as it is")
    assert good.probabilities.dtype == np.float32
    assert good.probabilities.tobytes() == SHARES.tobytes()
    assert isinstance(bad, Unreadable)
    assert (bad.source, str(bad.error)) == ("b.png", "b.png is empty.")
    assert bad.error.hint == "Take another."
    assert type(bad.error) is CorruptFileError
    assert isinstance(bad_row, Unreadable)
    assert (type(bad_row.error), bad_row.is_row, bad.is_row) == (DataError, True, False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parts")


def is_rejected(folder: Path, content: bytes) -> bool:
    parts = PartialResults(folder / "out.csv")
    parts.path.mkdir(exist_ok=True)
    (parts.path / f"{KEY}.part").write_bytes(content)
    return not parts.has(KEY)


@given(end=st.integers(0, len(CONTENT) - 1))
def test_part_truncated(folder: Path, end: int) -> None:
    """A part that is truncated anywhere is rejected."""
    assert is_rejected(folder, CONTENT[:end])


@given(index=st.integers(0, len(CONTENT) - 1), flip=st.integers(1, 255))
def test_part_changed_byte(folder: Path, index: int, flip: int) -> None:
    """A part with a changed byte is rejected."""
    changed = bytearray(CONTENT)
    changed[index] ^= flip
    assert is_rejected(folder, bytes(changed))


def test_part_under_its_own_key(folder: Path) -> None:
    """A complete part is accepted only under its own key, without trailing bytes."""
    assert not is_rejected(folder, CONTENT)
    assert is_rejected(folder, serialize("cd" * 32, [GOOD]))
    assert is_rejected(folder, CONTENT + b"\n")


def test_part_missing(tmp_path: Path) -> None:
    """The error for a missing part has a hint."""
    with pytest.raises(ZooError, match="was deleted or modified") as caught:
        list(PartialResults(tmp_path / "out.csv").read(KEY))
    assert "--resume" in caught.value.hint


def test_parts_clear_keeps_other_files(tmp_path: Path) -> None:
    """Only parts are removed, including unfinished ones."""
    parts = PartialResults(tmp_path / "out.csv")
    parts.save(KEY, CONTENT)
    new_path(parts.path).touch()
    for name in ("mine.part", "notes.txt", f"{KEY}.part.bak"):
        (parts.path / name).touch()
    (parts.path / f"{'e' * 64}.part").mkdir()
    parts.clear()
    left = {path.name for path in parts.path.iterdir()}
    assert left == {"mine.part", "notes.txt", f"{KEY}.part.bak", f"{'e' * 64}.part"}
    assert not parts.has("e" * 64)


def test_parts_clear_removes_the_folder(tmp_path: Path) -> None:
    """The folder is removed if it is empty; clearing twice is not an error."""
    parts = PartialResults(tmp_path / "out.csv")
    parts.save(KEY, CONTENT)
    parts.clear()
    assert list(tmp_path.iterdir()) == []
    parts.clear()


def test_parts_folder_is_a_file(tmp_path: Path) -> None:
    """A file with the name of the folder raises an error."""
    (tmp_path / "out.csv.parts").touch()
    with pytest.raises(ConfigError, match="is not a folder"):
        PartialResults(tmp_path / "out.csv")


def test_parts_of_one_command_at_a_time(tmp_path: Path) -> None:
    """A second command for the same file is refused in one sentence, and deletes nothing."""
    parts, others = PartialResults(tmp_path / "out.csv"), PartialResults(tmp_path / "out.csv")
    with parts.locked():
        parts.save(KEY, CONTENT)
        with pytest.raises(ZooError) as caught, others.locked():
            others.clear()
        assert str(caught.value) == f"Another command is writing {tmp_path / 'out.csv'}."
        assert caught.value.hint == "Wait for its end, or choose another file."
        assert parts.has(KEY)
    assert [path.name for path in parts.path.iterdir()] == [f"{KEY}.part"]
    with others.locked():
        assert others.has(KEY)
        others.clear()
    assert list(tmp_path.iterdir()) == []
