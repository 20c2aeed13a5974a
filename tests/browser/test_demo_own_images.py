"""The page of `zoo demo` for images of any shape and class in Chromium."""

import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from zoo.models.handwriting import GLYPHS

from tests.helpers.chromium import Browser
from tests.helpers.command import zoo_ok
from tests.helpers.drawing import draw_by_mouse, evaluate, pixels_in, saved
from tests.helpers.golden_images import TOLERANCE
from tests.helpers.models import own_images_model, shipped_model
from tests.helpers.own_data import SPLIT, write_digits, write_entry, write_shapes
from zoo.data.digits import load_digits
from zoo.data.images.decode import decode
from zoo.data.images.fit import in_form
from zoo.data.locations import DataLocations
from zoo.demo.page import demo
from zoo.training.model import Model

APART = 1e-3  # probabilities of weights in 16 bits
LONG = "W" * 40  # the longest name


@pytest.fixture
def shown(browser: Browser, tmp_path: Path, places: DataLocations) -> Callable[..., None]:
    """Return a function that opens the page of a model."""

    def show(model: Model, width: int = 1280) -> None:
        path = tmp_path / "page.html"
        path.write_text(demo([model], places, runs={})[0])
        browser.open(path, width=width)

    return show


@pytest.mark.parametrize("on_black", [False, True])
@pytest.mark.parametrize(
    ("paper", "form"),
    [
        ((280, 280), {"shape": (12, 12), "fit": "scale"}),
        ((280, 280), {"shape": (28, 28), "fit": "pad", "highest": 16}),
        ((140, 280), {"shape": (16, 32), "fit": "scale"}),
        ((280, 112), {"shape": (50, 20), "fit": "pad", "highest": 99}),
        ((70, 280), {"shape": (9, 37), "fit": "pad"}),
        ((280, 280), {"shape": (300, 300), "fit": "scale", "highest": 1}),
    ],
)
def test_demo_fit_as_predict(
    browser: Browser,
    shown: Callable[..., None],
    paper: tuple[int, int],
    form: dict[str, Any],
    *,
    on_black: bool,
) -> None:
    """A drawing becomes the pixels that `zoo predict` makes of its file."""
    model = own_images_model(**form)
    shown(model)
    assert evaluate(browser, "PAPER") == list(paper)
    levels = np.random.default_rng(0).integers(0, 256, paper).astype(np.uint8)
    levels[:9] = 30  # the median of the border is not that of the noise
    page_form = f"{{ ...models[0].form, on_black: {json.dumps(on_black)} }}"
    found = evaluate(browser, f"inForm({pixels_in(levels)}, {page_form})")
    content = BytesIO()
    Image.fromarray(levels if on_black else 255 - levels).save(content, "PNG")
    decoded = decode(content.getvalue(), where="a drawing")
    expected = in_form(decoded, model.source, preprocess=None, where="a drawing")
    assert found["description"] == expected.steps
    differences = np.array(found["pixels"]) - expected.image.ravel().astype(int)
    assert np.abs(differences).max() <= TOLERANCE


def write_wide_shapes(folder: Path) -> Path:
    """Write drawn shapes and an entry that pads them to 16 x 32 pixels; return its path."""
    write_shapes(folder)
    data = f'kind = "folder"\npath = "shapes"\nshape = [16, 32]\nfit = "pad"\n{SPLIT}'
    return write_entry(folder, "wide", data)


def write_ink_digits(folder: Path) -> Path:
    """Write dark digits in folders and an entry that centres them; return its path."""
    digits = load_digits().train
    assert digits.labels is not None
    for number, (pixels, label) in enumerate(zip(digits.images, digits.labels[:60], strict=False)):
        path = folder / "hand" / str(label) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - 15 * pixels.reshape(8, 8)).resize((120, 120)).save(path)
    return write_entry(folder, "ink", f'kind = "folder"\npath = "hand"\nfit = "ink"\n{SPLIT}')


@pytest.mark.parametrize(
    ("write", "rows", "on_black"),
    [
        (write_shapes, "test:0-5", False),
        (write_wide_shapes, "test:0-5", False),
        (write_ink_digits, "test:0-11", False),
        (write_digits, "test:0-358", True),
    ],
)
def test_demo_own_images_as_predict(
    browser: Browser, write: Callable[[Path], Path], rows: str, tmp_path: Path, *, on_black: bool
) -> None:
    """A drawing and a test image have the probabilities of `zoo predict`; nothing is logged."""
    zoo_ok("train", write(tmp_path), "--set", "train.epochs=5", cwd=tmp_path)
    (run,) = (tmp_path / "runs").iterdir()
    zoo_ok("demo", run, cwd=tmp_path)
    browser.open(tmp_path / "demo.html", width=1280)
    draw_by_mouse(browser, GLYPHS[4][0])
    (tmp_path / "drawing.png").write_bytes(saved(browser))
    with Image.open(tmp_path / "drawing.png") as image:
        assert (np.median(np.asarray(image)) == 0) == on_black
    answer = evaluate(browser, "cards.get(shown[0]).answer.probabilities")
    browser.evaluate("draw(examples.at(-1), [])")
    start, seen = evaluate(browser, "[drawing.start, cards.get(shown[0]).answer.probabilities]")
    description = str(browser.evaluate("document.querySelector('.description').textContent"))
    assert description.startswith("a test image, as it is")
    answers = json.loads(
        zoo_ok("predict", run, "drawing.png", rows, "--format", "json", cwd=tmp_path)
    )
    differences = [np.abs(np.array(answer) - answers[0]["probabilities"]).max()]
    differences.append(
        min(np.abs(np.array(seen) - row["probabilities"]).max() for row in answers[1:])
    )
    assert max(differences) < APART
    assert start["name"] in {"circle", "cross", "square", *map(str, range(10))}
    assert browser.requests == [(tmp_path / "demo.html").resolve().as_uri()]
    assert browser.messages == []


