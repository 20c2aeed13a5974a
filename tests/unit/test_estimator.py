"""The scikit-learn estimator: scikit-learn's checks and tools, and the training."""

import json
import os
from copy import deepcopy
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import zoo
from tests.helpers.command import zoo_ok
from tests.helpers.digits import digit_labels, digits
from tests.helpers.estimator_checks import failures
from tests.helpers.own_data import write_digits, write_iris
from zoo import api

Array = npt.NDArray[Any]


@cache
def iris() -> tuple[Array, Array, Array]:
    """Return the rows, the species as numbers and their names."""
    from sklearn.datasets import load_iris

    rows, species = load_iris(return_X_y=True)
    return rows, species, np.array(["setosa", "versicolor", "virginica"])[species]


def digit_rows() -> tuple[Array, Array]:
    """Return the digits in the types of scikit-learn's loader."""
    return digits().train.images.astype(np.float64), digit_labels().astype(np.int64)


def test_estimator_checks() -> None:
    """scikit-learn's checks of an estimator pass; tests/integration has other recipes."""
    assert failures(zoo.ZooClassifier()) == {}


def test_fit_images() -> None:
    """Rows that are the entry's images are trained as zoo trains them."""
    images, labels = digit_rows()
    training = zoo.train("digits-10-best", data=(images, labels), train__epochs=3, data__split={})
    classifier = zoo.ZooClassifier("digits-10-best", epochs=3).fit(images, labels)
    for layer, other in zip(
        training.model.layers, zoo.Model(classifier.model_).layers, strict=True
    ):
        for name, array in layer.arrays.items():
            assert np.array_equal(array, other.arrays[name])
    assert classifier.loss_curve_ == [epoch.loss for epoch in training.epochs]
    assert classifier.n_iter_ == 3
    assert classifier.score(images, labels) > 0.8


def test_fit_standardizes() -> None:
    """Other rows are standardized; the probabilities follow the formulas."""
    rows, _, names = iris()
    trained = zoo.ZooClassifier(hidden_layers=(5,), epochs=100).fit(1000 * rows + 7, names)
    dense, _, out = zoo.Model(trained.model_).layers
    scaled = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    hidden = np.maximum(scaled @ dense.arrays["W"].T + dense.arrays["b"], 0)
    logits = hidden @ out.arrays["W"].T + out.arrays["b"]
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert trained.predict_proba(1000 * rows + 7) == pytest.approx(expected, abs=1e-4)
    assert list(trained.classes_) == ["setosa", "versicolor", "virginica"]
    assert trained.score(1000 * rows + 7, names) > 0.93


def test_sklearn_tools() -> None:
    """Cross-validation, pipelines, grid search and calibration."""
    import pandas as pd
    from sklearn.base import clone
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.model_selection import GridSearchCV, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows, _, names = iris()
    quick = zoo.ZooClassifier(epochs=40)
    frame = pd.DataFrame(rows, columns=["a", "b", "c", "d"])
    assert cross_val_score(quick, frame, names, cv=3).mean() > 0.9
    piped = make_pipeline(StandardScaler(), clone(quick)).fit(frame, names)
    assert piped.score(frame, names) > 0.93
    grid = {"hidden_layers": [(4,), (16, 8)], "rate": [1e-6, 0.01]}
    search = GridSearchCV(quick, grid, cv=2).fit(rows, names)
    assert search.best_params_["rate"] == 0.01
    calibrated = CalibratedClassifierCV(quick, cv=3).fit(rows, names)
    assert calibrated.predict_proba(rows).sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("classes", [2, 300])
def test_number_of_classes(classes: int) -> None:
    rows = np.repeat(np.eye(classes), 3, axis=0)
    labels = np.repeat(np.arange(classes) * 5 - 7, 3)
    trained = zoo.ZooClassifier(epochs=40).fit(rows, labels)
    assert trained.score(rows, labels) > 0.95
    assert trained.predict_proba(rows).shape == (3 * classes, classes)


