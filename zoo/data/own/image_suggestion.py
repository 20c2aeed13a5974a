"""The settings of an entry that follow from a look at images: their shape and how they fit it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.config.dataset_info import describe_size
from zoo.config.entry_paths import natural_sort_key
from zoo.config.file_kinds import file_kind
from zoo.data.idx import idx_count
from zoo.data.images.decode import image_size
from zoo.data.npy import array_shapes
from zoo.data.own.image_folder import class_names, image_files
from zoo.data.own.split_names import split_named
from zoo.data.own.suggestion import Suggestion
from zoo.errors import DataError, ZooError
from zoo.formatting import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zoo.data.npy import Shapes

MAX_SIDE = 28  # of the images that a network sees
LOOKED_AT = 100  # images of each class
SAME = 1.05  # proportions that differ by less are the same
WILD = 10  # sides that differ by this factor
IMAGES = ("x_train", "x", "images", "data", "features")
LABELS = ("y_train", "y", "labels", "target", "targets", "label")
TEST_IMAGES, TEST_LABELS = ("x_test", "test_images", "test_x"), ("y_test", "test_labels", "test_y")
IMAGE = re.compile(r"\.(png|jpe?g|bmp|gif|p[pgbn]m|tiff?|webp)$")
Size = tuple[int, int]
Pair = tuple[Path, Path]  # the files of images and labels


def suggest_folder(path: Path) -> Suggestion:
    """Return the settings for a folder: of IDX files, or with a folder for each class."""
    if pairs := _idx_pairs(path):
        return suggest_idx(pairs[0][0])
    data: dict[str, Any] = {"kind": "folder", "path": str(path)}
    data |= {key: str(folder) for key, folder in _split_folders(path).items()}
    top = Path(data["path"])
    files = {name: list(image_files(top / name)) for name in class_names(top)}
    if empty := [name for name, paths in files.items() if not paths]:
        raise DataError(
            f"{top / empty[0]} contains no image.", hint="Put images into it, or remove it."
        )
    sizes = _sizes(files)
    shape, fit = _form(sizes)
    data |= {"shape": list(shape), "fit": fit}
    widest, smallest = max(map(max, sizes)), min(map(max, sizes))
    comments = {
        "path": "a folder for each class; colours become grey",
        "shape": f"(height, width) for the network; the images are {_sizes_words(sizes)}",
        "fit": "the images have different proportions, which are kept"
        if fit == "pad"
        else "the images have the same proportions",
    }
    warning = (
        f"The images have very different sizes, {_sizes_words(sizes)}; each is scaled to "
        f"{describe_size(shape)}."
    )
    warnings = [warning] if widest >= WILD * smallest else []
    if beside := [item.name for item in top.iterdir() if IMAGE.search(item.name.lower())]:
        warnings.append(f"{listed(beside)} in {top} is in no folder of a class, and is left out.")
    return Suggestion(data, sum(map(len, files.values())), comments, tuple(warnings))


def _split_folders(path: Path) -> dict[str, Path]:
    """Return the folders of the splits by their keys, if all in a folder are such folders."""
    names = class_names(path)
    splits = [split_named(name) for name in names]
    if None in splits or splits == ["test"]:
        return {}
    if twice := [names[place] for place, split in enumerate(splits) if split in splits[:place]]:
        raise DataError(f"{path} has two folders for a split; {twice[0]!r} is the second one.")
    folders = {split: path / name for split, name in zip(splits, names, strict=True) if split}
    if "train" not in folders or len(folders) < 2:
        raise DataError(
            f"{path} has the folders {listed(names)}, which are names of splits; expected one to "
            "train on, and another one.",
            hint="If they are classes, rename them; if there is one split, give its folder.",
        )
    if "test" not in folders:  # images that are held out are for testing
        folders["test"] = folders.pop("validation")
    return {"path" if part == "train" else f"{part}_path": folders[part] for part in folders}


def _sizes(files: Mapping[str, Sequence[Path]]) -> list[Size]:
    """Return the (height, width) of some images of each class; a bad file is named later."""
    sizes: list[Size] = []
    problem = None
    for paths in files.values():
        for path in paths[:: -(-len(paths) // LOOKED_AT)]:
            try:
                sizes.append(image_size(path))
            except ZooError as error:
                problem = error
    if problem and not sizes:
        raise problem
    return sizes


def _form(sizes: Sequence[Size]) -> tuple[Size, str]:
    """Return the shape of the network's images, at most 28 x 28, and how images fit it."""
    proportions = [width / height for height, width in sizes]
    sides = [round(float(np.median(side))) for side in zip(*sizes, strict=True)]
    longest = min(MAX_SIDE, max(sides))
    if max(proportions) > SAME * min(proportions):
        return (longest, longest), "pad"
    height, width = (max(1, round(side * longest / max(sides))) for side in sides)
    return (height, width), "scale"


