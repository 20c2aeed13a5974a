"""Examples of a model's data by their number: test:0, train:3-5."""

import io
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.stub_model import IMAGES, LABELS, Stub, dataset, facts
from zoo.config.dataset_info import SOURCES
from zoo.data.dataset import Dataset
from zoo.errors import ConfigError, DataError
from zoo.inference.dataset_examples import DatasetExamples, ExampleRange, parse, streams
from zoo.inference.inputs import Input, InputSpec

# RandomState(0).permutation(4) is 2, 3, 1, 0: the first two are the test split
STUB = Stub(facts({"data.split.test": 2}))


def read(args: Sequence[str], tmp_path: Path, *, model: Stub = STUB) -> list[Input]:
    spec = InputSpec(SOURCES["digits"], None, tmp_path)
    examples = DatasetExamples(model, dataset)
    inputs = chain.from_iterable(streams(args, spec, stdin=io.BytesIO(), examples=examples))
    return [item for item in inputs if isinstance(item, Input)]


@pytest.mark.parametrize(
    ("arg", "expected"),
    [
        ("test:0", ("test", "0")),
        ("validation:3-5", ("validation", "3-5")),
        ("all:12", ("all", "12")),
        ("test:", ("test", "")),
        ("tests:0", None),
        ("test:-1", ("test", "-1")),
        ("test:*", None),
        ("test:0.png", None),
        ("c:0", None),
    ],
)
def test_parse(arg: str, expected: tuple[str, str] | None) -> None:
    assert parse(arg) == expected


def test_parse_existing_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of that name is a file."""
    monkeypatch.chdir(tmp_path)
    assert parse("test:0") == ExampleRange("test", "0")
    Path("test:0").write_bytes(b"")
    assert parse("test:0") is None


def test_examples_of_the_training(tmp_path: Path) -> None:
    """The split is that of the model's training, and each example has its label."""
    found = read(["test:0-1", "train:1"], tmp_path)
    assert [item.source for item in found] == ["test:0", "test:1", "train:1"]
    assert [item.true_label for item in found] == LABELS[[2, 3, 0]].tolist()
    np.testing.assert_array_equal([item.image for item in found], IMAGES[[2, 3, 0]])


def test_examples_among_files(tmp_path: Path) -> None:
    """Examples and files keep their order; a file has no label."""
    path = tmp_path / "rows.npy"
    np.save(path, IMAGES[:2].reshape(-1, 8, 8))
    found = read(["test:0", str(path), "test:1"], tmp_path)
    assert [item.source for item in found] == ["test:0", str(path), str(path), "test:1"]
    assert [item.true_label for item in found] == [1, None, None, 0]


def test_examples_named_twice(tmp_path: Path) -> None:
    """An example that is named twice is predicted twice, as a file is."""
    assert [item.source for item in read(["test:0", "test:0"], tmp_path)] == ["test:0", "test:0"]


def test_examples_without_metadata(tmp_path: Path) -> None:
    """Without metadata, and without test images, all images are one split."""
    (found,) = read(["all:3"], tmp_path, model=Stub())
    assert found.true_label == LABELS[3]


@pytest.mark.parametrize(
    ("arg", "message"),
    [
        ("test:2", "stub does not have an example test:2; expected test:0 to test:1."),
        ("test:0-7", "stub does not have an example test:7; expected test:0 to test:1."),
        ("test:", "stub does not have an example test:; expected test:0 to test:1."),
        ("test:-1", "stub does not have an example test:-1; expected test:0 to test:1."),
        ("test:nan", "stub does not have an example test:nan; expected test:0 to test:1."),
        (
            "test:99999999999",
            "stub does not have an example test:99999999999; expected test:0 to test:1.",
        ),
        ("test:1-0", "test:1-0 is not a range; expected the smaller number first."),
        ("validation:0", "stub does not have a split named 'validation' in four by hand."),
    ],
)
def test_examples_out_of_range(arg: str, message: str, tmp_path: Path) -> None:
    """Wrong examples raise before any input is read."""
    spec, examples = InputSpec(SOURCES["digits"], None, tmp_path), DatasetExamples(STUB, dataset)
    groups = streams(["test:0", arg], spec, stdin=io.BytesIO(), examples=examples)
    with pytest.raises(ConfigError) as caught:
        next(groups)
    assert str(caught.value) == message


def test_examples_missing_file(tmp_path: Path) -> None:
    """A missing file after an example raises before the data is loaded."""

    def load() -> Dataset:
        raise AssertionError

    spec = InputSpec(SOURCES["digits"], None, tmp_path)
    args = ["test:0", str(tmp_path / "no.png")]
    groups = streams(args, spec, stdin=io.BytesIO(), examples=DatasetExamples(STUB, load))
    with pytest.raises(DataError, match=r"no\.png does not exist"):
        next(groups)
