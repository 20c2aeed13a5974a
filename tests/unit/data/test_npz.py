"""Archives of arrays that are small, and would unpack to much."""

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from zoo.config.dataset_info import SOURCES
from zoo.data import npy, npz
from zoo.data.npy import numpy_images
from zoo.errors import CorruptFileError


def header(shape: tuple[int, ...], *, fortran: bool = False) -> bytes:
    content = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        content, {"descr": "|u1", "fortran_order": fortran, "shape": shape}
    )
    return content.getvalue()


def archive(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return path


def problem(path: Path) -> str:
    """Return the error of a file that is read as images of MNIST."""
    with pytest.raises(CorruptFileError) as caught:
        list(numpy_images(path, SOURCES["mnist"], any_size=False))
    return str(caught.value)


def test_npz_fortran_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such an array is in memory as a whole, so it is refused by its shape, before it is read."""
    monkeypatch.setattr(npy, "_read", lambda *_: pytest.fail("it was read"))
    shape = (600_000, 784)
    path = archive(tmp_path / "bomb.npz", {"a": header(shape, fortran=True)})
    assert "its shape (600000, 784) is too large in Fortran order" in problem(path)


def test_npz_fortran_order_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is converted to float32 block by block."""
    images = np.random.default_rng(1).integers(0, 256, (5, 784), dtype=np.uint8)
    images[0, 0] = 255
    np.savez_compressed(tmp_path / "a.npz", a=np.asfortranarray(images))
    monkeypatch.setattr(npy, "BLOCK_BYTES", 2 * 784)
    blocks = [
        block for _, block in numpy_images(tmp_path / "a.npz", SOURCES["mnist"], any_size=False)
    ]
    assert [len(block) for block in blocks] == [2, 2, 1]
    np.testing.assert_array_equal(np.concatenate(blocks).reshape(5, 784), images / np.float32(255))


def test_npz_long_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of members is not read if it is longer than 1 MB."""
    path = archive(tmp_path / "bomb.npz", {f"{n:0100}": b"" for n in range(100)})
    monkeypatch.setattr(npz, "MAX_DIRECTORY_BYTES", 10_000)
    monkeypatch.setattr(zipfile, "ZipInfo", lambda *_: pytest.fail("it was read"))
    assert "the list of its members is longer than 10,000 bytes" in problem(path)


def test_npz_many_members(tmp_path: Path) -> None:
    path = archive(tmp_path / "bomb.npz", {str(n): b"" for n in range(1_001)})
    assert "it has 1,001 members; the maximum is 1,000" in problem(path)


def test_npz_size_of_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sizes that the directory declares are added."""
    monkeypatch.setattr(npz, "MAX_BYTES", 1_999)
    path = archive(tmp_path / "bomb.npz", {"a": bytes(1_000), "b": bytes(1_000)})
    assert "it unpacks to 2,000 bytes; the maximum is 1,999" in problem(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_npz_compression(tmp_path: Path, method: int) -> None:
    """Their unpackers return all at once, and a damaged LZMA raised an error of its own."""
    path = archive(tmp_path / "bomb.npz", {"a": header((9, 28, 28)) + bytes(9 * 784)}, method)
    assert "it is compressed in another way than NumPy does" in problem(path)


def test_npz_long_problems(tmp_path: Path) -> None:
    """A header may have 10,000 bytes, and an archive 1,000 members; the error stays short."""
    members = {f"{n:0200}": header((1,) * 60 + (7,)) for n in range(1_000)}
    message = problem(archive(tmp_path / "bomb.npz", members))
    assert "and 997 more" in message
    assert len(message) < 1_500


@pytest.mark.parametrize(
    ("shape", "expected"), [((1,) * 1_000, "it has 1,000 axes"), ((6_001, 6_000), "is too large")]
)
def test_npy_shape_of_a_bomb(tmp_path: Path, shape: tuple[int, ...], expected: str) -> None:
    path = tmp_path / "bomb.npy"
    path.write_bytes(header(shape))
    with pytest.raises(CorruptFileError, match=expected):
        list(numpy_images(path, SOURCES["mnist"], any_size=True))


def test_npy_header_with_a_list_as_a_key(tmp_path: Path) -> None:
    path = tmp_path / "damaged.npy"
    path.write_bytes(b"\x93NUMPY\1\0" + struct.pack("<H", 9) + b"{[1]: 2}\n" + bytes(784))
    assert "its header is damaged" in problem(path)
