"""The table that chose a recipe: `python -m zoo.models.tables NAME RUNS ...`.

Each line is one variant of the recipe with its mean accuracy on the validation split. The card of
an entry contains such a table, `NAME.chosen.md`, and the output of `zoo ablate NAME --md`,
`NAME.worth.md`. `--of` names another entry whose runs led to the recipe. `--loss` sorts by the
loss, which is more informative when nearly all images are classified correctly.
"""

from collections import defaultdict
from pathlib import Path
from statistics import fmean

import typer

from zoo.analysis.settings import describe_setting
from zoo.analysis.statistics import summarize
from zoo.config.catalog import read_catalog
from zoo.config.entry import Entry
from zoo.markdown import row
from zoo.training import jobs


def show(name: str, runs: list[Path], *, of: str = "", loss: bool = False) -> None:
    """Print the validation accuracy of every variant of an entry that was trained."""
    entry = read_catalog().find(name).entry
    scores_by_variant: dict[str, dict[int, tuple[float, float]]] = defaultdict(dict)  # by seed
    rows = set()
    for run, facts in (done for folder in runs for done in jobs.finished_runs(folder)):
        if facts["entry"] in {name, of} and "validation" in facts["scores"]:
            score = facts["scores"]["validation"]
            scores_by_variant[_describe_changes(run.entry, entry)][facts["seed"]] = (
                score["accuracy"],
                score["loss"],
            )
            rows.add(f"{facts['data']['splits']['validation']:,}")
    typer.echo(
        f"Accuracy{' and loss' if loss else ''} on {' or '.join(sorted(rows))} held-out training "
        "images, the mean over the seeds; the test split was not used.\n\n"
        f"| changed | accuracy, % |{' loss |' if loss else ''} seeds |\n"
        f"|---|---:|{'---:|' if loss else ''}---:|"
    )
    variants = {
        variant: list(zip(*scores_by_seed.values(), strict=True))
        for variant, scores_by_seed in scores_by_variant.items()
    }
    for variant, (accuracies, losses) in sorted(
        variants.items(), key=lambda item: fmean(item[1][1]) if loss else -fmean(item[1][0])
    ):
        summary = summarize(accuracies)
        sd = f" ± {100 * summary.sd:.2f}" if summary and summary.sd is not None else ""
        cells = [variant, f"{100 * fmean(accuracies):.2f}{sd}"]
        cells += [f"{fmean(losses):.4f}"] if loss else []
        typer.echo(row([*cells, str(len(accuracies))]), nl=False)


def _describe_changes(variant: Entry, recipe: Entry) -> str:
    changes = {
        key: value
        for key, value in variant.differences(recipe).items()
        if not key.startswith("data.")
    }
    text = ", ".join(f"{key} {describe_setting(value)}" for key, value in changes.items())
    return text.replace("|", "\\|") or "**the recipe as it is**"


if __name__ == "__main__":
    typer.run(show)
