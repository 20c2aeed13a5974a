"""The tables of an entry: its layers and its recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .result import Table
from .tables import compact, settings

if TYPE_CHECKING:  # it imports NumPy
    from zoo.config.entry import Entry


def layers_table(entry: Entry) -> Table:
    """Return the layers of a network with their sizes and numbers of parameters."""
    classes = str(entry.data.source.classes)
    rows = [
        (
            compact(spec.layer),
            str(spec.inputs),
            str(spec.outputs),
            "?" if getattr(spec.layer, "has_parameters", False) else f"{spec.parameters:,}",
        )
        for spec in entry.layers
    ]
    rows += [("softmax", classes, classes, "0"), ("total", "", "", entry.parameters_text)]
    columns = ("layer", "in", "out", "parameters")
    return Table(columns, rows, right=columns[1:], title="Network")


def recipe_table(entry: Entry) -> Table:
    """Return the settings of an entry, and whether its original states each."""
    rows = [
        (key, value, "original" if entry.is_stated(key) else "entry")
        for section in ("data", "preprocess", "network", "train")
        for key, value in settings(getattr(entry, section), section)
    ]
    return Table(("key", "value", "from"), rows, title="Recipe")
