"""`zoo demo`: the page, with its models, digits and runs."""

import json
import re
import shutil
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.command import Result, zoo, zoo_bytes, zoo_ok
from tests.helpers.entries import recipe
from tests.helpers.models import MNIST, own_images_model, random_model
from tests.helpers.own_data import write_digits, write_shapes
from tests.helpers.paths import ROOT
from zoo.config.catalog import read_catalog
from zoo.config.datasets import data_config
from zoo.data.load import load
from zoo.data.locations import DataLocations
from zoo.data.splits import Subset
from zoo.demo.examples import some_of_each_class
from zoo.demo.page import demo
from zoo.demo.weights import HIGHEST, PER_NUMBER, models_that_fit, network
from zoo.training import model, recorder, weights
from zoo.training.model import Model
from zoo.training.run import Run


def facts_in(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the data of a page."""
    match = re.search(r'id="facts">(.*?)</script>', path.read_text())
    assert match
    return dict(json.loads(match[1]))


def test_demo_same_bytes_again(tmp_path: Path) -> None:
    pages = [tmp_path / name for name in ("one.html", "other.html")]
    for path in pages:
        output = zoo_ok("demo", "digits-10", "digits-10-best", "-o", path)
        size = path.stat().st_size
        assert output == f"{path}: {size:,} bytes, digits-10, digits-10-best\n"
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_demo_dry_run_or_stdout(tmp_path: Path) -> None:
    page = zoo_bytes("demo", "digits-10", "-o", "-", cwd=tmp_path)
    planned = json.loads(zoo_ok("demo", "digits-10", "-n", "--json", cwd=tmp_path))
    assert planned == {
        "name": "demo.html", "path": "demo.html", "bytes": len(page), "models": ["digits-10"],
    }  # fmt: skip
    text = zoo_ok("demo", "digits-10", "-n", cwd=tmp_path)
    assert text == f"demo.html: {len(page):,} bytes, digits-10\nNothing was written.\n"
    assert not (tmp_path / "demo.html").exists()
    zoo_ok("demo", "digits-10", cwd=tmp_path)
    assert (tmp_path / "demo.html").read_bytes() == page
    opened = zoo("demo", "digits-10", "-o", "-", "--open")
    assert (opened.exit_code, opened.stdout) == (2, "")


def test_demo_without_mnist(tmp_path: Path) -> None:
    """Without MNIST the page has scikit-learn's digits, with a warning."""
    done = zoo("demo", "mnist-10-sgd", cwd=tmp_path, ZOO_DATA=None)
    assert done.exit_code == 0
    assert done.stderr == (
        "zoo: warning: MNIST is not on this machine, so the page shows scikit-learn's digits; "
        "run `zoo data fetch mnist` to download it.\n"
    )
    assert [pool["name"] for pool in facts_in(tmp_path / "demo.html")["pools"]] == ["digits"]


def test_demo_page_of_the_readme(tmp_path: Path) -> None:
    """The page that the README links equals the output of the command.

    `python -m tests.browser.demo_image` writes it again.
    """
    path = tmp_path / "demo.html"
    zoo_ok("demo", "mnist-128", "mnist-128-best", "-o", path, ZOO_DATA=None, ZOO_CACHE_DIR=tmp_path)
    assert path.read_bytes() == (ROOT / "models" / "demo.html").read_bytes()


def test_demo_data_without_mnist(tmp_path: Path) -> None:
    done = zoo("demo", "mnist-10-sgd", "--data", tmp_path, cwd=tmp_path)
    assert done.exit_code == 3
    assert done.stderr.startswith("zoo: MNIST is missing: ")
    assert not (tmp_path / "demo.html").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nobody"], 2, "There is no entry named 'nobody'."),
        (["digits-10", "digits-10"], 2, "Two models are named 'digits-10'."),
        (["digits-10", "-o", "page.png"], 2, "page.png has the name of a model or an image"),
        (["digits-10", "-o", "taken/page.html"], 1, "taken/page.html could not be written"),
    ],
)
def test_demo_mistakes(tmp_path: Path, arguments: list[str], code: int, message: str) -> None:
    (tmp_path / "taken").write_text("no folder")
    done = zoo("demo", *arguments, cwd=tmp_path)
    assert done.exit_code == code
    assert message in done.stderr
    assert done.stderr.count("\n") <= 2
    assert list(tmp_path.glob("*.html")) == []


def test_demo_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import import_module

    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.chdir(tmp_path)
    import_module("zoo.cli.demo").demo(["digits-10"], out=Path("a page.html"), open_browser=True)
    assert opened == [(tmp_path / "a page.html").as_uri()]
    import_module("zoo.cli.demo").demo(["digits-10"], out=Path("other.html"))
    assert len(opened) == 1


def own_page(write: Callable[[Path], Path], folder: Path) -> Result:
    """Train an entry of own images, and return the result of `zoo demo`; it wrote demo.html."""
    zoo_ok("train", write(folder), "--epochs", "3", "-q", cwd=folder)
    (run,) = (folder / "runs").iterdir()
    return zoo("demo", run, cwd=folder)


