"""Image decoders of a bundle, compared with Pillow."""

import struct
import tracemalloc
from functools import cache
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.helpers import png_writer
from tests.helpers.bombs import png_bomb
from tests.helpers.png_writer import chunk
from zoo.bundle.app import decode as bundle_decode
from zoo.bundle.app.errors import CorruptError
from zoo.data.images import decode as data_decode

KINDS = [(colour, depth) for colour, depths in png_writer.DEPTHS.items() for depth in depths]


def assert_read_alike(content: bytes) -> None:
    """Compare every grey value and alpha to the last bit, and the notes."""
    expected = data_decode.decode(content, where="x")
    actual = bundle_decode.decode(content, where="x")
    assert np.array_equal(np.array(actual.grey, np.float32), expected.grey)
    assert (actual.alpha is None) == (expected.alpha is None)
    if expected.alpha is not None:
        assert np.array_equal(np.array(actual.alpha, np.float32), expected.alpha)
    assert actual.notes == expected.notes


def refusal(content: bytes) -> str:
    with pytest.raises(CorruptError) as caught:
        bundle_decode.decode(content, where="x")
    return str(caught.value)


@st.composite
def png_files(draw: st.DrawFn) -> bytes:
    colour, depth = draw(st.sampled_from(KINDS))
    height, width = draw(st.integers(1, 19)), draw(st.integers(1, 19))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    few = draw(st.booleans())
    shape = height, width, png_writer.CHANNELS[colour]
    pixels = rng.integers(0, 3 if few and depth > 1 else 1 << depth, shape)
    before = b""
    if colour == 3:
        palette = rng.integers(0, 256, 3 * draw(st.integers(1, 1 << depth)), np.uint8)
        before += chunk(b"PLTE", palette.tobytes())
    if draw(st.booleans()) and colour in {0, 2, 3}:
        clear = {
            0: struct.pack(">H", int(pixels[0, 0, 0])),
            2: struct.pack(">HHH", *(int(sample) for sample in pixels[0, 0][:3]))
            if colour == 2
            else b"",
            3: rng.integers(0, 256, draw(st.integers(1, 1 << depth)), np.uint8).tobytes(),
        }[colour]
        before += chunk(b"tRNS", clear)
    if draw(st.booleans()):
        order = draw(st.sampled_from("<>"))
        exif = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}IH", 8, 1)
        exif += struct.pack(f"{order}HHIHHI", 0x0112, 3, 1, draw(st.integers(0, 9)), 0, 0)
        before += chunk(b"eXIf", exif)
    filters = draw(st.lists(st.integers(0, 4), min_size=1, max_size=5))
    return png_writer.png(
        pixels.tolist(),
        depth=depth,
        colour=colour,
        laced=draw(st.booleans()),
        filter_of=lambda row: filters[row % len(filters)],
        before=before,
    )


@given(png_files())
def test_decode_png_any(content: bytes) -> None:
    assert_read_alike(content)


@pytest.mark.parametrize(("colour", "depth"), KINDS)
@pytest.mark.parametrize("laced", [False, True])
def test_decode_png(*, colour: int, depth: int, laced: bool) -> None:
    rng = np.random.default_rng(colour + depth)
    pixels = rng.integers(0, 1 << depth, (13, 17, png_writer.CHANNELS[colour])).tolist()
    palette = chunk(b"PLTE", rng.bytes(3 << depth)) if colour == 3 else b""
    assert_read_alike(
        png_writer.png(pixels, depth=depth, colour=colour, laced=laced, before=palette)
    )


@pytest.mark.parametrize("side", [1201, 2500])
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "I;16"])
def test_decode_large(side: int, mode: str) -> None:
    rng = np.random.default_rng(side)
    grey = rng.integers(0, 65536, (7, side), np.uint16)
    file = BytesIO()
    image = Image.fromarray(grey) if mode == "I;16" else Image.fromarray((grey >> 8).astype("u1"))
    if mode == "LA":
        image.putalpha(Image.fromarray((grey & 255).astype("u1")))
    elif mode != "I;16":
        image = image.convert(mode)
    image.save(file, "PNG")
    assert_read_alike(file.getvalue())


