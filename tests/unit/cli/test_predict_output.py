"""The table of `zoo predict`."""

from dataclasses import replace

import numpy as np
import pytest
from zoo.cli.output.predict import formatter, shortened

from zoo.config.dataset_info import SOURCES
from zoo.inference.inputs import Input
from zoo.inference.predict import Prediction


def lines(labels: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the lines of a table with all probabilities, in 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    source = replace(
        SOURCES["mnist"], highest=0, classes=len(labels), labels=tuple(labels), shape=(1, 2)
    )
    table = formatter("table", source, top_k=None, probabilities=True)
    shares = np.linspace(0, 1, len(labels), dtype=np.float32)
    prediction = Prediction(Input("new.csv", 0, np.zeros(2, np.float32), ""), shares)
    text: str = table.head() + table.add(prediction)
    return text.splitlines()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a", "b"], ["a", "b"]),
        (["setosa", "virginica"], ["setos", "virgi"]),
        (["class_0", "class_1"], ["cla…0", "cla…1"]),
        (["class_10", "class_11", "class_20"], ["cl…10", "cl…11", "cl…20"]),
        (["below_5_x", "below_6_x", "b"], ["b…5_x", "b…6_x", "b"]),
        (["first_a_last", "first_b_last"], []),
    ],
)
def test_shortened_names(names: list[str], expected: list[str]) -> None:
    """Names that are cut remain different, or none is left."""
    assert shortened(names, 5, "…") == expected


def test_probabilities_of_classes_with_one_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is room for the whole names of three classes in 80 columns."""
    head, row = lines(["class_0", "class_1", "class_2"], monkeypatch)
    assert head.split() == ["class", "class_0", "class_1", "class_2", "row"]
    assert row.startswith("class_2    100.0%     0.0    50.0   100.0  new.csv row 1")


def test_probabilities_of_many_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers stand for names that cannot be told apart in their columns."""
    names = [f"a kind of {colour} wine" for colour in ("red", "white", "rose", "old", "new")]
    legend, head, row = lines(names, monkeypatch)
    assert legend.startswith("classes  1 a kind of red wine, 2 a kind of white wine, 3 a kind")
    assert head.split() == ["class", "1", "2", "3", "4", "5", "row"]
    assert len(head) <= 80
    assert row.split()[-8:-3] == ["0.0", "25.0", "50.0", "75.0", "100.0"]