def test_demo_own_images(tmp_path: Path) -> None:
    """A page of own images has their test images, two of each class, and no path."""
    done = own_page(write_shapes, tmp_path)
    assert (done.exit_code, done.stderr) == (0, "")
    facts = facts_in(tmp_path / "demo.html")
    (model_facts,), (pool,), (group, *_) = facts["models"], facts["pools"], facts["groups"]
    assert model_facts["classes"] == ["circle", "cross", "square"]
    form = {"fit": "scale", "shape": [12, 12], "highest": 255, "on_black": False}
    assert (model_facts["form"], pool["form"]) == (form, form)
    assert model_facts["pool"] == pool["name"] == group["pool"]
    assert (pool["title"], pool["labels"]) == ("shapes", [0, 0, 1, 1, 2, 2])
    assert len(_bytes(pool["pixels"])) == 6 * 144
    text = (tmp_path / "demo.html").read_text()
    assert "<title>Draw an image: drawings-s0-1</title>" in text
    assert str(tmp_path) not in text


def test_demo_own_images_on_black(tmp_path: Path) -> None:
    """Images whose edges are dark are light on black."""
    own_page(write_digits, tmp_path)
    (pool,) = facts_in(tmp_path / "demo.html")["pools"]
    assert pool["form"] == {"fit": "scale", "shape": [8, 8], "highest": 16, "on_black": True}


def test_demo_own_images_missing(tmp_path: Path) -> None:
    """Without the data, or if it has changed, the page has no test images, and a warning."""
    own_page(write_shapes, tmp_path)
    (tmp_path / "shapes").rename(tmp_path / "moved")
    run = "runs/drawings-s0-1"
    warning = "zoo: warning: The page has no test images of drawings-s0-1: "
    done = zoo("demo", run, cwd=tmp_path)
    assert (done.exit_code, done.stderr.startswith(warning)) == (0, True)
    assert facts_in(tmp_path / "demo.html")["pools"] == []
    assert zoo("demo", run, "--data", "moved", cwd=tmp_path).stderr == ""
    assert len(facts_in(tmp_path / "demo.html")["pools"]) == 1
    refused = zoo("demo", run, "--data", "nowhere", cwd=tmp_path)
    assert (refused.exit_code, "nowhere" in refused.stderr) == (3, True)
    (tmp_path / "moved").rename(tmp_path / "shapes")
    shutil.copy(tmp_path / "shapes" / "cross" / "0.png", tmp_path / "shapes" / "circle" / "0.png")
    done = zoo("demo", run, cwd=tmp_path)
    changed = f"{tmp_path / 'shapes'} has changed since the training."
    assert done.stderr.replace("\n     ", " ") == f"{warning}{changed}\n"


def test_demo_test_images_of_many_classes() -> None:
    """A hundred classes have one test image each, large images fewer."""
    labels = np.repeat(np.arange(100, dtype=np.uint8), 3)
    for pixels, count in ((784, 100), (100_000, 3), (400_000, 1)):
        images = np.broadcast_to(np.uint8(0), (300, pixels))
        part = Subset(images, labels, np.arange(300))
        assert some_of_each_class(part) == [3 * label for label in range(count)]


def test_demo_without_a_name_is_of_digits() -> None:
    """Of the entries with weights, only those of the built-in images are on the page."""
    own, digits = own_images_model().entry, read_catalog().find("digits-10").entry
    assert digits.weights
    own = own.model_copy(update={"weights": digits.weights})
    assert models_that_fit([own, digits]) == [digits]


def test_demo_weights_of_16_bits() -> None:
    """The rounding error of 16-bit weights is at most half a step."""
    mnist_model = random_model(MNIST)
    (step, *_) = network(mnist_model)
    page_weights = np.frombuffer(_bytes(step["weights"]), "<i2").reshape(step["units"], -1)
    scales = np.frombuffer(_bytes(step["scales"]), "<f4")[:, None]
    assert np.abs(page_weights).max(axis=1).tolist() == [HIGHEST] * step["units"]
    first = mnist_model.network.layers[0].named_arrays()["W"]
    assert (np.abs(page_weights * scales - first) <= 0.501 * scales).all()


def test_demo_unit_of_zero_weights() -> None:
    mnist_model = random_model(MNIST)
    mnist_model.network.layers[0].named_arrays()["W"][0] = 0
    (step, *_) = network(mnist_model)
    assert not np.frombuffer(_bytes(step["weights"]), "<i2")[: step["inputs"]].any()


def _bytes(text: object) -> bytes:
    from base64 import b64decode

    return b64decode(str(text))


def test_demo_script_in_a_summary(places: DataLocations) -> None:
    """The text of an entry cannot end the script."""
    bad = random_model({"summary": "</script><script>alert(1)</script>"})
    text, _ = demo([bad], places, runs={})
    assert "alert(1)" in text
    assert text.count("<script") == text.count("</script>") == 2


