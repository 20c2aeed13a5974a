"""Images or rows in IDX and .npz files, and their labels."""

import gzip
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from zoo.config.own_data import IdxData, NpzData
from zoo.data import npy
from zoo.data.own import array_data, unpacked_size
from zoo.data.own.file_content import FileContent
from zoo.errors import CorruptFileError, DataError

Array = npt.NDArray[Any]
IMAGES = np.random.default_rng(0).integers(0, 256, (6, 2, 3), np.uint8)
IMAGES[0, 0, 0] = 255
LABELS = np.array([0, 1, 2, 0, 1, 2])


def npz(folder: Path, arrays: Mapping[str, Any], **keys: Any) -> FileContent:
    """Return what is found in an .npz file with these arrays."""
    path = folder / "a.npz"
    np.savez(path, **arrays)
    return array_data.find_npz(NpzData(kind="npz", file=str(path), **keys))


def idx_bytes(array: Array) -> bytes:
    header = struct.pack(f">I{array.ndim}i", 0x800 | array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def idx(folder: Path, images: Array, labels: Array, **keys: Any) -> FileContent:
    """Return what is found in IDX files of these arrays."""
    (folder / "images").write_bytes(idx_bytes(images))
    (folder / "labels").write_bytes(idx_bytes(labels))
    keys = {name: str(folder / name) for name in ("images", "labels")} | keys
    return array_data.find_idx(IdxData(kind="idx", **keys))


@pytest.mark.parametrize(
    "images",
    [IMAGES, np.asfortranarray(IMAGES), IMAGES.astype(">i8"), IMAGES / 255, IMAGES.astype("f4")],
    ids=["bytes", "fortran", "big-endian", "shares", "floats"],
)
def test_npz_images(tmp_path: Path, images: Array) -> None:
    """The order and the type of the numbers do not matter."""
    result = npz(tmp_path, {"x": images, "y": LABELS})
    np.testing.assert_array_equal(result.train.values, IMAGES.reshape(6, 6), strict=True)
    assert result.train.labels.tolist() == LABELS.tolist()
    assert result.facts == {
        "rows": 6,
        "test_rows": 0,
        "classes": ("0", "1", "2"),
        "shape": (2, 3),
        "highest": 255,
    }


def test_npz_rows(tmp_path: Path) -> None:
    """Two axes are rows of numbers, unless a shape makes images of them."""
    rows = np.linspace(-1, 1, 24).reshape(6, 4)
    result = npz(tmp_path, {"x": rows, "y": LABELS})
    np.testing.assert_array_equal(result.train.values, rows.astype(np.float32), strict=True)
    assert (result.facts["shape"], result.facts["highest"]) == ((1, 4), 0)
    flat = IMAGES.reshape(6, 6)
    assert npz(tmp_path, {"x": flat, "y": LABELS}, shape=(2, 3)).facts["shape"] == (2, 3)


@pytest.mark.parametrize(
    ("most", "highest"), [(0, 1), (1, 1), (16, 16), (63, 63), (127, 127), (128, 255), (254, 255)]
)
def test_npz_highest(tmp_path: Path, most: int, highest: int) -> None:
    """The largest grey value is found; images of bytes may lack white."""
    images = np.minimum(IMAGES, most)
    assert npz(tmp_path, {"x": images, "y": LABELS}).facts["highest"] == highest


def test_npz_black_and_white_test_images(tmp_path: Path) -> None:
    """Where the training images have shares of white, 1.0 is white in the test images, too."""
    arrays = {"x": IMAGES / 255, "y": LABELS, "u": np.eye(3)[None, :2], "v": LABELS[:1]}
    result = npz(tmp_path, arrays, test_x="u", test_y="v")
    assert result.test is not None
    np.testing.assert_array_equal(result.test.values, [[255, 0, 0, 0, 255, 0]])


@pytest.mark.parametrize(
    ("labels", "classes", "numbers"),
    [
        (np.array(["b", "a", "b10", "b9", "a", "b"]), ("a", "b", "b9", "b10"), [1, 0, 3, 2, 0, 1]),
        (np.array([b"b", b"a"] * 3), ("a", "b"), [1, 0] * 3),
        (np.array([10.0, 9, 9, 10, 9, 9]), ("9", "10"), [1, 0, 0, 1, 0, 0]),
        (np.array([True, False] * 3), ("False", "True"), [1, 0] * 3),
        (np.array(["x ", " x", "y"] * 2), ("x", "y"), [0, 0, 1] * 2),
    ],
)
def test_npz_labels(
    tmp_path: Path, labels: Array, classes: tuple[str, ...], numbers: list[int]
) -> None:
    """Labels are texts or numbers."""
    result = npz(tmp_path, {"x": IMAGES, "y": labels})
    assert (result.facts["classes"], result.train.labels.tolist()) == (classes, numbers)


def test_npz_labels_are_places_of_classes(tmp_path: Path) -> None:
    """Numbers are those of the classes that an entry names."""
    classes = ("cat", "dog", "cow")
    result = npz(tmp_path, {"x": IMAGES, "y": LABELS}, classes=classes)
    assert (result.facts["classes"], result.train.labels.tolist()) == (classes, LABELS.tolist())


@pytest.mark.parametrize(
    ("arrays", "keys", "problem"),
    [
        ({"x": IMAGES}, {}, "has no array 'y'"),
        ({"x": IMAGES.astype(object), "y": LABELS}, {}, "header is damaged|expected numbers"),
        ({"x": IMAGES.astype(str), "y": LABELS}, {}, "x: expected numbers, got <U"),
        ({"x": IMAGES.astype(complex), "y": LABELS}, {}, "x: expected numbers or texts"),
        ({"x": IMAGES[:0], "y": LABELS}, {}, "x: expected numbers or texts"),
        ({"x": IMAGES[0, 0], "y": LABELS}, {}, r"got an array of shape \(3,\)"),
        ({"x": IMAGES, "y": LABELS[:5]}, {}, "has 6 rows, but labels of int64"),
        ({"x": IMAGES, "y": LABELS[:, None]}, {}, "expected a label for each row"),
        ({"x": IMAGES, "y": np.zeros(6)}, {}, "all rows have the label '0'"),
        ({"x": IMAGES, "y": LABELS * np.nan}, {}, "no row has a label"),
        ({"x": IMAGES - 300.0, "y": LABELS}, {}, "expected grey values from 0 to 255"),
        ({"x": IMAGES * np.nan, "y": LABELS}, {}, "expected grey values from 0 to 255"),
        ({"x": IMAGES / 2, "y": LABELS}, {}, "expected whole grey values, or values from 0 to 1"),
        ({"x": IMAGES, "y": LABELS}, {"highest": 16}, "grey value 255; data.highest is 16"),
        ({"x": IMAGES, "y": LABELS}, {"shape": (3, 2)}, r"shape \(6, 2, 3\); data.shape is \[3"),
        ({"x": np.full((6, 2), np.inf), "y": LABELS}, {}, "x, row 1: a value is missing, or inf"),
        (
            {"x": IMAGES, "y": LABELS, "u": IMAGES[:, :1], "v": LABELS},
            {"test_x": "u", "test_y": "v"},
            "expected rows of one shape",
        ),
        (
            {"x": IMAGES, "y": LABELS, "u": IMAGES, "v": LABELS + 1},
            {"test_x": "u", "test_y": "v"},
            "row 3: '3' is none of the classes",
        ),
    ],
)
def test_npz_bad_arrays(
    tmp_path: Path, arrays: Mapping[str, Array], keys: dict[str, Any], problem: str
) -> None:
    """Each has one sentence; nothing is unpickled."""
    with pytest.raises((DataError, CorruptFileError), match=problem) as caught:
        npz(tmp_path, arrays, **keys)
    assert "\n" not in str(caught.value)


def test_npz_that_grows_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An array that is larger than its first part of the memory is read whole."""
    monkeypatch.setattr(npy, "MAX_FORTRAN_BYTES", 10)
    monkeypatch.setattr(npy, "PIECE_BYTES", 7)
    result = npz(tmp_path, {"x": IMAGES, "y": LABELS})
    np.testing.assert_array_equal(result.train.values, IMAGES.reshape(6, 6))


def test_idx_images(tmp_path: Path) -> None:
    """IDX files have the images and labels, gzipped or not."""
    result = idx(tmp_path, IMAGES, LABELS)
    np.testing.assert_array_equal(result.train.values, IMAGES.reshape(6, 6), strict=True)
    assert result.facts == {
        "rows": 6,
        "test_rows": 0,
        "classes": ("0", "1", "2"),
        "shape": (2, 3),
    }
    (tmp_path / "test.gz").write_bytes(gzip.compress(idx_bytes(IMAGES[:2])))
    (tmp_path / "test-labels").write_bytes(idx_bytes(LABELS[:2]))
    tests = {
        "test_images": str(tmp_path / "test.gz"),
        "test_labels": str(tmp_path / "test-labels"),
    }
    result = idx(tmp_path, IMAGES, LABELS, **tests)
    assert result.test is not None
    np.testing.assert_array_equal(result.test.values, IMAGES[:2].reshape(2, 6))


@pytest.mark.parametrize(
    ("images", "labels", "keys", "problem"),
    [
        (IMAGES[0], LABELS, {}, "is not an IDX file of numbers in 3 dimensions"),
        (IMAGES[:0], LABELS[:0], {}, "has 0 images of 2 x 3"),
        (IMAGES, LABELS[:5], {}, "has 6 rows, but labels of uint8"),
        (IMAGES, LABELS, {"shape": (3, 3)}, "has 6 images of 2 x 3; expected images of 3 x 3"),
        (IMAGES, LABELS, {"classes": ("a", "b")}, "row 3: '2' is none of the classes"),
    ],
)
def test_idx_bad_files(
    tmp_path: Path, images: Array, labels: Array, keys: dict[str, Any], problem: str
) -> None:
    with pytest.raises((DataError, CorruptFileError), match=problem):
        idx(tmp_path, images, labels, **keys)


def test_idx_header_that_declares_more(tmp_path: Path) -> None:
    """A small file cannot have many values, and memory is not taken before there are values."""
    (tmp_path / "images").write_bytes(struct.pack(">Iiii", 0x803, 1_999, 1000, 1000) + bytes(9))
    (tmp_path / "labels").write_bytes(idx_bytes(LABELS))
    with pytest.raises(CorruptFileError, match="declares 1,999,000,000 values; the maximum is 100"):
        array_data.find_idx(
            IdxData(kind="idx", images=str(tmp_path / "images"), labels=str(tmp_path / "labels"))
        )
    (tmp_path / "images").write_bytes(struct.pack(">Iiii", 0x803, 99, 1000, 1000) + bytes(9))
    with pytest.raises(CorruptFileError, match="ends after 9 of the 99,000,000 values"):
        array_data.find_idx(
            IdxData(kind="idx", images=str(tmp_path / "images"), labels=str(tmp_path / "labels"))
        )


def test_npz_that_unpacks_to_much_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may not unpack to more than a hundred times its size, if that is much."""
    monkeypatch.setattr(unpacked_size, "FREE_BYTES", 1_000)
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((500, 2000)), y=np.arange(500) % 2)
    with pytest.raises(CorruptFileError, match=r"x: its shape \(500, 2000\) is too large"):
        array_data.find_npz(NpzData(kind="npz", file=str(tmp_path / "a.npz")))


