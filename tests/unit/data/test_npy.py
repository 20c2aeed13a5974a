"""Images in .npy and .npz files."""

import io
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zoo.config.dataset_info import SOURCES
from zoo.data import npy
from zoo.data.npy import numpy_images
from zoo.errors import CorruptFileError, ZooError

MNIST, DIGITS = SOURCES["mnist"], SOURCES["digits"]
RNG = np.random.default_rng(1)
IMAGES = RNG.integers(0, 256, (5, 28, 28), dtype=np.uint8)
SMALL = RNG.integers(0, 17, (5, 8, 8)).astype(np.uint8)


def saved(tmp_path: Path, array: npt.NDArray[np.generic]) -> Path:
    path = tmp_path / "images.npy"
    np.save(path, array)
    return path


def bytes_of(path: Path, *, any_size: bool = False) -> npt.NDArray[np.uint8]:
    blocks = [block for _, block in numpy_images(path, MNIST, any_size=any_size)]
    return np.rint(np.concatenate(blocks) * 255).astype(np.uint8)


@pytest.mark.parametrize(
    "array",
    [
        IMAGES,
        IMAGES.reshape(5, 784),
        IMAGES[:, None],
        IMAGES[..., None],
        IMAGES.astype(np.int64),
        IMAGES.astype(">u2"),
        IMAGES.astype(np.float64),
        (IMAGES / 255).astype(np.float32),
        np.asfortranarray(IMAGES),
        np.asfortranarray(IMAGES.reshape(5, 784)),
    ],
    ids=["3-d", "rows", "n-1-h-w", "n-h-w-1", "int64", "big-endian", "float", "0-to-1", "F", "F2"],
)
def test_npy_layout(tmp_path: Path, array: npt.NDArray[np.generic]) -> None:
    np.testing.assert_array_equal(bytes_of(saved(tmp_path, array)), IMAGES)


@pytest.mark.parametrize("array", [IMAGES[0], IMAGES[0, ..., None], IMAGES[0].reshape(784)])
def test_npy_one_image(tmp_path: Path, array: npt.NDArray[np.generic]) -> None:
    np.testing.assert_array_equal(bytes_of(saved(tmp_path, array)), IMAGES[:1])


def test_npy_bool(tmp_path: Path) -> None:
    path = saved(tmp_path, IMAGES > 99)
    np.testing.assert_array_equal(bytes_of(path), np.where(IMAGES > 99, 255, 0))


def test_npy_digits(tmp_path: Path) -> None:
    for array in (SMALL, SMALL.astype(float), SMALL / 16):
        ((_, block),) = numpy_images(saved(tmp_path, array), DIGITS, any_size=False)
        np.testing.assert_array_equal(np.rint(block * 16), SMALL)


def test_npy_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npy, "BLOCK_BYTES", 2 * 784)
    path = saved(tmp_path, IMAGES)
    sizes = [len(block) for _, block in numpy_images(path, MNIST, any_size=False)]
    assert sizes == [2, 2, 1]
    np.testing.assert_array_equal(bytes_of(path), IMAGES)


