"""Kaggle's CSV files, and the stand-in."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zoo.data import kaggle_csv
from zoo.data.dataset import Dataset, LabeledImages
from zoo.data.kaggle import load_kaggle, stand_in
from zoo.data.kaggle_csv import parse_csv, read_csv
from zoo.data.locations import DataLocations
from zoo.errors import CorruptFileError, DataError

PIXELS = ",".join(f"pixel{number}" for number in range(784))
HEADER = f"label,{PIXELS}"
ROW = ",".join(str(number % 256) for number in range(784))


def csv(folder: Path, *lines: str, name: str = "train.csv", end: str = "\n") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(line + end for line in lines).encode())
    return path


def with_cell(number: int, cell: str) -> str:
    """Return a line of train.csv in which the cell with this number, from 1, is replaced."""
    cells = ["3", *ROW.split(",")]
    cells[number - 1] = cell
    return ",".join(cells)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_csv_line_ends(tmp_path: Path, start: str, end: str) -> None:
    path = csv(tmp_path, f"{start}{HEADER}", f"3,{ROW}", f"9,{ROW}", "", end=end)
    pool = parse_csv(path, labelled=True)
    assert pool.labels is not None
    assert pool.labels.tolist() == [3, 9]
    assert pool.images.tolist() == [[number % 256 for number in range(784)]] * 2
    assert pool.images.dtype == pool.labels.dtype == np.uint8
    assert pool.images.flags.c_contiguous


def test_csv_without_last_line_end(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_text(f"{HEADER}\n3,{ROW}")
    assert parse_csv(path, labelled=True).images.shape == (1, 784)


def test_csv_longer_than_a_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kaggle_csv, "CHUNK_ROWS", 2)
    path = csv(tmp_path, HEADER, *[f"{label},{ROW}" for label in range(5)])
    labels = parse_csv(path, labelled=True).labels
    assert labels is not None
    assert labels.tolist() == [0, 1, 2, 3, 4]


def test_csv_line_of_commas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is too long for an image is refused before pandas makes cells of it."""
    monkeypatch.setattr("pandas.read_csv", lambda *_, **__: pytest.fail("it was parsed"))
    path = csv(tmp_path, HEADER, f"3,{ROW}", "," * 20_000)
    with pytest.raises(CorruptFileError, match=r"line 3 has more than 20,000 bytes"):
        parse_csv(path, labelled=True)