def test_many_classes_with_numbers(tmp_path: Path) -> None:
    """The letters A to Z may be 1 to 26: whole numbers of images are no quantities."""
    labels = np.arange(52) % 26 + 1
    found = npz(tmp_path, {"x": np.zeros((52, 3, 3), np.uint8), "y": labels})
    assert found.facts["classes"] == tuple(map(str, range(1, 27)))
    with pytest.raises(DataError, match="to predict a quantity is regression"):
        npz(tmp_path, {"x": np.zeros((52, 3, 3), np.uint8), "y": labels / 3})


@pytest.mark.parametrize(
    ("code", "kind", "scale"),
    [
        (8, "u1", 1),
        (9, "i1", 1),
        (11, ">i2", 1),
        (12, ">i4", 1),
        (13, ">f4", 255),
        (14, ">f8", 255),
    ],
)
def test_idx_of_all_types(tmp_path: Path, code: int, kind: str, scale: int) -> None:
    """Images are whole grey values or shares of 1, and labels any numbers."""
    images = np.arange(24).reshape(6, 2, 2) * 5
    for name, values in (("images", images / scale), ("labels", np.arange(6) % 2 * 7)):
        header = struct.pack(f">HBB{values.ndim}I", 0, code, values.ndim, *values.shape)
        (tmp_path / name).write_bytes(header + values.astype(kind).tobytes())
    data = IdxData(kind="idx", images=str(tmp_path / "images"), labels=str(tmp_path / "labels"))
    found = array_data.find_idx(data)
    np.testing.assert_array_equal(found.train.values, images.reshape(6, 4))
    assert found.train.values.dtype == np.uint8
    assert (found.facts["classes"], found.train.labels.tolist()) == (("0", "7"), [0, 1] * 3)


def test_labels_of_bytes(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are different labels, too."""
    labels = np.array([b"\xff", b"\xfe", b"a"] * 2)
    found = npz(tmp_path, {"x": np.zeros((6, 3, 3), np.uint8), "y": labels})
    assert found.facts["classes"] == ("\\xfe", "\\xff", "a")
