"""A user's own data: trained, evaluated and predicted like the data of zoo."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.command import zoo, zoo_ok, zoo_reading
from tests.helpers.own_data import (
    COLUMNS,
    SPLIT,
    iris,
    write_csv,
    write_digits,
    write_entry,
    write_iris,
    write_shapes,
)


@pytest.mark.parametrize(
    ("write", "network", "classes", "least"),
    [
        (write_iris, "4-16-3", ["setosa", "versicolor", "virginica"], 0.9),
        (write_shapes, "144-16-3", ["circle", "cross", "square"], 0.8),
        (write_digits, "64-16-10", [str(digit) for digit in range(10)], 0.9),
    ],
)
def test_own_data(
    tmp_path: Path, write: Callable[[Path], Path], network: str, classes: list[str], least: float
) -> None:
    """What the entry does not state is found in the files, and recorded in the run."""
    entry = write(tmp_path)
    (checked,) = json.loads(zoo_ok("check", entry, "--json"))
    assert checked["network"] == network
    zoo_ok("train", entry, "--runs", tmp_path / "runs")
    (run,) = json.loads(zoo_ok("runs", "--json", "--runs", tmp_path / "runs"))
    assert run["accuracy"] >= least
    folder = tmp_path / "runs" / run["name"]
    report = json.loads(zoo_ok("evaluate", folder, "--json"))
    assert list(report["classes"]) == classes
    assert report["accuracy"] == run["accuracy"]
    examples = zoo_ok("predict", folder, "test:0-2", "--quiet").split()
    assert set(examples) <= set(classes)


def test_own_table_columns_by_name(tmp_path: Path) -> None:
    """The order of the columns does not matter; a file without a header has the model's."""
    entry = write_iris(tmp_path)
    zoo_ok("train", entry, "--runs", tmp_path / "runs")
    folder = tmp_path / "runs/irises-s0-1"
    expected = zoo_ok("predict", folder, tmp_path / "iris.csv", "--quiet")
    turned = [[1, *reversed(row)] for row in iris()]
    other = write_csv(tmp_path / "other.csv", ("extra", *reversed(COLUMNS)), turned)
    result = zoo("predict", folder, other, "--quiet")
    assert (result.exit_code, result.stdout) == (0, expected)
    assert "the model does not use 'extra'" in result.stderr
    rows = "".join(f"{','.join(map(str, row[:4]))}\n" for row in iris())
    assert zoo_reading(rows.encode(), "predict", folder, "-", "--quiet").stdout == expected
    fewer = write_csv(tmp_path / "fewer.csv", COLUMNS[:3], [row[:3] for row in iris()])
    result = zoo("predict", folder, fewer)
    assert result.exit_code == 3
    assert "fewer.csv has no column 'petal width'." in result.stderr


def test_own_table_categories_without_a_header(tmp_path: Path) -> None:
    """In a file without a header the columns of texts are found by their places."""
    rows: list[list[object]] = [
        [("red", "blue")[number % 2], number, ("yes", "no")[number % 2]] for number in range(40)
    ]
    write_csv(tmp_path / "colours.csv", ("colour", "size", "label"), rows)
    data = 'kind = "csv"\nfile = "colours.csv"\nlabel = "label"\ncategories = ["colour"]'
    zoo_ok("train", write_entry(tmp_path, "colours", data), "--runs", tmp_path / "runs")
    folder = tmp_path / "runs/colours-s0-1"
    expected = zoo_ok("predict", folder, tmp_path / "colours.csv", "--quiet")
    bare = "".join(f"{colour},{size}\n" for colour, size, _ in rows)
    assert zoo_reading(bare.encode(), "predict", folder, "-", "--quiet").stdout == expected
    assert set(expected.split()) == {"yes", "no"}


