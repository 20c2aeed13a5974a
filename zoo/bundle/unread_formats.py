"""Formats of images that a model was trained on, and that a bundle does not read."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from zoo.config.own_data import FolderData
from zoo.data.own.image_folder import image_files
from zoo.errors import ZooError
from zoo.formatting import listed
from zoo.training.model import Model

UNREAD = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".gif": "GIF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".webp": "WebP",
}


def unread_formats(models: Sequence[Model]) -> list[str]:
    """Return a warning for each model whose folders have images that a bundle does not read."""
    return [
        f"{model.name} was trained on {listed(formats)} images, and a bundle does not read them: "
        "save what it is to predict as PNG."
        for model in models
        if (formats := _formats(model))
    ]


def _formats(model: Model) -> list[str]:
    """Return the formats, by the endings of the names; none if the folder is not there."""
    found: set[str] = set()
    if isinstance(model.data, FolderData):
        with suppress(ZooError):
            for path in image_files(Path(model.data.path)):
                found.add(UNREAD.get(path.suffix.lower(), ""))
    return sorted(found - {""})
