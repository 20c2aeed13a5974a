"""PNM images, whose pixels Pillow would read in Python."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from zoo.data.images import pnm
from zoo.data.images.decode import decode
from zoo.errors import CorruptFileError

RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pnm, "PIECE", 64)


@pytest.mark.parametrize("white", [1, 100, 255, 256, 1_000, 65_535])
@pytest.mark.parametrize("kind", ["P1", "P2", "P3", "P4", "P5", "P6"])
def test_pnm_as_pillow(kind: str, white: int) -> None:
    """The image is that of Pillow, which rounds halves to even."""
    bands = 3 if kind in {"P3", "P6"} else 1
    is_bits = kind in {"P1", "P4"}
    values = RNG.integers(0, 1 if is_bits else white, (7, 13 * bands), endpoint=True)
    header = f"{kind}\n# a # b\n13 7\n" + ("" if is_bits else f"{white}\n")
    if kind in {"P1", "P2", "P3"}:
        body = b"\n".join(" ".join(map(str, row)).encode() + b" # 9" for row in values) + b"\n"
    elif is_bits:
        body = np.packbits(values.astype(np.uint8), axis=1).tobytes()
    else:
        body = values.astype(">u2" if white > 255 else np.uint8).tobytes()
    content = header.encode() + body
    expected, got = (Image.open(BytesIO(it)) for it in (content, pnm.simplify(content, "it")))
    assert (got.mode, got.size) == (expected.mode, expected.size)
    np.testing.assert_array_equal(np.asarray(got), np.asarray(expected))


def test_pnm_without_pillow_s_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is decoded by Pillow's decoders in Python, nor are comments left to it."""
    for name in ("PpmDecoder", "PpmPlainDecoder"):
        monkeypatch.setattr(f"PIL.PpmImagePlugin.{name}.decode", lambda *_: pytest.fail("slow"))
    text = (b"P1\n2 1 10", b"P2 2 1 9 1 2", b"P3 1 1 9 1 2 3", b"P2 2 1 9 1 #2\n2")
    binary = (b"P5 2 1 9\n\1\2", b"P6 1 1 9\n\1\2\3", b"P6 1 1 999\n" + b"\1" * 6)
    for content in text + binary:
        assert decode(content, where="it").grey.size in {1, 2}
    assert pnm.simplify(b"P5 #" + b"c" * 99 + b"\n2 1 255\n##", "it") == b"P5 2 1 255\n##"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"P5 " + b"# " * 9_999, "it is a damaged image: its header does not say how large it is."),
        (b"P5 #" + b"c" * 10_000 + b"\n1 1 255\n1", "it is a damaged image: its header does not"),
        (b"P2 2 1 9 1", "it is a damaged or truncated image: pixels are missing."),
        (b"P2 2 1 9 1" + b"#" * 100, "it is a damaged or truncated image: pixels are missing."),
        (b"P5 2 1 9\n1", "it is a damaged or truncated image: pixels are missing."),
        (b"P2 2 1 9 1 10", "it is a damaged image: a pixel is larger than its 9 for white."),
        (b"P1 2 1 12", "it is a damaged image: a pixel is larger than its 1 for white."),
        (b"P2 2 1 9 1 -1", "it is a damaged image: not all of its pixels are numbers."),
        (b"P2 2 1 9 1 00000000001", "it is a damaged image: a number has more than 10 digits."),
    ],
)
def test_pnm_error(content: bytes, message: str) -> None:
    with pytest.raises(CorruptFileError, match=message):
        decode(content, where="it")


def test_pnm_other_content() -> None:
    assert pnm.simplify(b"\x89PNG", "it") == b"\x89PNG"


@pytest.mark.parametrize("start", [b"P4 8 1", b"P5 1 1 255", b"P6 1 1 255"])
def test_pnm_comment_at_the_end_of_the_header(start: bytes) -> None:
    """Readers differ: one skips the comment, another takes it for pixels."""
    with pytest.raises(CorruptFileError, match="its header ends in a comment"):
        pnm.simplify(start + b"#abc\n" + bytes(3), "it")
