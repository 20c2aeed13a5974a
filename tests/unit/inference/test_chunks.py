"""Chunks of the input: groups of files, keys, ranges."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.config.dataset_info import SOURCES
from zoo.errors import ConfigError, DataError
from zoo.inference import chunks, inputs
from zoo.inference.chunks import Chunk, ChunkIndex, ChunkItem, split_into_chunks
from zoo.inference.inputs import InputSpec, Unreadable, groups

NUMBERS = st.lists(st.integers(0, 10**9), min_size=1, max_size=400, unique=True)


def files(numbers: Iterable[int]) -> list[Path | Unreadable]:
    return [Path(f"photos/{number:010}.png") for number in sorted(numbers)]


def sets(numbers: Iterable[int]) -> set[tuple[Path | Unreadable, ...]]:
    return {tuple(group) for group in groups(files(numbers))}


@pytest.fixture(autouse=True)
def _small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "FILES_PER_GROUP", 8)


@given(numbers=NUMBERS)
def test_groups_keep_the_order(numbers: list[int]) -> None:
    """No file is lost, and the order is kept."""
    several = list(groups(files(numbers)))
    assert [file for group in several for file in group] == files(numbers)
    assert all(several)


@given(numbers=NUMBERS, new=st.integers(0, 10**9))
def test_groups_with_a_file_more(numbers: list[int], new: int) -> None:
    """A file that comes or goes changes its own group and no other."""
    without, among = sets({*numbers} - {new}), sets({*numbers, new})
    # it joins one group, or it cuts one in two
    assert len(without - among) <= 1
    assert len(among - without) <= 2


def test_groups_sizes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Groups are as large as meant on average, and never larger than the bound."""
    sizes = [len(group) for group in groups(files(range(5_000)))]
    assert 6.5 < np.mean(sizes) < 9.5
    monkeypatch.setattr(inputs, "MAX_FILES_PER_GROUP", 10)
    assert max(len(group) for group in groups(files(range(5_000)))) == 10


def test_groups_in_another_folder() -> None:
    """The same files give the same groups however their folder is called."""
    sizes = [
        [len(group) for group in groups([folder / f"{number}.png" for number in range(100)])]
        for folder in (Path("photos"), Path("/somewhere/else"))
    ]
    assert sizes[0] == sizes[1]
    assert len(sizes[0]) > 1


def test_groups_array_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """An array is a group by its name alone, whether it can be read or not."""
    monkeypatch.setattr(inputs, "FILES_PER_GROUP", 10**18)
    lost = Unreadable("c.csv", DataError("c.csv cannot be read."))
    images: list[Path | Unreadable] = [Path("a.png"), Path("b.png")]
    for array in (lost, Path("d.NPY"), Path("e.npz"), Path("images-idx3-ubyte.gz")):
        assert list(groups([*images, array, *images])) == [images, [array], images]


def test_groups_read_lazily() -> None:
    """A group is there before the file behind the next one is asked for."""
    asked = []

    def endless() -> Iterator[Path]:
        for number in count():
            asked.append(number)
            yield Path(f"{number}.npy")

    found = groups(endless())
    assert next(found) == [Path("0.npy")]
    assert asked == [0]


def wanted(tmp_path: Path) -> InputSpec:
    return InputSpec(SOURCES["digits"], "none", tmp_path / "cache")


def planned(tmp_path: Path, *words: object, depends: str = "") -> list[Chunk]:
    return list(split_into_chunks([str(word) for word in words], wanted(tmp_path), depends=depends))


def test_chunk_key_changes(
    tmp_path: Path,
) -> None:
    """A key changes with a file's content, its name and whatever else a prediction depends on."""
    one, other = tmp_path / "one.png", tmp_path / "other.png"
    one.write_bytes(b"some content")
    other.write_bytes(b"some content")
    (before,) = planned(tmp_path, one)
    assert before.items == (ChunkItem(str(one), hashlib.sha256(b"some content").hexdigest()),)
    assert planned(tmp_path, one) == [before]
    assert planned(tmp_path, other)[0].key != before.key
    assert planned(tmp_path, one, depends="another model")[0].key != before.key
    one.write_bytes(b"Some content")
    assert planned(tmp_path, one)[0].key != before.key


