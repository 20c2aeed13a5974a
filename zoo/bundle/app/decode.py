"""Image decoding: the first bytes of a file determine its format."""

from __future__ import annotations

from .errors import CorruptError
from .image import to_image

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .image import Image

FORMATS = "PNG, PGM, PPM, PBM and BMP"
OTHER_FORMATS = (
    (b"\xff\xd8\xff", "a JPEG"),
    (b"GIF8", "a GIF"),
    (b"II*\x00", "a TIFF"),
    (b"MM\x00*", "a TIFF"),
    (b"RIFF", "a WebP"),
    (b"PK\x03\x04", "a zip archive"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"<", "an SVG or a page"),
)


def decode(content: bytes, *, where: str) -> Image:
    """Return the image in a file's content; `where` names the file in errors."""
    if not content:
        msg = f"{where} is empty; expected an image."
        raise CorruptError(msg)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        from .png import read
    elif content[:2] in {b"P1", b"P2", b"P3", b"P4", b"P5", b"P6"}:
        from .pnm import read
    elif content.startswith(b"BM"):
        from .bmp import read
    else:
        other = next((name for magic, name in OTHER_FORMATS if content.startswith(magic)), None)
        problem = f"is {other}" if other else "is not an image"
        msg = f"{where} {problem}; a bundle reads {FORMATS}."
        hint = "Save it as PNG, or use `zoo predict` where zoo is installed." if other else ""
        raise CorruptError(msg, hint=hint)
    try:
        return to_image(read(content, where))
    except MemoryError:
        msg = f"{where} does not fit into memory."
        raise CorruptError(msg) from None
