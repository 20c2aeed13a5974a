"""`python -m zoo.models.tables NAME RUNS ...` prints what the trainings in folders say of a recipe.

Each line is one way to train the entry, with its mean accuracy on the validation split: how the
recipe was chosen. `NAME.chosen.md` holds such a table, `NAME.worth.md` what `zoo ablate NAME --md`
printed, and both stand in the card. `--of` names another entry whose trainings led to the recipe.
`--loss` sorts by the loss, which tells more where hardly a picture is misread.
"""

from collections import defaultdict
from pathlib import Path
from statistics import fmean

import typer

from zoo.analysis.compare import describe_setting
from zoo.analysis.statistics import summarize
from zoo.config.catalog import read_catalog
from zoo.config.entry import Entry
from zoo.training import jobs


def show(name: str, runs: list[Path], *, of: str = "", loss: bool = False) -> None:
    """Print the validation accuracy of every way in which an entry was trained."""
    entry = read_catalog().find(name).entry
    reached: dict[str, dict[int, tuple[float, float]]] = defaultdict(dict)  # by seed
    rows = set()
    for run, facts in (done for folder in runs for done in jobs.finished_runs(folder)):
        if facts["entry"] in {name, of} and "validation" in facts["scores"]:
            score = facts["scores"]["validation"]
            reached[_words(run.entry, entry)][facts["seed"]] = score["accuracy"], score["loss"]
            rows.add(f"{facts['data']['splits']['validation']:,}")
    typer.echo(
        f"Accuracy{' and loss' if loss else ''} on {' or '.join(sorted(rows))} held-out training "
        "pictures, the mean over the seeds; the test split had no part.\n\n"
        f"| changed | accuracy, % |{' loss |' if loss else ''} seeds |\n"
        f"|---|---:|{'---:|' if loss else ''}---:|"
    )
    tried = {words: list(zip(*several.values(), strict=True)) for words, several in reached.items()}
    for words, (accuracies, losses) in sorted(
        tried.items(), key=lambda item: fmean(item[1][1]) if loss else -fmean(item[1][0])
    ):
        summary = summarize(accuracies)
        sd = f" ± {100 * summary.sd:.2f}" if summary and summary.sd is not None else ""
        cells = [words, f"{100 * fmean(accuracies):.2f}{sd}"]
        cells += [f"{fmean(losses):.4f}"] if loss else []
        typer.echo(f"| {' | '.join(cells)} | {len(accuracies)} |")


def _words(tried: Entry, chosen: Entry) -> str:
    changed = {
        key: value
        for key, value in tried.differences(chosen).items()
        if not key.startswith("data.")
    }
    said = ", ".join(f"{key} {describe_setting(value)}" for key, value in changed.items())
    return said.replace("|", "\\|") or "**the recipe as it is**"


if __name__ == "__main__":
    typer.run(show)
