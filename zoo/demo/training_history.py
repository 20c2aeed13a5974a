"""How a run came about: its rows of metrics, and the weights that it kept on the way."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zoo.demo.weights import PER_NUMBER, network
from zoo.training.model import Model, load_file
from zoo.training.run import MetricsRow, Run

ROOM = 2_000_000  # characters of weights kept on the way; of more epochs some are passed over


def training_history(run: Run, model: Model) -> dict[str, Any] | None:
    """Return what the page shows of a training; nothing, where nothing is known."""
    rows = run.rows()
    if not rows:
        return None
    chosen = _chosen(rows, model)
    known = {0, *(row.number for row in rows)} - {chosen}  # a longer training drops its old end
    kept = [one for one in run.intermediate_weights() if one[0] in known]
    most = max(int(ROOM / (PER_NUMBER * model.entry.parameters)), 1)
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
        "chosen": chosen,
        "kept": [
            {"number": number, "steps": network(load_file(path))}
            for number, path in _spread(kept, most)
        ],
    }


def _chosen(rows: Sequence[MetricsRow], model: Model) -> int:
    """Return the number of the row whose weights the model has: the last, or the best."""
    judged = [row for row in rows if row.step] if model.entry.train.patience else []
    return max(judged, key=lambda row: row.held_out_accuracy or 0, default=rows[-1]).number


def _spread(several: Sequence[tuple[int, Path]], most: int) -> Sequence[tuple[int, Path]]:
    """Return at most so many, evenly spread, the first among them."""
    return several[:: max(-(-len(several) // most), 1)]
