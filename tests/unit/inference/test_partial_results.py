"""Parts of a prediction on disk."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.errors import ConfigError, CorruptFileError, ZooError
from zoo.inference.inputs import Input, Unreadable
from zoo.inference.partial_results import PartialResults, serialize
from zoo.inference.predict import Prediction

KEY = "ab" * 32
SHARES = np.array([1 / 3, 1e-30, 0.1, *[0] * 7], np.float32)
BAD = Unreadable("b.png", CorruptFileError("b.png is empty.", hint="Take another."))
GOOD = Prediction(Input("a\udcff.png", 3, np.zeros(64, np.uint8), "as it is"), SHARES)
CONTENT = serialize(KEY, [GOOD, BAD])


def test_part_round_trip(tmp_path: Path) -> None:
    """Predictions and errors survive in a part, to the last bit."""
    parts = PartialResults(tmp_path / "out.csv")
    parts.save(KEY, CONTENT)
    assert [path.name for path in (tmp_path / "out.csv.parts").iterdir()] == [f"{KEY}.part"]
    good, bad = parts.answers(KEY)
    assert isinstance(good, Prediction)
    assert (good.of.source, good.of.index, good.of.said) == ("a\udcff.png", 3, "as it is")
    assert good.probabilities.dtype == np.float32
    assert good.probabilities.tobytes() == SHARES.tobytes()
    assert isinstance(bad, Unreadable)
    assert (bad.source, str(bad.error)) == ("b.png", "b.png is empty.")
    assert bad.error.hint == "Take another."
    assert type(bad.error) is CorruptFileError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parts")


def is_noticed(folder: Path, content: bytes) -> bool:
    parts = PartialResults(folder / "out.csv")
    parts.path.mkdir(exist_ok=True)
    (parts.path / f"{KEY}.part").write_bytes(content)
    return not parts.has(KEY)


@given(end=st.integers(0, len(CONTENT) - 1))
def test_part_truncated(folder: Path, end: int) -> None:
    """A part that is cut anywhere does not count."""
    assert is_noticed(folder, CONTENT[:end])


@given(place=st.integers(0, len(CONTENT) - 1), flip=st.integers(1, 255))
def test_part_changed_byte(folder: Path, place: int, flip: int) -> None:
    """A part with any byte changed does not count."""
    changed = bytearray(CONTENT)
    changed[place] ^= flip
    assert is_noticed(folder, bytes(changed))


def test_part_under_its_own_key(folder: Path) -> None:
    """A whole part counts under its own key and no other, with nothing behind it."""
    assert not is_noticed(folder, CONTENT)
    assert is_noticed(folder, serialize("cd" * 32, [GOOD]))
    assert is_noticed(folder, CONTENT + b"\n")


def test_part_missing(tmp_path: Path) -> None:
    """A part that is gone says what to do."""
    with pytest.raises(ZooError, match="is gone, or has changed") as told:
        list(PartialResults(tmp_path / "out.csv").answers(KEY))
    assert "--resume" in told.value.hint


def test_parts_clear_keeps_other_files(tmp_path: Path) -> None:
    """Only parts are removed, and those that were being written."""
    parts = PartialResults(tmp_path / "out.csv")
    parts.save(KEY, CONTENT)
    (parts.path / f".{KEY}.part.{'0' * 16}.tmp").touch()
    for name in ("mine.part", "notes.txt", f"{KEY}.part.bak"):
        (parts.path / name).touch()
    (parts.path / f"{'e' * 64}.part").mkdir()
    parts.clear()
    left = {path.name for path in parts.path.iterdir()}
    assert left == {"mine.part", "notes.txt", f"{KEY}.part.bak", f"{'e' * 64}.part"}
    assert not parts.has("e" * 64)


def test_parts_clear_removes_the_folder(tmp_path: Path) -> None:
    """An empty folder goes with its parts; clearing twice is no error."""
    parts = PartialResults(tmp_path / "out.csv")
    parts.save(KEY, CONTENT)
    parts.clear()
    assert list(tmp_path.iterdir()) == []
    parts.clear()


def test_parts_folder_is_a_file(tmp_path: Path) -> None:
    """A file in the place of the folder is refused."""
    (tmp_path / "out.csv.parts").touch()
    with pytest.raises(ConfigError, match="is no folder"):
        PartialResults(tmp_path / "out.csv")
