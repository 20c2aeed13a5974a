"""The page of `zoo demo` in Chromium: inputs, predictions and controls."""

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from zoo.models.handwriting import GLYPHS, Glyph

from tests.helpers import golden_images, mnist
from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.bundles import run_ok
from tests.helpers.chromium import Browser
from tests.helpers.command import zoo_ok
from tests.helpers.drawing import (
    BEGIN,
    END,
    MIDDLE,
    draw_by_mouse,
    evaluate,
    pixels_in,
    points_of,
    saved,
)
from tests.helpers.golden_images import DRAWING, SHAPES
from tests.helpers.models import shipped_model
from tests.helpers.shared import built_once
from zoo.data.images.decode import decode
from zoo.data.images.normalize import NormalizedImage, as_digits, as_mnist
from zoo.demo.examples import enlarged
from zoo.nn.losses import softmax
from zoo.training import model

Bytes = npt.NDArray[np.uint8]
FITTING = [name for name in ENTRIES if name not in ("mnist-800-best", "mnist-deep-best")]
APART = 1e-3  # probabilities of weights in 16 bits
DRAWINGS = [name for name in golden_images.names() if name.startswith(DRAWING)]


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of all models that fit, made without MNIST."""
    return built_once(
        tmp_path_factory,
        "demo.html",
        lambda path: zoo_ok("demo", "-o", path, ZOO_DATA=None, ZOO_CACHE_DIR=path.parent),
    )


@pytest.fixture
def opened(browser: Browser, page: Path) -> Browser:
    browser.open(page, width=1280)
    return browser


@pytest.fixture
def still(browser: Browser, page: Path) -> Browser:
    """Return the page for calls of its functions; it is opened if it is not open already."""
    if not str(browser.url).startswith(page.as_uri()):
        browser.open(page, width=1280)
    return browser


def draw_by_finger(browser: Browser, hand: Glyph) -> None:
    for points in points_of(browser, hand):
        for number, (x, y) in enumerate(points):
            kind = "touchMove" if number else "touchStart"
            browser.call("Input.dispatchTouchEvent", type=kind, touchPoints=[{"x": x, "y": y}])
        browser.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])


def press(browser: Browser, *keys: str) -> None:
    for key in keys:
        code = {" ": 32, "Delete": 46, "Backspace": 8}.get(key, 0)
        for kind in ("keyDown", "keyUp"):
            browser.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code)


def predictions(browser: Browser) -> dict[str, int]:
    """Return the prediction of every shown model."""
    return dict(evaluate(browser, "shown.map((name) => [name, cards.get(name).answer.label])"))


def model_of(shape: tuple[int, int]) -> str:
    """Return the script for the first model with images of this shape."""
    return f"models.find(({{ form }}) => String(form.shape) === '{shape[0]},{shape[1]}')"


def normalized_by_predict(content: bytes, shape: tuple[int, int]) -> NormalizedImage:
    """Return a file normalized as in `zoo predict`."""
    how = as_mnist if shape == (28, 28) else as_digits
    return how(decode(content, where="a drawing"), where="a drawing")


def assert_normalized_alike(actual: dict[str, Any], expected: NormalizedImage) -> None:
    assert actual["description"] == expected.steps
    levels = np.array(actual["pixels"]) - expected.image.reshape(-1).astype(int)
    assert np.abs(levels).max() <= 1


def test_demo_size_and_models(page: Path) -> None:
    """The page is under a megabyte and has the models that fit."""
    assert page.stat().st_size < 1_000_000
    text = page.read_text()
    assert [name for name in ENTRIES if f'"name":"{name}"' in text] == FITTING
    assert {"mnist-128", "mnist-128-best"} < set(FITTING)


@pytest.mark.parametrize(("width", "dark"), [(390, True), (1280, False)])
def test_demo_no_request_no_message(
    browser: Browser, page: Path, width: int, *, dark: bool
) -> None:
    browser.open(page, width=width, dark=dark)
    draw_by_mouse(browser, GLYPHS[3][0])
    browser.evaluate("document.getElementById('groups').selectedIndex = 1; showGroup()")
    assert browser.requests == [page.as_uri()]
    assert browser.messages == []
    assert evaluate(browser, "document.documentElement.scrollWidth") <= width


def test_demo_changed_script(browser: Browser, page: Path, tmp_path: Path) -> None:
    """A page whose script was changed does not run."""
    text = page.read_text()
    assert "default-src 'none'; script-src 'sha256-" in text
    other = tmp_path / "other.html"
    other.write_text(text.replace("const SIDE = 280;", "const SIDE = 281;"))
    browser.open(other, width=1280)
    assert evaluate(browser, "typeof drawing") == "undefined"
    assert any("Content Security Policy" in json.dumps(one) for one in browser.messages)


def test_demo_predictions_as_predict_and_bundle(opened: Browser, tmp_path: Path) -> None:
    """The page, zoo predict and a bundle have the same inputs and predictions for each digit."""
    said: dict[str, list[int]] = {name: [] for name in FITTING}
    paths = [tmp_path / f"{digit}.png" for digit in GLYPHS]
    for path, (digit, (hand, *_)) in zip(paths, GLYPHS.items(), strict=True):
        opened.evaluate("clear()")
        draw_by_mouse(opened, hand)
        opened.evaluate("show(models.map(({ name }) => name)); settle()")
        labels_by_model = predictions(opened)
        assert labels_by_model["mnist-128-best"] == digit
        for name, label in labels_by_model.items():
            said[name].append(label)
        path.write_bytes(saved(opened))
        for shape in SHAPES:
            expected = normalized_by_predict(path.read_bytes(), shape)
            assert_normalized_alike(
                evaluate(opened, f"networkInput(drawing, {model_of(shape)})"), expected
            )
    bundle = tmp_path / "all.pyz"
    packed = ("digits-10", "mnist-128-best")
    zoo_ok("bundle", *packed, "-o", bundle)
    for name, labels in said.items():
        predicted = json.loads(zoo_ok("predict", name, *paths, "--format", "json", cwd=tmp_path))
        assert [one["label"] for one in predicted] == labels, name
    for name in packed:
        found = json.loads(run_ok(bundle, "-m", name, *paths, "--json"))
        assert [one["label"] for one in found] == said[name], name


def test_demo_touch(browser: Browser, page: Path) -> None:
    """A finger draws as a mouse does."""
    browser.call("Emulation.setTouchEmulationEnabled", enabled=True)
    try:
        browser.open(page, width=390)
        draw_by_finger(browser, GLYPHS[2][0])
        assert predictions(browser)["mnist-128-best"] == 2
        assert evaluate(browser, "scrollY") == 0
    finally:
        browser.call("Emulation.setTouchEmulationEnabled", enabled=False)


@pytest.mark.parametrize("name", DRAWINGS)
def test_demo_golden_image(still: Browser, name: str) -> None:
    """The page normalizes the golden drawings as zoo predict and a bundle do."""
    with Image.open(BytesIO(golden_images.content(name))) as image:
        levels = 255 - np.asarray(image)
    for shape in SHAPES:
        expected = golden_images.expected_form(name, shape)
        found = evaluate(still, f"normalize({pixels_in(levels)}, {len(levels)}, {list(shape)})")
        if expected.pixels is None:
            assert found is None
            continue
        assert found["description"] == expected.steps
        assert found["pixels"] == expected.pixels.ravel().tolist()


def test_demo_example_enlarged(still: Browser) -> None:
    """An example is enlarged alike in Python and on the page."""
    first = evaluate(still, "examples[0]")
    levels = evaluate(still, "enlarged(examples[0])")
    digit = np.array(first["pixels"], np.uint8).reshape(first["shape"])
    assert levels == enlarged(digit).ravel().tolist()


def test_demo_misread_examples(still: Browser) -> None:
    """The misread examples are mistakes of their model."""
    wrong = evaluate(
        still,
        "facts.groups.filter(({ misread }) => misread).map((group) => {"
        "  const { model } = cards.get(group.misread);"
        "  return [group.misread, inGroup(group).map((example) => {"
        "    const { pixels } = networkInput(drawingOf(example), model);"
        "    return [example.label, predict(model.steps, model.divide, pixels).label];"
        "  })];"
        "})",
    )
    assert [name for name, _ in wrong] == FITTING
    for name, several in wrong:
        assert several, name
        assert all(label != answer for label, answer in several), name


def test_demo_address(opened: Browser) -> None:
    """The address contains the drawing after a pause."""
    draw_by_mouse(opened, GLYPHS[1][0])
    opened.evaluate("new Promise((done) => setTimeout(done, 700))")
    assert evaluate(opened, "readFragment(location.hash)") == {
        "start": None,
        "strokes": evaluate(opened, "drawing.strokes"),
        "shown": ["mnist-128", "mnist-128-best"],
    }


def test_demo_clear_while_drawing(opened: Browser) -> None:
    ((first, second, *_),) = points_of(opened, GLYPHS[1][0])
    for kind, (x, y) in ((BEGIN, first), (MIDDLE, second), ("clear", first), (MIDDLE, first)):
        if kind == "clear":
            opened.evaluate("clear()")
            continue
        opened.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
    opened.call("Input.dispatchMouseEvent", type=END, x=x, y=y, button="left", clickCount=1)
    assert evaluate(opened, "drawing.strokes") == []
    assert opened.messages == []


def test_demo_link(browser: Browser, page: Path) -> None:
    """A link restores the drawing and the models."""
    browser.open(page, width=1280)
    browser.evaluate("show(['digits-10', 'mnist-128-best']); draw(examples[5], [])")
    draw_by_mouse(browser, GLYPHS[7][1])
    browser.evaluate("useEraser(true)")
    draw_by_mouse(browser, [GLYPHS[7][0][0][:8]])
    browser.evaluate("writeAddress()")
    kept = evaluate(browser, "[location.href, drawing.levels, shown, cards.get('digits-10').words]")
    assert len(kept[0]) - len(page.as_uri()) < 500
    browser.open(page, width=1280)
    assert evaluate(browser, "drawing.start") is None
    browser.evaluate(f"location.hash = {json.dumps(kept[0].partition('#')[2])}; readAddress()")
    browser.evaluate("writeAddress()")
    again = evaluate(
        browser, "[location.href, drawing.levels, shown, cards.get('digits-10').words]"
    )
    assert again == kept


@pytest.mark.parametrize(
    "fragment",
    ["ink=%00", "ink=AAAA", "ink=zzzzzzzz", "ink=" + "f" * 9000, "start=mnist.999999",
     "show=nobody", "start=__proto__.1&show=__proto__", "%E0%A4%A"],
)  # fmt: skip
def test_demo_bad_link(opened: Browser, fragment: str) -> None:
    opened.evaluate(f"location.hash = {json.dumps(fragment)}; readAddress()")
    assert evaluate(opened, "shown") == ["mnist-128", "mnist-128-best"]
    assert evaluate(opened, "drawing.strokes") == []
    draw_by_mouse(opened, GLYPHS[1][0])
    assert predictions(opened)["mnist-128-best"] == 1
    assert opened.messages == []


def test_demo_keys(opened: Browser) -> None:
    """Strokes are drawn, undone and cleared by keys alone."""
    opened.evaluate("document.getElementById('pad').focus()")
    press(opened, *["ArrowUp"] * 10, " ", *["ArrowDown"] * 20, " ")
    assert predictions(opened) == {"mnist-128": 1, "mnist-128-best": 1}
    assert "mnist-128-best says a 1" in str(opened.evaluate("summary.textContent"))
    one = evaluate(opened, "drawing.levels")
    press(opened, *["ArrowLeft"] * 3, " ", "ArrowLeft", "ArrowLeft", " ")
    assert evaluate(opened, "drawing.strokes.length") == 2
    press(opened, "Backspace")
    assert evaluate(opened, "drawing.levels") == one
    press(opened, "Delete")
    assert evaluate(opened, "drawing.strokes") == []
    press(opened, "7")
    assert evaluate(opened, "drawing.start.label") == 7
    press(opened, "Backspace")
    assert evaluate(opened, "drawing.start") is None


def test_demo_keys_and_notes(opened: Browser) -> None:
    """The note says when the pen is lifted, and the focus stays on the drawing."""
    opened.evaluate("document.getElementById('pad').focus()")
    for end in ("Backspace", "Delete", "7"):
        press(opened, " ", "ArrowDown")
        assert opened.evaluate("element('note').textContent") == "The pen is down."
        press(opened, end)
        assert opened.evaluate("element('note').textContent") == "The pen is up."
    press(opened, " ")
    for tool in ("undo", "undo"):
        opened.evaluate(f"element('{tool}').focus()")
        assert opened.evaluate("element('note').textContent") == "The pen is up."
        opened.evaluate(f"element('{tool}').click()")
    assert evaluate(opened, "element('undo').disabled")
    assert opened.evaluate("document.activeElement.id") == "pad"


def test_demo_wrong_answer_in_words(opened: Browser) -> None:
    opened.evaluate(
        "draw(inGroup(facts.groups.find(({ misread }) => misread === 'mnist-128'))[0], [])"
    )
    digit = evaluate(opened, "drawing.start.label")
    said = str(opened.evaluate("document.querySelector('.card .description').textContent"))
    assert said.endswith(f"; it is {'an' if digit == 8 else 'a'} {digit}")


def test_demo_unit_by_keys(opened: Browser) -> None:
    """A unit is chosen by keys, and its weights are described."""
    draw_by_mouse(opened, GLYPHS[3][0])
    opened.evaluate("document.querySelector('.units').focus()")
    press(opened, "Home", "ArrowRight", "ArrowDown")
    card = "document.querySelector('.card')"
    assert evaluate(opened, f"{card}.querySelector('.units').getAttribute('aria-valuenow')") == "18"
    text = evaluate(opened, f"{card}.querySelector('.of').textContent")
    shown = evaluate(opened, f"{card}.querySelector('.units').getAttribute('aria-valuetext')")
    weights = shipped_model("mnist-128").network.layers[-1].named_arrays()["W"][:, 17]
    first, second, *_, last = np.argsort(-weights)
    assert text == shown
    assert text.startswith("Unit 18 is at ")
    assert text.endswith(f"it votes for {first} and {second}, against {last}.")
    press(opened, "Escape")
    most = evaluate(opened, "cards.get('mnist-128').layers[0].values")
    now = evaluate(opened, f"{card}.querySelector('.units').getAttribute('aria-valuenow')")
    assert now == str(1 + np.argmax(most))


def test_demo_unit_by_mouse(opened: Browser) -> None:
    canvas = "document.querySelector('.units')"
    box = evaluate(opened, f"{canvas}.getBoundingClientRect()")
    x, y = box["x"] + box["width"] * 2.5 / 16, box["y"] + box["height"] * 4.5 / 8
    opened.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    assert evaluate(opened, f"{canvas}.getAttribute('aria-valuenow')") == str(4 * 16 + 2 + 1)
    painted = evaluate(
        opened,
        "document.querySelector('.weights').getContext('2d').getImageData(0, 0, 28, 28).data",
    )
    colours = np.array(painted).reshape(784, 4)
    weights = next(iter(shipped_model("mnist-128").network.layers)).named_arrays()["W"][66]
    strongest = np.abs(weights).argmax()
    expected = (9, 105, 218) if weights[strongest] > 0 else (188, 76, 0)
    assert tuple(colours[strongest][:3]) == expected


def test_demo_accessible_names(opened: Browser) -> None:
    nameless = evaluate(
        opened,
        "[...document.querySelectorAll('main canvas[role], button, input, select, main svg')]"
        ".filter((one) => !one.getAttribute('aria-label') && !one.textContent.trim()"
        "  && !one.labels?.length).map((one) => one.outerHTML)",
    )
    assert nameless == []
    draw_by_mouse(opened, GLYPHS[0][0])
    words = str(opened.evaluate("document.querySelector('[aria-live]').textContent"))
    assert re.fullmatch(
        r"mnist-128 says an? \d, \d+\.\d %. mnist-128-best says a 0, \d+\.\d %.", words
    )


@pytest.mark.parametrize("dark", [False, True])
def test_demo_contrast(browser: Browser, page: Path, *, dark: bool) -> None:
    browser.open(page, width=1280, dark=dark)
    names = ["ink", "soft", "right", "paper", "raised"]
    listed = ", ".join(f"style.getPropertyValue('--{name}').trim()" for name in names)
    found = evaluate(
        browser, f"((style) => [{listed}])(getComputedStyle(document.documentElement))"
    )
    light = dict(zip(names, map(luminance, found), strict=True))
    for word in ("ink", "soft", "right"):
        for ground in ("paper", "raised"):
            low, high = sorted((light[word], light[ground]))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (word, ground)


def luminance(colour: str) -> float:
    """Return the luminance of a colour, by the formula of WCAG."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_demo_slider(browser: Browser, tmp_path: Path) -> None:
    """The slider shows the weights of each report."""
    options = ("--iterations", "200", "-q", "--keep-weights")
    zoo_ok("train", "digits-10", *options, cwd=tmp_path)
    zoo_ok("demo", "runs/digits-10-s0-1", "-o", "demo.html", cwd=tmp_path)
    browser.open(tmp_path / "demo.html", width=1280)
    draw_by_mouse(browser, GLYPHS[0][0])
    pixels = np.array(
        evaluate(browser, f"networkInput(drawing, {model_of((8, 8))}).pixels"), np.uint8
    )
    shown = browser.evaluate("document.querySelector('.learning p:last-child').innerText")
    assert shown == "Accuracy on training images and on test images."
    for place, number in enumerate((0, 50, 100, 150, 200)):
        slider = "document.querySelector('.learning input')"
        browser.evaluate(f"{slider}.value = {place}; {slider}.dispatchEvent(new Event('input'))")
        said = str(browser.evaluate(f"{slider}.getAttribute('aria-valuetext')"))
        assert said.startswith(f"iteration {number}: training ")
        found = evaluate(browser, "cards.get('digits-10-s0-1').answer.probabilities")
        path = tmp_path / "runs" / "digits-10-s0-1" / "weights" / f"{number}.safetensors"
        path = path if number < 200 else path.parents[1] / "weights.safetensors"
        expected = softmax(model.load_file(path).logits(pixels[None]))[0]
        assert np.abs(np.array(found) - expected).max() < APART
    assert browser.messages == []


