"""A picture out of a file: its grey values and its transparency, upright, and nothing unsafe."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from zoo.errors import CorruptFileError, DataError

if TYPE_CHECKING:
    from PIL.Image import Image

Floats = npt.NDArray[np.float32]

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "PPM", "TIFF", "WEBP")
MAX_BYTES = 64_000_000
MAX_PIXELS = 36_000_000  # a picture is decoded whole, at four bytes a pixel
# WebP takes three times as much; a JPEG is decoded at a part of its size.
MAX_PIXELS_BY_FORMAT = {"WEBP": 20_000_000, "JPEG": 64_000_000, "MPO": 64_000_000}
MAX_SIDE = 1200  # pixels of the longer side; a larger picture is averaged down to at most that
STRIP = 1 << 20  # pixels that are brought to grey at a time

# What people call .png now and then, by its first bytes.
OTHERS = (
    (b"PK\x03\x04", "a zip archive"),
    (b"%PDF", "a PDF"),
    (b"%!PS", "a PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"BZh", "a bzip2 file"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x80\x02", "a pickle"),
    (b"\x80\x03", "a pickle"),
    (b"\x80\x04", "a pickle"),
    (b"\x80\x05", "a pickle"),
    (b"\x7fELF", "a program"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"8BPS", "a Photoshop file"),
)
BOXED = {b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIC", b"avif": "AVIF"}

ORIENTATION = 0x0112  # EXIF's tag


@dataclass(frozen=True)
class DecodedImage:
    """Grey values from 0, black, to 1; how opaque each pixel is, if not all are; what was done."""

    grey: Floats
    alpha: Floats | None
    notes: tuple[str, ...]


def read_image(path: Path) -> DecodedImage:
    """Return the picture in the file at `path`."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            content = b"" if size > MAX_BYTES else file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DataError(f"{path} could not be read: {error.strerror}.") from error
    except ValueError as error:  # a name with a null character
        raise DataError(f"{str(path)!r} could not be read: {error}.") from error
    size = max(size, len(content))
    if size > MAX_BYTES:
        raise CorruptFileError(
            f"{path} has {size:,} bytes; pictures of at most {MAX_BYTES:,} are read."
        )
    return decode(content, where=str(path))


def decode(content: bytes, *, where: str) -> DecodedImage:
    """Return the picture whose file has this content; `where` names it in errors."""
    _refuse_others(content, where)
    with _one_sentence(where):
        image, frames = _open(content)
    _refuse_too_large(image, where)
    width, height = image.size
    with _one_sentence(where):
        # A JPEG is decoded at a half, a quarter or an eighth of its size where that is enough.
        image.draft("L", (min(width, MAX_SIDE), min(height, MAX_SIDE)))
        image.load()
        orientation = _orientation(image)
        grey, alpha = _averaged(image)
    if not np.isfinite(grey).all():
        raise CorruptFileError(f"{where} holds pixels that are no finite numbers.")
    notes = []
    if frames:
        notes.append("the first of several frames")
    if grey.shape != (height, width):
        notes.append(f"shrunk from {width} x {height} to {grey.shape[1]} x {grey.shape[0]}")
    if orientation != 1:
        notes.append("turned upright as EXIF says")
        grey = _upright(grey, orientation)
        alpha = None if alpha is None else _upright(alpha, orientation)
    if alpha is not None and alpha.min() == 1:
        alpha = None
    return DecodedImage(grey, alpha, tuple(notes))


