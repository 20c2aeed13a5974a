"""Image decoding."""

import struct
import zipfile
import zlib
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from zoo.data.images.constants import MAX_BYTES
from zoo.data.images.decode import FORMATS, decode, image_size, read_image
from zoo.errors import CorruptFileError, DataError

GREYS = np.array([[0, 51, 102], [153, 204, 255]], np.uint8)
LOSSLESS = ("PNG", "BMP", "GIF", "PPM", "TIFF", "WEBP")


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def stored(kind: str) -> bytes:
    options = {"lossless": True} if kind == "WEBP" else {}
    return encoded(Image.fromarray(GREYS), kind, **options)


def bytes_of(content: bytes) -> list[list[int]]:
    """Return the grey values of an image as bytes."""
    image = decode(content, where="it")
    rows: list[list[int]] = (image.grey * 255).round().astype(int).tolist()
    return rows


def error_message(content: bytes) -> str:
    with pytest.raises(CorruptFileError) as caught:
        decode(content, where="two.png")
    return str(caught.value)


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that declares this size and contains no pixels."""
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


@pytest.mark.parametrize("kind", LOSSLESS)
def test_decode_lossless(kind: str) -> None:
    image = decode(stored(kind), where="it")
    assert bytes_of(stored(kind)) == GREYS.tolist()
    assert image.grey.dtype == np.float32
    assert image.alpha is None
    assert image.notes == ()


def test_decode_jpeg() -> None:
    flat = Image.fromarray(np.full((16, 16), 77, np.uint8))
    assert bytes_of(encoded(flat, "JPEG", quality=95)) == [[77] * 16] * 16


@pytest.mark.parametrize(
    ("mode", "colour", "grey"),
    [
        ("1", 1, 1.0),
        ("RGB", (255, 0, 0), 76 / 255),  # 0.299 of 255
        ("P", 7, 7 / 255),
        ("I;16", 65535, 1.0),
        ("I;16", 13107, 0.2),
    ],
    ids=["one bit", "colour", "palette", "sixteen bits, white", "sixteen bits, a fifth"],
)
def test_decode_depth(mode: str, colour: int | tuple[int, ...], grey: float) -> None:
    """Every bit depth is scaled to the range from 0 to 1."""
    image = Image.new(mode, (1, 1), colour)
    if image.mode == "P":
        image.putpalette([shade for shade in range(256) for _ in "RGB"])
    assert decode(encoded(image), where="it").grey.item() == pytest.approx(grey, abs=1e-6)


@pytest.mark.parametrize(
    ("mode", "values", "expected"),
    [
        ("F", [0.0, 0.25, 1.0], [0.0, 0.25, 1.0]),
        ("F", [-10.0, 0.0, 30.0], [0.0, 0.25, 1.0]),
        ("I", [0, 13107, 65535], [0.0, 0.2, 1.0]),
        ("I", [0, 500_000, 2_000_000], [0.0, 0.25, 1.0]),
    ],
)
def test_decode_wide_range(mode: str, values: list[float], expected: list[float]) -> None:
    """Floats and large integers are scaled by their range."""
    array = np.array([values], np.float32 if mode == "F" else np.int32)
    content = encoded(Image.fromarray(array), "TIFF")
    assert decode(content, where="it").grey[0].tolist() == pytest.approx(expected)


def test_decode_nan() -> None:
    content = encoded(Image.fromarray(np.array([[0, np.nan]], np.float32)), "TIFF")
    assert error_message(content) == "two.png contains NaN or infinite pixels."


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_decode_cmyk(kind: str) -> None:
    for ink, grey in (((0, 0, 0, 0), 255), ((0, 0, 0, 255), 0)):
        assert bytes_of(encoded(Image.new("CMYK", (1, 1), ink), kind)) == [[grey]]


def test_decode_transparency() -> None:
    half = decode(encoded(Image.new("RGBA", (1, 1), (255, 255, 255, 51))), where="it")
    assert half.alpha is not None
    assert half.grey.item() == 1
    assert half.alpha.item() == pytest.approx(0.2)
    palette = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    palette.putpalette([10, 10, 10, 20, 20, 20])
    for kind in ("PNG", "GIF"):
        image = decode(encoded(palette, kind, transparency=1), where="it")
        assert image.alpha is not None
        assert image.alpha.tolist() == [[1, 0]]
        assert image.grey[0, 0] == pytest.approx(10 / 255)
    opaque = decode(encoded(Image.new("LA", (1, 1), (9, 255))), where="it")
    assert opaque.alpha is None


@pytest.mark.parametrize(
    ("orientation", "upright"),
    [
        (1, [[0, 51, 102], [153, 204, 255]]),
        (2, [[102, 51, 0], [255, 204, 153]]),
        (3, [[255, 204, 153], [102, 51, 0]]),
        (4, [[153, 204, 255], [0, 51, 102]]),
        (5, [[0, 153], [51, 204], [102, 255]]),
        (6, [[153, 0], [204, 51], [255, 102]]),
        (7, [[255, 102], [204, 51], [153, 0]]),
        (8, [[102, 255], [51, 204], [0, 153]]),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_decode_exif(kind: str, orientation: int, upright: list[list[int]]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}
    assert bytes_of(encoded(Image.fromarray(GREYS), kind, exif=exif, **options)) == upright


def test_decode_notes() -> None:
    frames = [Image.new("L", (2, 2), shade) for shade in (0, 255, 128)]
    for kind in ("GIF", "TIFF", "WEBP", "PNG"):
        content = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        assert decode(content, where="it").notes == ("the first of several frames",), kind
        assert bytes_of(content) == [[0, 0], [0, 0]]
    exif = Image.Exif()
    exif[0x0112] = 6
    content = encoded(Image.new("L", (2500, 10), 77), exif=exif)
    assert decode(content, where="it").notes == (
        "shrunk from 2500 x 10 to 834 x 4",
        "turned upright as EXIF says",
    )


def test_decode_large_is_averaged() -> None:
    checks = np.indices((10, 2400)).sum(axis=0) % 2 * 255
    assert bytes_of(encoded(Image.fromarray(checks.astype(np.uint8)))) == [[128] * 1200] * 5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; expected an image."),
        (
            b"hello",
            "is not a supported image; expected PNG, JPEG, BMP, GIF, PPM, TIFF or WEBP.",
        ),
        *(
            (content, f"is {file_type}; expected an image of pixels, such as a PNG or a JPEG.")
            for content, file_type in (
                (b"PK\x03\x04rest", "a zip archive"),
                (b"\xef\xbb\xbf <?xml?><svg/>", "an SVG"),
                (b"<!DOCTYPE HTML><title>", "an HTML page"),
                (b"<note/>", "XML"),
                (b"%PDF-1.7", "a PDF"),
                (b"%!PS-Adobe-3.0 EPSF", "a PostScript file"),
                (b"\x80\x04\x95", "a pickle"),
                (b"\x1f\x8b\x08", "a gzip file"),
                (b"\0\0\0\x18ftypheic", "HEIC"),
            )
        ),
        (
            png_header(50_000, 50_000),
            "declares 2,500,000,000 pixels; the maximum is 36,000,000.",
        ),
        (
            png_header(10_000, 10_000),
            "declares 10,000 x 10,000 pixels; the maximum is 36,000,000.",
        ),
    ],
)
def test_decode_no_image(content: bytes, message: str) -> None:
    assert error_message(content).split("(")[0] == f"two.png {message}".split("(")[0]


def test_decode_truncated() -> None:
    content = encoded(Image.fromarray(np.arange(3000, dtype=np.uint8).reshape(50, 60)), "BMP")
    assert error_message(content[:-99]).startswith(
        "two.png is a damaged or truncated image: image file is truncated ("
    )


def test_decode_zip() -> None:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.png", stored("PNG"))
    assert "is a zip archive" in error_message(file.getvalue())


def test_read_image_too_large(tmp_path: Path) -> None:
    """The size of a file is checked before it is read."""
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(
        CorruptFileError, match="has more than 64,000,000 bytes, which is the maximum"
    ):
        read_image(path)


def test_read_image_unreadable(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="could not be read: Is a directory"):
        read_image(tmp_path)
    with pytest.raises(DataError, match="does not exist"):
        read_image(tmp_path / "none.png")
    path = tmp_path / "is.png"
    path.write_bytes(stored("PNG"))
    assert read_image(path).grey.shape == (2, 3)


def damaged(content: bytes, index: int, mask: int, end: int) -> bytes:
    index %= len(content)
    return (content[:index] + bytes([content[index] ^ mask]) + content[index + 1 :])[: end or None]


@cache
def samples() -> list[bytes]:
    """Return valid files of every format and of several modes."""
    return [
        *(stored(kind) for kind in LOSSLESS),
        encoded(Image.fromarray(np.arange(400, dtype=np.uint8).reshape(20, 20)), "JPEG"),
        encoded(Image.new("CMYK", (9, 9), (1, 2, 3, 4)), "JPEG"),
        encoded(Image.new("RGBA", (9, 9), (1, 2, 3, 4)), "WEBP"),
        encoded(Image.new("RGB", (9, 9), (1, 2, 3)), "TIFF", compression="tiff_lzw"),
        encoded(Image.new("I;16", (9, 9), 500), "PNG"),
        encoded(
            Image.new("P", (9, 9), 5), "GIF", save_all=True, append_images=[Image.new("P", (9, 9))]
        ),
    ]


MAGIC = [
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"BM",
    b"GIF89a",
    b"P5 ",
    b"II*\0",
    b"RIFF\0\0\0\0WEBP",
]


@given(
    content=st.one_of(
        st.binary(max_size=60),
        st.builds(bytes.__add__, st.sampled_from(MAGIC), st.binary(max_size=60)),
        st.builds(
            damaged,
            st.deferred(lambda: st.sampled_from(samples())),
            st.integers(0),
            st.integers(0, 255),
            st.integers(0, 400),
        ),
    )
)
def test_decode_any_bytes(content: bytes) -> None:
    message = ""
    try:
        image = decode(content, where="it")
    except CorruptFileError as error:
        message = str(error)
    if message:
        assert message.startswith("it ")
        assert "\n" not in message
        assert message.endswith(".")
        return
    assert np.isfinite(image.grey).all()
    assert image.grey.min() >= 0
    assert image.grey.max() <= 1
    assert max(image.grey.shape) <= 1200


def test_decode_formats() -> None:
    assert {*LOSSLESS, "JPEG"} == set(FORMATS)


@pytest.mark.parametrize(("orientation", "size"), [(1, (10, 2500)), (6, (2500, 10))])
def test_image_size(tmp_path: Path, orientation: int, size: tuple[int, int]) -> None:
    """The size is that of the upright image in the file, not of the one that is shrunk."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("L", (2500, 10), 77).save(tmp_path / "wide.png", exif=exif)
    assert image_size(tmp_path / "wide.png") == size
