"""`zoo init --data`: an entry for a user's file or folder, which trains as it is."""

import gzip
import json
import tomllib
from pathlib import Path

import pytest

from tests.helpers.command import Result, zoo, zoo_ok
from tests.helpers.own_data import (
    COLUMNS,
    iris,
    write_csv,
    write_digits,
    write_idx,
    write_iris,
    write_shapes,
)
from zoo.data.digits import load_digits


def init(data: Path, *options: object) -> Result:
    """Run `zoo init` for this file or folder, in its folder."""
    return zoo("init", "own-net", "--data", data.name, *options, cwd=data.parent)


def entry_of(folder: Path) -> dict[str, object]:
    """Return the [data] of the entry that `init` wrote."""
    raw = tomllib.loads((folder / "own-net.toml").read_text())
    assert raw["preprocess"] == "standardize"
    data: dict[str, object] = raw["data"]
    return data


def accuracy(folder: Path) -> float:
    """Train the entry that `init` wrote, and return its accuracy."""
    zoo_ok("train", "own-net.toml", cwd=folder)
    (run,) = json.loads(zoo_ok("runs", "--json", cwd=folder))
    return float(run["accuracy"])


def test_init_table(tmp_path: Path) -> None:
    """The entry names the label, the columns and the classes, and trains."""
    write_iris(tmp_path)
    result = init(tmp_path / "iris.csv")
    assert result.exit_code == 0, result.stderr
    assert "150: 90 train, 30 validation, 30 test" in result.stdout
    assert "3, of 50 rows each" in result.stdout
    assert entry_of(tmp_path) == {
        "kind": "csv",
        "file": "iris.csv",
        "label": "species",
        "columns": list(COLUMNS[:4]),
        "split": {"validation": 0.2, "test": 0.2, "stratify": True},
    }
    text = (tmp_path / "own-net.toml").read_text()
    assert "# 3 classes: setosa 50, versicolor 50 and virginica 50" in text
    assert accuracy(tmp_path) >= 0.85


@pytest.mark.parametrize(
    ("write", "file", "least"),
    [(write_shapes, "shapes", 0.7), (write_digits, "digits.npz", 0.9)],
)
def test_init_images(tmp_path: Path, write: object, file: str, least: float) -> None:
    """A folder and an .npz file of images train as they are, too."""
    write(tmp_path)  # type: ignore[operator]
    assert init(tmp_path / file).exit_code == 0
    assert accuracy(tmp_path) >= least


def test_init_folder_shape(tmp_path: Path) -> None:
    """Images of different proportions are padded to at most 28 x 28; equal ones are scaled."""
    write_shapes(tmp_path)
    init(tmp_path / "shapes")
    data = entry_of(tmp_path)
    assert (data["shape"], data["fit"]) == ([28, 28], "pad")
    write_shapes(tmp_path / "wide", size=(40, 20))
    init(tmp_path / "wide" / "shapes")
    data = entry_of(tmp_path / "wide")
    assert (data["shape"], data["fit"]) == ([14, 28], "scale")


def test_init_idx(tmp_path: Path) -> None:
    """The labels are found beside the images, and MNIST's four files in a folder."""
    digits = load_digits().train
    assert digits.labels is not None
    images = digits.images.reshape(-1, 8, 8)
    write_idx(tmp_path / "own-images-idx3-ubyte.gz", images[:200])
    write_idx(tmp_path / "own-labels-idx1-ubyte.gz", digits.labels[:200])
    result = init(tmp_path / "own-images-idx3-ubyte.gz")
    assert result.exit_code == 0, result.stderr
    assert entry_of(tmp_path)["labels"] == "own-labels-idx1-ubyte.gz"
    folder = tmp_path / "four"
    folder.mkdir()
    for part, rows in (("train", slice(200)), ("t10k", slice(200, 250))):
        write_idx(folder / f"{part}-images-idx3-ubyte", images[rows])
        write_idx(folder / f"{part}-labels-idx1-ubyte", digits.labels[rows])
    facts = json.loads(zoo_ok("init", "four-net", "--data", "four", "--json", cwd=tmp_path))
    assert facts["data"]["splits"] == {"train": 160, "validation": 40, "test": 50}


