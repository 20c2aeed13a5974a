"""`zoo data show`: what is in the data of an entry."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from tests.helpers.command import zoo, zoo_ok
from tests.helpers.own_data import write_iris, write_shapes


def test_data_show_table(tmp_path: Path) -> None:
    """The classes are counted in each split, and the columns have their ranges."""
    facts = json.loads(zoo_ok("data", "show", write_iris(tmp_path), "--json"))
    assert facts["splits"] == {"train": 120, "validation": 0, "test": 30}
    assert facts["classes"][2] == {
        "name": "virginica",
        "train": 40,
        "validation": 0,
        "test": 10,
        "share": 1 / 3,
    }
    column = facts["columns"][3]
    assert (column["name"], column["low"], column["high"]) == ("petal width", 0.1, 2.5)
    assert abs(column["mean"] - 1.1993) < 0.001


def test_data_show_builtin() -> None:
    """A built-in entry has the same facts; a class of scikit-learn's digits has 174 to 183."""
    lines = zoo_ok("data", "show", "digits-10").splitlines()
    assert lines[3].split(maxsplit=1) == ["classes", "10, of 174 to 183 images (1.1 to 1)"]
    assert zoo_ok("data", "show", "digits-10", "--format", "csv").count("\n") == 11


def test_data_show_images_in_terminal(tmp_path: Path) -> None:
    """A terminal shows an image of each class; a pipe does not."""
    entry = write_shapes(tmp_path)
    assert "▀" in zoo_ok("data", "show", entry, "--color", "always")
    assert "Images" not in zoo_ok("data", "show", entry)


def test_data_show_sheet(tmp_path: Path) -> None:
    """The sheet has a row for each class; a circle's corners are white, and a square's are not."""
    entry = write_shapes(tmp_path, count=8, size=(40, 40))
    zoo_ok("data", "show", entry, "--sheet", tmp_path / "sheet.png")
    pixels = np.array(Image.open(tmp_path / "sheet.png"))
    dark = (pixels[:, :130] < 100).sum(axis=1) > 40  # in the first column: of large shapes
    assert np.count_nonzero(np.diff(dark.astype(int)) == 1) == 2  # the cross has thin lines


def test_data_show_refuses(tmp_path: Path) -> None:
    """A table has no sheet, and a sheet is a PNG."""
    entry = write_iris(tmp_path)
    result = zoo("data", "show", entry, "--sheet", tmp_path / "sheet.png")
    assert (result.exit_code, "cannot be drawn" in result.stderr) == (2, True)
    assert zoo("data", "show", "digits-10", "--sheet", tmp_path / "a.jpg").exit_code == 2
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".csv", ".toml"]
