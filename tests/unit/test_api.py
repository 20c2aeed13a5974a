"""The API: `import zoo`, at a prompt or in a notebook."""

import doctest
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import zoo
from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.command import zoo_ok
from tests.helpers.digits import digit_labels, digits
from tests.helpers.models import own_images_model
from tests.helpers.own_data import write_csv, write_iris, write_shapes
from zoo import api
from zoo.config.catalog import read_catalog
from zoo.training import model


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_doctests() -> None:
    for module in (zoo, api):
        results = doctest.testmod(module)
        assert results.attempted > 2
        assert results.failed == 0


def test_all() -> None:
    """Every name in __all__ exists and has a docstring; a misspelt name raises AttributeError."""
    assert all(getattr(zoo, name).__doc__ for name in zoo.__all__)
    assert sorted(zoo.__all__) == zoo.__all__
    assert set(zoo.__all__) <= set(dir(zoo))
    with pytest.raises(AttributeError, match="module 'zoo' has no attribute 'trian'"):
        zoo.trian  # noqa: B018


def test_names_and_entry() -> None:
    """Names and entries are those of the catalog."""
    assert zoo.names() == ENTRIES
    assert zoo.entry("mnist-128") == read_catalog().find("mnist-128").entry
    changed = zoo.entry("mnist-128", train__rate=0.5, network__hidden=[3, 2])
    assert (changed.train.rate, changed.architecture) == (0.5, "784-3-2-10")
    with pytest.raises(zoo.ConfigError, match=r"There is no entry named 'mnist-182'\."):
        zoo.entry("mnist-182")
    with pytest.raises(
        zoo.ConfigError, match=r"train\.bath: unknown key\. Did you mean 'train.batch'\?"
    ):
        zoo.entry("mnist-128", train__bath=3)


def test_load_shipped_model() -> None:
    """A shipped model predicts what its network does."""
    images, loaded = digits().train.images, zoo.load("digits-10")
    network = model.load_shipped(zoo.entry("digits-10")).network
    expected = network.logits(images).argmax(axis=1)
    assert np.array_equal(loaded.predict(images), expected)
    assert np.array_equal(loaded.predict(images.reshape(-1, 8, 8) / 16), expected)
    assert np.array_equal(loaded.predict(images[3]), expected[3:4])
    probabilities = loaded.predict_proba(images)
    assert probabilities.shape == (1797, 10)
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert loaded.scores["test"].n == 360


@pytest.mark.parametrize(
    ("images", "problem"),
    [
        (np.zeros((3, 65)), "its shape is (3, 65); expected images of 8 x 8"),
        (np.full((1, 64), 17), "it contains the value 17; the maximum of a pixel is 16"),
        (np.full((1, 64), -1), "it contains the value -1; the minimum of a pixel is 0"),
        (np.full((1, 64), np.nan), "it contains NaN or infinite values"),
        ([["a"] * 64], "expected numbers"),
        ([[None] * 64], "it contains Python objects; expected numbers"),
    ],
)
def test_predict_refused(images: object, problem: str) -> None:
    """An array that is not of images is refused."""
    with pytest.raises(zoo.DataError, match="Invalid array: ") as caught:
        zoo.load("digits-10").predict(images)  # type: ignore[arg-type]
    assert problem in str(caught.value)


def test_layers() -> None:
    """The predictions are those computed from the arrays of the layers."""
    images = digits().train.images
    dense, relu, out = zoo.load("digits-10").layers
    assert (dense.kind, dense.inputs, dense.outputs) == ("dense", 64, 10)
    assert (relu.kind, relu.arrays) == ("relu", {})
    hidden = np.maximum(images / 16 @ dense.arrays["W"].T + dense.arrays["b"], 0)
    logits = hidden @ out.arrays["W"].T + out.arrays["b"]
    assert np.array_equal(logits.argmax(axis=1), zoo.load("digits-10").predict(images))


def test_train_as_the_command() -> None:
    """A training has the same weights as `zoo train`."""
    output = zoo_ok("train", "digits-10", "--seed", 3, "--set", "train.iterations=200")
    training = zoo.train("digits-10", seed=3, train__iterations=200)
    assert [epoch.number for epoch in training] == [50, 100, 150, 200]
    assert [epoch.number for epoch in training.epochs] == [50, 100, 150, 200]
    run = zoo.load("runs/digits-10-s3-1")
    for layer, other in zip(training.model.layers, run.layers, strict=True):
        for name, array in layer.arrays.items():
            assert np.array_equal(array, other.arrays[name])
    assert f"{training.model.scores['test'].accuracy:.2%}" in output


