"""The drawing page as one HTML file, assembled from the files in this folder.

The page contains those files unchanged, after the constants of zoo/data/images. Its
Content-Security-Policy names the SHA-256 of its one script and its one style and forbids everything
else: a modified script does not run, and the page cannot send a request.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from zoo import __version__, html
from zoo.data.images import constants
from zoo.data.locations import DataLocations
from zoo.demo.examples import Examples, examples
from zoo.demo.training_history import training_history
from zoo.demo.weights import check_supported, network
from zoo.errors import ConfigError
from zoo.training.model import Model
from zoo.training.run import Run

HERE = Path(__file__).parent
NORMALIZATION = ("grids", "resize", "segmentation", "strokes", "normalize")
SCRIPTS = (*NORMALIZATION, "drawing", "network", "images", "state", "training_history", "page")
SHOWN = 2  # models that are shown at first if the user named none

RunsByModel = Mapping[str, Run]  # the run of a model by its name


def demo(
    models: Sequence[Model], locations: DataLocations, *, runs: RunsByModel, named: bool = True
) -> tuple[str, Examples]:
    """Return the page for these models, and its test digits."""
    for model in models:
        check_supported(model)
    names = [model.name for model in models]
    if repeated := [name for name in names if names.count(name) > 1]:
        raise ConfigError(
            f"Two models are named {repeated[0]!r}.",
            hint="Name each model once, or copy its weights to another file name.",
        )
    test_digits = examples(models, locations)
    largest = sorted(models, key=lambda model: model.entry.parameters)[-SHOWN:]
    shown = [model.name for model in models if named or model in largest]
    facts = {
        "zoo": __version__,
        "models": [_model(model, runs.get(model.name)) for model in models],
        "shown": shown,
        "pools": test_digits.pools,
        "groups": test_digits.groups,
    }
    return _assemble(facts), test_digits


def _model(model: Model, run: Run | None) -> dict[str, Any]:
    scores = [
        {"split": split, "n": score.n, "accuracy": score.accuracy}
        for split, score in model.facts.scores.items()
    ]
    return {
        "name": model.name,
        "network": model.entry.architecture,
        "summary": model.entry.summary,
        "score": scores[-1] if scores else None,  # None before the training
        "shape": model.source.shape,
        "divide": model.entry.preprocess.divide,
        "steps": network(model),
        "learning": training_history(run, model) if run else None,
    }


def _assemble(facts: Mapping[str, Any]) -> str:
    scripts = [_constants(), *(_text(f"{name}.js") for name in SCRIPTS)]
    script = "".join(f"\n{text}" for text in scripts)
    style = f"{html.STYLE}\n{_text('page.css')}"
    # "<" could end the script element or start another tag.
    data = json.dumps(facts, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(script, style)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<link rel="icon" href="data:,">',  # else the browser requests an icon
            f"<title>{escape(_title(facts))}</title>",
            f"<style>{style}</style>",
            _text("page.html"),
            f'<script type="application/json" id="facts">{data}</script>',
            f"<script>{script}</script>",
            "</html>\n",
        ]
    )


def _constants() -> str:
    """Return the constants of the normalization as JavaScript."""
    named = {name: value for name, value in vars(constants).items() if name.isupper()}
    return "".join(f"const {name} = {json.dumps(value)};\n" for name, value in named.items())


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