def test_csv_line_of_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of more cells than the header is refused before pandas makes a column of each."""
    monkeypatch.setattr("pandas.read_csv", lambda *_, **__: pytest.fail("it was parsed"))
    path = csv(tmp_path, HEADER, f"3,{ROW}{',' * 10_000}")
    with pytest.raises(CorruptFileError) as caught:
        parse_csv(path, labelled=True)
    message = f"{path}, line 2, column 786: expected the end of the line, got ','."
    assert str(caught.value) == message


def pixel(cell: int) -> str:
    return f"expected pixel{cell} as an integer from 0 to 255"


LABEL = "expected label as an integer from 0 to 9"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([PIXELS, ROW], "line 1, column 1: expected label, got 'pixel0'"),
        (
            [f"{HEADER},pixel784", f"3,{ROW},0"],
            "line 1, column 786: expected the end of the line, got 'pixel784'",
        ),
        (
            [HEADER.removesuffix(",pixel783"), f"3,{ROW}"],
            "line 1, column 785: expected pixel783, got nothing",
        ),
        (["x" * 100_000], "line 1, column 1: expected label, got 'xxxxxxxxxxxxxxxxxxxx'"),
        ([], "line 1, column 1: expected label, got nothing"),
        (
            [HEADER, f"3,{ROW}", f"3,{ROW},7"],
            "line 3, column 786: expected the end of the line, got '7'",
        ),
        (
            [HEADER, f"3,{ROW},7", f"3,{ROW},7"],
            "line 2, column 786: expected the end of the line, got '7'",
        ),
        ([HEADER, f"3,{ROW}", ROW], "line 3, column 785: expected pixel783, got nothing"),
        ([HEADER, ROW, ROW], "line 2, column 785: expected pixel783, got nothing"),
        ([HEADER, "", f"3,{ROW}", "", with_cell(5, "a")], f"line 5, column 5: {pixel(3)}, got 'a'"),
        ([HEADER, with_cell(785, "256")], f"line 2, column 785: {pixel(783)}, got '256'"),
        ([HEADER, with_cell(2, "-1")], f"line 2, column 2: {pixel(0)}, got '-1'"),
        ([HEADER, with_cell(2, "NaN")], f"line 2, column 2: {pixel(0)}, got 'NaN'"),
        ([HEADER, with_cell(2, "")], f"line 2, column 2: {pixel(0)}, got nothing"),
        ([HEADER, with_cell(2, "1.5")], f"line 2, column 2: {pixel(0)}, got '1.5'"),
        ([HEADER, with_cell(2, "true")], f"line 2, column 2: {pixel(0)}, got 'true'"),
        ([HEADER, with_cell(2, '"1"')], f"line 2, column 2: {pixel(0)}, got '\"1\"'"),
        ([HEADER, with_cell(2, "\x00")], f"line 2, column 2: {pixel(0)}, got '\\x00'"),
        (
            [HEADER, with_cell(2, "9" * 30)],
            f"line 2, column 2: {pixel(0)}, got '99999999999999999999'",
        ),
        ([HEADER, with_cell(1, "10")], f"line 2, column 1: {LABEL}, got '10'"),
        ([HEADER, with_cell(1, "")], f"line 2, column 1: {LABEL}, got nothing"),
    ],
)
def test_csv_error(tmp_path: Path, lines: Sequence[str], message: str) -> None:
    path = csv(tmp_path, *lines)
    with pytest.raises(CorruptFileError) as caught:
        parse_csv(path, labelled=True)
    assert str(caught.value) == f"{path}, {message}."


def test_csv_header_alone(tmp_path: Path) -> None:
    path = csv(tmp_path, HEADER, "", "")
    with pytest.raises(CorruptFileError) as caught:
        parse_csv(path, labelled=True)
    assert str(caught.value) == f"{path} ends after its header; expected at least one image."


def test_csv_not_utf8(tmp_path: Path) -> None:
    path = csv(tmp_path, HEADER, with_cell(2, "?"))
    path.write_bytes(path.read_bytes().replace(b"?", b"\xff"))
    with pytest.raises(CorruptFileError, match="line 2, column 2: expected pixel0 as an integer"):
        parse_csv(path, labelled=True)


def test_csv_too_large(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    with path.open("wb") as file:
        file.truncate(200_000_001)
    with pytest.raises(CorruptFileError, match="has more than 200,000,000 bytes, which is"):
        read_csv(path, labelled=True, cache=tmp_path)


CELLS = st.one_of(
    st.integers(-1, 257).map(str),
    st.text(alphabet="0123456789 .,-+e\"'\r\n\t\x00é", max_size=4),
)


@given(cells=st.dictionaries(st.integers(1, 785), CELLS, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_csv_any_cells(tmp_path: Path, cells: dict[int, str]) -> None:
    row = ["3", *ROW.split(",")]
    for number, cell in cells.items():
        row[number - 1] = cell
    path = csv(tmp_path, HEADER, ",".join(row))
    values = [int(cell) if cell.isascii() and cell.isdecimal() else -1 for cell in row]
    is_valid = 0 <= values[0] <= 9 and 0 <= min(values) <= max(values) <= 255
    try:
        pool = parse_csv(path, labelled=True)
    except CorruptFileError:
        assert not is_valid
    else:
        assert pool.labels is not None
        assert [pool.labels[0], *pool.images[0]] == [int(cell) for cell in row]


def test_csv_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parsed file is cached, and a damaged cache is parsed again."""
    path = csv(tmp_path, HEADER, f"3,{ROW}")
    first, sha256 = read_csv(path, labelled=True, cache=tmp_path / "cache")
    assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    cached = tmp_path / "cache" / "kaggle" / "parsed" / f"{sha256}.arrays"
    content = cached.read_bytes()
    parse_count = 0

    def counting(path: Path, *, labelled: bool) -> LabeledImages:
        nonlocal parse_count
        parse_count += 1
        return parse_csv(path, labelled=labelled)

    monkeypatch.setattr(kaggle_csv, "parse_csv", counting)
    damages = [
        content,
        b"",
        content[:20],
        content[:-1],
        content + b"x",
        b"x" + content[1:],
        content[:-1] + b"x",
    ]
    for damage in damages:
        cached.write_bytes(damage)
        again, _ = read_csv(path, labelled=True, cache=tmp_path / "cache")
        assert again.labels is not None
        assert first.labels is not None
        assert again.labels.tolist() == first.labels.tolist()
        assert again.images.tolist() == first.images.tolist()
        assert cached.read_bytes() == content
    assert parse_count == len(damages) - 1