def test_train_left_and_resumed() -> None:
    """A training that is interrupted and continued has the same weights."""
    training = zoo.train("digits-10", train__iterations=200)
    for epoch in training:
        if epoch.number == 100:
            break
    assert repr(training) == "<zoo.Training digits-10: 100 of 200 iterations>"
    assert [epoch.number for epoch in training] == [150, 200]
    uninterrupted = zoo.train("digits-10", train__iterations=200).model
    assert np.array_equal(training.model.layers[0].arrays["W"], uninterrupted.layers[0].arrays["W"])
    assert list(training) == []


def test_train_own_images() -> None:
    images, labels = digits().train.images[1::2].reshape(-1, 8, 8), digit_labels()[1::2]
    trained = zoo.train(
        "digits-10-best", data=(images, labels), train__epochs=30, data__split={"test": 98}
    ).model
    assert {name: score.n for name, score in trained.scores.items()} == {"train": 800, "test": 98}
    others = digits().train.images[::2]
    assert np.mean(trained.predict(others) == digit_labels()[::2]) > 0.93
    for wrong in (labels[1:], labels.astype(float), labels + 1, labels.reshape(-1, 1)):
        with pytest.raises(zoo.DataError, match="expected 898 integers from 0 to 9"):
            zoo.train("digits-10-best", data=(images, wrong))


TABLE = """
name = "flowers"
summary = "Iris, which is not an image."
data = { kind = "table", columns = 4, classes = 3, rows = 150, split = { test = 30 } }
preprocess = { divide = 1, mean = [5.8, 3.1, 3.8, 1.2], std = [0.8, 0.4, 1.8, 0.8] }
network = { hidden = [8] }
train = { epochs = 60, batch = 15, rate = 0.01, optimizer = "adam", weights = "he" }
"""


def test_train_table() -> None:
    """A table can be trained on; the probabilities follow the formulas."""
    from sklearn.datasets import load_iris

    Path("flowers.toml").write_text(TABLE)
    rows, labels = load_iris(return_X_y=True)
    trained = zoo.train("flowers.toml", data=(rows, labels)).model
    assert trained.scores["test"].accuracy > 0.85
    assert np.mean(trained.predict(rows) == labels) > 0.93
    assert zoo.entry("flowers.toml").parameters == 4 * 8 + 8 + 8 * 3 + 3
    scaled = (rows - [5.8, 3.1, 3.8, 1.2]) / [0.8, 0.4, 1.8, 0.8]
    dense, _, out = trained.layers
    hidden = np.maximum(scaled @ dense.arrays["W"].T + dense.arrays["b"], 0)
    logits = hidden @ out.arrays["W"].T + out.arrays["b"]
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert trained.predict_proba(rows) == pytest.approx(expected, abs=1e-5)
    for wrong in (rows[:, :3], rows[0], np.full((1, 4), np.inf), [["a"] * 4]):
        with pytest.raises(zoo.DataError, match="Invalid array: "):
            trained.predict(wrong)
    with pytest.raises(zoo.ConfigError, match=r"zoo\.train\(entry, data=\(rows, labels\)\)|table"):
        zoo.train("flowers.toml")


def test_read_image() -> None:
    """The prediction for an image file is that of `zoo predict`."""
    from PIL import Image

    zero = digits().train.images[0].reshape(8, 8)
    image = Image.fromarray((255 - zero * 15).astype(np.uint8))
    image.resize((200, 200)).save("zero.png")
    read = zoo.load("mnist-128").read("zero.png")
    output = zoo_ok("predict", "mnist-128", "zero.png", "--format", "jsonl")
    assert f'"label": {read.label}' in output
    assert read.image.shape == (28, 28)
    assert read.steps
    Path("no.png").write_bytes(b"not an image")
    with pytest.raises(zoo.ZooError, match=r"no\.png"):
        zoo.load("mnist-128").read("no.png")


def test_predict_a_prediction() -> None:
    """`read` predicts; its result is not an image."""
    network = zoo.load("digits-10")
    probabilities, image = np.zeros(10, np.float32), np.zeros((8, 8), np.uint8)
    prediction = api.Prediction(3, probabilities, image, "", 16, network.classes)
    with pytest.raises(zoo.DataError, match="The file is predicted already") as caught:
        network.predict(prediction)  # type: ignore[arg-type]
    assert caught.value.hint == "`read` returns it: use its label and its probabilities."