def test_demo_slider_at_best_epoch(browser: Browser, tmp_path: Path) -> None:
    """The slider starts at the best epoch of a training that stopped early."""
    split = "data.split={validation=300,test=300,seed=1}"
    options = ("--epochs", "30", "--rate", "0.05", "--set", split, "--set", "train.patience=2")
    zoo_ok("train", "digits-10-best", *options, "-q", "--keep-weights", cwd=tmp_path)
    zoo_ok("demo", "runs/digits-10-best-s0-1", cwd=tmp_path)
    browser.open(tmp_path / "demo.html", width=1280)
    slider = "document.querySelector('.learning input')"
    best, last = (
        int(str(browser.evaluate(f"{slider}.value"))),
        int(str(browser.evaluate(f"{slider}.max"))),
    )
    assert best == last - 2
    assert str(browser.evaluate(f"{slider}.getAttribute('aria-valuetext')")).startswith(
        f"epoch {best}:"
    )


def test_demo_network_without_score(browser: Browser, tmp_path: Path) -> None:
    """A network without a score is shown, and its name is found in a link."""
    options = ("--epochs", "2", "-q", "--keep-weights", "--set", "data.split={}")
    zoo_ok("train", "digits-10-best", *options, cwd=tmp_path)
    run = tmp_path / "runs" / "digits-10-best-s0-1"
    (run / "weights" / "0.safetensors").rename(tmp_path / "not yet trained.safetensors")
    zoo_ok("demo", run, "not yet trained.safetensors", "digits-10", cwd=tmp_path)
    browser.open(tmp_path / "demo.html", width=1280)
    about = "[...document.querySelectorAll('.about')].map((one) => one.textContent)"
    assert evaluate(browser, about)[1] == "64-10-10"
    shown = browser.evaluate("document.querySelector('.learning p:last-child').innerText")
    assert str(shown).startswith("Accuracy on training images.")
    browser.evaluate("show(['not yet trained', 'digits-10']); writeAddress()")
    browser.evaluate("show(['digits-10']); written = ''; readAddress()")
    assert evaluate(browser, "shown") == ["not yet trained", "digits-10"]
    assert browser.messages == []


