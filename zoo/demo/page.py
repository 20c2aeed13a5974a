"""The page in one file: its parts are put together here, and a browser runs nothing but these.

What stands beside this file is what stands in the page, letter for letter. The policy at its head
names the SHA-256 of its one script and its one style, and forbids all else: a page whose script
somebody has changed is dead, and none can ask anybody for anything.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from zoo import __version__, html
from zoo.data.locations import DataLocations
from zoo.demo.examples import Examples, examples
from zoo.demo.training_history import training_history
from zoo.demo.weights import check_supported, network
from zoo.errors import ConfigError
from zoo.training.model import Model
from zoo.training.run import Run

HERE = Path(__file__).parent
SCRIPTS = ("normalize", "drawing", "network", "images", "state", "training_history", "page")
BESIDE = 2  # models that are shown at first, where none were named

Learned = Mapping[str, Run]  # by the name of a model, the run that it is of


def demo(
    models: Sequence[Model], places: DataLocations, *, runs: Learned, named: bool = True
) -> tuple[str, Examples]:
    """Return the page for some models, and the test digits that it has."""
    for model in models:
        check_supported(model)
    names = [model.name for model in models]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ConfigError(
            f"Two models are named {twice[0]!r}.",
            hint="Name each once; a copy of its weights may have another name.",
        )
    found = examples(models, places)
    largest = sorted(models, key=lambda model: model.entry.parameters)[-BESIDE:]
    shown = [model.name for model in models if named or model in largest]
    facts = {
        "zoo": __version__,
        "models": [_model(model, runs.get(model.name)) for model in models],
        "shown": shown,
        "pools": found.pools,
        "groups": found.groups,
    }
    return _assembled(facts), found


def _model(model: Model, run: Run | None) -> dict[str, Any]:
    scores = [
        {"split": split, "n": score.n, "accuracy": score.accuracy}
        for split, score in model.facts.scores.items()
    ]
    return {
        "name": model.name,
        "network": model.entry.architecture,
        "summary": model.entry.summary,
        "score": scores[-1] if scores else None,  # none before the training
        "shape": model.source.shape,
        "divide": model.entry.preprocess.divide,
        "steps": network(model),
        "learning": training_history(run, model) if run else None,
    }


def _assembled(facts: Mapping[str, Any]) -> str:
    script = "".join(f"\n{_text(f'{name}.js')}" for name in SCRIPTS)
    style = f"{html.STYLE}\n{_text('page.css')}"
    # within a script "<" could end it, or begin what is none
    data = json.dumps(facts, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(script, style)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<link rel="icon" href="data:,">',  # or the browser would ask for one
            f"<title>{escape(_title(facts))}</title>",
            f"<style>{style}</style>",
            _text("page.html"),
            f'<script type="application/json" id="facts">{data}</script>',
            f"<script>{script}</script>",
            "</html>\n",
        ]
    )


def _title(facts: Mapping[str, Any]) -> str:
    return f"Draw a digit: {', '.join(facts['shown'])}"


def _policy(script: str, style: str) -> str:
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
