"""`python -m zoo.models.learning RUNS ...` draws learning.svg from the trainings in some folders.

Those of the built-in entries count, as they were trained here and by whatever version; what stands
in the README is drawn from the runs that results.csv is made of, or from as many others.
"""

from pathlib import Path

import typer

from zoo import keys, trainings
from zoo.catalog import read_catalog
from zoo.files import write_atomically
from zoo.plugins import OURS
from zoo.report.learning import course, svg

HERE = Path(__file__).parent


def draw(runs: list[Path]) -> None:
    """Draw how the error of every built-in entry fell with the seconds of its training."""
    ours = {
        keys.recipe(listed.entry): listed.entry
        for listed in read_catalog().entries.values()
        if listed.provider.startswith(f"{OURS} ")
    }
    newest: dict[tuple[str, int], trainings.Done] = {}
    for folder in runs:
        for done in trainings.finished(folder):
            recipe = done.facts.get("recipe")
            place = (str(recipe), done.facts["seed"])
            known = newest.get(place)
            if recipe in ours and (not known or known.facts["started"] < done.facts["started"]):
                newest[place] = done
    courses = []
    for recipe, entry in ours.items():
        several = [done.run.rows() for (one, _), done in newest.items() if one == recipe]
        if found := course(entry, several):
            courses.append(found)
            typer.echo(f"{entry.name}: {found.seeds} seeds")
        else:
            typer.echo(f"{entry.name}: no training")
    write_atomically(HERE / "learning.svg", svg(courses).encode())


if __name__ == "__main__":
    typer.run(draw)