def from_array(grey: Floats) -> DecodedImage:
    """Return the picture whose grey values these are, averaged down like any that is large."""
    factor = -(-max(grey.shape) // MAX_SIDE)
    if factor == 1:
        return DecodedImage(grey, None, ())
    down, right = (min(factor, side) for side in grey.shape)
    rows, columns = len(grey) // down, grey.shape[1] // right
    whole = grey[: rows * down, : columns * right]
    small = whole.reshape(rows, down, columns, right).mean(axis=(1, 3), dtype=np.float32)
    return DecodedImage(small, None, (f"shrunk from {_size(grey)} to {_size(small)}",))


def _size(values: Floats) -> str:
    return f"{values.shape[1]} x {values.shape[0]}"


@contextmanager
def _one_sentence(where: str) -> Iterator[None]:
    """Turn whatever Pillow raises into one sentence; it raises all that Python has."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Image.DecompressionBombError as error:
        count = re.search(r"\d{2,}", str(error))
        pixels = f"{int(count[0]):,}" if count else "too many"
        raise CorruptFileError(
            f"{where} promises {pixels} pixels; at most {MAX_PIXELS:,} are read."
        ) from None
    except UnidentifiedImageError:
        known = f"{', '.join(FORMATS[:-1])} and {FORMATS[-1]}"
        raise CorruptFileError(f"{where} is no picture that zoo reads; it reads {known}.") from None
    except MemoryError:
        raise CorruptFileError(f"{where} needs more memory than there is.") from None
    except Exception as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise CorruptFileError(
            f"{where} is a damaged picture, or one that was cut short: {lines[0].rstrip('.')}."
        ) from error


def _refuse_others(content: bytes, where: str) -> None:
    if not content:
        raise CorruptFileError(f"{where} is empty; a picture was expected.")
    start = content[:512].removeprefix(b"\xef\xbb\xbf").lstrip()
    found = next((name for magic, name in OTHERS if content.startswith(magic)), None)
    if content[4:8] == b"ftyp" and content[8:12] in BOXED:
        found = f"{BOXED[content[8:12]]}, which zoo does not read"
    elif start.startswith(b"<"):
        text = start.lower()
        found = "an SVG" if b"<svg" in text else "an HTML page" if b"html" in text else "XML"
    if found:
        raise CorruptFileError(
            f"{where} is {found}, not a picture of pixels such as a PNG or a JPEG."
        )


def _open(content: bytes) -> tuple["Image", bool]:
    """Return the picture with nothing but its header read, and whether it has several frames."""
    from PIL import Image

    image = Image.open(BytesIO(content), formats=FORMATS)
    # What a JPEG brings along besides its first picture is a preview or a map of brightness.
    return image, getattr(image, "is_animated", False) and image.format != "MPO"


def _refuse_too_large(image: "Image", where: str) -> None:
    width, height = image.size
    cap = MAX_PIXELS_BY_FORMAT.get(image.format or "", MAX_PIXELS)
    if width * height > cap:
        raise CorruptFileError(
            f"{where} promises {width:,} x {height:,} pixels; at most {cap:,} are read."
        )
    if not width * height:
        raise CorruptFileError(
            f"{where} promises {width:,} x {height:,} pixels; there is no picture."
        )


def _orientation(image: "Image") -> int:
    """Return EXIF's orientation, 1 where there is none; a broken EXIF spoils no picture."""
    try:
        found = image.getexif().get(ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - it raises all sorts as well
        return 1
    return found if found in range(1, 9) else 1


def _upright(values: Floats, orientation: int) -> Floats:
    """Return the pixels as they are to be seen: 5 to 8 are transposed, then all mirrored."""
    if orientation >= 5:
        values = values.T
    if orientation in {3, 4, 7, 8}:
        values = values[::-1]
    if orientation in {2, 3, 6, 7}:
        values = values[:, ::-1]
    return np.ascontiguousarray(values)


def _averaged(image: "Image") -> tuple[Floats, Floats | None]:
    """Return grey and alpha, averaged down to LONGEST; strip by strip, so that no copy is large."""
    width, height = image.size
    factor = -(-max(width, height) // MAX_SIDE)
    rows = max(STRIP // width // factor, 1) * factor
    low, high = _range(image)
    strips = []
    for top in range(0, height, rows):
        strip = _plain(image.crop((0, top, width, min(top + rows, height))))
        strips.append(np.asarray(strip.reduce(factor) if factor > 1 else strip, np.float32))
    values = np.concatenate(strips)
    if values.ndim == 2:
        return (values - low) / (high - low), None
    grey, alpha = np.moveaxis(values / np.float32(255), 2, 0)
    return grey, alpha


def _range(image: "Image") -> tuple[np.float32, np.float32]:
    """Return what black and white are: where a format does not say, the picture's own extremes."""
    low, high = 0.0, 255.0
    if image.mode.startswith("I;16"):
        high = 65535.0
    elif image.mode in {"I", "F"}:
        found = image.getextrema()
        least, most = (float(value) for value in found if not isinstance(value, tuple))
        usual = (1.0, 255.0, 65535.0) if image.mode == "F" else (255.0, 65535.0)
        high = next((white for white in usual if least >= 0 and most <= white), most)
        low = min(least, 0.0) if high == most else 0.0
    return np.float32(low), np.float32(high if high > low else low + 1)


def _plain(image: "Image") -> "Image":
    """Return the picture in one of the modes L, LA and F."""
    if image.mode.startswith("I;16"):
        return image.convert("I").convert("F")
    if image.mode in {"I", "F"}:
        return image.convert("F")
    if image.mode == "LAB":
        return image.getchannel(0)
    if image.has_transparency_data:
        return image.convert("RGBA").convert("LA")
    if image.mode in {"1", "L"}:
        return image.convert("L")
    return image.convert("RGB").convert("L")
