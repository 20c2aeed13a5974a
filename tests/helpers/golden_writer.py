"""`python -m tests.helpers.golden_writer` writes the golden images and their normalized forms.

The images are written by a fixed seed, the forms by zoo/data/images with Pillow 13. Write them
again only after a decision that images are to be normalized differently, and read the difference.
"""

import json
import struct
from collections.abc import Iterator
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image
from zoo.models.handwriting import GLYPHS, STYLES, draw

from tests.helpers import png_writer
from tests.helpers.drawn_images import (
    Bytes,
    Generator,
    enlarged,
    lit,
    painted,
    pen,
    photographed,
    placed,
    skeleton,
    specked,
    stored,
    transparent,
    turned,
)
from tests.helpers.golden_images import DRAWING, EXPECTED, FOLDER, SHAPES, Form, size_text
from zoo.data.digits import load_digits
from zoo.data.images.decode import decode
from zoo.data.images.normalize import normalize
from zoo.errors import CorruptFileError
from zoo.export import sample_inputs
from zoo.files import write_atomically

SEED = 0
ON_ITS_SIDE = 6  # an orientation of EXIF


def main() -> None:
    """Write every image, and the normalized forms of all of them."""
    FOLDER.mkdir(exist_ok=True)
    images = dict(golden_images(np.random.default_rng(SEED)))
    for path in FOLDER.iterdir():
        path.unlink()
    for name, content in images.items():
        write_atomically(FOLDER / name, content)
    expected = {name: normalized_forms(name, content) for name, content in images.items()}
    write_atomically(EXPECTED, f"{json.dumps(expected, indent=1)}\n".encode())


def normalized_forms(name: str, content: bytes) -> dict[str, Form]:
    """Return the result for each shape as JSON: the steps and the rows of pixels, or the error."""
    forms: dict[str, Form] = {}
    for shape in SHAPES:
        try:
            result = normalize(decode(content, where=name), shape, where=name)
        except CorruptFileError as error:
            forms[size_text(shape)] = {"error": str(error)}
        else:
            pixels = [row.tobytes().hex() for row in result.image]
            forms[size_text(shape)] = {"steps": result.steps, "pixels": pixels}
    return forms