def test_partial_fit_and_copy() -> None:
    """Training continues with each call, and in the same way for a copy."""
    from sklearn.datasets import make_classification

    rows, labels = make_classification(400, 8, n_informative=6, random_state=0)
    first, other = zoo.ZooClassifier(rate=0.01), zoo.ZooClassifier(rate=0.01)
    for _ in range(10):
        for start in (0, 130, 260):
            batch = slice(start, start + 130)
            first.partial_fit(rows[batch], labels[batch], classes=[0, 1])
            other.partial_fit(rows[batch], labels[batch], classes=[0, 1])
            other = deepcopy(other)  # deepcopy uses the state that pickling uses
    assert np.array_equal(first.predict_proba(rows), other.predict_proba(rows))
    assert first.score(rows, labels) > 0.85
    assert (first.n_iter_, len(first.loss_curve_)) == (30, 30)
    assert first.loss_curve_[-1] < first.loss_curve_[0] / 2
    with pytest.raises(ValueError, match=r"not among the classes: \[np\.int64\(2\)\]|\[2\]"):
        first.partial_fit(rows, labels + 1)
    with pytest.raises(ValueError, match="needs all classes"):
        zoo.ZooClassifier().partial_fit(rows, labels)


def test_partial_fit_as_fit() -> None:
    """Repeated calls with the same rows are equal to one call of fit."""
    rows, labels = iris()[0][::2], iris()[1][::2]
    recipe = zoo.entry("digits-10", train__optimizer="adam", train__rate=0.01)
    incremental = zoo.ZooClassifier(recipe, schedule="constant")
    for _ in range(6):
        incremental.partial_fit(rows, labels, classes=[0, 1, 2])
    fitted = zoo.ZooClassifier(recipe, schedule="constant", epochs=6).fit(rows, labels)
    assert incremental.predict_proba(rows) == pytest.approx(fitted.predict_proba(rows), abs=1e-6)
    assert incremental.loss_curve_ == pytest.approx(fitted.loss_curve_, abs=1e-6)


def test_fit_that_fails() -> None:
    """A fit that fails leaves the fitted network unchanged."""
    from sklearn.exceptions import NotFittedError

    rows, _, names = iris()
    trained = zoo.ZooClassifier(epochs=30).fit(rows, names)
    before = trained.predict(rows)
    with pytest.raises(zoo.ConfigError):
        trained.set_params(epochs=-1).fit(rows, names[::-1])
    assert np.array_equal(trained.predict(rows), before)
    fresh = zoo.ZooClassifier(epochs=-1)
    for method in (fresh.fit, partial(fresh.partial_fit, classes=sorted(set(names)))):
        with pytest.raises(zoo.ConfigError):
            method(rows, names)
        with pytest.raises(NotFittedError):
            fresh.predict(rows)
    fresh.set_params(epochs=2).partial_fit(rows, names, classes=sorted(set(names)))
    assert fresh.n_iter_ == 1


def test_fit_large_numbers() -> None:
    """Rows may contain large numbers, and options may be NumPy values."""
    flowers, species, _ = iris()
    rows = np.column_stack([flowers * 1e7, 1.65e9 + 86_400 * np.arange(150), np.ones(150)])
    options = {"epochs": np.int64(60), "seed": np.int64(1), "hidden_layers": np.array([8])}
    trained = zoo.ZooClassifier().set_params(**options, rate=np.float32(0.01)).fit(rows, species)
    assert trained.score(rows, species) > 0.93
    patient = zoo.entry("digits-10-best", train__patience=3, data__split={"validation": 9})
    assert zoo.ZooClassifier(patient, epochs=40).fit(flowers, species).score(flowers, species) > 0.8


