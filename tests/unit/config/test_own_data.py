"""The keys of data in files of the user's."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from zoo.config.data import Split
from zoo.config.own_data import CsvData, FileData, FolderData, IdxData, NpzData

CSV = {"kind": "csv", "file": "a.csv", "label": "y"}
FOLDER = {"kind": "folder", "path": "shapes"}
IDX = {"kind": "idx", "images": "a", "labels": "b"}
NPZ = {"kind": "npz", "file": "a.npz"}
KINDS = TypeAdapter(CsvData | FolderData | IdxData | NpzData)


def data(keys: dict[str, Any]) -> FileData:
    found: FileData = KINDS.validate_python(keys)
    return found


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (CSV | {"columns": ["a", "a"]}, "a name occurs twice"),
        (CSV | {"columns": ["a", "y"]}, "'y' is the label or says how to split"),
        (CSV | {"columns": ["a"], "split": {"group": "a"}}, "'a' is the label or says how"),
        (CSV | {"columns": ["a"], "categories": ["b"]}, "'b' is not one of the columns"),
        (CSV | {"delimiter": '"'}, "should match pattern"),
        (CSV | {"delimiter": "\n"}, "should match pattern"),
        (CSV | {"delimiter": ";;"}, "should match pattern"),
        (CSV | {"delimiter": "1"}, "should match pattern"),
        (FOLDER | {"shape": [100_000, 100_000]}, "at most 100,000 inputs, got 10,000,000,000"),
        (FOLDER | {"fit": "ink", "shape": [20, 20]}, "makes digits of 28 x 28 or 8 x 8"),
        (FOLDER | {"split": {"group": "a"}}, "this data has no columns with names"),
        (IDX | {"test_images": "c"}, "expected both or neither"),
        (NPZ | {"test_y": "c"}, "expected both or neither"),
    ],
)
def test_own_data_invalid_keys(keys: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        data(keys)


@pytest.mark.parametrize(
    "keys",
    [
        {"folds": 1},
        {"folds": 2, "test": 3},
        {"stratify": True, "group": "a"},
        {"group": "a", "column": "b"},
        {"column": "a", "test": 0.2},
        {"column": "a", "folds": 2},
        {"test": 1.0},
        {"test": -1},
    ],
)
def test_split_invalid_keys(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Split(**keys)


@pytest.mark.parametrize(
    ("keys", "sizes"),
    [
        ({"test": 0.2, "validation": 0.1}, (70, 10, 20)),
        ({"test": 0.001}, (99, 0, 1)),
        ({"test": 30, "train": 50}, (50, 0, 30)),
        ({"folds": 3}, (67, 0, 33)),
    ],
)
def test_split_sizes(keys: dict[str, Any], sizes: tuple[int, int, int]) -> None:
    """A share is rounded, and is at least a row; a fold has about as many rows as the others."""
    assert Split(**keys).sizes(100) == sizes


def test_own_data_is_complete() -> None:
    """It is if rows, classes and inputs are known."""
    facts = {"rows": 9, "test_rows": 0, "classes": ["a", "b"]}
    assert not data(CSV | facts).is_complete
    assert not data(CSV | facts | {"columns": ["c"], "categories": ["c"]}).is_complete
    assert data(CSV | facts | {"columns": ["c"]}).is_complete
    assert data(FOLDER | facts).is_complete
    assert not data(FOLDER | facts | {"rows": None}).is_complete
    assert not data(NPZ | facts | {"shape": [1, 3]}).is_complete
    assert data(NPZ | facts | {"shape": [1, 3], "highest": 0}).is_complete


def test_own_table_inputs() -> None:
    """A column of texts has an input for each of them."""
    keys = CSV | {"columns": ["age", "sex"], "categories": {"sex": ["f", "m"]}}
    source = data(keys).source
    assert source.table is not None
    assert source.table.inputs == ("age", "sex=f", "sex=m")
    assert source.shape == (1, 3)
