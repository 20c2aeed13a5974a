"""Images in folders whose names are the classes."""

from functools import partial
from pathlib import Path

import numpy as np

from zoo.config.own_data import FolderData
from zoo.data.dataset import LabeledRows
from zoo.data.own.file_content import FileContent
from zoo.data.own.image_folder import class_names, read_folder
from zoo.data.own.labels import check_names


def find(data: FolderData) -> FileContent:
    """Return the facts about the folders of an entry, and their images."""
    top = Path(data.path)
    classes = data.classes or class_names(top)
    check_names(classes, where=str(top))
    read = partial(read_folder, source=data.source, classes=classes, skip_bad=data.skip_bad)
    train = read(top)
    validation = None
    if data.validation_path:
        held_out = read(Path(data.validation_path))
        validation = np.arange(len(train.labels) + len(held_out.labels)) >= len(train.labels)
        train = LabeledRows(
            np.concatenate([train.values, held_out.values]),
            np.concatenate([train.labels, held_out.labels]),
        )
    test = read(Path(data.test_path)) if data.test_path else None
    facts = {
        "rows": len(train.values),
        "test_rows": len(test.values) if test else 0,
        "classes": classes,
    }
    return FileContent(facts, train, test, validation=validation)