@pytest.mark.parametrize(
    ("write", "data", "name"),
    [
        (write_iris, "iris.csv", "iris"),
        (write_shapes, "shapes/", "shapes"),
        (write_shapes, Path("shapes"), "shapes"),
    ],
)
def test_train_data(
    tmp_path: Path, write: Callable[[Path], Path], data: str | Path, name: str
) -> None:
    """A file or folder in place of an entry trains the network of `zoo train`."""
    write(tmp_path)
    output = zoo_ok("train", data, "--epochs", 2)
    training = zoo.train(data, train__epochs=2)
    assert (training.entry.name, zoo.entry(data).name) == (name, name)
    assert f"{training.model.scores['test'].accuracy:.2%}" in output
    run = zoo.load(f"runs/{name}-s0-1")
    for layer, other in zip(training.model.layers, run.layers, strict=True):
        for key, array in layer.arrays.items():
            assert np.array_equal(array, other.arrays[key])


def test_train_data_warnings(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What spoils a training of the data is a warning."""
    write_csv(tmp_path / "t.csv", ("a", "b", "y"), [[i % 7, 1, i % 2] for i in range(60)])
    zoo.entry("t.csv")
    assert any("t.csv: " in line and "'b'" in line for line in caplog.messages)


def test_train_wrong_recipes() -> None:
    """A DataFrame in place of an entry, and a file that does not exist, are sentences."""
    import pandas as pd

    with pytest.raises(zoo.ConfigError, match=r"or a file, got a DataFrame\.") as caught:
        zoo.train(pd.DataFrame({"a": [1]}))  # type: ignore[arg-type]
    assert 'zoo.train("mine.csv")' in caught.value.hint
    with pytest.raises(zoo.ConfigError, match=r"or a file, got a NoneType\.") as caught:
        zoo.entry(None)  # type: ignore[arg-type]
    assert caught.value.hint == "zoo.names() lists the entries."
    with pytest.raises(zoo.DataError, match=r"nothing\.csv does not exist\."):
        zoo.train("nothing.csv")


def test_predict_names(tmp_path: Path) -> None:
    """Own classes are predicted by their names, a row of a table and an image too."""
    import pandas as pd

    model = zoo.train(write_iris(tmp_path)).model
    frame = pd.read_csv(tmp_path / "iris.csv")
    assert (model.predict(frame) == frame["species"]).mean() > 0.9
    assert set(model.predict(frame.drop(columns="species").to_numpy())) == set(frame["species"])
    frame[:1].to_csv("one.csv", index=False)
    prediction = model.read("one.csv")
    assert prediction.label == "setosa"
    assert "<th" in prediction._repr_html_()
    assert "setosa" in prediction._repr_html_()
    shapes = zoo.train(write_shapes(tmp_path)).model
    assert shapes.read("shapes/circle/0.png").label == "circle"


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (("-1", "3", "10"), [-1, 3, 10]),
        (("3", "10", "no"), ["3", "10", "no"]),
        (("007", "008", "9"), ["007", "008", "9"]),
        (("1", "2", "9" * 30), ["1", "2", "9" * 30]),
    ],
)
def test_predict_numbers(classes: tuple[str, ...], expected: list[object]) -> None:
    """Classes whose names are all whole numbers are predicted as numbers, others as texts."""
    model = api.Model(own_images_model(classes=classes))
    images = np.random.default_rng(0).integers(0, 256, (500, 12, 12))
    numbers = model.predict_proba(images).argmax(axis=1)
    assert len(set(numbers)) == 3
    assert model.predict(images).tolist() == [expected[number] for number in numbers]


@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 3)])
def test_predict_narrow_images(tmp_path: Path, shape: tuple[int, int]) -> None:
    """Images of three or four columns are no colours if the model has such images."""
    model = api.Model(own_images_model(shape=shape))
    images = np.random.default_rng(0).integers(0, 256, (20, *shape), np.uint8)
    expected = model.predict_proba(images.reshape(20, -1))
    np.testing.assert_array_equal(model.predict_proba(images), expected)
    np.testing.assert_array_equal(model.predict_proba(images[:, None]), expected)
    np.testing.assert_array_equal(model.predict_proba(images[..., None]), expected)
    np.testing.assert_array_equal(model.predict_proba(images[0]), expected[:1])
    np.save(tmp_path / "one.npy", images[0])
    assert model.read("one.npy").probabilities == pytest.approx(expected[0], abs=1e-5)
    with pytest.raises(zoo.DataError, match="is that of colour images; expected greyscale"):
        model.predict(np.zeros((20, 9, 4), np.uint8))


def test_read_many_rows(tmp_path: Path) -> None:
    """`read` is for one row or image; it answered the first of them."""
    model = zoo.train(write_iris(tmp_path), train__epochs=1).model
    with pytest.raises(zoo.DataError, match=r"iris\.csv has more than one row") as caught:
        model.read("iris.csv")
    assert caught.value.hint == "Call predict with the rows as an array, or as a DataFrame."
    np.save("two.npy", np.zeros((2, 8, 8)))
    with pytest.raises(zoo.DataError, match=r"two\.npy has more than one image"):
        zoo.load("digits-10").read("two.npy")


@pytest.mark.parametrize("data", [([[0] * 64],), ([[0] * 64], [0], 3), [[[0] * 64], [0]]])
def test_train_data_not_a_pair(data: object) -> None:
    with pytest.raises(zoo.DataError, match="expected a folder or a tuple of images and labels"):
        zoo.train("digits-10", data=data)  # type: ignore[arg-type]


def test_masked_arrays() -> None:
    """A masked value is no value, and NumPy would take what is below the mask."""
    rows = np.ma.masked_array(np.zeros((2, 64)), mask=[[True] * 64, [False] * 64])
    with pytest.raises(zoo.DataError, match="some of its values are masked"):
        zoo.load("digits-10").predict(rows)
    with pytest.raises(zoo.DataError, match="some of its values are masked"):
        zoo.train("digits-10", data=(rows, [0, 1]))
    whole = np.ma.masked_array(np.zeros((2, 64)))
    assert len(zoo.load("digits-10").predict(whole)) == 2


def test_entry_of_own_data(tmp_path: Path) -> None:
    """What a TOML file does not state about its files is found in them, as by the commands."""
    path = write_iris(tmp_path)
    entry = zoo.entry(path, network__hidden=[3])
    assert (entry.architecture, entry.data.train_rows) == ("4-3-3", 120)
    assert zoo.entry(write_shapes(tmp_path)).architecture == "144-16-3"
    result = zoo.train(path, train__epochs=1).model
    assert result.scores["test"].n == 30
    assert result.classes == ("setosa", "versicolor", "virginica")
    scaling = result.entry.preprocess
    assert scaling.mean == pytest.approx((5.843, 3.057, 3.758, 1.199), abs=0.1)


def test_train_on_a_frame(tmp_path: Path) -> None:
    """A DataFrame with the columns in any order trains the same network as its file."""
    import pandas as pd

    path = write_iris(tmp_path)
    frame = pd.read_csv(tmp_path / "iris.csv")
    expected = zoo.train(path, train__epochs=2).model
    (tmp_path / "iris.csv").unlink()
    rows, labels = frame.drop(columns="species"), frame["species"]
    turned = frame[frame.columns[::-1]].astype({"petal width": "Float64"})
    arrays = (rows.to_numpy(), labels.to_numpy())
    for recipe, data in (
        (path, frame),
        (path, (rows, labels)),
        (expected.entry, turned),
        (expected.entry, arrays),
    ):
        found = zoo.train(recipe, data=data, train__epochs=2).model
        np.testing.assert_array_equal(found.predict_proba(frame), expected.predict_proba(rows))
    np.testing.assert_array_equal(
        expected.predict_proba(turned), expected.predict_proba(rows.to_numpy())
    )


def test_frames_that_do_not_fit(tmp_path: Path) -> None:
    """A missing column, a text and a date have the sentences of a file."""
    import pandas as pd

    path = write_iris(tmp_path)
    frame = pd.read_csv(tmp_path / "iris.csv")
    model = zoo.train(path, train__epochs=1).model
    with pytest.raises(zoo.ZooError, match="The DataFrame has no column 'petal width'"):
        model.predict(frame.drop(columns="petal width"))
    dates = pd.date_range("2020-01-01", periods=len(frame))
    with pytest.raises(zoo.ZooError, match="row 1, column 'petal width': expected a number, got '"):
        model.predict(frame.assign(**{"petal width": dates}))
    with pytest.raises(zoo.ZooError, match="The DataFrame has no rows"):
        model.predict(frame[:0])
    with pytest.raises(zoo.ZooError, match="digits-10 does not name columns"):
        zoo.train("digits-10", data=frame)
    with pytest.raises(zoo.ZooError, match="Invalid labels: expected 150 of them"):
        zoo.train(path, data=(frame, [1, 2]))
    with pytest.raises(zoo.ZooError, match="Expected 4 columns, got 3"):
        zoo.train(zoo.entry(path), data=(np.zeros((9, 3)), np.arange(9) % 3))


def test_train_on_another_file(tmp_path: Path) -> None:
    """The rows of an entry that was read are not those of another file."""
    path = write_iris(tmp_path)
    entry = zoo.entry(path)
    lines = (tmp_path / "iris.csv").read_text().splitlines(keepends=True)
    (tmp_path / "fewer.csv").write_text("".join(lines[:1] + lines[1::2]))
    training = zoo.train(entry, data=tmp_path / "fewer.csv", train__epochs=1)
    assert training.entry.data.train_rows == 60
