"""Sheets of training images as PNG files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from zoo.config.entry import Entry
    from zoo.data.splits import Subset


ACROSS = 8  # images of a class
MAX_CLASSES = 100  # on a sheet


def check_png(path: Path, option: str) -> None:
    """Raise if an option names another file than a PNG."""
    from zoo.errors import ConfigError

    if path.suffix.lower() != ".png":
        raise ConfigError(f"{option} writes a PNG; expected a name that ends in .png, got {path}.")


def check_images(entry: Entry) -> None:
    """Raise if the rows of an entry cannot be drawn."""
    from zoo.errors import ConfigError

    if not entry.data.source.has_images:
        raise ConfigError(f"{entry.name} trains on rows of a table, which cannot be drawn.")


def first_rows(subset: Subset, *, each: int) -> list[npt.NDArray[np.intp]]:
    """Return the first rows of each class that is in the subset, at most `each` of one."""
    import numpy as np

    labels = subset.labels[subset.rows]
    return [subset.rows[labels == label][:each] for label in np.unique(labels)]


def class_sheet(entry: Entry, train: Subset) -> bytes:
    """Return a PNG with training images of each class, a class a row."""
    import numpy as np

    from zoo.data.images import png

    source = entry.data.source
    cells = []
    for rows in first_rows(train, each=ACROSS)[:MAX_CLASSES]:
        images = train.images[rows].reshape(-1, *source.shape)
        empty = np.full((ACROSS - len(rows), *source.shape), source.highest, images.dtype)
        name = source.names[int(train.labels[rows[0]])]
        cells += [
            (image, "" if number else name)
            for number, image in enumerate(np.concatenate([images, empty]))
        ]
    return png.sheet(cells, highest=source.highest, across=ACROSS)
