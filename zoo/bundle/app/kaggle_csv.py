"""Kaggle's CSV: a header, then 784 pixels per line, after a label in train.csv."""

from __future__ import annotations

from io import BytesIO
from itertools import count

from .errors import CorruptError
from .files import opened, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

CAP = 200_000_000  # bytes; Kaggle's larger file has 77 million
MAX_LINE = 20_000  # bytes; an image with its label has at most 3,138
SHAPE = (28, 28)
PIXELS = [f"pixel{number}" for number in range(784)]
VALUES = {str(value): value for value in range(256)}
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def _lines(path: str) -> Iterator[str]:
    """Yield the lines in a file; a long one would become a cell for every few of its bytes."""
    file = BytesIO(read_file(path, CAP))
    for number in count(1):
        line = file.readline(MAX_LINE)
        if not line:
            return
        if len(line) == MAX_LINE:
            msg = f"{path}, line {number} has more than {MAX_LINE:,} bytes."
            raise CorruptError(msg)
        if number == 1:
            line = line.removeprefix(BYTE_ORDER_MARK)
        yield line.decode(errors="replace").rstrip("\r\n")


def is_of_images(path: str) -> bool:
    """Return whether the first line of the file at `path` begins like Kaggle's."""
    with opened(path) as file:
        line = file.readline(100).removeprefix(BYTE_ORDER_MARK)
    return line.removeprefix(b"label,").startswith(b"pixel")


def read(path: str) -> Iterator[bytes]:
    """Yield the images in the file at `path`; an error names its line."""
    lines = _lines(path)
    names = next(lines, "").split(",")
    labelled = int(names[0] == "label")
    if names[labelled:] != PIXELS:
        msg = f"{path}, line 1: expected pixel0 to pixel783, behind label or alone."
        raise CorruptError(msg)
    columns = labelled + len(PIXELS)
    empty = True
    for number, line in enumerate(lines, 2):
        if not line.strip():
            continue
        cells = line.split(",")
        if len(cells) != columns:
            msg = f"{path}, line {number}: expected {columns} columns, got {len(cells)}."
            raise CorruptError(msg)
        try:
            image = bytes(map(VALUES.__getitem__, cells[labelled:]))
        except KeyError as error:
            got = repr(error.args[0][:20])
            msg = f"{path}, line {number}: expected integers from 0 to 255, got {got}."
            raise CorruptError(msg) from None
        empty = False
        yield image
    if empty:
        msg = f"{path} ends after its header; expected at least one image."
        raise CorruptError(msg)
