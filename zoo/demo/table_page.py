"""The page of a table: a field for each column, and the prediction for the row in the fields."""

from collections.abc import Sequence
from typing import Any

from zoo import __version__
from zoo.config.dataset_info import TableForm
from zoo.demo.html_page import assemble
from zoo.demo.weights import check_layers, network
from zoo.errors import ConfigError
from zoo.training.model import Model

DIGITS = 4  # of a number that a field begins with


def table_page(models: Sequence[Model]) -> str:
    """Return the page for the model of a table."""
    if len(models) > 1:
        table = next(model for model in models if not model.source.has_images)
        raise ConfigError(
            f"{table.name} predicts rows of a table; such a page has one model, got {len(models)}.",
            hint="Name one model.",
        )
    (model,) = models
    check_layers(model)
    source, entry = model.source, model.entry
    form = source.table
    facts = {
        "zoo": __version__,
        "name": model.name,
        "network": entry.architecture,
        "summary": entry.summary,
        "data": source.title,
        "classes": source.names,
        "columns": _columns(model, form),
        "missing": bool(form and form.missing == "mean"),
        "means": form.means if form else (),
        "divide": entry.preprocess.divide,
        "steps": network(model),
    }
    return assemble(
        facts,
        title=f"{model.name}: a row of {source.title}",
        scripts=("grids", "network", "table"),
        styles=("page", "table"),
        body="table",
    )


def _columns(model: Model, form: TableForm | None) -> list[dict[str, Any]]:
    """Return the name of each column, its categories, and the number that its field begins with."""
    names = form.columns if form else [f"number {n + 1}" for n in range(model.source.shape[1])]
    means = model.entry.preprocess.column_means or (0.0,) * model.entry.data.features
    columns, place = [], 0
    for name in names:
        categories = form.categories.get(name) if form else None
        columns.append(
            {
                "name": name,
                "categories": categories,
                "start": float(f"{means[place]:.{DIGITS}g}"),
            }
        )
        place += len(categories or ("",))
    return columns
