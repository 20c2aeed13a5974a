"""The plot learning.svg of README.md: `python -m zoo.models.learning RUNS ...`.

It is drawn from the runs of the built-in entries in these folders, by any version of zoo. The plot
beside this module uses the runs of results.csv, or as many others.
"""

from pathlib import Path

import typer

from zoo.config import cache_key
from zoo.files import write_atomically
from zoo.report.error_over_time import learning_curve, svg
from zoo.training import jobs

from .built_in import built_in

FOLDER = Path(__file__).parent


def draw(runs: list[Path]) -> None:
    """Draw the test error of every built-in entry over the seconds of its training."""
    entries = {
        cache_key.recipe_digest(listed.entry): listed.entry for listed in built_in().values()
    }
    newest: dict[tuple[str, int], jobs.FinishedRun] = {}
    for folder in runs:
        for finished_run in jobs.finished_runs(folder):
            recipe = finished_run.record.get("recipe")
            key = (str(recipe), finished_run.record["seed"])
            previous = newest.get(key)
            if recipe in entries and (
                not previous or previous.record["started"] < finished_run.record["started"]
            ):
                newest[key] = finished_run
    curves = []
    for recipe, entry in entries.items():
        rows = [
            finished_run.run.rows()
            for (run_recipe, _), finished_run in newest.items()
            if run_recipe == recipe
        ]
        if curve := learning_curve(entry, rows):
            curves.append(curve)
            typer.echo(f"{entry.name}: {curve.seeds} seeds")
        else:
            typer.echo(f"{entry.name}: no training")
    write_atomically(FOLDER / "learning.svg", svg(curves).encode())


if __name__ == "__main__":
    typer.run(draw)