def test_demo_test_image_enlarged(browser: Browser, tmp_path: Path) -> None:
    """A stroke on a test image changes the other pixels by less than a quarter."""
    zoo_ok("train", write_shapes(tmp_path), "--set", "train.epochs=2", cwd=tmp_path)
    zoo_ok("demo", tmp_path / "runs" / "drawings-s0-1", cwd=tmp_path)
    browser.open(tmp_path / "demo.html", width=1280)
    browser.evaluate("draw(examples[0], [{ erases: false, points: [[60, 60]] }])")
    pixels, before = evaluate(
        browser, "[networkInput(drawing, models[0]).pixels, examples[0].pixels]"
    )
    change = np.abs(np.array(pixels) - before).reshape(12, 12)
    change[:3, :3] = 0
    assert change.max() < 64


def test_demo_image_taken_as_it_is(browser: Browser, shown: Callable[..., None]) -> None:
    """The saved image of a network that takes images as they are is the input of the network."""
    model = own_images_model(shape=(12, 10), fit="none", highest=200)
    shown(model)
    draw_by_mouse(browser, GLYPHS[4][0])
    decoded = decode(saved(browser), where="a drawing")
    expected = in_form(decoded, model.source, preprocess=None, where="a drawing")
    pixels = evaluate(browser, "networkInput(drawing, models[0]).pixels")
    assert pixels == expected.image.ravel().tolist()
    assert max(pixels) == 200


@pytest.mark.parametrize("width", [390, 1280])
def test_demo_class_names(browser: Browser, shown: Callable[..., None], width: int) -> None:
    """Long names and names of markup are shown as they are, in the width of the window."""
    names = ("<b>bold</b>", LONG, "7", "</script>")
    shown(own_images_model(classes=names), width)
    draw_by_mouse(browser, GLYPHS[4][0])
    assert evaluate(
        browser, "[...document.querySelectorAll('.bars b')].map((one) => one.textContent)"
    ) == list(names)
    assert evaluate(browser, "document.documentElement.scrollWidth") <= width
    assert evaluate(browser, "document.querySelectorAll('main b b').length") == 0
    assert evaluate(browser, "document.querySelector('h1').textContent") == "Draw an image"
    assert evaluate(browser, "document.querySelector('.examples').checkVisibility()") is False
    assert browser.messages == []


def test_demo_hundred_classes(browser: Browser, shown: Callable[..., None]) -> None:
    """The bars are those of the twelve most probable classes, and a line sums up the others."""
    names = tuple(f"class {number}" for number in range(100))
    shown(own_images_model(classes=names), 390)
    draw_by_mouse(browser, GLYPHS[4][0])
    probabilities = np.array(evaluate(browser, "cards.get(shown[0]).answer.probabilities"))
    best = np.argsort(-probabilities, kind="stable")[:12]
    bars = evaluate(
        browser, "[...document.querySelectorAll('.bars b')].map((one) => one.textContent)"
    )
    assert bars == [names[place] for place in best]
    rest = 100 * (1 - probabilities[best].sum())
    assert (
        browser.evaluate("document.querySelector('.rest').textContent")
        == f"and 88 more, {rest:.1f} %"
    )
    assert evaluate(browser, "document.documentElement.scrollWidth") <= 390


def test_demo_two_classes(browser: Browser, shown: Callable[..., None]) -> None:
    """A hidden unit votes for one of two classes, against the other."""
    model = own_images_model(classes=("cat", "dog"))
    shown(model)
    browser.evaluate("document.querySelector('.units').focus()")
    words = str(browser.evaluate("document.querySelector('.of').textContent"))
    assert words.endswith(("votes for cat, against dog.", "votes for dog, against cat."))


def test_demo_images_and_digits(browser: Browser, tmp_path: Path, places: DataLocations) -> None:
    """Networks of several forms share a drawing; each gets it in its own form."""
    own = replace(own_images_model(shape=(16, 32)), name="own")
    path = tmp_path / "page.html"
    path.write_text(demo([own, shipped_model("digits-10")], places, runs={})[0])
    browser.open(path, width=1280)
    draw_by_mouse(browser, GLYPHS[4][0])
    seen = evaluate(browser, "models.map((model) => networkInput(drawing, model))")
    assert [len(one["pixels"]) for one in seen] == [512, 64]
    assert seen[0]["description"] == "scaled from 280 x 280 to 16 x 32"
    assert evaluate(browser, "cards.get('digits-10').answer.label") == 4
    assert browser.messages == []
