"""Files for a bundle that are small, and would take gigabytes."""

import gzip
import os
import struct
import zlib
from array import array
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.helpers.png_writer import MAGIC, chunk
from tests.helpers.unix import unix_only
from zoo.bundle.app import bmp, cli, files, kaggle_csv, png
from zoo.bundle.app.decode import decode
from zoo.bundle.app.errors import CorruptError, MissingFileError
from zoo.bundle.app.pnm import COMMENTS
from zoo.bundle.app.pnm import read as read_pnm

HEADER = ",".join(f"pixel{number}" for number in range(784))


def png_of(width: int, height: int, depth: int = 8, pixels: bytes = b"", lacing: int = 0) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, lacing)
    packed = chunk(b"IDAT", zlib.compress(pixels))
    return MAGIC + chunk(b"IHDR", header) + packed + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        png_of(1, 36_000_000),
        png_of(60_001, 1),
        b"P4\n1 36000000\n",
        b"BM" + bytes(8) + struct.pack("<IIiiHHIIiiII", 54, 40, 1, 60_001, 1, 8, *[0] * 6),
    ],
)
def test_bundle_image_of_many_rows(content: bytes) -> None:
    """36 million rows of a pixel took 2.8 GB; the header is refused."""
    with pytest.raises(CorruptError, match=r"pixels; the maximum of a side is 60,000\."):
        decode(content, where="it")


def test_bundle_bmp_jump() -> None:
    """A run-length encoded jump of 255 rows ends with the image."""
    header = struct.pack("<IiiHHIIiiII", 40, 60_000, 1, 1, 8, 1, 0, 0, 0, 1, 0)
    runs = b"\0\2\0\xff" + b"\0\1"
    content = b"BM" + struct.pack("<IHHI", 0, 0, 0, 58) + header + bytes(4) + runs
    assert [len(row) for row in bmp.read(content, "it").grey] == [60_000]


@pytest.mark.parametrize("lacing", [0, 1])
def test_bundle_16_bits_in_two_bytes(lacing: int) -> None:
    """A pixel of 16 bits takes two bytes, and not an object."""
    raster = png.read(png_of(1, 1, 16, b"\0\1\2", lacing), "it")
    assert raster.wide == [array("H", [258])]
    assert read_pnm(b"P5 1 1 65535\n\1\2", "it").wide == [array("H", [258])]


def test_bundle_text_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers are not cut at the end of a piece."""
    monkeypatch.setattr("zoo.bundle.app.pnm.PIECE", 5)
    raster = read_pnm(b"P2\n3 2\n255\n10 200 30\n 40  5 255", "it")
    assert raster.grey == [bytes([10, 200, 30]), bytes([40, 5, 255])]
    assert read_pnm(b"P1\n3 2\n101 0\n11", "it").grey == [b"\0\xff\0", b"\xff\0\0"]


def test_bundle_pnm_comments_without_an_end() -> None:
    """Comments have one reading; with two for each of 5,000, this would not end."""
    with pytest.raises(CorruptError, match="its header does not say how large it is"):
        read_pnm(b"P5 " + b"# " * 5_000, "it")
    raster = read_pnm(b"P5# a # b\n#\r\n2 # c\n1\n255\n\x01\x02", "it")
    assert raster.grey == [b"\x01\x02"]


def test_bundle_pnm_comments_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comments are removed piece by piece, for each needs memory, and may continue in the next."""
    longest = 0

    def sub(replacement: bytes, piece: bytes) -> bytes:
        nonlocal longest
        longest = max(longest, len(piece))
        return COMMENTS.sub(replacement, piece)

    monkeypatch.setattr("zoo.bundle.app.pnm.COMMENTS", SimpleNamespace(sub=sub))
    text = b"10 #a # 7\n 200#\r\n#\n#\n 30\n#" + b" 9" * 20 + b"\n40 5#6\n255 # 1"
    for size in range(5, 40):
        monkeypatch.setattr("zoo.bundle.app.pnm.PIECE", size)
        raster = read_pnm(b"P2\n3 2\n255\n" + text, "it")
        assert raster.grey == [bytes([10, 200, 30]), bytes([40, 5, 255])]
        assert longest <= size


def test_bundle_csv_line_of_commas(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv"
    path.write_text(f"{HEADER}\n{'0,' * 10_000}\n")
    with pytest.raises(CorruptError, match="line 2 has more than 20,000 bytes"):
        list(kaggle_csv.read(str(path)))


def test_bundle_gzip_of_many_members() -> None:
    with pytest.raises(CorruptError, match="a gzip file of more than 10,000 members"):
        files.decompress(gzip.compress(b"") * 10_001, 100, "it")
    assert files.decompress(gzip.compress(b"a") * 3, 3, "it") == b"aaa"


def test_bundle_memory_is_full(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_program: str) -> int:
        raise MemoryError

    monkeypatch.setattr(cli, "_run", full)
    assert cli.main() == 1
    assert capsys.readouterr().err.endswith(": There is not enough memory.\n")


def test_bundle_missing_file(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError) as missing:
        files.read_file(str(tmp_path / "none.png"), 1_000)
    assert str(missing.value) == f"{tmp_path / 'none.png'} does not exist."


@unix_only
def test_bundle_pipe(tmp_path: Path) -> None:
    """A pipe among images is not waited for, and a link to an endless device is not read."""
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    for path in tmp_path.iterdir():
        with pytest.raises(MissingFileError, match="Not a regular file"):
            files.read_file(str(path), 1_000)