def _sizes_words(sizes: Iterable[Size]) -> str:
    low, high = min(sizes), max(sizes)
    ends = [describe_size(size) for size in (low, high)]
    return ends[0] if low == high else " to ".join(ends)


def suggest_npz(path: Path) -> Suggestion:
    """Return the settings for an .npz file: which of its arrays are which."""
    shapes = array_shapes(path)
    x, y = _array(shapes, IMAGES), _array(shapes, LABELS)
    if not (x and y) and len(shapes) == 2:
        y, x = sorted(shapes, key=lambda name: len(shapes[name]))
    if not (x and y):
        raise DataError(
            f"{path} has the arrays {listed(shapes)}; expected x and y.",
            hint="Save it with `np.savez(file, x=images, y=labels)`.",
        )
    data: dict[str, Any] = {"kind": "npz", "file": str(path), "x": x, "y": y}
    comments = {"x": f"the array of {_rows_words(shapes[x])}", "y": "the array of their labels"}
    test = _array(shapes, TEST_IMAGES), _array(shapes, TEST_LABELS)
    if all(test):
        data |= {"test_x": test[0], "test_y": test[1]}
    return Suggestion(data, shapes[x][0] if shapes[x] else 0, comments)


def _array(shapes: Shapes, usual: Iterable[str]) -> str | None:
    """Return the array with the first of these names, in upper or lower case."""
    by_lower = {name.lower(): name for name in shapes}
    return next((by_lower[name] for name in usual if name in by_lower), None)


def _rows_words(shape: tuple[int, ...]) -> str:
    if len(shape) == 3:  # (n, height, width)
        return f"images of {describe_size(shape[1:])}"
    return "rows of numbers"


def suggest_idx(images: Path) -> Suggestion:
    """Return the settings for IDX files, given the one of images or of labels of a pair."""
    pairs = _idx_pairs(images.parent)
    chosen = next((pair for pair in pairs if images in pair), None)
    if chosen is None:
        raise DataError(
            f"{images} has no file of labels beside it; expected one of the same name with "
            "`labels` in place of `images`.",
            hint="Write an entry with data.images and data.labels: `zoo help registry`.",
        )
    return _idx_suggestion(chosen, next(filter(_is_test, pairs), None))


def _idx_suggestion(train: Pair, test: Pair | None) -> Suggestion:
    data = {"kind": "idx", "images": str(train[0]), "labels": str(train[1])}
    if test and test != train:
        data |= {"test_images": str(test[0]), "test_labels": str(test[1])}
    return Suggestion(data, idx_count(train[0], dimensions=3, any_type=True))


def _idx_pairs(folder: Path) -> list[Pair]:
    """Return the files of images with those of their labels; the files for tests come last."""
    try:
        files = [item.name for item in folder.iterdir()]
    except OSError as error:
        raise DataError(f"{folder} could not be read: {error.strerror}.") from None
    names = sorted((name for name in files if file_kind(name) == "idx"), key=natural_sort_key)
    labels = {tuple(_subject(name)): name for name in names if "label" in name.lower()}
    images = [name for name in names if "label" not in name.lower()]
    pairs = [
        (folder / name, folder / labels[subject])
        for name in images
        if (subject := tuple(_subject(name))) in labels
    ]
    return sorted(pairs, key=_is_test)


def _is_test(pair: Pair) -> bool:
    return any(word == "t10k" or split_named(word) == "test" for word in _subject(pair[0].name))


def _subject(name: str) -> list[str]:
    """Return the words of a name without those that differ between images and labels."""
    kinds = {"images", "image", "labels", "label", "idx3", "idx1", "gz"}
    return [word for word in re.split(r"[-_. ]", name.lower()) if word not in kinds]
