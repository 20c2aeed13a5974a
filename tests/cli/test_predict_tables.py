"""`zoo predict` for tables: rows that cannot be read beside those that can."""

import csv
import gzip
import json
import re
from pathlib import Path

import pytest

from tests.helpers.command import zoo, zoo_ok, zoo_reading
from tests.helpers.own_data import COLUMNS, iris, write_csv, write_entry, write_iris
from zoo.inference import chunks

BAD = {599: "NA", 600: "x"}  # cells of the first column, by the number of their row from 1


def trained(entry: Path) -> Path:
    """Train an entry for a moment, and return the folder of the run."""
    runs = entry.parent / "runs"
    zoo_ok("train", entry, "--epochs", "2", "--runs", runs)
    return runs / f"{entry.stem}-s0-1"


@pytest.fixture(scope="module")
def irises(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(write_iris(tmp_path_factory.mktemp("irises")))


def rows(count: int, bad: dict[int, str]) -> list[list[object]]:
    """Return rows of irises over and over, some of which have a bad first cell."""
    table = iris()
    return [
        [bad.get(number, table[number % 150][0]), *table[number % 150][1:]]
        for number in range(1, count + 1)
    ]


def test_predict_rows_beside_bad_ones(
    irises: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All good rows are predicted, and each bad one is named; with and without --jobs."""
    monkeypatch.setattr(chunks, "MIN_ROWS_PER_RANGE", 64)
    table = write_csv(tmp_path / "bad.csv", COLUMNS, rows(600, BAD))
    out = tmp_path / "out.csv"
    done = zoo("predict", irises, table, "-o", out)
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        f"zoo: wrote 598 predictions to {out}",
        "zoo: 2 rows could not be read:",
        f"     {table}, row 599, column 'sepal length': the value is missing.",
        f"     {table}, row 600, column 'sepal length': expected a number, got 'x'.",
        "     The model was trained without missing values: fill it in, or leave out the row.",
        "     Correct it, or leave out the row.",
        "     predicted: 598",
    ]
    answers = list(csv.DictReader(out.read_text().splitlines()))
    assert [int(answer["index"]) for answer in answers] == list(range(598))
    by_jobs = tmp_path / "jobs.csv"
    spread = zoo("predict", irises, table, "-o", by_jobs, "--jobs", 1)
    assert (spread.exit_code, by_jobs.read_bytes()) == (1, out.read_bytes())
    assert spread.stderr.splitlines()[-6:] == done.stderr.splitlines()[-6:]
    good = write_csv(tmp_path / "good.csv", COLUMNS, rows(598, {}))
    assert zoo_ok("predict", irises, good, "-q").split() == [row["label"] for row in answers]
    assert zoo("predict", irises, table, "--skip-bad").exit_code == 0


def test_predict_rows_of_an_unknown_category(tmp_path: Path) -> None:
    """A row whose text the training did not have is named with the texts that it had."""
    header = ("colour", "size", "label")
    table: list[list[object]] = [
        [("red", "blue")[number % 2], number, ("yes", "no")[number % 2]] for number in range(40)
    ]
    write_csv(tmp_path / "colours.csv", header, table)
    data = 'kind = "csv"\nfile = "colours.csv"\nlabel = "label"\ncategories = ["colour"]'
    folder = trained(write_entry(tmp_path, "colours", data))
    new = write_csv(tmp_path / "new.csv", header, [*table[:5], ["green", 1, ""], *table[:5]])
    done = zoo("predict", folder, new, "--quiet")
    assert (done.exit_code, len(done.stdout.split())) == (1, 10)
    assert done.stderr.splitlines() == [
        "zoo: 1 row could not be read:",
        f"     {new}, row 6, column 'colour': 'green' is none of its categories.",
        "     They are blue and red.",
        "     predicted: 10",
    ]


def test_predict_names_rows_as_errors_do(irises: Path, tmp_path: Path) -> None:
    """The table counts rows from 1, like the errors; the index of JSON counts from 0."""
    table = write_csv(tmp_path / "three.csv", COLUMNS, rows(3, {2: "x"}))
    done = zoo("predict", irises, "three.csv", cwd=tmp_path)
    assert [line.split("  ")[-1].strip() for line in done.stdout.splitlines()] == [
        "row",
        "three.csv row 1",
        "three.csv row 3",
    ]
    assert "three.csv, row 2, column 'sepal length'" in done.stderr
    printed = zoo("predict", irises, table, "--format", "json").stdout
    assert [row["index"] for row in json.loads(printed)] == [0, 2]
    from_stdin = zoo_reading(table.read_bytes(), "predict", irises, "-").stdout
    assert from_stdin.splitlines()[2].endswith("  stdin row 3")


@pytest.mark.parametrize("name", ["iris.csv", "iris.tsv", "iris.csv.gz"])
def test_predict_table_for_images(tmp_path: Path, name: str) -> None:
    """A model of images says that a table is none, not which pixel it lacks."""
    write_csv(tmp_path / name, COLUMNS, iris())
    done = zoo("predict", "mnist-128-best", name, cwd=tmp_path)
    assert done.exit_code == 5
    assert done.stderr.splitlines() == [
        f"zoo: {name} is a table, and the model takes images.",
        "     Name a model of a table; a CSV file of images has the columns pixel0 to pixel783.",
    ]


def test_predict_warning_of_many_columns(irises: Path, tmp_path: Path) -> None:
    """A warning wraps at words in a terminal, as an error does."""
    others = tuple(f"another column {number}" for number in range(9))
    wide = [[*row, *range(9)] for row in rows(2, {})]
    table = write_csv(tmp_path / "wide.csv", (*COLUMNS, *others), wide)
    warning = zoo("predict", irises, table.name, cwd=tmp_path).stderr
    assert warning.startswith("zoo: warning: wide.csv: the model does not use 'another column 0'")
    wrapped = zoo("predict", irises, table.name, cwd=tmp_path, COLUMNS=80).stderr.splitlines()
    assert max(map(len, wrapped)) <= 80
    assert " ".join(map(str.strip, wrapped)) == warning.strip()


def test_evaluate_errors_of_a_table(tmp_path: Path) -> None:
    """Mistakes are shown in the user's columns and texts, wrapped in a terminal."""
    header = ("colour", "a long name of a size", "another long name of a weight", "label")
    table: list[list[object]] = [
        [("red", "blue", "")[number % 3], number, 0.5, ("yes", "no")[number % 2]]
        for number in range(90)
    ]
    write_csv(tmp_path / "colours.csv", header, table)
    data = 'kind = "csv"\nfile = "colours.csv"\nlabel = "label"\ncategories = ["colour"]'
    folder = trained(write_entry(tmp_path, "colours", f'{data}\nmissing = "mean"'))
    lines = zoo_ok("evaluate", folder, "--errors", 30, COLUMNS=80).splitlines()
    assert max(map(len, lines)) <= 80
    shown = " ".join(" ".join(lines).split())
    pattern = (
        r"(train|validation|test):(\d+) colour=(red|blue|\?), a long name of a size=(\d+), "
        r"another long name of a weight=0\.5"
    )
    mistakes = re.findall(pattern, shown)
    assert len(mistakes) == shown.count(" read as ") > 3
    colours = {number: ("red", "blue", "?")[number % 3] for number in range(90)}
    assert all(colours[int(size)] == colour for _, _, colour, size in mistakes)


def test_predict_many_bad_rows(irises: Path, tmp_path: Path) -> None:
    """Ten bad rows are named, and the others counted, beside the files that are unreadable."""
    bad = dict.fromkeys(range(1, 1235), "x")
    table = write_csv(tmp_path / "bad.csv", COLUMNS, rows(1300, bad))
    (tmp_path / "empty.csv").write_text("")
    done = zoo("predict", irises, table, tmp_path / "empty.csv", "-q")
    assert (done.exit_code, len(done.stdout.split())) == (1, 66)
    lines = done.stderr.splitlines()
    assert lines[0] == "zoo: 1 file and 1,234 rows could not be read:"
    assert lines[10].endswith("bad.csv, row 10, column 'sepal length': expected a number, got 'x'.")
    assert lines[12:] == [
        "     and 1,224 more rows",
        "     Correct it, or leave out the row.",
        "     predicted: 66",
    ]


def test_predict_one_bad_row(irises: Path) -> None:
    """A table of one row that is bad is an error with its exit code."""
    done = zoo_reading(f"{','.join(COLUMNS[:4])}\n1,2,x,4\n".encode(), "predict", irises, "-")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.splitlines() == [
        "zoo: stdin, row 1, column 'petal length': expected a number, got 'x'.",
        "     Correct it, or leave out the row.",
    ]


def test_predict_damaged_table(irises: Path, tmp_path: Path) -> None:
    """Rows before the damage are predicted, and the exit code is that of the damage."""
    table = write_csv(tmp_path / "wide.csv", COLUMNS, rows(10_050, {5: "x"}))
    with table.open("a") as file:
        file.write("1,2,3,4,setosa,6,7\n")
    out = tmp_path / "out.csv"
    done = zoo("predict", irises, table, "-o", out)
    assert done.exit_code == 5
    assert len(out.read_text().splitlines()) == 10_001
    lines = done.stderr.splitlines()
    assert lines[0] == "zoo: 10,000 rows so far"
    assert lines[2] == "zoo: 1 file and 1 row could not be read:"
    assert lines[4].startswith(f"     {table} is not a CSV file: line 10052 has 7 cells")
    by_jobs = tmp_path / "jobs.csv"
    assert zoo("predict", irises, table, "-o", by_jobs, "--jobs", 1).exit_code == 5
    assert by_jobs.read_bytes() == out.read_bytes()
    assert zoo("predict", irises, table, table, "-q").exit_code == 1
    assert zoo("predict", irises, table, "-q", "--skip-bad").exit_code == 0
    packed = tmp_path / "cut.csv.gz"
    packed.write_bytes(gzip.compress(table.read_bytes())[:-100])
    assert zoo("predict", irises, packed, "-q").exit_code == 5