def test_init_other_table(tmp_path: Path) -> None:
    """The delimiter, categories, missing values and an id are found; --label names the label."""
    rows = [
        f"{10 + number};{'red' if number % 3 else 'blue'};{number % 7 or ''};{'yn'[number % 2]};k"
        for number in range(60)
    ]
    text = "\n".join(["person id;colour;size;answer;same", *rows])
    with gzip.open(tmp_path / "table.csv.gz", "wt") as file:
        file.write(text)
    result = init(tmp_path / "table.csv.gz", "--label", "answer")
    assert result.exit_code == 0, result.stderr
    assert "'person id' is left out of the inputs: all of its values are diff" in result.stdout
    assert "'same' is left out of the inputs: all of its values are the same." in result.stdout
    assert entry_of(tmp_path) == {
        "kind": "csv",
        "file": "table.csv.gz",
        "label": "answer",
        "delimiter": ";",
        "columns": ["colour", "size"],
        "categories": ["colour"],
        "missing": "mean",
        "split": {"test": 0.25, "stratify": True},
    }
    text = (tmp_path / "own-net.toml").read_text()
    assert "# the column's mean, for 9 missing values in size" in text
    assert "# units between 3 inputs and 2 classes; [16, 16] is two layers" in text
    zoo_ok("train", "own-net.toml", cwd=tmp_path)


def test_init_warnings(tmp_path: Path) -> None:
    """A leak, a class of few rows and rows in two splits are named."""
    names = {"setosa": 1.5, "versicolor": 2.5, "virginica": 3.5}
    rows = [[*row[:2], names[str(row[-1])], row[-1]] for row in iris()[:105]]
    write_csv(tmp_path / "leak.csv", ("a", "b", "code", "kind"), rows)
    warnings = json.loads(init(tmp_path / "leak.csv", "--json").stdout)["data"]["warnings"]
    assert any(text.startswith("'code' alone determines the class.") for text in warnings)
    assert "Fewer than 10 rows of a class say little about it: virginica (5)." in warnings
    assert any("of the 21 rows of the test split are also in" in text for text in warnings)


def test_init_split_column(tmp_path: Path) -> None:
    """A column of train and test is used as one."""
    rows = [[*row[:4], "test" if number % 5 == 0 else "train", row[4]]
            for number, row in enumerate(iris())]  # fmt: skip
    write_csv(tmp_path / "iris.csv", (*COLUMNS[:4], "part", "species"), rows)
    facts = json.loads(init(tmp_path / "iris.csv", "--json").stdout)
    assert facts["data"]["splits"] == {"train": 120, "validation": 0, "test": 30}
    assert entry_of(tmp_path)["split"] == {"column": "part"}


def test_init_data_to_stdout(tmp_path: Path) -> None:
    """With -o - only the entry is on stdout, and nothing is written."""
    write_csv(tmp_path / "iris.csv", COLUMNS, iris())
    result = init(tmp_path / "iris.csv", "-o", "-")
    assert tomllib.loads(result.stdout)["data"]["file"] == "iris.csv"
    assert [path.name for path in tmp_path.iterdir()] == ["iris.csv"]


def test_init_data_relative_path(tmp_path: Path) -> None:
    """The entry names the file relative to the folder of the entry."""
    write_csv(tmp_path / "iris.csv", COLUMNS, iris())
    (tmp_path / "entries").mkdir()
    zoo_ok("init", "own", "--data", "iris.csv", "-o", "entries/own.toml", cwd=tmp_path)
    assert 'file    = "../iris.csv"' in (tmp_path / "entries/own.toml").read_text()
    zoo_ok("check", "entries/own.toml", cwd=tmp_path)