@st.composite
def pnm_files(draw: st.DrawFn) -> bytes:
    kind = draw(st.integers(1, 6))
    height, width = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    most = 1 if kind in {1, 4} else draw(st.sampled_from([1, 7, 100, 255, 256, 1000, 65535]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    each = width * (3 if kind in {3, 6} else 1)
    values = rng.integers(0, draw(st.sampled_from([most, max(most // 3, 1)])) + 1, (height, each))
    comment = draw(st.sampled_from(["", "# drawn by hand\n"]))
    head = f"P{kind}\n{comment}{width} {height}\n" + ("" if kind in {1, 4} else f"{most}\n")
    if kind <= 3:
        return head.encode() + "\n".join(" ".join(map(str, row)) for row in values).encode()
    if kind == 4:
        return head.encode() + np.packbits(values.astype(bool), axis=1).tobytes()
    return head.encode() + values.astype(">u2" if most > 255 else "u1").tobytes()


@given(pnm_files())
def test_decode_pnm_any(content: bytes) -> None:
    assert_read_alike(content)


def bmp(
    pixels: bytes, width: int, height: int, bits: int, *, palette: bytes = b"", packing: int = 0,
    masks: bytes = b"", header: int = 40,
) -> bytes:  # fmt: skip
    start = 14 + header + len(masks) * (header == 40) + len(palette)
    info = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, packing, 0, 0, 0, 0, 0)
    if header > 40:
        info += masks.ljust(header - 40, b"\0")
        masks = b""
    return (
        b"BM"
        + struct.pack("<IHHI", start + len(pixels), 0, 0, start)
        + info
        + masks
        + palette
        + pixels
    )


@st.composite
def bmp_files(draw: st.DrawFn) -> bytes:
    bits = draw(st.sampled_from([1, 4, 8, 16, 24, 32]))
    height, width = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    pixels = rng.bytes((width * bits + 31) // 32 * 4 * height)
    palette = b"".join(rng.bytes(3) + b"\0" for _ in range(1 << bits)) if bits <= 8 else b""
    if bits == 1 and draw(st.booleans()):
        palette = b"\0\0\0\0\xff\xff\xff\0"
    return bmp(pixels, width, draw(st.sampled_from([height, -height])), bits, palette=palette)


@given(bmp_files())
def test_decode_bmp_any(content: bytes) -> None:
    assert_read_alike(content)


@pytest.mark.parametrize(
    ("bits", "masks", "header"),
    [
        (16, (0xF800, 0x7E0, 0x1F), 40),
        (16, (0x7C00, 0x3E0, 0x1F), 40),
        (32, (0xFF0000, 0xFF00, 0xFF), 40),
        (32, (0xFF000000, 0xFF0000, 0xFF00), 40),
        (32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000), 108),
        (32, (0xFF, 0xFF00, 0xFF0000, 0xFF000000), 124),
    ],
)
def test_decode_bmp_masks(bits: int, masks: tuple[int, ...], header: int) -> None:
    pixels = np.random.default_rng(0).bytes((5 * bits + 31) // 32 * 4 * 3)
    packed = struct.pack(f"<{len(masks)}I", *masks)
    assert_read_alike(bmp(pixels, 5, 3, bits, packing=3, masks=packed, header=header))


@pytest.mark.parametrize("bits", [4, 8])
def test_decode_bmp_run_lengths(bits: int) -> None:
    palette = b"".join(
        bytes((20 * one % 256, 255 - one, 3 * one % 256, 0)) for one in range(1 << bits)
    )
    runs = (
        bytes((3, 0x21, 0, 4, 0x12, 0x34, 0x56, 0x07))
        if bits == 8
        else bytes((3, 0x21, 0, 4, 0x12, 0x34))
    )
    lines = runs + b"\0\0" + bytes((7, 0x43, 0, 0)) + bytes((7, 0x11, 0, 1))
    assert_read_alike(bmp(lines, 7, 3, bits, palette=palette, packing=1 if bits == 8 else 2))


@cache
def valid_png() -> bytes:
    """Return a valid PNG of 9 x 9 pixels."""
    pixels = [[[row * 9 + column] for column in range(9)] for row in range(9)]
    return png_writer.png(pixels, depth=8, colour=0)


def test_decode_png_changed_byte() -> None:
    """A change of any byte after the signature is an error."""
    for place in range(8, len(valid_png())):
        damaged = bytearray(valid_png())
        damaged[place] ^= 0x40
        assert refusal(bytes(damaged)).startswith("x "), place


def test_decode_png_truncated() -> None:
    """A file that is truncated anywhere is refused."""
    for length in range(len(valid_png())):
        assert refusal(valid_png()[:length]).startswith("x "), length


@given(
    st.sampled_from([b"P5 3 3 255 ", b"P2 2 2 9 ", b"BM", png_writer.MAGIC, b"", b"P4 9 9 "]),
    st.binary(),
)
def test_decode_any_bytes(start: bytes, rest: bytes) -> None:
    try:
        bundle_decode.decode(start + rest, where="x")
    except CorruptError as error:
        assert str(error).startswith("x ")  # noqa: PT017 - it may also be valid


def test_decode_png_too_many_pixels() -> None:
    content = png_writer.png([[[0]]], depth=1, colour=0, size=(100_000, 100_000))
    assert refusal(content) == "x declares 100,000 x 100,000 pixels; the maximum is 36,000,000."


def test_decode_png_bomb() -> None:
    """Decompression of a bomb stops at the size that its header promises."""
    content = png_bomb(20)
    tracemalloc.start()
    try:
        assert bundle_decode.decode(content, where="x").grey == [[0.0, 0.0], [0.0, 0.0]]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_decode_other_format() -> None:
    file = BytesIO()
    Image.new("L", (3, 3)).save(file, "JPEG")
    assert refusal(file.getvalue()) == "x is a JPEG; a bundle reads PNG, PGM, PPM, PBM and BMP."


@pytest.mark.parametrize("start", [b"P4 8 1", b"P5 1 1 255", b"P6 1 1 255"])
def test_pnm_comment_at_the_end_of_the_header(start: bytes) -> None:
    content = start + b"#abc\n" + bytes(3)
    assert refusal(content) == "x is a damaged image: its header ends in a comment."
