"""The drawing page: what it contains, after the constants of zoo/data/images."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from zoo import __version__
from zoo.data.images import constants
from zoo.data.locations import DataLocations
from zoo.demo.examples import SIDE, Examples, ExampleSource, examples, form
from zoo.demo.html_page import assemble
from zoo.demo.table_page import table_page
from zoo.demo.training_history import training_history
from zoo.demo.weights import check_layers, network
from zoo.errors import ConfigError
from zoo.training.model import Model
from zoo.training.run import Run

NORMALIZATION = ("grids", "resize", "segmentation", "strokes", "normalize")
SCRIPTS = (
    *NORMALIZATION,
    *("drawing", "fit", "network", "images", "state", "training_history", "page"),
)
SHOWN = 2  # models that are shown at first if the user named none
NARROWEST = 4  # the longer side of a drawing is at most this many times the shorter one

RunsByModel = Mapping[str, Run]  # the run of a model by its name


def demo(
    models: Sequence[Model], locations: DataLocations, *, runs: RunsByModel, named: bool = True
) -> tuple[str, Examples]:
    """Return the page for these models, and its test images."""
    if any(not model.source.has_images for model in models):
        return table_page(models), Examples()
    for model in models:
        check_layers(model)
    names = [model.name for model in models]
    if repeated := [name for name in names if names.count(name) > 1]:
        raise ConfigError(
            f"Two models are named {repeated[0]!r}.",
            hint="Name each model once, or copy its weights to another file name.",
        )
    test_images = examples(models, locations, runs)
    largest = sorted(models, key=lambda model: model.entry.parameters)[-SHOWN:]
    shown = [model.name for model in models if named or model in largest]
    is_digit = all(model.source.label_noun == "digit" for model in models)
    heading = f"Draw {'a digit' if is_digit else 'an image'}"
    facts = {
        "zoo": __version__,
        "heading": heading,
        "models": [
            _model(model, runs.get(model.name), test_images.pool_by_model.get(model.name))
            for model in models
        ],
        "shown": shown,
        "pools": [pool.facts() for pool in test_images.pools],
        "groups": test_images.groups,
        "lacks_mnist": test_images.lacks_mnist,
    }
    page = assemble(
        facts,
        title=f"{heading}: {', '.join(shown)}",
        scripts=SCRIPTS,
        styles=("page",),
        body="page",
        constants=_constants(models),
    )
    return page, test_images


def _model(model: Model, run: Run | None, pool: ExampleSource | None) -> dict[str, Any]:
    scores = [
        {"split": split, "n": score.n, "accuracy": score.accuracy}
        for split, score in model.facts.scores.items()
    ]
    return {
        "name": model.name,
        "network": model.entry.architecture,
        "summary": model.entry.summary,
        "score": scores[-1] if scores else None,  # None before the training
        "form": form(model.source, on_black=pool.on_black if pool else model.source.fit == "ink"),
        "classes": model.source.names,
        "pool": pool.name if pool else None,
        "divide": model.entry.preprocess.divide,
        "steps": network(model),
        "learning": training_history(run, model) if run else None,
    }


def _constants(models: Sequence[Model]) -> str:
    """Return the constants of the normalization, and the size of a drawing, as JavaScript."""
    named = {name: value for name, value in vars(constants).items() if name.isupper()}
    named["PAPER"] = _paper({model.source.shape for model in models})
    return "".join(f"const {name} = {json.dumps(value)};\n" for name, value in named.items())


def _paper(shapes: Collection[tuple[int, int]]) -> tuple[int, int]:
    """Return the (height, width) of a drawing: in the proportions of all shapes, or a square."""
    is_same = len({height / width for height, width in shapes}) == 1
    height, width = max(shapes) if is_same else (1, 1)
    longer = max(height, width)
    shares = (max(length / longer, 1 / NARROWEST) for length in (height, width))
    height, width = (round(SIDE * share) for share in shares)
    return height, width