def golden_images(rng: Generator) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of every file."""
    for name, drawing in drawings(rng):
        yield f"{DRAWING}{name}.png", stored(drawing)
    digits = sample_inputs.enlarged().reshape(-1, 28, 28)
    yield from forms_of_data(digits)
    yield from pens_and_backgrounds(digits, rng)
    yield from near_a_threshold(digits, rng)
    yield from transparent_images(digits)
    yield from kinds_of_files(digits, rng)


def drawings(rng: Generator) -> Iterator[tuple[str, Bytes]]:
    """Yield drawings as the page has them: square, dark on light, white up to the edge."""
    for digit, (style_name, style) in enumerate(STYLES.items()):
        drawing = draw(GLYPHS[digit % 10][-1], style, rng)
        name = f"{digit % 10}-{style_name.replace(' ', '-')}"
        yield name, drawing if style_name in {"thin pen", "shaky"} else halved(drawing)
    parts = halved(draw(GLYPHS[5][1], STYLES["as usual"], rng)).copy()
    parts[4:7, 4:7] = 0  # a speck far from the digit
    yield "5-in-parts-with-a-speck", parts
    one = np.full((140, 140), 255, np.uint8)
    one[30:100, 65:72] = 0
    one[35:40, 75:80] = 55  # a spot beside the digit
    yield "1-with-a-spot", one
    straight = np.full((140, 140), 255, np.uint8)
    straight[15:61, 60:63] = 0  # the last bit of a sum decides in which column it comes to lie
    yield "1-straight", straight
    yield "blank", np.full((140, 140), 255, np.uint8)


def halved(drawing: Bytes) -> Bytes:
    """Return a drawing at half its size."""
    return np.asarray(Image.fromarray(drawing).reduce(2))


def forms_of_data(digits: Bytes) -> Iterator[tuple[str, bytes]]:
    """Yield images that have the form of the training data already."""
    for digit, name in ((3, "mnist-as-it-is.png"), (4, "mnist-inverted.png")):
        drawing = np.pad(enlarged(digits[digit][2:26, 2:26], 20), 4)
        yield name, stored(255 - drawing if "inverted" in name else drawing)
    small = load_digits().train.images[:7].reshape(-1, 8, 8)
    yield "digits-as-they-are.png", stored(small[5] * 15.9375)
    yield "digits-inverted.bmp", stored(255 - small[6] * 15.9375, "BMP")


def pens_and_backgrounds(digits: Bytes, rng: Generator) -> Iterator[tuple[str, bytes]]:
    """Yield other pens, sizes, lighting, frames and disturbances."""
    page = placed(enlarged(digits[2], 70), (84, 110), rng)
    yield "small.bmp", stored(enlarged(digits[5], 17), "BMP")
    yield "icon.png", stored(255 - enlarged(digits[8][2:26, 2:26], 32))
    yield "hairline.pbm", packed_bits(skeleton(enlarged(digits[6], 100) > 127))
    yield "thin-pen.png", stored(255 - placed(pen(digits[7], 80, 3), (90, 130), rng))
    yield (
        "fat-pen.bmp",
        stored(painted(pen(digits[0], 64, 11), (20, 20, 60), (230, 225, 210)), "BMP"),
    )
    yield (
        "framed.png",
        stored(np.pad(255 - np.pad(enlarged(digits[9], 60), 9), 5, constant_values=55)),
    )
    yield "strip.png", stored(enlarged(digits[3], 90)[:, 40:47])
    yield "specked.png", specked(page, rng)
    light = 0.4 + 0.6 * np.indices((90, 90)).sum(axis=0) / 180
    yield "shaded.png", stored(enlarged(255 - digits[4], 90) * light)
    yield "shaded-light-on-dark.png", stored(255 - enlarged(255 - digits[1], 90) * light)
    yield "noisy-light.png", lit(page, rng)
    yield "several-shades.png", stored(several_shades())
    yield "coloured.ppm", stored(painted(page, (120, 30, 20), (215, 240, 205)), "PPM")
    yield "light-on-dark.png", stored(painted(page, (240, 220, 250), (60, 20, 70)))
    photo = photographed(placed(enlarged(digits[2], 80), (110, 140), rng), rng)
    yield "photo.jpg", photo
    with Image.open(BytesIO(photo)) as decoded:
        yield "photo.png", stored(np.asarray(decoded))
    yield "noise.pgm", stored(200 + rng.normal(0, 5, (40, 40)), "PPM")
    yield "pixel.png", stored(np.full((1, 1), 9))
    yield "few-pixels.pgm", stored(rng.integers(0, 256, (3, 5)), "PPM")
    yield "many-pixels.pgm", stored(rng.integers(0, 256, (24, 17)), "PPM")


def near_a_threshold(digits: Bytes, rng: Generator) -> Iterator[tuple[str, bytes]]:
    """Yield faint ink, grain, a grey frame, the edge of a table, and components of middle size."""
    drawing = placed(enlarged(digits[2], 45), (60, 80), rng)
    yield "faint.pgm", stored(200 - drawing * 0.05, "PPM")
    yield "grainy.png", stored(200 - drawing * 0.6 + rng.integers(-6, 7, drawing.shape))
    yield "grey-frame.png", stored(np.pad(255 - drawing, 4, constant_values=195))
    table = 220 - np.pad(enlarged(digits[9], 45), ((2, 13), (15, 20))) * 0.7
    table[-5:] = 40
    yield "edge-of-a-table.png", stored(table)
    parts = np.full((90, 90), 255, np.uint8)
    parts[15:65, 20:26] = 0
    parts[20:26, 30:35] = 0  # near, a tenth of the main component
    parts[70:86, 70:74] = 0  # far, a fifth of it
    yield "parts.png", stored(parts)
    parts[66:86, 68:74] = 0  # two fifths
    yield "parts-far-away.png", stored(parts)


def several_shades() -> npt.NDArray[np.float64]:
    """Return a seven of dark and light ink on grey paper."""
    paper = np.full((60, 60), 140.0)
    paper[10:16, 12:48] = 200
    paper[16:50, 34:40] = 20
    return paper


def packed_bits(mask: npt.NDArray[np.bool_]) -> bytes:
    """Return a mask as a PBM of packed bits."""
    return b"P4\n%d %d\n" % mask.shape[::-1] + np.packbits(mask, axis=1).tobytes()


def transparent_images(digits: Bytes) -> Iterator[tuple[str, bytes]]:
    """Yield drawings on a transparent background, and on a sheet with transparent edges."""
    drawing = enlarged(digits[7], 60)
    yield "transparent-black.png", transparent(drawing, 90, 0)
    yield "transparent-white.png", transparent(drawing, 255, 255)
    ink = np.where(drawing > 99, 20, 230)
    sheet = np.pad(np.full((56, 56), 255), 2)
    yield "transparent-edge.png", stored(np.stack([ink, ink, ink, sheet], axis=-1))
    line = np.full((60, 60), 230)
    line[10:50, 30] = 20
    yield "transparent-edge-hairline.png", stored(np.stack([line, line, line, sheet], axis=-1))
    sheer = np.full((60, 60), 200)
    yield "sheer.png", stored(np.stack([ink, ink, ink, sheer], axis=-1))


def kinds_of_files(digits: Bytes, rng: Generator) -> Iterator[tuple[str, bytes]]:
    """Yield depths, palettes, orientations, several frames, and an image that is averaged down."""
    drawing = 255 - placed(enlarged(digits[5], 60), (70, 80), rng)
    yield "turned.jpg", turned(255 - drawing, rng)
    exif = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 0x0112, 3, 1, ON_ITS_SIDE, 0, 0)
    pixels = np.rot90(drawing)[..., None].tolist()
    yield (
        "turned.png",
        png_writer.png(pixels, depth=8, colour=0, before=png_writer.chunk(b"eXIf", exif)),
    )
    wide = drawing.astype(int) * 255 + 77
    yield "sixteen-bits.png", png_writer.png(wide[..., None].tolist(), depth=16, colour=0)
    yield "thousand-levels.pgm", b"P5\n80 70\n1000\n" + (wide // 66).astype(">u2").tobytes()
    yield (
        "seven-levels.pgm",
        b"P2\n80 70\n7\n" + " ".join(map(str, (drawing >> 5).ravel())).encode(),
    )
    palette = b"".join(bytes((level, 255 - level // 3, level)) for level in range(0, 256, 17))
    clear = png_writer.chunk(b"tRNS", bytes([255] * 15 + [0]))
    chunks = png_writer.chunk(b"PLTE", palette) + clear
    yield (
        "palette.png",
        png_writer.png(
            (drawing // 17)[..., None].tolist(), depth=4, colour=3, laced=True, before=chunks
        ),
    )
    frames = [Image.fromarray(frame) for frame in (drawing, 255 - drawing)]
    file = BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    yield "two-frames.gif", file.getvalue()
    long = np.full((50, 1300), 255, np.uint8)
    long[20:27, 200:900] = 0
    long[20:45, 893:900] = 0
    yield "averaged-down.png", stored(long)
    grey_and_alpha = np.stack([np.full_like(long, 255), 255 - long], axis=-1)
    file = BytesIO()
    Image.fromarray(grey_and_alpha, "LA").save(file, "PNG")
    yield "averaged-down-transparent.png", file.getvalue()


if __name__ == "__main__":
    main()
