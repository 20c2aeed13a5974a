"""Groups of files, which depend on the names of the files alone."""

from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.errors import DataError
from zoo.inference import file_groups
from zoo.inference.file_groups import Unreadable, groups

NUMBERS = st.lists(st.integers(0, 10**9), min_size=1, max_size=400, unique=True)


def files(numbers: Iterable[int]) -> list[Path | Unreadable]:
    return [Path(f"photos/{number:010}.png") for number in sorted(numbers)]


def group_sets(numbers: Iterable[int]) -> set[tuple[Path | Unreadable, ...]]:
    return {tuple(group) for group in groups(files(numbers))}


@pytest.fixture(autouse=True)
def _small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_groups, "FILES_PER_GROUP", 8)


@given(numbers=NUMBERS)
def test_groups_keep_the_order(numbers: list[int]) -> None:
    """No file is lost, and the order is kept."""
    result = list(groups(files(numbers)))
    assert [file for group in result for file in group] == files(numbers)
    assert all(result)


@given(numbers=NUMBERS, new=st.integers(0, 10**9))
def test_groups_with_a_file_more(numbers: list[int], new: int) -> None:
    """An added or removed file changes its own group and no other."""
    without, with_file = group_sets({*numbers} - {new}), group_sets({*numbers, new})
    # The file joins one group, or it splits one in two.
    assert len(without - with_file) <= 1
    assert len(with_file - without) <= 2


def test_groups_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups have the configured mean size and never exceed the maximum."""
    sizes = [len(group) for group in groups(files(range(5_000)))]
    assert 6.5 < np.mean(sizes) < 9.5
    monkeypatch.setattr(file_groups, "MAX_FILES_PER_GROUP", 10)
    assert max(len(group) for group in groups(files(range(5_000)))) == 10


def test_groups_in_another_folder() -> None:
    """The groups do not depend on the name of the folder."""
    sizes = [
        [len(group) for group in groups([folder / f"{number}.png" for number in range(100)])]
        for folder in (Path("photos"), Path("/somewhere/else"))
    ]
    assert sizes[0] == sizes[1]
    assert len(sizes[0]) > 1


def test_groups_array_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """An array is a group of its own because of its name, readable or not."""
    monkeypatch.setattr(file_groups, "FILES_PER_GROUP", 10**18)
    lost = Unreadable("c.csv", DataError("c.csv cannot be read."))
    images: list[Path | Unreadable] = [Path("a.png"), Path("b.png")]
    for array in (lost, Path("d.NPY"), Path("e.npz"), Path("images-idx3-ubyte.gz")):
        assert list(groups([*images, array, *images])) == [images, [array], images]


def test_groups_read_lazily() -> None:
    """A group is yielded before the next file is requested."""
    requested = []

    def endless() -> Iterator[Path]:
        for number in count():
            requested.append(number)
            yield Path(f"{number}.npy")

    result = groups(endless())
    assert next(result) == [Path("0.npy")]
    assert requested == [0]
