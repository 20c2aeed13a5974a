"""What a network is asked about: pictures, folders, globs, IDX, Kaggle's csv and stdin."""

from __future__ import annotations

import os
import re
import sys

from .errors import BundleError, CorruptError, MissingFileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .image import Picture
    from .model import Model

STDIN = "-"
PICTURES = re.compile(r"\.(png|bmp|p[pgbn]m|csv)$")  # a folder's other files are passed over
IDX = re.compile(r"idx\d?(-ubyte)?(\.gz)?$|ubyte(\.gz)?$")
LABELS = re.compile(r"idx1-ubyte(\.gz)?$")


class Input:
    """One picture as the network will see it, and where it comes from."""

    def __init__(self, source: str, index: int, image: bytes, said: str) -> None:
        self.source = source
        self.index = index  # within its file
        self.image = image
        self.said = said  # what was done to it


class Unreadable:
    """A file that gave no picture, and why."""

    def __init__(self, source: str, error: BundleError) -> None:
        self.source = source
        self.error = error


def inputs(
    words: Sequence[str], model: Model, preprocess: str | None
) -> Iterator[Input | Unreadable]:
    """Yield every picture behind the words; a word that leads nowhere is said at once.

    Without a `preprocess`, pictures are brought to the form of the training data, and what many of
    them lie in together is taken as it is.
    """
    for word in words:
        if word != STDIN and not os.path.lexists(word) and not _glob(word):
            msg = f"{word} is not there."
            raise MissingFileError(
                msg, hint="A picture, a folder, IDX, a csv in Kaggle's form, or - for stdin."
            )
    for word in words:
        for source in _sources(word):
            try:
                yield from _of_file(source, model, preprocess)
            except BundleError as error:  # noqa: PERF203 - the others are read all the same
                yield Unreadable(source, error)


def _glob(word: str) -> list[str]:
    from glob import glob

    return sorted(filter(os.path.isfile, glob(word, recursive=True)))  # noqa: PTH207 - pathlib takes its time


def _sources(word: str) -> Iterator[str]:
    if word == STDIN or not os.path.isdir(word):  # noqa: PTH112 - the same
        yield from [word] if word == STDIN or os.path.lexists(word) else _glob(word)
        return
    for folder, inside, names in os.walk(word):
        inside[:] = sorted(name for name in inside if not name.startswith("."))
        for name in sorted(names):
            path = os.path.join(folder, name)  # noqa: PTH118 - the same
            if _may_hold_pictures(name) and os.path.isfile(path):  # noqa: PTH113 - the same
                yield path


def _may_hold_pictures(name: str) -> bool:
    lower = name.lower()
    known = PICTURES.search(lower) or IDX.search(lower)
    return bool(known) and not lower.startswith(".") and not LABELS.search(lower)


def _of_file(path: str, model: Model, preprocess: str | None) -> Iterator[Input | Unreadable]:
    if path == STDIN:
        from .decode import decode
        from .image import BYTES_CAP

        content = sys.stdin.buffer.read(BYTES_CAP + 1) if sys.stdin else b""
        yield _input(STDIN, 0, decode(content, where="stdin"), model, preprocess)
    elif path.lower().endswith(".csv"):
        from . import kaggle_csv

        yield from _of_rows(path, kaggle_csv.read(path), kaggle_csv.SHAPE, model, preprocess)
    elif IDX.search(path.lower()):
        from . import idx

        images, shape = idx.read(path)
        yield from _of_rows(path, images, shape, model, preprocess)
    else:
        from .decode import decode
        from .files import content as content_of
        from .image import BYTES_CAP

        picture = decode(content_of(path, BYTES_CAP), where=path)
        yield _input(path, 0, picture, model, preprocess)


def _of_rows(
    path: str,
    images: Iterator[bytes],
    shape: tuple[int, int],
    model: Model,
    preprocess: str | None,
) -> Iterator[Input | Unreadable]:
    """Yield pictures of bytes: as they are, if nothing else is asked for."""
    if preprocess == "auto":
        from .image import of_array

        for index, image in enumerate(images):
            rows = [image[at : at + shape[1]] for at in range(0, len(image), shape[1])]
            yield _input(path, index, of_array(rows), model, preprocess)
        return
    if shape != model.shape:
        msg = (
            f"{path} holds pictures of {shape[0]} x {shape[1]} pixels, and {model.data} has "
            f"{model.shape[0]} x {model.shape[1]}."
        )
        raise CorruptError(msg, hint="--preprocess auto fits pictures of any size.")
    for index, image in enumerate(images):
        if max(image) > model.highest:
            msg = f"{path} holds the value {max(image)}; the highest of a pixel is {model.highest}."
            raise CorruptError(msg)
        yield Input(path, index, image, "")


def _input(
    where: str, index: int, picture: Picture, model: Model, preprocess: str | None
) -> Input | Unreadable:
    """Return the picture in the form of the data; one that is blank keeps no other from it."""
    from .preprocess import drawn

    name = f"{where} [{index}]" if index else where
    try:
        found = drawn(picture, model.shape, preprocess=preprocess or "auto", where=name)
    except BundleError as error:
        return Unreadable(where, error)
    return Input(where, index, found.image, found.said)
