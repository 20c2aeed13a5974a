"""Drawing on the page of `zoo demo` by mouse."""

import json
from base64 import b64encode
from typing import Any

from zoo.models.handwriting import Glyph

from tests.helpers.chromium import Browser
from zoo.data.dataset import Bytes

BEGIN, MIDDLE, END = "mousePressed", "mouseMoved", "mouseReleased"


def evaluate(browser: Browser, expression: str) -> Any:
    """Return the value of an expression as JSON; typed arrays become lists."""
    plain = "(key, value) => ArrayBuffer.isView(value) ? Array.from(value) : value"
    return json.loads(
        str(browser.evaluate(f"(async () => JSON.stringify({expression}, {plain}))()"))
    )


def points_of(browser: Browser, hand: Glyph) -> list[list[tuple[float, float]]]:
    """Return the strokes of a hand in the middle of the drawing, as points of the window."""
    box = evaluate(browser, "document.getElementById('pad').getBoundingClientRect()")
    side = box["width"]
    return [
        [(box["x"] + side * (0.3 + 0.6 * x), box["y"] + side * (0.2 + 0.6 * y)) for x, y in stroke]
        for stroke in hand
    ]


def draw_by_mouse(browser: Browser, hand: Glyph) -> None:
    for points in points_of(browser, hand):
        points = [*points[:-1:3], points[-1]]  # noqa: PLW2901 - a fast mouse reports few points
        for number, (x, y) in enumerate([*points, points[-1]]):
            kind = BEGIN if not number else END if number == len(points) else MIDDLE
            browser.call(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )


def pixels_in(values: Bytes) -> str:
    """Return the script for an array of bytes."""
    return f"bytesOf('{b64encode(values.tobytes()).decode()}')"


def saved(browser: Browser) -> bytes:
    """Return the file of "Save image"."""
    file = "await imageFile(drawing, cards.get(shown[0]).model)"
    return bytes(evaluate(browser, f"new Uint8Array(await ({file}).arrayBuffer())"))