def test_partial_fit_after_fit() -> None:
    rows, _, names = iris()
    trained = zoo.ZooClassifier(epochs=2).fit(rows, names)
    before = trained.predict_proba(rows)
    worse = trained.score(rows, names)
    for _ in range(30):
        trained.partial_fit(rows, names)
    assert not np.array_equal(trained.predict_proba(rows), before)
    assert trained.score(rows, names) >= max(worse, 0.93)


def test_to_onnx(tmp_path: Path) -> None:
    """The ONNX file gives the same probabilities."""
    import onnxruntime

    rows_and_labels = {"iris": iris()[:2], "digits": digit_rows()}
    for name, (rows, labels) in rows_and_labels.items():
        entry = "digits-10-best" if name == "digits" else None
        trained = zoo.ZooClassifier(entry, epochs=5).fit(rows, labels)
        path = trained.to_onnx(tmp_path / f"{name}.onnx")
        session = onnxruntime.InferenceSession(os.fspath(path))
        feed = {session.get_inputs()[0].name: rows.astype(np.float32)}
        (probabilities,) = session.run(["probabilities"], feed)
        assert probabilities == pytest.approx(trained.predict_proba(rows), abs=1e-5)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["no", "yes", "perhaps"], ["no", "perhaps", "yes"]),
        ([3, 1, 20], ["1", "3", "20"]),
        ([0, 2, 1], None),
        (["a\n", "b", "c"], None),
        (["a", "b", "c" * 41], None),
    ],
)
def test_to_onnx_labels(
    tmp_path: Path, labels: list[str | int], expected: list[str] | None
) -> None:
    """Labels that are not 0, 1, ... are an output of texts, and the names of the classes."""
    import onnxruntime

    rows, species, _ = iris()
    trained = zoo.ZooClassifier(epochs=5).fit(rows, np.array(labels)[species])
    path = trained.to_onnx(tmp_path / "iris.onnx")
    session = onnxruntime.InferenceSession(os.fspath(path))
    outputs = [output.name for output in session.get_outputs()]
    if expected is None:
        assert outputs == ["probabilities", "logits"]
        return
    (classes,) = session.run(["class"], {"rows": rows.astype(np.float32)})
    assert classes.tolist() == [str(label) for label in trained.predict(rows)]
    assert list(trained.model_.source.labels) == expected


def test_to_onnx_labels_of_digits(tmp_path: Path) -> None:
    """Labels of the entry's own images are an output of texts unless they are its digits."""
    import onnxruntime

    rows, digits = digit_rows()
    words = np.array([f"digit {number}" for number in (9, 8, 7, 6, 5, 4, 3, 2, 1, 0)])
    trained = zoo.ZooClassifier("digits-10", epochs=5).fit(rows, words[digits])
    session = onnxruntime.InferenceSession(os.fspath(trained.to_onnx(tmp_path / "words.onnx")))
    pixels = {session.get_inputs()[0].name: rows.astype(np.float32)}
    (classes,) = session.run(["class"], pixels)
    assert classes.tolist() == trained.predict(rows).tolist()
    assert (trained.model_.source.shape, trained.model_.source.fit) == ((8, 8), "ink")
    as_texts = zoo.ZooClassifier("digits-10", epochs=5).fit(rows, digits.astype(str))
    assert as_texts.model_.source.name == "digits"


def test_fit_config_errors() -> None:
    """An invalid option raises ConfigError with zoo's message."""
    rows, species, _ = iris()
    with pytest.raises(zoo.ConfigError, match=r"train\.optimizer\.kind: there is no 'adma'"):
        zoo.ZooClassifier(optimizer="adma").fit(rows, species)
    with pytest.raises(zoo.ConfigError, match="There is no entry named 'mnist-182'"):
        zoo.ZooClassifier("mnist-182").fit(rows, species)


def test_fit_too_large_number() -> None:
    """A number above those of float32 is refused; its square is above those of float64."""
    rows, species, _ = iris()
    with pytest.raises(ValueError, match="X contains a number that is too large for float32"):
        zoo.ZooClassifier().fit(rows * 1e300, species)