def kept_models(run: Run) -> dict[int, Model]:
    return {number: model.load_file(path) for number, path in run.intermediate_weights()}


def test_keep_weights_of_each_row(tmp_path: Path, places: DataLocations) -> None:
    split = {"kind": "digits", "split": {"test": 360, "seed": 42}}
    entry, digits = recipe({"data": split}), load(data_config("digits"), places)
    for keep in (False, True):
        recording = recorder.start(
            entry, digits, runs=tmp_path, clock=lambda: 0.0, keep_weights=keep
        )
        rows = [row for row in recording if row]
        result = recording.finish(plot=False)
        kept = kept_models(result.run)
        assert list(kept) == ([0, *(row.number for row in rows)] if keep else [])
    assert kept[3].facts.fingerprint == result.fingerprint
    assert kept[0].facts.fingerprint != kept[1].facts.fingerprint
    for row in rows:
        (score,) = kept[row.number].facts.scores.values()
        assert score.accuracy == row.held_out_accuracy


def test_keep_weights_resumed(tmp_path: Path) -> None:
    """A resumed training saves the same weights as an uninterrupted one."""
    options = ("-q", "--keep-weights", "--runs")
    zoo_ok("train", "digits-10", "--iterations", "200", *options, tmp_path / "whole")
    zoo_ok("train", "digits-10", "--iterations", "100", *options, tmp_path / "parts")
    zoo_ok("resume", tmp_path / "parts" / "digits-10-s0-1", "--iterations", "200", "-q")
    whole, parts = (
        {
            number: weights.read(path)[1].fingerprint
            for number, path in Run(tmp_path / name / "digits-10-s0-1").intermediate_weights()
        }
        for name in ("whole", "parts")
    )
    assert list(whole) == [0, 50, 100, 150, 200]
    assert parts == whole


def test_keep_weights_best_epoch(tmp_path: Path, places: DataLocations) -> None:
    """Saved weights are those of their epoch, and the page marks the best ones."""
    from zoo.demo import training_history

    split = {"kind": "digits", "split": {"validation": 300, "test": 300, "seed": 1}}
    long = {"train.epochs": 40, "train.rate": 0.5, "train.batch": 32, "train.patience": 2}
    entry = recipe({"data": split, **long})
    digits = load(entry.data, places)
    recording = recorder.start(entry, digits, runs=tmp_path, clock=lambda: 0.0, keep_weights=True)
    rows = [row for row in recording if row]
    run = recording.finish(plot=False).run
    kept, part = kept_models(run), recording.prepared.subsets["validation"]
    for row in rows:
        logits = kept[row.number].logits(part.images[part.rows])
        accuracy = (logits.argmax(axis=1) == part.labels[part.rows]).mean()
        assert accuracy == row.held_out_accuracy
    best, last = rows[-3].number, rows[-1].number
    assert kept[best].facts.fingerprint == model.load_run(run).facts.fingerprint
    history = training_history.training_history(run, model.load_run(run))
    assert history is not None
    assert history["chosen"] == best
    assert [point["number"] for point in history["kept"]] == [
        n for n in range(last + 1) if n != best
    ]


def test_slider_without_the_resumed_end(tmp_path: Path) -> None:
    """The former end of a resumed training is not on the slider."""
    from zoo.demo import training_history

    zoo_ok("train", "digits-10", "--iterations", "120", "-q", "--keep-weights", cwd=tmp_path)
    zoo_ok("resume", "runs/digits-10-s0-1", "--iterations", "200", "-q", cwd=tmp_path)
    run = Run(tmp_path / "runs" / "digits-10-s0-1")
    assert 120 in kept_models(run)
    history = training_history.training_history(run, model.load_run(run))
    assert history is not None
    assert history["chosen"] == 200
    assert [point["number"] for point in history["kept"]] == [0, 50, 100, 150]


def test_slider_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run shows its metrics, and as many weights as fit."""
    from zoo.demo import training_history

    zoo_ok("train", "digits-10", "--iterations", "200", "-q", cwd=tmp_path)
    run = Run(tmp_path / "runs" / "digits-10-s0-1")
    history = training_history.training_history(run, model.load_run(run))
    assert history is not None
    assert [row[0] for row in history["rows"]] == [0, 50, 100, 150, 200]
    assert (history["unit"], history["held_out"], history["kept"]) == ("iteration", "test", [])
    zoo_ok("train", "digits-10", "--iterations", "200", "-q", "--keep-weights", cwd=tmp_path)
    run = Run(tmp_path / "runs" / "digits-10-s0-2")
    shipped = model.load_run(run)
    for room, expected in ((9, [0, 50, 100, 150]), (2, [0, 100]), (1, [0]), (0, [0])):
        monkeypatch.setattr(training_history, "ROOM", room * PER_NUMBER * shipped.entry.parameters)
        history = training_history.training_history(run, shipped)
        assert history is not None
        assert [kept["number"] for kept in history["kept"]] == expected