def test_own_data_changed(tmp_path: Path) -> None:
    """A run says which rows it had, so a file with other rows is not taken for it."""
    entry = write_iris(tmp_path)
    zoo_ok("train", entry, "--runs", tmp_path / "runs")
    write_csv(tmp_path / "iris.csv", COLUMNS, iris()[:-1])
    result = zoo("evaluate", tmp_path / "runs/irises-s0-1")
    assert result.exit_code == 3
    assert "iris.csv has changed: data.rows is 150, and it has 149." in result.stderr


def test_own_data_in_the_weights(tmp_path: Path) -> None:
    """A weights file names the user's file without its folders."""
    zoo_ok("train", write_iris(tmp_path), "--runs", tmp_path / "runs")
    folder = tmp_path / "runs/irises-s0-1"
    assert str(tmp_path).encode() not in (folder / "weights.safetensors").read_bytes()
    assert f'file = "{tmp_path / "iris.csv"}"' in (folder / "entry.toml").read_text()


def test_own_data_folds(tmp_path: Path) -> None:
    """A comparison in folds tests each row once, and the claim of the entry is not judged."""
    entry = write_iris(tmp_path)
    entry.write_text(
        entry.read_text() + '\n[claim]\nvalue = 0.95\nsplit = "test"\ntolerance = 0.01\n'
    )
    (row,) = json.loads(
        zoo_ok("compare", entry, "--folds", 3, "--runs", tmp_path / "runs", "--json", "--jobs", 1)
    )
    assert (row["claim"], row["verdict"], row["runs"]["here"]) == (None, None, 3)
    records = [json.loads(path.read_text()) for path in tmp_path.rglob("run.json")]
    assert [record["data"]["splits"]["test"] for record in records] == [50] * 3
    assert len({record["data"]["splits"]["rows"] for record in records}) == 3
    assert all("data.split" in record["changes"] for record in records)


def test_own_data_run_repeats_itself(tmp_path: Path) -> None:
    """The entry.toml of a run trains the same network again, with what it learned anew."""
    zoo_ok("train", write_iris(tmp_path), "--runs", tmp_path / "runs")
    first = tmp_path / "runs/irises-s0-1"
    zoo_ok("train", first / "entry.toml", "--runs", tmp_path / "again")
    second = tmp_path / "again/irises-s0-1"
    weights = [(run / "weights.safetensors").read_bytes() for run in (first, second)]
    assert weights[0] == weights[1]
    fingerprints = [
        json.loads(zoo_ok("runs", "--json", "--runs", run.parent))[0] for run in (first, second)
    ]
    assert fingerprints[0]["accuracy"] == fingerprints[1]["accuracy"]


def test_own_data_resumed_without_its_toml(tmp_path: Path) -> None:
    """A run continues although the TOML has moved: the run has the path of the data."""
    entry = write_iris(tmp_path)
    runs = tmp_path / "runs"
    zoo_ok("train", entry, "--epochs", "4", "--runs", runs)
    entry.rename(tmp_path / "moved.toml")
    zoo_ok("resume", runs / "irises-s0-1", "--epochs", "6", "--runs", runs)
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    (tmp_path / "iris.csv").rename(moved / "iris.csv")
    result = zoo("resume", runs / "irises-s0-1", "--epochs", "8", "--runs", runs)
    assert result.exit_code == 3
    assert "iris.csv does not exist" in result.stderr
    more = ("--epochs", "8", "--data", moved / "iris.csv", "--runs", runs)
    zoo_ok("resume", runs / "irises-s0-1", *more)


