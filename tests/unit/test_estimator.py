"""Any recipe as an estimator of scikit-learn, by scikit-learn's own tests and in its own tools."""

import os
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_digits, load_iris, make_classification
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import zoo
from zoo.estimator import ZooClassifier

IRIS, SPECIES = load_iris(return_X_y=True)
DIGITS, LABELS = load_digits(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[SPECIES]

BATTERY = [
    ZooClassifier(),
    ZooClassifier("mnist-128", epochs=60, rate=0.3, batch=16),
    ZooClassifier("digits-10-best", optimizer="adam", epochs=40),
]


@parametrize_with_checks(BATTERY)  # type: ignore[untyped-decorator]
def test_scikit_learn_has_nothing_against_it(
    estimator: ZooClassifier, check: Callable[[ZooClassifier], None]
) -> None:
    check(estimator)


def test_rows_that_are_the_entrys_pictures_are_trained_as_zoo_trains_them() -> None:
    ours = zoo.train("digits-10-best", data=(DIGITS, LABELS), train__epochs=3, data__split={})
    theirs = ZooClassifier("digits-10-best", epochs=3).fit(DIGITS, LABELS)
    for one, other in zip(ours.model.layers, zoo.Model(theirs.model_).layers, strict=True):
        for name, array in one.arrays.items():
            assert np.array_equal(array, other.arrays[name])
    assert theirs.loss_curve_ == [epoch.loss for epoch in ours.epochs]
    assert theirs.n_iter_ == 3
    assert theirs.score(DIGITS, LABELS) > 0.8


def test_other_rows_are_standardized_and_the_answers_are_those_of_the_formulas() -> None:
    trained = ZooClassifier(hidden_layers=(5,), epochs=100).fit(1000 * IRIS + 7, NAMES)
    dense, _, out = zoo.Model(trained.model_).layers
    scaled = (IRIS - IRIS.mean(axis=0)) / IRIS.std(axis=0)
    hidden = np.maximum(scaled @ dense.arrays["W"].T + dense.arrays["b"], 0)
    logits = hidden @ out.arrays["W"].T + out.arrays["b"]
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert trained.predict_proba(1000 * IRIS + 7) == pytest.approx(expected, abs=1e-4)
    assert list(trained.classes_) == ["setosa", "versicolor", "virginica"]
    assert trained.score(1000 * IRIS + 7, NAMES) > 0.93


def test_it_works_in_the_tools_of_scikit_learn() -> None:
    quick = ZooClassifier(epochs=40)
    frame = pd.DataFrame(IRIS, columns=["a", "b", "c", "d"])
    assert cross_val_score(quick, frame, NAMES, cv=3).mean() > 0.9
    piped = make_pipeline(StandardScaler(), clone(quick)).fit(frame, NAMES)
    assert piped.score(frame, NAMES) > 0.93
    grid = {"hidden_layers": [(4,), (16, 8)], "rate": [1e-6, 0.01]}
    search = GridSearchCV(quick, grid, cv=2).fit(IRIS, NAMES)
    assert search.best_params_["rate"] == 0.01
    calibrated = CalibratedClassifierCV(quick, cv=3).fit(IRIS, NAMES)
    assert calibrated.predict_proba(IRIS).sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("classes", [2, 300])
def test_there_may_be_few_classes_or_many(classes: int) -> None:
    rows = np.repeat(np.eye(classes), 3, axis=0)
    labels = np.repeat(np.arange(classes) * 5 - 7, 3)
    trained = ZooClassifier(epochs=40).fit(rows, labels)
    assert trained.score(rows, labels) > 0.95
    assert trained.predict_proba(rows).shape == (3 * classes, classes)


def test_it_learns_pass_by_pass_and_a_copy_goes_on_alike() -> None:
    rows, labels = make_classification(400, 8, n_informative=6, random_state=0)
    one, other = ZooClassifier(rate=0.01), ZooClassifier(rate=0.01)
    for _ in range(10):
        for start in (0, 130, 260):
            part = slice(start, start + 130)
            one.partial_fit(rows[part], labels[part], classes=[0, 1])
            other.partial_fit(rows[part], labels[part], classes=[0, 1])
            other = deepcopy(other)  # which asks for the same state as pickling does
    assert np.array_equal(one.predict_proba(rows), other.predict_proba(rows))
    assert one.score(rows, labels) > 0.85
    assert (one.n_iter_, len(one.loss_curve_)) == (30, 30)
    assert one.loss_curve_[-1] < one.loss_curve_[0] / 2
    with pytest.raises(ValueError, match=r"not among the classes: \[np\.int64\(2\)\]|\[2\]"):
        one.partial_fit(rows, labels + 1)
    with pytest.raises(ValueError, match="names all classes"):
        ZooClassifier().partial_fit(rows, labels)


def test_passes_over_the_same_rows_are_one_training() -> None:
    recipe = zoo.entry("digits-10", train__optimizer="adam", train__rate=0.01)
    rows, labels = IRIS[::2], SPECIES[::2]
    taught = ZooClassifier(recipe, schedule="constant")
    for _ in range(6):
        taught.partial_fit(rows, labels, classes=[0, 1, 2])
    fitted = ZooClassifier(recipe, schedule="constant", epochs=6).fit(rows, labels)
    assert taught.predict_proba(rows) == pytest.approx(fitted.predict_proba(rows), abs=1e-6)
    assert taught.loss_curve_ == pytest.approx(fitted.loss_curve_, abs=1e-6)


def test_a_fit_that_fails_leaves_what_was_there() -> None:
    trained = ZooClassifier(epochs=30).fit(IRIS, NAMES)
    before = trained.predict(IRIS)
    with pytest.raises(zoo.ConfigError):
        trained.set_params(epochs=-1).fit(IRIS, NAMES[::-1])
    assert np.array_equal(trained.predict(IRIS), before)
    fresh = ZooClassifier(epochs=-1)
    for method in (fresh.fit, partial(fresh.partial_fit, classes=sorted(set(NAMES)))):
        with pytest.raises(zoo.ConfigError):
            method(IRIS, NAMES)
        with pytest.raises(NotFittedError):
            fresh.predict(IRIS)
    fresh.set_params(epochs=2).partial_fit(IRIS, NAMES, classes=sorted(set(NAMES)))
    assert fresh.n_iter_ == 1


def test_numbers_may_be_large_and_come_from_numpy() -> None:
    rows = np.column_stack([IRIS * 1e7, 1.65e9 + 86_400 * np.arange(150), np.ones(150)])
    options = {"epochs": np.int64(60), "seed": np.int64(1), "hidden_layers": np.array([8])}
    trained = ZooClassifier().set_params(**options, rate=np.float32(0.01)).fit(rows, SPECIES)
    assert trained.score(rows, SPECIES) > 0.93
    patient = zoo.entry("digits-10-best", train__patience=3, data__split={"validation": 9})
    assert ZooClassifier(patient, epochs=40).fit(IRIS, SPECIES).score(IRIS, SPECIES) > 0.8


def test_what_was_fitted_can_be_taught_more() -> None:
    trained = ZooClassifier(epochs=2).fit(IRIS, NAMES)
    before = trained.predict_proba(IRIS)
    worse = trained.score(IRIS, NAMES)
    for _ in range(30):
        trained.partial_fit(IRIS, NAMES)
    assert not np.array_equal(trained.predict_proba(IRIS), before)
    assert trained.score(IRIS, NAMES) >= max(worse, 0.93)


def test_its_onnx_answers_alike(tmp_path: Path) -> None:
    for name, rows, labels in (("iris", IRIS, SPECIES), ("digits", DIGITS, LABELS)):
        entry = "digits-10-best" if name == "digits" else None
        trained = ZooClassifier(entry, epochs=5).fit(rows, labels)
        path = trained.to_onnx(tmp_path / f"{name}.onnx")
        session = onnxruntime.InferenceSession(os.fspath(path))
        feed = {session.get_inputs()[0].name: rows.astype(np.float32)}
        (found,) = session.run(["probabilities"], feed)
        assert found == pytest.approx(trained.predict_proba(rows), abs=1e-5)


def test_a_mistake_is_said_as_zoo_says_it() -> None:
    with pytest.raises(zoo.ConfigError, match=r"train\.optimizer\.kind: there is no 'adma'"):
        ZooClassifier(optimizer="adma").fit(IRIS, SPECIES)
    with pytest.raises(zoo.ConfigError, match="There is no entry named 'mnist-182'"):
        ZooClassifier("mnist-182").fit(IRIS, SPECIES)
