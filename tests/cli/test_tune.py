"""`zoo tune`: table, plot, entry, `--resume`, and mistakes."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import zoo, zoo_ok
from tests.helpers.own_entries import SPACE, TUNED
from zoo.config import entry

HERE = ("--jobs", 1)  # in this process: a start of workers takes two seconds


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.toml").write_text(TUNED)


def found(*arguments: object) -> dict[str, Any]:
    return dict(json.loads(zoo_ok("tune", "own.toml", *SPACE, *HERE, *arguments, "--json")))


def test_tune_table_plot_and_entry() -> None:
    """A search ends with a table, a plot and an entry that trains."""
    out = zoo_ok("tune", "own.toml", *SPACE, *HERE, "--trials", 4, COLUMNS="80")
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "own 64-10-10: 4 trials (4 done)"
    assert lines[2].split() == ["trial", "validation", "train.rate", "network.hidden"]
    rates = [float(line.split()[2]) for line in lines[3:7]]
    shares = [float(line.split()[1].rstrip("%")) for line in lines[3:7]]
    assert shares == sorted(shares, reverse=True)
    assert len(set(rates)) == 4
    assert lines[-5].startswith("What made the difference: ")
    assert lines[-4:] == [
        "The test split was not looked at.",
        "best      studies/own/best.toml",
        "plot      studies/own/study.svg",
        "next      zoo train studies/own/best.toml",
    ]
    best = entry.parse(Path("studies/own/best.toml").read_text(), where="best")
    assert f"{best['train']['rate']:.4g}" == lines[3].split()[2]
    assert Path("studies/own/study.svg").read_text().count("<circle") == 3 * 4
    done = zoo("train", "studies/own/best.toml", "--quiet")
    assert done.exit_code == 0, done.stderr


def test_tune_resume() -> None:
    """A study that is there goes on with --resume only, and for the same search only."""
    first = found("--trials", 2)
    refused = zoo("tune", "own.toml", *SPACE, "--trials", 5)
    assert refused.exit_code == 2
    assert refused.stderr.splitlines() == [
        "zoo: studies/own holds a study already.",
        "     --resume goes on with it; --study DIR names another folder.",
    ]
    more = found("--trials", 3, "--resume")
    assert more["trials"][:2] == first["trials"]
    assert len(more["trials"]) == 3
    other = zoo("tune", "own.toml", "--space", "train.rate=0.1,0.2", "--resume")
    assert other.exit_code == 2
    assert "holds a study of another recipe, space, seeds or data, or one is a grid" in other.stderr


def test_tune_grid() -> None:
    """A grid needs no number of trials."""
    axes = ("--space", "train.rate=0.1,0.2", "--space", "train.batch=8,16")
    told = json.loads(zoo_ok("tune", "own.toml", *axes, *HERE, "--sampler", "grid", "--json"))
    tried = {tuple(one["values"].values()) for one in told["trials"]}
    assert tried == {(0.1, 8), (0.1, 16), (0.2, 8), (0.2, 16)}
    assert set(told["importances"]) == {"train.rate", "train.batch"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "A search needs at least one --space."),
        (("--space", "train.rat=1,2"), "train.rat: unknown key. Did you mean 'rate'?"),
        ((*SPACE, "--sampler", "grid"), "A grid needs a list of values for train.rate"),
        ((*SPACE, "--space", "train.seed=1,2"), "--space cannot search train.seed"),
        (("--space", "data.split.validation=100,200"), "--space cannot search data.split"),
        ((*SPACE, "--engine", "steam"), "There is no engine 'steam'."),
        ((*SPACE, "--study", "own.toml"), "own.toml cannot hold a study: "),
        ((*SPACE, "--max-time", "soon"), "--max-time needs a time, and got 'soon'."),
        ((*SPACE, "--max-time", "0"), "--max-time needs a time, and got '0'."),
    ],
)
def test_tune_usage_errors(arguments: tuple[str, ...], sentence: str) -> None:
    """What cannot be searched is said before there is a folder."""
    done = zoo("tune", "own.toml", *arguments)
    assert done.exit_code == (1 if "cannot hold" in sentence else 2)
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not Path("studies").exists()


def test_tune_without_a_trial_done() -> None:
    """A search in which no trial got to its end says why."""
    done = zoo("tune", "own.toml", "--space", "train.rate=1e30..1e31", *HERE, "--trials", 2)
    assert done.exit_code == 1
    assert "None got to its end; the last one: The loss is no finite number" in done.stdout


def test_tune_damaged_journal() -> None:
    """A journal that cannot be read is a damaged file, exit code 5."""
    found("--trials", 1)
    journal = Path("studies/own/journal.log")
    for text in (b"\x00nonsense\n{}\n", b'{"op_code": 99}\n', b"[]\n", b"{}\n", b""):
        journal.write_bytes(text)
        failed = zoo("tune", "own.toml", *SPACE, *HERE, "--trials", 2, "--resume")
        if text:
            assert failed.exit_code == 5
            assert failed.stderr == f"zoo: {journal.resolve()} is not the journal of a study.\n"
        assert "Traceback" not in failed.stderr
