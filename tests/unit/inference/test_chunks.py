"""Chunks keep their key while the files around them come and go, and say all they depend on."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo import chunks
from zoo.chunks import Chunk, Item, Plan, cut, plan
from zoo.data.inputs import Wanted
from zoo.data.sources import SOURCES
from zoo.errors import ConfigError

NAMES = st.lists(st.integers(0, 10**9), min_size=1, max_size=400, unique=True)


def items(numbers: list[int]) -> list[Item]:
    return [Item(f"photos/{number:010}.png", f"{number:064}") for number in sorted(numbers)]


def sets(numbers: list[int]) -> set[tuple[Item, ...]]:
    return {tuple(some) for some in cut(items(numbers))}


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "FILES", 8)


@given(numbers=NAMES)
def test_nothing_is_lost_and_the_order_is_kept(numbers: list[int]) -> None:
    several = list(cut(items(numbers)))
    assert [item for some in several for item in some] == items(numbers)
    assert all(several)


@given(numbers=NAMES, new=st.integers(0, 10**9))
def test_a_file_that_comes_or_goes_changes_its_own_chunk_alone(
    numbers: list[int], new: int
) -> None:
    without, among = sets([one for one in numbers if one != new]), sets([*{*numbers, new}])
    # it joins one chunk, or it cuts one in two
    assert len(without - among) <= 1
    assert len(among - without) <= 2


def test_no_chunk_grows_beyond_bounds_and_most_are_as_large_as_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes = [len(some) for some in cut(items(list(range(20_000))))]
    assert 6.5 < np.mean(sizes) < 9.5
    monkeypatch.setattr(chunks, "MOST_FILES", 10)
    assert max(len(some) for some in cut(items(list(range(20_000))))) == 10


def wanted(tmp_path: Path) -> Wanted:
    return Wanted(SOURCES["digits"], "none", tmp_path / "cache")


def planned(tmp_path: Path, *words: object, depends: str = "") -> list[Chunk]:
    return list(plan([str(word) for word in words], wanted(tmp_path), depends=depends))


def test_a_key_changes_with_content_name_and_whatever_else_an_answer_depends_on(
    tmp_path: Path,
) -> None:
    one, other = tmp_path / "one.png", tmp_path / "other.png"
    one.write_bytes(b"some content")
    other.write_bytes(b"some content")
    (before,) = planned(tmp_path, one)
    assert before.items == (Item(str(one), hashlib.sha256(b"some content").hexdigest()),)
    assert planned(tmp_path, one) == [before]
    assert planned(tmp_path, other)[0].key != before.key
    assert planned(tmp_path, one, depends="another model")[0].key != before.key
    one.write_bytes(b"Some content")
    assert planned(tmp_path, one)[0].key != before.key


def test_a_file_of_many_is_a_chunk_of_its_own_and_a_large_one_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "PICTURES", 100)
    np.save(tmp_path / "b.npy", np.zeros((250, 8, 8), np.uint8))
    np.save(tmp_path / "d.npy", np.zeros((5000, 8, 8), np.uint8))
    for name in ("a.png", "c.png", "e.png"):
        (tmp_path / name).write_bytes(b"")
    several = planned(tmp_path, tmp_path)
    found = [
        [(Path(one.source).name, one.first, one.end) for one in each.items] for each in several
    ]
    assert found[:5] == [
        [("a.png", 0, None)],
        [("b.npy", 0, 100)],
        [("b.npy", 100, 200)],
        [("b.npy", 200, None)],
        [("c.png", 0, None)],
    ]
    assert len(found) == 5 + chunks.RANGES + 1  # 313 pictures in each, and no more ranges
    assert found[5:7] == [[("d.npy", 0, 313)], [("d.npy", 313, 626)]]
    assert found[-2:] == [[("d.npy", 4695, None)], [("e.png", 0, None)]]


def test_what_cannot_be_read_is_planned_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "lost.png").symlink_to(tmp_path / "nowhere")
    (tmp_path / "model.pkl").write_bytes(b"")
    several = planned(tmp_path, tmp_path / "lost.png", tmp_path / "model.pkl")
    lost, pickled = (item for one in several for item in one.items)  # their folder's name may cut
    assert lost.error == f"{tmp_path / 'lost.png'} could not be read: No such file or directory."
    assert lost.code == 3
    assert "may run code" in pickled.error
    assert (pickled.code, bool(pickled.hint)) == (5, True)


def test_a_pipe_cannot_be_read_twice(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ConfigError, match=r"pipe\.png is no regular file"):
        planned(tmp_path, tmp_path / "pipe.png")


def test_a_plan_is_a_sequence_on_disk() -> None:
    several = [
        Chunk(f"{number:064}", (Item(f"{number}\udcff.png", "", 3, number or None),))
        for number in range(5)
    ]
    with Plan() as found:
        for one in several:
            found.add(one)
        assert list(found) == several
        assert (len(found), found[3], found[1:3]) == (5, several[3], several[1:3])
        with pytest.raises(IndexError):
            found[5]


def test_a_chunk_is_called_by_its_files() -> None:
    one, other = Item("a.png", ""), Item("b.png", "")
    assert Chunk("", (one,)).words == "a.png"
    assert Chunk("", (one, other)).words == "a.png to b.png"
    assert Chunk("", (Item("a.npy", "", 0, 20_000),)).words == "a.npy [0 to 19,999]"
    assert Chunk("", (Item("a.npy", "", 20_000),)).words == "a.npy [20,000 to the last]"
