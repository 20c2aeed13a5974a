"""`python -m zoo.models.learning RUNS ...` draws learning.svg from the trainings in some folders.

Those of the built-in entries count, as they were trained here and by whatever version; what stands
in the README is drawn from the runs that results.csv is made of, or from as many others.
"""

from pathlib import Path

import typer

from zoo.config import cache_key
from zoo.config.catalog import read_catalog
from zoo.config.plugins import BUILTIN_DISTRIBUTION
from zoo.files import write_atomically
from zoo.report.error_over_time import learning_curve, svg
from zoo.training import jobs

HERE = Path(__file__).parent


def draw(runs: list[Path]) -> None:
    """Draw how the error of every built-in entry fell with the seconds of its training."""
    ours = {
        cache_key.recipe_digest(listed.entry): listed.entry
        for listed in read_catalog().entries.values()
        if listed.provider.startswith(f"{BUILTIN_DISTRIBUTION} ")
    }
    newest: dict[tuple[str, int], jobs.FinishedRun] = {}
    for folder in runs:
        for done in jobs.finished_runs(folder):
            recipe = done.record.get("recipe")
            place = (str(recipe), done.record["seed"])
            known = newest.get(place)
            if recipe in ours and (not known or known.record["started"] < done.record["started"]):
                newest[place] = done
    courses = []
    for recipe, entry in ours.items():
        several = [done.run.rows() for (one, _), done in newest.items() if one == recipe]
        if found := learning_curve(entry, several):
            courses.append(found)
            typer.echo(f"{entry.name}: {found.seeds} seeds")
        else:
            typer.echo(f"{entry.name}: no training")
    write_atomically(HERE / "learning.svg", svg(courses).encode())


if __name__ == "__main__":
    typer.run(draw)