def test_own_data_missing_values_are_predicted(tmp_path: Path) -> None:
    """Training, evaluation and prediction put the same means in place of missing values."""
    rows = iris()
    for number, row in enumerate(rows):
        if number % 3 == 0:
            row[number % 4] = ""
    write_csv(tmp_path / "iris.csv", COLUMNS, rows)
    data = f'kind = "csv"\nfile = "iris.csv"\nlabel = "species"\nmissing = "mean"\n{SPLIT}'
    entry = write_entry(tmp_path, "gaps", data)
    zoo_ok("train", entry, "--runs", tmp_path / "runs")
    folder = tmp_path / "runs/gaps-s0-1"
    predicted = zoo_ok("predict", folder, tmp_path / "iris.csv", "--quiet").split()
    scores = {
        split: json.loads(zoo_ok("evaluate", folder, "--split", split, "--json"))
        for split in ("train", "test")
    }
    correct = sum(name == row[-1] for name, row in zip(predicted, rows, strict=True))
    assert correct == round(sum(score["accuracy"] * score["n"] for score in scores.values()))


def test_own_table_in_other_files(tmp_path: Path) -> None:
    """A gzipped table, one with tabs or semicolons, and Parquet are predicted alike."""
    import pandas as pd

    entry = write_iris(tmp_path)
    zoo_ok("train", entry, "--runs", tmp_path / "runs")
    folder = tmp_path / "runs/irises-s0-1"
    expected = zoo_ok("predict", folder, tmp_path / "iris.csv", "--quiet")
    packed = tmp_path / "iris.csv.gz"
    packed.write_bytes(gzip.compress((tmp_path / "iris.csv").read_bytes()))
    assert zoo_ok("predict", folder, packed, "--quiet") == expected
    for name, delimiter in (("iris.tsv", "\t"), ("iris2.csv", ";")):
        text = (tmp_path / "iris.csv").read_text().replace(",", delimiter)
        (tmp_path / name).write_text(text)
        assert zoo_ok("predict", folder, tmp_path / name, "--quiet") == expected
        assert zoo_reading(text.encode(), "predict", folder, "-", "--quiet").stdout == expected
        evaluated = zoo_ok("evaluate", folder, "--data", tmp_path / name, "--json")
        assert evaluated.replace(name, "iris.csv") == zoo_ok("evaluate", folder, "--json")
    out = tmp_path / "answers.csv"
    zoo_ok("predict", folder, packed, "--jobs", 1, "--out", out)
    assert [line.split(",")[2] for line in out.read_text().splitlines()[1:]] == expected.split()
    pytest.importorskip("pyarrow")
    pd.read_csv(packed).to_parquet(tmp_path / "iris.parquet")
    assert zoo_ok("predict", folder, tmp_path / "iris.parquet", "--quiet") == expected
    zoo_ok("predict", folder, tmp_path / "iris.parquet", "--jobs", 1, "--out", out)
    assert len(out.read_text().splitlines()) == 151


def test_own_data_ablated(tmp_path: Path) -> None:
    """Standardization is a component that can be left out."""
    plan = json.loads(zoo_ok("ablate", write_iris(tmp_path), "--dry-run", "--json"))
    assert any("without standardized columns" in str(row) for row in plan)


def test_changes_to_the_data_are_recorded(tmp_path: Path) -> None:
    """A value that was set for the data is a change of the run, once and by its key."""
    write_iris(tmp_path)
    changes = ("--set", "data.split.test=0.3", "--set", "data.missing=mean", "--epochs", "1")
    zoo_ok("train", "irises.toml", *changes, cwd=tmp_path)
    record = json.loads((tmp_path / "runs/irises-s0-1/run.json").read_text())
    assert record["changes"] == {
        "train.epochs": 1,
        "data.split.test": 0.3,
        "data.missing": "mean",
    }
    zoo_ok("compare", "irises.toml", "--train", "--seeds", "1", cwd=tmp_path)
    assert (
        json.loads((tmp_path / "runs/compare-irises/irises-s0-1/run.json").read_text())["changes"]
        == {}
    )


