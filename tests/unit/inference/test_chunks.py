"""Chunks of inputs: keys and ranges."""

import hashlib
import os
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.unix import unix_only
from zoo.config.dataset_info import SOURCES
from zoo.config.datasets import TableData
from zoo.data import csv_rows, idx, kaggle_csv, npy
from zoo.errors import ConfigError
from zoo.inference import chunks, file_groups, inputs
from zoo.inference.chunks import Chunk, FileRange, split_into_chunks
from zoo.inference.file_groups import Unreadable
from zoo.inference.inputs import InputSpec


@pytest.fixture(autouse=True)
def _small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_groups, "FILES_PER_GROUP", 8)


def spec(tmp_path: Path) -> InputSpec:
    return InputSpec(SOURCES["digits"], "none", tmp_path / "cache")


def split(tmp_path: Path, *args: object, depends: str = "") -> list[Chunk]:
    return list(split_into_chunks([str(arg) for arg in args], spec(tmp_path), model_key=depends))


def ranges(chunk: Chunk) -> list[tuple[str, int, int | None]]:
    """Return the name, the first and the end of each file, all of which are readable."""
    return [
        (Path(item.source).name, item.first, item.end)
        for item in chunk.items
        if isinstance(item, FileRange)
    ]


def test_chunk_key_changes(tmp_path: Path) -> None:
    """A key changes with a file's content, its name and the model."""
    one, other = tmp_path / "one.png", tmp_path / "other.png"
    one.write_bytes(b"some content")
    other.write_bytes(b"some content")
    (before,) = split(tmp_path, one)
    assert before.items == (FileRange(str(one), hashlib.sha256(b"some content").digest()),)
    assert split(tmp_path, one) == [before]
    assert split(tmp_path, other)[0].key != before.key
    assert split(tmp_path, one, depends="another model")[0].key != before.key
    one.write_bytes(b"Some content")
    assert split(tmp_path, one)[0].key != before.key


def test_chunks_of_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An array is a chunk of its own, and a long one is split into ranges."""
    monkeypatch.setattr(chunks, "MIN_ROWS_PER_RANGE", 100)
    np.save(tmp_path / "b.npy", np.zeros((250, 8, 8), np.uint8))
    np.save(tmp_path / "d.npy", np.zeros((5000, 8, 8), np.uint8))
    for name in ("a.png", "c.png", "e.png"):
        (tmp_path / name).write_bytes(b"")
    all_ranges = [ranges(chunk) for chunk in split(tmp_path, tmp_path)]
    assert all_ranges[:4] == [
        [("a.png", 0, None)],
        [("b.npy", 0, 128)],
        [("b.npy", 128, None)],
        [("c.png", 0, None)],
    ]
    # 313 images per range, rounded up to a multiple of 64
    assert len(all_ranges) == 4 + chunks.MAX_RANGES + 1
    assert all_ranges[4:6] == [[("d.npy", 0, 320)], [("d.npy", 320, 640)]]
    assert all_ranges[-2:] == [[("d.npy", 4800, None)], [("e.png", 0, None)]]


@pytest.mark.parametrize(("min_rows", "size"), [(1, 64), (64, 64), (65, 128), (20_000, 20_032)])
def test_chunk_ranges_begin_at_row_0(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, min_rows: int, size: int
) -> None:
    """A range of an array begins at a multiple of 64 rows."""
    monkeypatch.setattr(chunks, "MIN_ROWS_PER_RANGE", min_rows)
    monkeypatch.setattr(chunks, "MAX_RANGES", 10**6)
    np.save(tmp_path / "many.npy", np.zeros((20_100, 8, 8), np.uint8))
    items = [item for chunk in split(tmp_path, tmp_path / "many.npy") for item in ranges(chunk)]
    assert [first for _, first, _ in items] == list(range(0, 20_100, size))
    assert [end for _, _, end in items] == [*range(size, 20_100, size), None]


def test_chunk_of_unreadable_files(tmp_path: Path) -> None:
    """An unreadable file is in a chunk with its error, which a worker receives."""
    (tmp_path / "lost.png").symlink_to(tmp_path / "nowhere")
    (tmp_path / "model.pkl").write_bytes(b"")
    result = split(tmp_path, tmp_path / "lost.png", tmp_path / "model.pkl")
    lost, pickled = (item for chunk in result for item in chunk.items)  # one chunk or two
    assert isinstance(lost, Unreadable)
    message = f"{tmp_path / 'lost.png'} does not exist."
    assert str(lost.error) == message
    assert lost.error.exit_code == 3
    assert isinstance(pickled, Unreadable)
    assert "may run code" in str(pickled.error)
    assert (pickled.error.exit_code, bool(pickled.error.hint)) == (5, True)


@pytest.mark.parametrize("name", ["a.png", "a.csv", "a.npy", "a.npz", "a-idx3-ubyte.gz"])
def test_chunk_of_a_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A file that is larger than any of its type is refused before it is read."""
    for limits in (idx, kaggle_csv, npy):
        monkeypatch.setattr(limits, "MAX_BYTES" if limits is kaggle_csv else "MAX_FILE_BYTES", 9)
    monkeypatch.setattr(inputs, "MAX_BYTES", 9)
    monkeypatch.setattr("zoo.inference.chunks.digest", lambda _: pytest.fail("it was read"))
    (tmp_path / name).write_bytes(bytes(10))
    ((item,),) = (chunk.items for chunk in split(tmp_path, tmp_path / name))
    assert isinstance(item, Unreadable)
    message = f"{tmp_path / name} has more than 9 bytes, which is the maximum."
    assert (str(item.error), item.error.exit_code) == (message, 5)