def test_csv_cache_not_writable(tmp_path: Path) -> None:
    path = csv(tmp_path, HEADER, f"3,{ROW}")
    (tmp_path / "cache").write_bytes(b"")
    pool, _ = read_csv(path, labelled=True, cache=tmp_path / "cache")
    assert len(pool) == 1


@pytest.mark.parametrize(
    "relative_path", ["train.csv", "kaggle/train.csv", "digit-recognizer/train.csv"]
)
def test_kaggle_locations(tmp_path: Path, places: DataLocations, relative_path: str) -> None:
    train = csv(tmp_path, HEADER, f"3,{ROW}", name=f"usb/{relative_path}")
    for path in (tmp_path / "usb", train):
        for locations in (replace(places, user_path=path), replace(places, folder=path)):
            kaggle = load_kaggle(locations)
            assert (len(kaggle.train), kaggle.test, kaggle.source) == (1, None, str(train))
            assert kaggle.digest == hashlib.sha256(train.read_bytes()).hexdigest()


def test_kaggle_with_test_csv(tmp_path: Path, places: DataLocations) -> None:
    train = csv(tmp_path, HEADER, f"3,{ROW}")
    without = load_kaggle(replace(places, user_path=train))
    csv(tmp_path, PIXELS, ROW, ROW, name="test.csv")
    kaggle = load_kaggle(replace(places, user_path=train))
    assert kaggle.test is not None
    assert (kaggle.test.images.shape, kaggle.test.labels) == ((2, 784), None)
    assert kaggle.source == f"{train} and test.csv"
    assert kaggle.digest != without.digest


def test_kaggle_test_csv_alone(tmp_path: Path, places: DataLocations) -> None:
    path = csv(tmp_path, PIXELS, ROW, name="test.csv")
    with pytest.raises(CorruptFileError, match="line 1, column 1: expected label, got 'pixel0'"):
        load_kaggle(replace(places, user_path=path))


def test_kaggle_test_csv_cached(tmp_path: Path, places: DataLocations) -> None:
    path = csv(tmp_path, PIXELS, ROW, name="test.csv")
    read_csv(path, labelled=False, cache=places.cache)  # as `zoo predict` does
    with pytest.raises(CorruptFileError, match="line 1, column 1: expected label, got 'pixel0'"):
        load_kaggle(replace(places, user_path=path))


def test_kaggle_train_csv_cached(tmp_path: Path, places: DataLocations) -> None:
    """A test.csv with labels is refused, although its bytes were parsed as those of train.csv."""
    train = csv(tmp_path, HEADER, f"3,{ROW}")
    read_csv(train, labelled=True, cache=places.cache)
    (tmp_path / "test.csv").write_bytes(train.read_bytes())
    with pytest.raises(CorruptFileError, match="line 1, column 1: expected pixel0, got 'label'"):
        load_kaggle(replace(places, user_path=tmp_path))


def test_kaggle_stand_in() -> None:
    """The stand-in is a fixed permutation of MNIST."""
    # Each of the 70,000 images encodes its own number in three bytes.
    numbers = np.arange(70_000)
    images = np.stack([numbers >> 16, numbers >> 8 & 255, numbers & 255], axis=1).astype(np.uint8)
    labels = (numbers % 10).astype(np.uint8)
    mnist = Dataset(
        "mnist",
        (1, 3),
        10,
        LabeledImages(images[:60_000], labels[:60_000]),
        LabeledImages(images[60_000:], labels[60_000:]),
        "a test",
        "0",
    )
    kaggle = stand_in(mnist)
    assert kaggle.test is not None
    rows = [pool.images.astype(int) @ [65_536, 256, 1] for pool in (kaggle.train, kaggle.test)]
    assert [len(pool) for pool in rows] == [42_000, 28_000]
    assert sorted(np.concatenate(rows)) == list(range(70_000))
    assert rows[0][:4].tolist() == [7713, 16963, 13321, 8246]
    assert rows[1][:4].tolist() == [35301, 2288, 24774, 5218]
    assert kaggle.train.labels is not None
    np.testing.assert_array_equal(kaggle.train.labels, rows[0] % 10)
    assert kaggle.source == "drawn from a test, for no Kaggle file was found"
    assert kaggle.digest != mnist.digest


def test_kaggle_missing(places: DataLocations) -> None:
    with pytest.raises(DataError) as caught:
        load_kaggle(replace(places, offline=True))
    assert str(caught.value).startswith(
        "No Kaggle file was found (train.csv, kaggle/train.csv, digit-recognizer/train.csv), "
        "and the stand-in needs MNIST. MNIST is missing: train-images-idx3-ubyte, "
    )
    assert caught.value.exit_code == 3
