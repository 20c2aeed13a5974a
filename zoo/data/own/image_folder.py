"""Folders of images: the name of a folder is the class of its images."""

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from zoo.config.dataset_info import Source
from zoo.config.entry_paths import natural_sort_key
from zoo.data.dataset import Bytes, LabeledRows
from zoo.data.images.decode import read_image
from zoo.data.images.fit import in_form
from zoo.errors import DataError, ZooError
from zoo.files import not_read
from zoo.formatting import count, listed
from zoo.system.files import file_id

LOG = logging.getLogger(__name__)
SHOWN = 3  # files that could not be read, in an error
SYSTEM_FILES = ("thumbs.db", "desktop.ini")  # which Windows hides
MAX_DEPTH = 30  # folders in folders
FolderId = tuple[int | str, ...]


def class_names(top: Path) -> tuple[str, ...]:
    """Return the names of the folders in a folder, in natural order; hidden ones are skipped."""
    try:
        with os.scandir(top) as items:
            names = [item.name for item in items if item.is_dir() and item.name[0] != "."]
    except OSError as error:
        raise not_read(top, error) from None
    if not names:
        raise DataError(
            f"{top} contains no folders; expected one for each class, with its images.",
            hint="Put the images of each class into a folder that is named after it.",
        )
    return tuple(sorted(names, key=natural_sort_key))


def read_folder(
    top: Path, source: Source, *, classes: Sequence[str], skip_bad: bool
) -> LabeledRows:
    """Return the images in the folders of these classes, each in the form of the source."""
    found = class_names(top)
    if unknown := [name for name in found if name not in classes]:
        raise DataError(
            f"{top} has a folder named {unknown[0]!r}, which is none of the classes.",
            hint=f"The classes are {listed(classes)}.",
        )
    pixels, size = bytearray(), source.shape[0] * source.shape[1]
    labels: list[int] = []
    problems: list[str] = []
    for number, name in enumerate(classes):
        before = len(labels)
        for path in image_files(top / name, {_folder_id(top)}) if name in found else ():
            try:
                pixels += _image(path, source).data
            except ZooError as error:
                problems.append(str(error))
            else:
                labels.append(number)
        if len(labels) == before and name in found:
            problems.append(f"{top / name} contains no image.")
    if problems:
        _report(top, problems, skip_bad=skip_bad)
    if not labels:
        raise DataError(f"{top} contains no images.")
    images = np.frombuffer(pixels, np.uint8).reshape(-1, size)
    return LabeledRows(images, np.array(labels, np.intp))


def _report(top: Path, problems: Sequence[str], *, skip_bad: bool) -> None:
    shown = " ".join(problems[:SHOWN])
    more = f" And {len(problems) - SHOWN:,} more." if len(problems) > SHOWN else ""
    text = f"{top}: {count(len(problems), 'problem')}. {shown}{more}"
    if not skip_bad:
        raise DataError(
            text, hint="Remove these files, or set data.skip_bad = true to leave them out."
        )
    LOG.warning("%s", text)


def image_files(
    folder: Path, entered: set[FolderId] | None = None, depth: int = 0
) -> Iterator[Path]:
    """Yield the files in a folder and its folders, in natural order; hidden ones are skipped.

    Each folder is entered once, wherever links lead.
    """
    entered = set() if entered is None else entered
    if (folder_id := _folder_id(folder)) in entered:
        return
    entered.add(folder_id)
    if depth > MAX_DEPTH:
        raise DataError(f"{folder} is more than {MAX_DEPTH} folders deep.")
    try:
        names = sorted(os.listdir(folder), key=natural_sort_key)  # noqa: PTH208 - strings need less memory
    except OSError as error:
        raise not_read(folder, error) from None
    for name in names:
        path = folder / name
        if name.startswith(".") or name.lower() in SYSTEM_FILES:
            continue
        if path.is_dir():
            yield from image_files(path, entered, depth + 1)
        else:
            yield path


def _folder_id(folder: Path) -> FolderId:
    try:
        return file_id(folder)
    except OSError as error:
        raise not_read(folder, error) from None


def _image(path: Path, source: Source) -> Bytes:
    image = in_form(read_image(path), source, preprocess=None, where=str(path)).image
    return image.reshape(-1)
