"""Predictions as a table or JSON, in the format of `zoo predict`."""

from __future__ import annotations

import json

from .texts import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import Model
    from .predict import Prediction


def table(model: Model, predictions: Iterable[Prediction], top: int | None) -> Iterator[str]:
    """Yield lines of one width; the last column is the name of the image or row."""
    names = list(map(printable, model.names))
    width = max(map(len, names))
    top = min(top or 1, len(names))
    yield f"{model.label_noun:<{width + 10}}{' ' * (width + 7) * (top - 1)}  {model.noun}\n"
    for prediction in predictions:
        (label, probability), *others = prediction.best(top)
        cells = [f"{names[label]:<{width + 3}}{percent(probability):>7}"]
        cells += [f"  {names[label]:<{width}}{percent(p)[:-1]:>5}" for label, p in others]
        yield f"{''.join(cells)}  {source_label(model, prediction)}\n"


def as_json(model: Model, predictions: Iterable[Prediction], top: int | None) -> Iterator[str]:
    """Yield a JSON array with one object per image or row."""
    yield "["
    separator = "\n "
    for prediction in predictions:
        (label, _), *_ = best = prediction.best(top or 1)
        facts = {
            "source": prediction.input.source,
            "index": prediction.input.index,
            "label": model.label_value(label),
            "probabilities": prediction.probabilities,
        }
        if top:
            facts["top"] = [
                {"label": model.label_value(index), "probability": p} for index, p in best
            ]
        yield separator + json.dumps(facts, allow_nan=False).replace("\x7f", "\\u007f")
        separator = ",\n "
    yield "]\n" if separator == "\n " else "\n]\n"


def percent(probability: float) -> str:
    """Return 0.9815 as 98.2%."""
    return f"{100 * probability:.1f}%"


def source_label(model: Model, prediction: Prediction) -> str:
    """Return the name of the input for a terminal, with its number in a file of several."""
    source, index = prediction.input.source, prediction.input.index
    if not model.has_images:
        return f"{'stdin' if source == '-' else printable(source)} row {index + 1:,}"
    return printable(source) + (f" [{index}]" if index else "")