def page_probabilities(browser: Browser, name: str, images: Bytes) -> npt.NDArray[np.float64]:
    """Return the probabilities of images, by the code of the page."""
    several = []
    for some in np.split(images, range(1000, len(images), 1000)):
        size = some.shape[1]
        several += evaluate(
            browser,
            f"((all, {{ model }}) => Array.from({{ length: {len(some)} }}, (_, row) =>"
            f" predict(model.steps, model.divide, all.subarray(row * {size}, (row + 1) * {size}))"
            f".probabilities))({pixels_in(some)}, cards.get('{name}'))",
        )
    return np.array(several)


def assert_predicts_as_core(browser: Browser, name: str, images: Bytes) -> None:
    logits = shipped_model(name).logits(images)
    found = page_probabilities(browser, name, images)
    assert np.array_equal(found.argmax(axis=1), logits.argmax(axis=1))
    assert np.abs(found - softmax(logits.astype(np.float64))).max() < APART


@pytest.mark.parametrize("name", ["digits-10", "digits-10-best"])
def test_demo_predictions_to_digits(still: Browser, name: str) -> None:
    from zoo.data.digits import load_digits

    assert_predicts_as_core(still, name, load_digits().train.images)


def mnist_images() -> Bytes:
    from zoo.data.idx import read_idx

    images, _ = read_idx(mnist.file("t10k-images-idx3-ubyte"), dimensions=3)
    return images.reshape(-1, 784)


