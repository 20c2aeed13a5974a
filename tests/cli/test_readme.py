"""README.md: its tables, commands and examples."""

import re
import shlex
from functools import cache
from pathlib import Path
from statistics import median

from tests.helpers.builtin_entries import AIMS
from tests.helpers.command import zoo_ok
from tests.helpers.paths import ROOT
from zoo.analysis.statistics import summarize
from zoo.config import load
from zoo.config.catalog import read_catalog
from zoo.config.results import results_of
from zoo.formatting import verdict_words

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    """Return every zoo command in a code block, without its output and comment."""
    lines = [line for _, block in BLOCKS for line in block.splitlines()]
    typed = [line.removeprefix("$ ").split("  #")[0] for line in lines]
    return [shlex.split(line) for line in typed if line.startswith("zoo ")]


def test_readme_table_of_claims() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in README.splitlines()
        if re.match(
            r"\| (digits|kaggle|mnist)[a-z0-9-]+ \|.*(reproduced|(above|below) the claim) \|$",
            line,
        )
    ]
    expected = []
    for name, listed in read_catalog().entries.items():
        entry = listed.entry
        summary = summarize([row.accuracy for row in results_of([entry]).results[name]])
        if entry.claim is None:
            continue  # the best entries have another table
        assert summary is not None
        assert summary.sd is not None
        expected.append(
            [
                name,
                entry.architecture,
                f"{100 * entry.claim.value:.1f} % {entry.claim.split}",
                f"{100 * summary.mean:.1f} ± {100 * summary.sd:.1f} % ({summary.n})",
                verdict_words(entry.claim.verdict(summary.mean)),
            ]
        )
    assert rows == expected


def test_readme_table_of_best_entries() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in README.splitlines()
        if re.match(r"\| \[[a-z0-9-]+-best\]", line)
    ]
    expected = []
    for name, aim in AIMS.items():
        entry = read_catalog().find(name).entry
        results = results_of([entry]).results[name]
        summary = summarize([row.accuracy for row in results])
        assert summary is not None
        assert summary.sd is not None
        assert summary.mean >= aim
        seconds = median(row.seconds for row in results)
        expected.append(
            [
                f"[{name}](models/{name}.md)",
                entry.architecture,
                f"{100 * summary.mean:.2f} ± {100 * summary.sd:.2f} % ({summary.n})",
                f"{entry.train.epochs} epochs, {seconds:.0f} s",
            ]
        )
    assert rows == expected


def test_readme_list() -> None:
    shown = next(block for _, block in BLOCKS if block.startswith("$ zoo list\n"))
    real = "\n".join(line.rstrip() for line in zoo_ok("list", COLUMNS=80).splitlines())
    assert shown == f"$ zoo list\n{real}\n"


def test_readme_comparison(tmp_path: Path) -> None:
    """The comparison is that of an empty folder: the README's first line leaves a run in this."""
    shown = next(block for _, block in BLOCKS if block.startswith("$ zoo compare digits-10\n"))
    real = zoo_ok("compare", "digits-10", cwd=tmp_path, COLUMNS=80).split("\n\nreproduced: ")[0]
    pace = re.compile(r"(\d recorded +)\S.*$", re.MULTILINE)  # it is measured again every time
    assert pace.sub(r"\1", shown) == pace.sub(r"\1", f"$ zoo compare digits-10\n{real}\n")


def test_readme_verdicts_over_ten_seeds() -> None:
    paragraph = README[README.index("`zoo compare --train --seeds 10` gives") :].split("\n\n")[0]
    for name, listed in read_catalog().entries.items():
        if listed.entry.claim is None:
            continue
        rows = results_of([listed.entry]).results[name]
        summary = summarize([row.accuracy for row in rows if row.seed < 10])
        assert summary is not None
        assert summary.sd is not None
        assert summary.n == 10
        assert f"{100 * summary.mean:.1f} ± {100 * summary.sd:.1f} %" in paragraph
        assert verdict_words(listed.entry.claim.verdict(summary.mean)) in paragraph


def test_readme_training(tmp_path: Path) -> None:
    shown = next(block for _, block in BLOCKS if block.startswith("$ zoo train digits-10\n"))
    real = zoo_ok("train", "digits-10", cwd=tmp_path).splitlines()
    expected = [line for line in shown.splitlines() if line.startswith(("run ", "next ", "   "))]
    assert len(expected) == 4
    assert real[-4:] == expected


GROUPS = ("runs", "data", "plugins")


@cache
def help_page(*path: str) -> str:
    return zoo_ok(*path, "--help")


def test_readme_commands() -> None:
    """Every command in a code block exists, with its options and entries."""
    all_commands = commands()
    assert len(all_commands) > 50
    for command in all_commands:
        words = [word for word in command[1:] if not word.startswith("-")]
        path = words[: 2 if words[0] in GROUPS else 1]
        page = help_page(*path)
        assert f"Usage: zoo {' '.join(path)} " in page, command
        for option in (word for word in command if word.startswith("--")):
            assert option in page, command
        for name in words[1:]:
            if re.fullmatch(r"(digits|mnist|kaggle)-[a-z0-9-]+", name):
                name = name.removesuffix("-s0-1")  # a run  # noqa: PLW2901
                assert name in read_catalog().entries, command


def test_readme_entry() -> None:
    text, other = [block for language, block in BLOCKS if language == "toml"]
    assert load.parse(other, where="README")["data"]["kind"] == "iris"
    entry = load.check(load.parse(text, where="README"), where="README")
    assert entry.architecture == "784-128-64-10"
