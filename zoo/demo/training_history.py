"""The training history of a run for the page: its metrics, and the weights saved per epoch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zoo.demo.weights import PER_NUMBER, network
from zoo.training.model import Model, load_file
from zoo.training.run import MetricsRow, Run

ROOM = 2_000_000  # characters of saved weights; if there are more epochs, some are left out


def training_history(run: Run, model: Model) -> dict[str, Any] | None:
    """Return the history as JSON, or None if the run does not have metrics."""
    rows = run.rows()
    if not rows:
        return None
    best = _best_row(rows, model)
    # The page adds the model itself; a longer training drops the row of its former end.
    numbers = {0, *(row.number for row in rows)} - {best}
    saved = [item for item in run.intermediate_weights() if item[0] in numbers]
    limit = max(int(ROOM / (PER_NUMBER * model.entry.parameters)), 1)
    return {
        "unit": model.entry.train.unit,
        "held_out": next((name for name in model.facts.scores if name != "train"), ""),
        "rows": [
            [
                *(row.number, row.train_accuracy, row.held_out_accuracy),
                *(row.train_loss, row.held_out_loss),
            ]
            for row in rows
        ],
        "chosen": best,
        "kept": [
            {"number": number, "steps": network(load_file(path))}
            for number, path in _evenly_spread(saved, limit)
        ],
    }


def _best_row(rows: Sequence[MetricsRow], model: Model) -> int:
    """Return the number of the row whose weights the model has: the last, or the best."""
    candidates = [row for row in rows if row.step] if model.entry.train.patience else []
    return max(candidates, key=lambda row: row.held_out_accuracy or 0, default=rows[-1]).number


def _evenly_spread(items: Sequence[tuple[int, Path]], limit: int) -> Sequence[tuple[int, Path]]:
    """Return at most `limit` items, evenly spread, with the first."""
    return items[:: max(-(-len(items) // limit), 1)]