def test_data_of_a_model_file_elsewhere(tmp_path: Path) -> None:
    """A model file names its data without folders; where it is not, --data gives it."""
    write_iris(tmp_path)
    zoo_ok("train", "irises.toml", "--epochs", "1", cwd=tmp_path)
    zoo_ok("export", "irises-s0-1", "--onnx", cwd=tmp_path)
    (tmp_path / "elsewhere").mkdir()
    result = zoo("evaluate", "../irises-s0-1.onnx", cwd=tmp_path / "elsewhere")
    assert result.exit_code == 3
    assert result.stderr.splitlines() == [
        "zoo: iris.csv is not in this folder; it is the data of the model.",
        "     Give it with --data PATH.",
    ]
    zoo_ok("evaluate", "../irises-s0-1.onnx", "--data", "../iris.csv", cwd=tmp_path / "elsewhere")


@pytest.mark.parametrize("folder", ["", "elsewhere"])
def test_paths_in_messages(tmp_path: Path, folder: str) -> None:
    """A path is named from the current folder, or in full if it lies elsewhere."""
    write_iris(tmp_path)
    text = (tmp_path / "iris.csv").read_text()
    (tmp_path / "iris.csv").write_text(text.replace("5.1", "five", 1))
    (tmp_path / "elsewhere").mkdir()
    result = zoo("train", tmp_path / "irises.toml", cwd=tmp_path / folder)
    name = tmp_path / "iris.csv" if folder else "iris.csv"
    assert f"zoo: {name}, row 1, column 'sepal length': expected" in result.stderr


def test_table_of_python(tmp_path: Path) -> None:
    """An entry whose rows come from Python says so, and which kind reads a file."""
    data = 'kind = "table"\ncolumns = 4\nclasses = 3\nrows = 150\nsplit = {test = 30}'
    entry = write_entry(tmp_path, "rows", data)
    result = zoo("train", entry, cwd=tmp_path)
    assert result.exit_code == 2
    assert "has its rows from Python: zoo.train(entry, data=(rows, labels))." in result.stderr
    assert 'data.kind = "csv"' in result.stderr


def test_own_folds_that_do_not_fit(tmp_path: Path) -> None:
    """More parts than rows are refused before anything is trained, as is another list of seeds."""
    write_iris(tmp_path)
    result = zoo("compare", "irises.toml", "--folds", "151", cwd=tmp_path)
    assert result.exit_code == 2
    assert "split.folds: 151 parts need a row each, and the data has 150" in result.stderr
    result = zoo("compare", "irises.toml", "--folds", "5", "--seeds", "3", cwd=tmp_path)
    assert (result.exit_code, "--folds and --seeds exclude" in result.stderr) == (2, True)
    assert not (tmp_path / "runs").exists()


def test_own_folds_of_groups(tmp_path: Path) -> None:
    """Groups stay together, so there are at least as many of them as parts."""
    rows: list[list[object]] = [[row % 7, row // 20, "ab"[row % 2]] for row in range(60)]
    write_csv(tmp_path / "visits.csv", ("p", "patient", "kind"), rows)
    data = 'kind = "csv"\nfile = "visits.csv"\nlabel = "kind"\nsplit = {group = "patient"}'
    write_entry(tmp_path, "visits", data)
    result = zoo("compare", "visits.toml", "--folds", "4", cwd=tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "zoo: visits has 3 groups; --folds 4 needs as many at least.\n"
    text = zoo_ok("compare", "visits.toml", "--folds", "3", cwd=tmp_path)
    assert "folds: each seed is one part of the rows" in text


def test_check_warns_of_the_data(tmp_path: Path) -> None:
    """The warnings of `zoo init` are there after an entry was changed, or written by hand."""
    rows: list[list[object]] = [[row % 7, "ab"[row % 2], "ab"[row % 2]] for row in range(60)]
    write_csv(tmp_path / "leak.csv", ("p", "code", "kind"), rows)
    data = 'kind = "csv"\nfile = "leak.csv"\nlabel = "kind"\ncategories = ["code"]\n'
    entry = write_entry(tmp_path, "leak", f"{data}{SPLIT}")
    result = zoo("check", entry, cwd=tmp_path)
    assert result.exit_code == 0
    assert "zoo: warning: 'code' alone determines the class." in result.stderr