def test_chunks_of_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An array is a chunk of its own, and a long one is cut into ranges."""
    monkeypatch.setattr(chunks, "ROWS_PER_RANGE", 100)
    np.save(tmp_path / "b.npy", np.zeros((250, 8, 8), np.uint8))
    np.save(tmp_path / "d.npy", np.zeros((5000, 8, 8), np.uint8))
    for name in ("a.png", "c.png", "e.png"):
        (tmp_path / name).write_bytes(b"")
    several = planned(tmp_path, tmp_path)
    found = [
        [(Path(one.source).name, one.first, one.end) for one in each.items] for each in several
    ]
    assert found[:4] == [
        [("a.png", 0, None)],
        [("b.npy", 0, 128)],
        [("b.npy", 128, None)],
        [("c.png", 0, None)],
    ]
    assert len(found) == 4 + chunks.MAX_RANGES + 1  # 313 images in each and 7 more, no more ranges
    assert found[4:6] == [[("d.npy", 0, 320)], [("d.npy", 320, 640)]]
    assert found[-2:] == [[("d.npy", 4800, None)], [("e.png", 0, None)]]


@pytest.mark.parametrize(("least", "ends"), [(1, 64), (64, 64), (65, 128), (20_000, 20_032)])
def test_chunk_ranges_begin_at_row_0(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: int, ends: int
) -> None:
    """A range of an array begins at a multiple of the 64 rows of a product."""
    monkeypatch.setattr(chunks, "ROWS_PER_RANGE", least)
    monkeypatch.setattr(chunks, "MAX_RANGES", 10**6)
    np.save(tmp_path / "many.npy", np.zeros((20_100, 8, 8), np.uint8))
    items = [item for chunk in planned(tmp_path, tmp_path / "many.npy") for item in chunk.items]
    assert [item.first for item in items] == list(range(0, 20_100, ends))
    assert [item.end for item in items] == [*range(ends, 20_100, ends), None]


def test_chunk_of_unreadable_files(tmp_path: Path) -> None:
    """A file that cannot be read is planned with its error."""
    (tmp_path / "lost.png").symlink_to(tmp_path / "nowhere")
    (tmp_path / "model.pkl").write_bytes(b"")
    several = planned(tmp_path, tmp_path / "lost.png", tmp_path / "model.pkl")
    lost, pickled = (item for one in several for item in one.items)  # their folder's name may cut
    assert lost.error == f"{tmp_path / 'lost.png'} could not be read: No such file or directory."
    assert lost.code == 3
    assert "may run code" in pickled.error
    assert (pickled.code, bool(pickled.hint)) == (5, True)


def test_chunk_of_a_pipe(tmp_path: Path) -> None:
    """A pipe is refused, since it cannot be read twice."""
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ConfigError, match=r"pipe\.png is not a regular file"):
        planned(tmp_path, tmp_path / "pipe.png")


def test_plan_is_a_sequence() -> None:
    """A plan on disk gives its chunks back, by number and by slice."""
    several = [
        Chunk(f"{number:064}", (ChunkItem(f"{number}\udcff.png", "", 3, number or None),))
        for number in range(5)
    ]
    with ChunkIndex() as found:
        for one in several:
            found.add(one)
        assert list(found) == several
        assert (len(found), found[3], found[1:3]) == (5, several[3], several[1:3])
        with pytest.raises(IndexError):
            found[5]


def test_chunk_words() -> None:
    """A chunk is called by its first and last file, and by its range."""
    one, other = ChunkItem("a.png", ""), ChunkItem("b.png", "")
    assert Chunk("", (one,)).label == "a.png"
    assert Chunk("", (one, other)).label == "a.png to b.png"
    assert Chunk("", (ChunkItem("a.npy", "", 0, 20_000),)).label == "a.npy [0 to 19,999]"
    assert Chunk("", (ChunkItem("a.npy", "", 20_000),)).label == "a.npy [20,000 to the last]"
