"""Answers as `zoo predict` writes them: a table or JSON."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import Model
    from .predict import Answer


def table(model: Model, answers: Iterable[Answer], top: int | None) -> Iterator[str]:
    """Yield lines of one width, the picture's name last."""
    names = list(map(plain, model.names))
    width = max(map(len, names))
    top = min(top or 1, len(names))
    yield f"{model.answer:<{width + 10}}{' ' * (width + 7) * (top - 1)}  picture\n"
    for answer in answers:
        (label, probability), *others = answer.best(top)
        cells = [f"{names[label]:<{width + 3}}{share(probability):>7}"]
        cells += [f"  {names[one]:<{width}}{share(chance)[:-1]:>5}" for one, chance in others]
        yield f"{''.join(cells)}  {called(answer)}\n"


def as_json(model: Model, answers: Iterable[Answer], top: int | None) -> Iterator[str]:
    """Yield one array of objects."""
    yield "["
    before = "\n "
    for answer in answers:
        (label, _), *_ = best = answer.best(top or 1)
        facts = {
            "source": answer.of.source,
            "index": answer.of.index,
            "label": model.called(label),
            "probabilities": answer.probabilities,
        }
        if top:
            facts["top"] = [
                {"label": model.called(one), "probability": chance} for one, chance in best
            ]
        yield f"{before}{json.dumps(facts, allow_nan=False)}"
        before = ",\n "
    yield "]\n" if before == "\n " else "\n]\n"


def share(probability: float) -> str:
    """Return 0.9815 as 98.2%."""
    return f"{100 * probability:.1f}%"


def called(answer: Answer) -> str:
    """Return the picture's name as a terminal may show it, with its number in a file of several."""
    one = answer.of
    return plain(one.source) + (f" [{one.index}]" if one.index else "")


def plain(text: str) -> str:
    """Return the text without what could move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    byte = ord(letter) - 0xDC00  # how Python carries such a byte in a file's name
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else repr(letter)[1:-1]
