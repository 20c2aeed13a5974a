"""The drawing page: what it contains, after the constants of zoo/data/images."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from zoo import __version__
from zoo.data.images import constants
from zoo.data.locations import DataLocations
from zoo.demo.examples import Examples, examples
from zoo.demo.html_page import assemble
from zoo.demo.table_page import table_page
from zoo.demo.training_history import training_history
from zoo.demo.weights import check_supported, network
from zoo.errors import ConfigError
from zoo.training.model import Model
from zoo.training.run import Run

NORMALIZATION = ("grids", "resize", "segmentation", "strokes", "normalize")
SCRIPTS = (*NORMALIZATION, "drawing", "network", "images", "state", "training_history", "page")
SHOWN = 2  # models that are shown at first if the user named none

RunsByModel = Mapping[str, Run]  # the run of a model by its name


def demo(
    models: Sequence[Model], locations: DataLocations, *, runs: RunsByModel, named: bool = True
) -> tuple[str, Examples]:
    """Return the page for these models, and its test digits."""
    if any(not model.source.has_images for model in models):
        return table_page(models), Examples([], [], lacks_mnist=False)
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
    page = assemble(
        facts,
        title=f"Draw a digit: {', '.join(shown)}",
        scripts=SCRIPTS,
        styles=("page",),
        body="page",
        constants=_constants(),
    )
    return page, test_digits


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


def _constants() -> str:
    """Return the constants of the normalization as JavaScript."""
    named = {name: value for name, value in vars(constants).items() if name.isupper()}
    return "".join(f"const {name} = {json.dumps(value)};\n" for name, value in named.items())
