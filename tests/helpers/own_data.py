"""Data of a user's own: tables, folders of images and arrays, and an entry for each."""

import csv
import gzip
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from zoo.data.dataset import Values

ENTRY = """\
name = "{name}"
summary = "Own data."
preprocess = "standardize"

[data]
{data}

[network]
hidden = [16]

[train]
epochs = 30
batch = 16
rate = 0.1
weights = "he"
"""
SPLIT = "split = {test = 0.2, stratify = true}"
COLUMNS = ("sepal length", "sepal width", "petal length", "petal width", "species")
SHAPES = ("circle", "cross", "square")
FIVE_SHAPES = (*SHAPES, "bar", "triangle")


def write_entry(folder: Path, name: str, data: str) -> Path:
    """Write an entry with these lines of [data], and return its path."""
    path = folder / f"{name}.toml"
    path.write_text(ENTRY.format(name=name, data=data))
    return path


def iris() -> list[list[object]]:
    """Return the rows of scikit-learn's iris: four numbers and the name of a species."""
    from sklearn.datasets import load_iris

    data = load_iris()
    return [
        [*row, str(data.target_names[label])]
        for row, label in zip(data.data.tolist(), data.target, strict=True)
    ]


def write_wine(folder: Path) -> Path:
    """Write scikit-learn's wines as a table with the names of three kinds; return its path."""
    from sklearn.datasets import load_wine

    data, names = load_wine(), ("barolo", "grignolino", "barbera")
    rows = [
        [*row, names[label]] for row, label in zip(data.data.tolist(), data.target, strict=True)
    ]
    return write_csv(folder / "wine.csv", (*data.feature_names, "cultivar"), rows)


def write_csv(path: Path, header: tuple[str, ...], rows: list[list[object]]) -> Path:
    """Write a table, and return its path."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def write_iris(folder: Path) -> Path:
    """Write iris.csv and an entry for it, and return the entry's path."""
    write_csv(folder / "iris.csv", COLUMNS, iris())
    data = f'kind = "csv"\nfile = "iris.csv"\nlabel = "species"\n{SPLIT}'
    return write_entry(folder, "irises", data)


def draw(shape: str, size: tuple[int, int], margin: int) -> Image.Image:
    """Return a black shape on white paper."""
    image = Image.new("L", size, 255)
    pen = ImageDraw.Draw(image)
    box = (margin, margin, size[0] - margin, size[1] - margin)
    if shape == "circle":
        pen.ellipse(box, fill=0)
    elif shape == "square":
        pen.rectangle(box, fill=0)
    elif shape == "bar":
        pen.rectangle((size[0] // 2 - 4, box[1], size[0] // 2 + 4, box[3]), fill=0)
    elif shape == "triangle":
        pen.polygon((box[0], box[3], size[0] // 2, box[1], box[2], box[3]), fill=0)
    else:
        pen.line(box, fill=0, width=6)
        pen.line((box[0], box[3], box[2], box[1]), fill=0, width=6)
    return image


def write_shapes(
    folder: Path,
    count: int = 10,
    size: tuple[int, int] | None = None,
    shapes: Sequence[str] = SHAPES,
) -> Path:
    """Write folders of drawn shapes of one size, or of many, and an entry; return its path."""
    rng = np.random.default_rng(0)
    for shape in shapes:
        (folder / "shapes" / shape).mkdir(parents=True)
        for number in range(count):
            sides = size or (int(rng.integers(40, 80)), int(rng.integers(40, 80)))
            image = draw(shape, sides, int(rng.integers(4, 10)))
            image.save(folder / "shapes" / shape / f"{number}.png")
    data = f'kind = "folder"\npath = "shapes"\nshape = [12, 12]\n{SPLIT}'
    return write_entry(folder, "drawings", data)


def write_digits(folder: Path) -> Path:
    """Write the digits as an .npz file and an entry for it, and return the entry's path."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    np.savez(folder / "digits.npz", x=digits.images, y=digits.target)
    return write_entry(folder, "numbers", f'kind = "npz"\nfile = "digits.npz"\n{SPLIT}')


def write_idx(path: Path, values: Values) -> None:
    """Write an array of bytes as an IDX file, gzipped if its name says so."""
    header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    content = header + values.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def write_patients(folder: Path) -> Path:
    """Write a table with texts, missing values and years, and an entry; return the entry's path.

    The mean of a year, and that of a time in seconds, is many of its deviations.
    """
    rng = np.random.default_rng(0)
    rows = []
    for number in range(120):
        age, sex = int(rng.integers(20, 80)), ("female", "male", "")[number % 8 // 3]
        year, seconds = (
            2000 + int(rng.integers(0, 9)),
            1_700_000_000 + int(rng.integers(0, 90_000)),
        )
        label = "treat" if age + 20 * (sex == "male") > 55 else "wait; see"
        rows.append([age if number % 9 else "NA", sex, year, seconds, label])
    with (folder / "patients.csv").open("w", newline="") as file:
        csv.writer(file, delimiter=";").writerows(
            [("age", "sex", "year", "seconds", "action"), *rows]
        )
    data = """kind = "csv"
file = "patients.csv"
label = "action"
delimiter = ";"
missing = "mean"
categories = ["sex"]
"""
    return write_entry(folder, "patients", f"{data}{SPLIT}")
