"""The tables of models/README.md."""

import re
from statistics import median

from zoo.models.handwriting import STYLES

from tests.helpers.builtin_entries import AIMS, ENTRIES
from tests.helpers.paths import ROOT
from tests.helpers.shipped import built_in, folder
from zoo.analysis.statistics import Summary, summarize
from zoo.config.results import Result, results_of
from zoo.formatting import size

README = (ROOT / "models" / "README.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    """Return the rows of the first table below a heading."""
    section = README.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def recorded(name: str) -> tuple[list[Result], Summary]:
    """Return the rows of results.csv, and their summary."""
    results = results_of([built_in()[name].entry]).results[name]
    summary = summarize([row.accuracy for row in results])
    assert summary is not None
    assert summary.sd is not None
    return results, summary


def accuracy(summary: Summary) -> str:
    return f"{100 * summary.mean:.2f} ± {100 * (summary.sd or 0):.2f} % ({summary.n})"


def test_models_table_of_weights() -> None:
    """It has every entry, its recorded accuracy and the size of its weights."""
    expected = []
    for name in ENTRIES:
        entry = built_in()[name].entry
        _, summary = recorded(name)
        words = accuracy(summary).replace(" (", f" {entry.evaluation_split} (")
        weights = size((folder() / f"{name}.safetensors").stat().st_size)
        row = [f"[{name}]({name}.md)", entry.architecture, entry.data.kind, words, weights]
        expected.append(row)
    assert table("Which weights ship") == expected


def test_models_table_of_best_entries() -> None:
    expected = []
    for name, aim in AIMS.items():
        entry = built_in()[name].entry
        results, summary = recorded(name)
        assert summary.mean >= aim
        seconds = median(row.seconds for row in results)
        expected.append(
            [
                f"[{name}]({name}.md)",
                entry.architecture,
                accuracy(summary),
                f"{entry.train.epochs} epochs, {seconds:.0f} s",
            ]
        )
    assert table("What these networks can do") == expected


def test_models_table_of_handwriting() -> None:
    """The models and the styles of the table exist."""
    assert {row[0] for row in table("Other handwriting")} <= set(ENTRIES)
    header = re.search(r"^\| model \| (.*) \|$", README, flags=re.MULTILINE)
    assert header
    *styles, every = header[1].split(" | ")
    assert set(styles) <= set(STYLES)
    assert (every, len(STYLES)) == ("all eleven styles", 11)