def test_init_data_options(tmp_path: Path) -> None:
    """--data excludes other sources, and --label belongs to a table."""
    write_digits(tmp_path)
    for options in (("--from", "digits-10"), ("--plugin",), ("--label", "x")):
        assert init(tmp_path / "digits.npz", *options).exit_code == 2
    assert zoo("init", "own-net", "--label", "x", cwd=tmp_path).exit_code == 2
    assert not (tmp_path / "own-net.toml").exists()


def test_init_names_are_escaped(tmp_path: Path) -> None:
    """Names of columns and classes with quotes, hashes and backslashes make a valid entry."""
    rows = [[*row[:3], f"it's #{row[4]}"] for row in iris()]
    write_csv(tmp_path / "odd.csv", ('a "b" #1', "a b", "back\\slash", "kind"), rows)
    assert init(tmp_path / "odd.csv").exit_code == 0
    assert entry_of(tmp_path)["columns"] == ['a "b" #1', "a b", "back\\slash"]


def test_init_from_data(tmp_path: Path) -> None:
    """Data is no entry to copy; the option for it is named."""
    result = zoo("init", "mine", "--from", "iris.csv", cwd=tmp_path)
    assert (result.exit_code, result.stderr) == (
        2,
        "zoo: iris.csv is data; --from copies an entry.\n     Add --data iris.csv.\n",
    )


def test_init_whole_numbers_of_hundreds_of_digits(tmp_path: Path) -> None:
    """A column of numbers that are too large is left out, or named."""
    rows = [[10**400 + row, row % 7, "ab"[row % 2]] for row in range(60)]
    write_csv(tmp_path / "huge.csv", ("h", "p", "kind"), rows)
    result = zoo("init", "mine", "--data", "huge.csv", cwd=tmp_path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "'h' is left out of the inputs: all of its values are different" in result.stdout


@pytest.mark.parametrize(
    ("folders", "sizes"),
    [
        (("train", "val", "test"), [30, 30, 30]),
        (("Training", "Valid", "Testing"), [30, 30, 30]),
        (("train", "test"), [24, 6, 30]),
        (("train", "val"), [24, 6, 30]),
    ],
)
def test_init_folders_of_splits(tmp_path: Path, folders: tuple[str, ...], sizes: list[int]) -> None:
    """Folders for training, validation and testing are the splits, and not the classes."""
    (tmp_path / "photos").mkdir()
    for name in folders:
        write_shapes(tmp_path)
        (tmp_path / "shapes").rename(tmp_path / "photos" / name)
    zoo_ok("init", "own", "--data", "photos", cwd=tmp_path)
    zoo_ok("train", "own.toml", "--epochs", "2", cwd=tmp_path)
    record = json.loads((tmp_path / "runs/own-s0-1/run.json").read_text())
    assert [record["scores"][split]["n"] for split in ("train", "validation", "test")] == sizes
    assert json.loads(zoo_ok("evaluate", "own-s0-1", "--json", cwd=tmp_path))["n"] == 30


@pytest.mark.parametrize(
    ("folders", "words"),
    [
        (("train", "val", "valid"), "has two folders for a split; 'valid' is the second one"),
        (("test", "val"), "has the folders test and val, which are names of splits"),
        (("train",), "has the folders train, which are names of splits"),
    ],
)
def test_init_folders_that_are_no_splits(
    tmp_path: Path, folders: tuple[str, ...], words: str
) -> None:
    """They are not taken for classes, and none is left out without a word."""
    for name in folders:
        (tmp_path / "photos" / name / "a").mkdir(parents=True)
    result = zoo("init", "own", "--data", "photos", cwd=tmp_path)
    assert (result.exit_code, words in result.stderr) == (3, True)


def test_init_image_beside_the_classes(tmp_path: Path) -> None:
    """It has no class; a note of the user's is no image."""
    write_shapes(tmp_path)
    (tmp_path / "shapes/notes.txt").write_text("hello")
    (tmp_path / "shapes/0.png").write_bytes((tmp_path / "shapes/circle/0.png").read_bytes())
    text = zoo_ok("init", "own", "--data", "shapes", cwd=tmp_path)
    assert "0.png in shapes is in no folder of a class, and is left out." in text
    assert "notes.txt" not in text