def test_chunk_of_a_large_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "MAX_FILE_BYTES", 5)
    path = tmp_path / "rows.csv"
    path.write_text("1,2,3\n")
    table = TableData(kind="table", columns=3, classes=2, rows=2).source
    (chunk,) = split_into_chunks([str(path)], InputSpec(table, None, tmp_path), model_key="")
    (item,) = chunk.items
    assert isinstance(item, Unreadable)
    assert "has more than 5 bytes" in str(item.error)


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a-idx3-ubyte", "a.pkl"])
def test_chunk_of_a_damaged_array(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A file with a damaged header is refused as without chunks, before all of it is read."""
    monkeypatch.setattr("zoo.inference.chunks.digest", lambda _: pytest.fail("it was read"))
    (tmp_path / name).write_bytes(bytes(100))
    ((item,),) = (chunk.items for chunk in split(tmp_path, tmp_path / name))
    (expected,) = inputs.read_file(tmp_path / name, spec(tmp_path))
    assert repr(item) == repr(expected)


def test_chunk_sent_to_a_worker(tmp_path: Path) -> None:
    """A worker receives a chunk as it is: names that are no text, errors with their hints."""
    name = os.fsdecode(b"\xff.png")
    (tmp_path / name).write_bytes(b"")
    (tmp_path / "model.pkl").write_bytes(b"")
    for chunk in split(tmp_path, tmp_path / name, tmp_path / "model.pkl"):
        received = ForkingPickler.loads(ForkingPickler.dumps(chunk))
        assert repr(received) == repr(chunk)
        assert received.key == chunk.key
        for item, sent in zip(received.items, chunk.items, strict=True):
            if isinstance(sent, Unreadable):
                assert type(item.error) is type(sent.error)
                assert item.error.hint == sent.error.hint != ""


@unix_only
def test_chunk_of_a_pipe(tmp_path: Path) -> None:
    """A pipe raises an error, because it cannot be read twice."""
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ConfigError, match=r"pipe\.png is not a regular file"):
        split(tmp_path, tmp_path / "pipe.png")


def test_chunk_label() -> None:
    """The label names the first and last file, and a range."""
    one, other = FileRange("a.png", b""), FileRange("b.png", b"")
    assert Chunk("", (one,)).label == "a.png"
    assert Chunk("", (one, other)).label == "a.png to b.png"
    assert Chunk("", (FileRange("a.npy", b"", 0, 20_000),)).label == "a.npy [0 to 19,999]"
    assert Chunk("", (FileRange("a.npy", b"", 20_000),)).label == "a.npy [20,000 to the last]"