@mnist.needs_mnist
@pytest.mark.parametrize("name", [name for name in FITTING if not name.startswith("digits")])
def test_demo_predictions_to_mnist(still: Browser, name: str) -> None:
    assert_predicts_as_core(still, name, mnist_images()[:1000])


@mnist.needs_mnist
@pytest.mark.parametrize("name", [name for name in ENTRIES if not name.startswith("digits")])
def test_demo_predictions_of_exact_page(browser: Browser, tmp_path: Path, name: str) -> None:
    zoo_ok("demo", name, "-o", tmp_path / "demo.html", "--data", mnist.folder())
    browser.open(tmp_path / "demo.html", width=1280)
    assert_predicts_as_core(browser, name, mnist_images()[:2000])


@mnist.needs_mnist
def test_demo_test_image(browser: Browser, tmp_path: Path) -> None:
    """A test image is the unchanged input until something is drawn on it."""
    path = tmp_path / "demo.html"
    zoo_ok("demo", "mnist-128", "digits-10", "-o", path, "--data", mnist.folder())
    browser.open(path, width=1280)
    browser.evaluate("draw(examples.find(({ pool }) => pool === 'mnist'), [])")
    row = evaluate(browser, "drawing.start.row")
    seen = [evaluate(browser, f"networkInput(drawing, {model_of(shape)})") for shape in SHAPES]
    assert seen[0]["description"] == "a test image, as it is"
    assert seen[0]["pixels"] == mnist_images()[row].tolist()
    assert_normalized_alike(seen[1], normalized_by_predict(saved(browser), (8, 8)))
    draw_by_mouse(browser, [GLYPHS[1][0][0][:3]])
    seen = [evaluate(browser, f"networkInput(drawing, {model_of(shape)})") for shape in SHAPES]
    for found, shape in zip(seen, SHAPES, strict=True):
        assert_normalized_alike(found, normalized_by_predict(saved(browser), shape))


def test_demo_saved_image(opened: Browser) -> None:
    """The saved image is the drawing, pixel for pixel."""
    draw_by_mouse(opened, GLYPHS[4][0])
    with Image.open(BytesIO(saved(opened))) as image:
        levels = 255 - np.asarray(image.convert("L"))
    assert levels.ravel().tolist() == evaluate(opened, "drawing.levels")
    assert not levels[:2].any()
    assert not levels[:, -2:].any()
