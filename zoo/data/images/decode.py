"""Image decoding: the grey values and transparency of an image file, upright.

Only safe formats are decoded, within limits on bytes and pixels.
"""

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

from zoo.data.images import pnm
from zoo.data.images.constants import MAX_BYTES, MAX_LENGTH, MAX_PIXELS, MAX_SIDE
from zoo.errors import CorruptFileError
from zoo.files import read_bounded

if TYPE_CHECKING:
    from PIL.Image import Image

Floats = npt.NDArray[np.float32]

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "PPM", "TIFF", "WEBP")
# WebP takes three times as much memory; a JPEG is decoded at a fraction of its size.
MAX_PIXELS_BY_FORMAT = {"WEBP": 20_000_000, "JPEG": 64_000_000, "MPO": 64_000_000}
STRIP = 1 << 20  # pixels that are converted to grey at a time

# File types that are sometimes named .png, by their first bytes.
OTHER_TYPES = (
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
ISO_BRANDS = {b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIC", b"avif": "AVIF"}

ORIENTATION = 0x0112  # EXIF's tag
TRANSPOSED = 5  # orientations from this one on exchange rows and columns


@dataclass(frozen=True)
class DecodedImage:
    """Grey values from 0 (black) to 1, opacity if not all pixels are opaque, and notes on decoding.

    Both arrays are (height, width) float32.
    """

    grey: Floats
    alpha: Floats | None
    notes: tuple[str, ...]


def read_image(path: Path) -> DecodedImage:
    """Return the image in the file at `path`."""
    return decode(read_bounded(path, MAX_BYTES), where=str(path))


def image_size(path: Path) -> tuple[int, int]:
    """Return the (height, width) of the upright image in a file."""
    image, _ = _opened(read_bounded(path, MAX_BYTES), str(path))
    width, height = image.size
    return (width, height) if _orientation(image) >= TRANSPOSED else (height, width)


def decode(content: bytes, *, where: str) -> DecodedImage:
    """Return the image with this file content; `where` names it in errors."""
    image, frames = _opened(content, where)
    width, height = image.size
    with _pillow_errors(where):
        # A JPEG is decoded at a half, a quarter or an eighth of its size if that is sufficient.
        image.draft("L", (min(width, MAX_SIDE), min(height, MAX_SIDE)))
        image.load()
        orientation = _orientation(image)
        grey, alpha = _downscaled(image)
    if not np.isfinite(grey).all():
        raise CorruptFileError(f"{where} contains NaN or infinite pixels.")
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
    """Return the image with these grey values, averaged down if it is large."""
    factor = -(-max(grey.shape) // MAX_SIDE)
    if factor == 1:
        return DecodedImage(grey, None, ())
    down, right = (min(factor, side) for side in grey.shape)
    rows, columns = len(grey) // down, grey.shape[1] // right
    cropped = grey[: rows * down, : columns * right]
    small = cropped.reshape(rows, down, columns, right).mean(axis=(1, 3), dtype=np.float32)
    return DecodedImage(small, None, (f"shrunk from {_size(grey)} to {_size(small)}",))


def _size(values: Floats) -> str:
    return f"{values.shape[1]} x {values.shape[0]}"


@contextmanager
def _pillow_errors(where: str) -> Iterator[None]:
    """Raise CorruptFileError for any exception of Pillow; it raises almost every type."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Image.DecompressionBombError as error:
        count = re.search(r"\d{2,}", str(error))
        pixels = f"{int(count[0]):,}" if count else "too many"
        raise CorruptFileError(
            f"{where} declares {pixels} pixels; the maximum is {MAX_PIXELS:,}."
        ) from None
    except UnidentifiedImageError:
        formats = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
        raise CorruptFileError(f"{where} is not a supported image; expected {formats}.") from None
    except MemoryError:
        raise CorruptFileError(f"{where} does not fit into memory.") from None
    except Exception as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise CorruptFileError(
            f"{where} is a damaged or truncated image: {lines[0].rstrip('.')}."
        ) from error


def _refuse_other_types(content: bytes, where: str) -> None:
    if not content:
        raise CorruptFileError(f"{where} is empty; expected an image.")
    start = content[:512].removeprefix(b"\xef\xbb\xbf").lstrip()
    file_type = next((name for magic, name in OTHER_TYPES if content.startswith(magic)), None)
    if content[4:8] == b"ftyp" and content[8:12] in ISO_BRANDS:
        file_type = ISO_BRANDS[content[8:12]]
    elif start.startswith(b"<"):
        text = start.lower()
        file_type = "an SVG" if b"<svg" in text else "an HTML page" if b"html" in text else "XML"
    if file_type:
        raise CorruptFileError(
            f"{where} is {file_type}; expected an image of pixels, such as a PNG or a JPEG.",
            hint="Save it as PNG or JPEG.",
        )


def _opened(content: bytes, where: str) -> tuple["Image", bool]:
    """Return the image of a safe type and size, and whether it has several frames."""
    _refuse_other_types(content, where)
    simplified = pnm.simplify(content, where)
    with _pillow_errors(where):
        image, frames = _open(simplified)
    _refuse_too_large(image, where)
    return image, frames


def _open(content: bytes) -> tuple["Image", bool]:
    """Return the image with only its header read, and whether it has several frames."""
    from PIL import Image

    image = Image.open(BytesIO(content), formats=FORMATS)
    # Further images in a JPEG are a preview or a brightness map.
    return image, getattr(image, "is_animated", False) and image.format != "MPO"


def _refuse_too_large(image: "Image", where: str) -> None:
    width, height = image.size
    max_pixels = MAX_PIXELS_BY_FORMAT.get(image.format or "", MAX_PIXELS)
    if width * height > max_pixels:
        raise CorruptFileError(
            f"{where} declares {width:,} x {height:,} pixels; the maximum is {max_pixels:,}."
        )
    if max(width, height) > MAX_LENGTH:
        raise CorruptFileError(
            f"{where} declares {width:,} x {height:,} pixels; "
            f"the maximum of a side is {MAX_LENGTH:,}."
        )
    if not width * height:
        raise CorruptFileError(
            f"{where} declares {width:,} x {height:,} pixels; the image is empty."
        )


def _orientation(image: "Image") -> int:
    """Return EXIF's orientation, or 1 if there is none or the EXIF data is invalid."""
    try:
        orientation = image.getexif().get(ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - it raises almost every type, too
        return 1
    return orientation if orientation in range(1, 9) else 1


def _upright(values: Floats, orientation: int) -> Floats:
    """Return the pixels upright: 5 to 8 are transposed, then each is mirrored as needed."""
    if orientation >= TRANSPOSED:
        values = values.T
    if orientation in {3, 4, 7, 8}:
        values = values[::-1]
    if orientation in {2, 3, 6, 7}:
        values = values[:, ::-1]
    return np.ascontiguousarray(values)


def _downscaled(image: "Image") -> tuple[Floats, Floats | None]:
    """Return grey and alpha, averaged down to MAX_SIDE, strip by strip to save memory."""
    width, height = image.size
    factor = -(-max(width, height) // MAX_SIDE)
    rows = max(STRIP // width // factor, 1) * factor
    low, high = _range(image)
    strips = []
    for top in range(0, height, rows):
        strip = _to_grey(image.crop((0, top, width, min(top + rows, height))))
        strips.append(np.asarray(strip.reduce(factor) if factor > 1 else strip, np.float32))
    values = np.concatenate(strips)
    if values.ndim == 2:
        return (values - low) / (high - low), None
    grey, alpha = np.moveaxis(values / np.float32(255), 2, 0)
    return grey, alpha


def _range(image: "Image") -> tuple[np.float32, np.float32]:
    """Return the values of black and white; if the format does not define them, the extremes."""
    low, high = 0.0, 255.0
    if image.mode.startswith("I;16"):
        high = 65535.0
    elif image.mode in {"I", "F"}:
        extrema = image.getextrema()
        minimum, maximum = (float(value) for value in extrema if not isinstance(value, tuple))
        usual = (1.0, 255.0, 65535.0) if image.mode == "F" else (255.0, 65535.0)
        high = next((white for white in usual if minimum >= 0 and maximum <= white), maximum)
        low = min(minimum, 0.0) if high == maximum else 0.0
    return np.float32(low), np.float32(high if high > low else low + 1)


def _to_grey(image: "Image") -> "Image":
    """Return the image in mode L, LA or F."""
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
