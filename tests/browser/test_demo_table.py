"""The page of `zoo demo` for a table in Chromium: its fields and predictions."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.chromium import Browser
from tests.helpers.command import zoo, zoo_ok
from tests.helpers.drawing import evaluate
from tests.helpers.own_data import write_iris, write_patients

APART = 1e-3  # probabilities of weights in 16 bits


def demo_of(entry: Path) -> tuple[Path, Path]:
    """Train an entry, and return the folder of the run and its page."""
    runs = entry.parent / "runs"
    zoo_ok("train", entry, "--runs", runs)
    (folder,) = runs.iterdir()
    page = entry.parent / "page.html"
    zoo_ok("demo", folder, "-o", page)
    return folder, page


def rows_of(table: Path, columns: list[str], delimiter: str) -> list[list[str]]:
    """Return the cells of these columns, empty where a value is missing."""
    with table.open() as file:
        rows = list(csv.DictReader(file, delimiter=delimiter))
    return [[row[column].replace("NA", "") for column in columns] for row in rows]


@pytest.mark.parametrize(
    ("write", "source", "delimiter"),
    [(write_iris, "iris.csv", ","), (write_patients, "patients.csv", ";")],
)
def test_demo_table_predictions(
    browser: Browser,
    write: Callable[[Path], Path],
    source: str,
    delimiter: str,
    tmp_path: Path,
) -> None:
    """The page predicts every row of the table as `zoo predict`; it requests and logs nothing."""
    folder, page = demo_of(write(tmp_path))
    browser.open(page, width=1280)
    assert browser.requests == [page.resolve().as_uri()]
    assert browser.messages == []
    columns = evaluate(browser, "facts.columns.map(({ name }) => name)")
    rows = json.dumps(rows_of(tmp_path / source, columns, delimiter))
    found = evaluate(browser, f"{rows}.map((row) => predictRow(row).probabilities)")
    expected = json.loads(zoo_ok("predict", folder, tmp_path / source, "--format", "json"))
    assert np.abs(np.array(found) - [row["probabilities"] for row in expected]).max() < APART


def test_demo_table_fields(browser: Browser, tmp_path: Path) -> None:
    """Numbers are typed and categories chosen; the answer follows."""
    folder, page = demo_of(write_patients(tmp_path))
    browser.open(page, width=390)
    assert evaluate(browser, "fields.map((label) => label.textContent)") == [
        "age", "sexmissingfemalemale", "year", "seconds",
    ]  # fmt: skip
    assert evaluate(browser, "document.documentElement.scrollWidth") <= 390
    values = ["70", "male", "2004", "1700040000"]
    table = tmp_path / "one.csv"
    table.write_text(f"age;sex;year;seconds\n{';'.join(values)}\n")
    (label,) = zoo_ok("predict", folder, table, "--quiet").splitlines()
    script = f"""{json.dumps(values)}.forEach((value, place) => {{
        inputs[place].value = value;
        inputs[place].dispatchEvent(new Event("input", {{ bubbles: true }}));
    }})"""
    browser.evaluate(script)
    assert str(browser.evaluate("find('#answer').textContent")).startswith(f"{label}, ")
    shown = browser.evaluate("find('.classes .is-answer span').textContent")
    assert shown == label


def test_demo_table_missing_number(browser: Browser, tmp_path: Path) -> None:
    """Without means of the training there is no prediction before every number is there."""
    _, page = demo_of(write_iris(tmp_path))
    browser.open(page, width=1280)
    assert "%" in str(browser.evaluate("find('#answer').textContent"))
    browser.evaluate("inputs[1].value = ''; update()")
    assert browser.evaluate("find('#answer').textContent") == "Fill in every number."


def test_demo_table_one_model(tmp_path: Path) -> None:
    folder, page = demo_of(write_iris(tmp_path))
    refused = zoo("demo", "digits-10", folder, "-o", page)
    assert refused.exit_code == 2
    words = f"{folder.name} predicts rows of a table; such a page has one model, got 2."
    assert words in refused.stderr