def test_npz_names(tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    np.savez_compressed(path, x_train=IMAGES[:2], y_train=np.arange(2), x_test=IMAGES[2:])
    arrays = {
        name: np.rint(block * 255) for name, block in numpy_images(path, MNIST, any_size=False)
    }
    assert list(arrays) == ["x_train", "x_test"]
    np.testing.assert_array_equal(arrays["x_test"], IMAGES[2:])


def test_npy_any_size(tmp_path: Path) -> None:
    large = RNG.integers(0, 256, (3, 40, 50), dtype=np.uint8)
    np.testing.assert_array_equal(bytes_of(saved(tmp_path, large), any_size=True), large)
    with pytest.raises(
        CorruptFileError, match=r"its shape is \(3, 40, 50\); expected images of 28"
    ):
        bytes_of(saved(tmp_path, large))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (SMALL.astype(np.uint16) + 60_000, r"its shape is \(5, 8, 8\); expected images"),
        (IMAGES.astype(np.int16) - 1, "it contains the value -1; the minimum of a pixel is 0"),
        (IMAGES.astype(np.int16) + 1, "it contains the value 256; the maximum of a pixel is 255"),
        (np.full((2, 784), np.nan), "it contains NaN or infinite values"),
        (np.full((2, 784), "7"), "it contains '<U1'; expected numbers"),
        (np.empty((0, 784)), r"its shape \(0, 784\) is empty"),
        (
            np.zeros((9, 28, 3)),
            r"its shape \(9, 28, 3\) is that of colour images; expected greyscale",
        ),
        (IMAGES.astype(complex), "it contains '<c16'; expected numbers"),
    ],
)
def test_npy_no_images(tmp_path: Path, array: npt.NDArray[np.generic], message: str) -> None:
    with pytest.raises(CorruptFileError, match=message):
        bytes_of(saved(tmp_path, array))


def test_npy_pickle(tmp_path: Path) -> None:
    """A pickle inside raises an error and is never executed."""
    sentinel = tmp_path / "was-run"

    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.mkdir, (Path(sentinel),))  # type: ignore[return-value]

    array = np.empty(784, object)
    array[:] = [Bomb()] * 784
    path = tmp_path / "bomb.npy"
    np.save(path, array)  # NumPy pickles on saving
    archive = tmp_path / "bomb.npz"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(path, "x.npy")
    for file_path in (path, archive):
        with pytest.raises(CorruptFileError, match="it contains Python objects; expected numbers"):
            bytes_of(file_path)
    assert not sentinel.exists()


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        ((1, 1_000_000, 1_000_000), "is too large"),
        ((100_000_000, 28, 28), "is too large"),
        ((-5, 28, 28), "is empty"),
    ],
)
def test_npy_header_size(tmp_path: Path, shape: tuple[int, ...], problem: str) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )
    path = tmp_path / "promise.npy"
    path.write_bytes(header.getvalue())
    with pytest.raises(CorruptFileError, match=problem):
        bytes_of(path, any_size=True)


def test_npy_header_without_end(tmp_path: Path) -> None:
    path = tmp_path / "long.npy"
    path.write_bytes(b"\x93NUMPY\2\0" + (10_001).to_bytes(4, "little") + b" " * 10_001)
    with pytest.raises(CorruptFileError, match="truncated, or longer than 10,000 bytes"):
        bytes_of(path)


def test_npz_without_images(tmp_path: Path) -> None:
    path = tmp_path / "labels.npz"
    np.savez(path, labels=np.arange(9))
    with pytest.raises(
        CorruptFileError, match=r"none of its arrays contains images \(labels: its shape"
    ):
        bytes_of(path)


NPY = io.BytesIO()
np.save(NPY, IMAGES[:2])
NPZ = io.BytesIO()
np.savez_compressed(NPZ, images=IMAGES[:2], labels=np.arange(2))


@pytest.mark.parametrize(("suffix", "valid"), [("npy", NPY), ("npz", NPZ)])
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_npy_damaged(tmp_path: Path, suffix: str, valid: io.BytesIO, data: st.DataObject) -> None:
    content = bytearray(valid.getvalue())
    for _ in range(data.draw(st.integers(1, 3))):
        index = data.draw(st.integers(0, min(len(content), 400) - 1) | st.integers(0, 99))
        content[-index if data.draw(st.booleans()) else index] ^= data.draw(st.integers(1, 255))
    path = tmp_path / f"damaged.{suffix}"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        shapes = [block.shape[1:] for _, block in numpy_images(path, MNIST, any_size=False)]
    except ZooError as error:
        assert str(path) in str(error)  # noqa: PT017 - an error or valid shapes are both right
    else:
        assert set(shapes) == {(28, 28)}