def test_estimator_frames() -> None:
    """Columns of numbers have any dtype; texts and dates are named."""
    import pandas as pd

    frame = pd.DataFrame(
        {
            "a": np.arange(20.0),
            "b": pd.array(range(20), dtype="Int64"),
            "c": np.arange(20) % 2 == 0,
            "d": np.array([str(number) for number in range(20)], dtype=object),
        }
    )
    labels = np.array(["x", "y"] * 10)
    found = zoo.ZooClassifier(epochs=2).fit(frame, labels)
    expected = zoo.ZooClassifier(epochs=2).fit(frame.astype(float).to_numpy(), labels)
    assert list(found.feature_names_in_) == ["a", "b", "c", "d"]
    np.testing.assert_array_equal(
        found.predict_proba(frame), expected.predict_proba(frame.astype(float).to_numpy())
    )
    for column in (pd.Series(list("pq") * 10), pd.Series(pd.date_range("2020", periods=20))):
        with pytest.raises(
            ValueError, match=r"Column 'a' of X holds .*; expected numbers"
        ) as caught:
            found.fit(frame.assign(a=column), labels)
        assert "OneHotEncoder" in str(caught.value)
        assert "or call zoo.train(entry, data=frame) with an entry that" in str(caught.value)
        with pytest.raises(ValueError, match="Column 'a' of X holds"):
            found.predict(frame.assign(a=column.astype("category")))


@pytest.mark.parametrize(
    ("labels", "outputs"),
    [
        ([0, 1] * 10, ["probabilities", "logits"]),
        (["x", "y"] * 10, ["probabilities", "logits", "class"]),
    ],
)
def test_to_onnx_of_a_frame(
    tmp_path: Path, labels: list[str] | list[int], outputs: list[str]
) -> None:
    """The columns of a DataFrame are in the file, and its predictions are the estimator's."""
    import onnx
    import pandas as pd

    frame = pd.DataFrame({"b": np.arange(20.0), "a": np.arange(20) % 3})
    plain = zoo.ZooClassifier(epochs=2).fit(frame.to_numpy(), labels)
    trained = zoo.ZooClassifier(epochs=2).fit(frame, labels)
    np.testing.assert_array_equal(trained.predict_proba(frame), plain.predict_proba(frame.values))
    proto = onnx.load(trained.to_onnx(tmp_path / "frame.onnx"))
    facts = {line.key: line.value for line in proto.metadata_props}
    assert json.loads(facts["columns"]) == ["b", "a"]
    assert [value.name for value in proto.graph.output] == outputs
    found = api.Model(trained.model_).predict(frame[["a", "b"]])
    assert found.tolist() == trained.predict(frame).tolist()
    frame.to_csv(tmp_path / "frame.csv", index=False)
    predicted = zoo_ok("predict", tmp_path / "frame.onnx", tmp_path / "frame.csv", "-q").split()
    assert predicted == [str(label) for label in trained.predict(frame)]


def test_to_onnx_of_odd_columns(tmp_path: Path) -> None:
    """Columns whose names an entry cannot hold stay a table without names."""
    import pandas as pd

    frame = pd.DataFrame({"a" * 201: np.arange(20.0)})
    trained = zoo.ZooClassifier(epochs=1).fit(frame, [0, 1] * 10)
    assert trained.model_.source.table is None
    assert trained.to_onnx(tmp_path / "odd.onnx").exists()


def test_estimator_with_the_entry_of_own_data(tmp_path: Path) -> None:
    """An entry for own files gives its recipe; the rows are standardized like any table."""
    entry = zoo.entry(write_digits(tmp_path))
    rows, labels = digit_rows()
    assert zoo.ZooClassifier(entry, epochs=2).fit(rows, labels).score(rows, labels) > 0.9
    path = str(write_iris(tmp_path))
    assert zoo.ZooClassifier(path, epochs=1).fit(np.eye(20, 2), [0, 1] * 10).n_features_in_ == 2
