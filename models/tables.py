"""`python -m zoo.models.tables NAME RUNS ...` prints what the trainings in folders say of a recipe.

Each line is one way to train the entry, with its mean accuracy on the validation split: how the
recipe was chosen. `NAME.chosen.md` holds such a table, `NAME.worth.md` what `zoo ablate NAME --md`
printed, and both stand in the card. `--of` names another entry whose trainings led to the recipe.
"""

from collections import defaultdict
from pathlib import Path
from statistics import fmean

import typer

from zoo import trainings
from zoo.catalog import read_catalog
from zoo.compare import setting_words
from zoo.config import Entry
from zoo.statistics import summarize


def show(name: str, runs: list[Path], *, of: str = "") -> None:
    """Print the validation accuracy of every way in which an entry was trained."""
    entry = read_catalog().find(name).entry
    reached: dict[str, dict[int, float]] = defaultdict(dict)  # by seed
    rows = set()
    for run, facts in (done for folder in runs for done in trainings.finished(folder)):
        if facts["entry"] in {name, of} and "validation" in facts["scores"]:
            accuracy = facts["scores"]["validation"]["accuracy"]
            reached[_words(run.entry, entry)][facts["seed"]] = accuracy
            rows.add(f"{facts['data']['splits']['validation']:,}")
    typer.echo(
        f"Accuracy on {' or '.join(sorted(rows))} held-out training pictures, the mean over the "
        "seeds; the test split had no part.\n\n| changed | accuracy, % | seeds |\n|---|---:|---:|"
    )
    tried = {words: list(several.values()) for words, several in reached.items()}
    for words, several in sorted(tried.items(), key=lambda item: -fmean(item[1])):
        summary = summarize(several)
        sd = f" ± {100 * summary.sd:.2f}" if summary and summary.sd is not None else ""
        typer.echo(f"| {words} | {100 * fmean(several):.2f}{sd} | {len(several)} |")


def _words(tried: Entry, chosen: Entry) -> str:
    changed = {
        key: value
        for key, value in tried.differences(chosen).items()
        if not key.startswith("data.")
    }
    said = ", ".join(f"{key} {setting_words(value)}" for key, value in changed.items())
    return said.replace("|", "\\|") or "**the recipe as it is**"


if __name__ == "__main__":
    typer.run(show)
