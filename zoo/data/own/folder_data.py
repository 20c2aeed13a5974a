"""Images in folders whose names are the classes."""

from pathlib import Path

from zoo.config.own_data import FolderData
from zoo.data.own.found import Found
from zoo.data.own.image_folder import class_names, read_folder
from zoo.data.own.labels import check_names


def find(data: FolderData) -> Found:
    """Return the facts about the folders of an entry, and their images."""
    top = Path(data.path)
    classes = data.classes or class_names(top)
    check_names(classes, where=str(top))
    train = read_folder(top, data.source, classes=classes, skip_bad=data.skip_bad)
    test = None
    if data.test_path:
        test = read_folder(
            Path(data.test_path), data.source, classes=classes, skip_bad=data.skip_bad
        )
    return Found(
        {
            "rows": len(train.values),
            "test_rows": len(test.values) if test else 0,
            "classes": classes,
        },
        train,
        test,
    )
