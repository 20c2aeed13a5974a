"""`zoo tune`: table, plot, entry, `--resume`, and usage errors."""

import itertools
import json
import shutil
import time
from html import escape
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import zoo, zoo_ok
from tests.helpers.own_entries import SPACE, TUNED
from tests.helpers.paths import OLD_STUDY
from zoo.config import load
from zoo.system.commands import join

ONE_JOB = ("--jobs", 1)  # in this process, since workers take two seconds to start


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.toml").write_text(TUNED)


def tune(*arguments: object) -> dict[str, Any]:
    return dict(json.loads(zoo_ok("tune", "own.toml", *SPACE, *ONE_JOB, *arguments, "--json")))


def test_tune_table_plot_and_entry() -> None:
    """A search ends with a table, a plot and an entry that trains."""
    out = zoo_ok("tune", "own.toml", *SPACE, *ONE_JOB, "--trials", 4, COLUMNS="80")
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "own 64-10-10: 4 trials (4 done)"
    assert lines[2].split() == ["trial", "validation", "train.rate", "network.hidden"]
    rates = [float(line.split()[2]) for line in lines[3:7]]
    shares = [float(line.split()[1].rstrip("%")) for line in lines[3:7]]
    assert shares == sorted(shares, reverse=True)
    assert len(set(rates)) == 4
    assert lines[-5].startswith("Importance of the settings: ")
    assert lines[-4:] == [
        "The test split was not used.",
        "best  studies/own/best.toml",
        "plot  studies/own/study.svg",
        "next  zoo train studies/own/best.toml",
    ]
    best = load.parse(Path("studies/own/best.toml").read_text(), where="best")
    assert f"{best['train']['rate']:.4g}" == lines[3].split()[2]
    assert Path("studies/own/study.svg").read_text().count("<circle") == 3 * 4 + 2  # and the legend
    done = zoo("train", "studies/own/best.toml", "--quiet")
    assert done.exit_code == 0, done.stderr


def test_tune_resume() -> None:
    """An existing study needs --resume and the same search."""
    first = tune("--trials", 2)
    refused = zoo("tune", "own.toml", *SPACE, "--trials", 5)
    assert refused.exit_code == 2
    assert refused.stderr.splitlines() == [
        "zoo: studies/own already contains a study.",
        "     Add --resume to continue it, or --study DIR for another folder.",
    ]
    more = tune("--trials", 3, "--resume")
    assert more["trials"][:2] == first["trials"]
    assert len(more["trials"]) == 3
    other = zoo("tune", "own.toml", "--space", "train.rate=0.1,0.2", "--resume")
    assert other.exit_code == 2
    assert "holds a study of another recipe, space, seeds or data, or one is a grid" in other.stderr


def test_tune_dry_run() -> None:
    """--dry-run shows the trials that are missing, and makes no folder."""
    search = ("tune", "own.toml", *SPACE, *ONE_JOB, "--seeds", 2)
    lines = zoo_ok(*search, "--trials", 4, "--dry-run", COLUMNS="80").splitlines()
    assert ["trials", "4,", "of", "which", "0", "are", "finished"] in map(str.split, lines)
    assert ["trainings", "at", "most", "8"] in map(str.split, lines)
    assert lines[-1] == "4 trials would run. Nothing was trained."
    assert not Path("studies").exists()
    zoo_ok(*search, "--trials", 1)
    journal = Path("studies/own/journal.log").read_bytes()
    plan = json.loads(zoo_ok(*search, "--trials", 4, "-n", "--resume", "--json"))
    assert (plan["name"], plan["trials"], plan["finished"]) == ("own", 4, 1)
    assert plan["space"] == {"train.rate": "log:0.01..1", "network.hidden": "8,16"}
    assert Path("studies/own/journal.log").read_bytes() == journal
    wrong = zoo("tune", "own.toml", "--space", "train.momentum=1,2", "-n")
    assert wrong.exit_code == 2


def test_tune_page() -> None:
    """The page has the figure, the best trials, the importances and the command."""
    command = ("tune", "own.toml", *SPACE, *ONE_JOB, "--trials", 3, "--html", "page.html")
    done = zoo(*command, "--json")
    assert done.exit_code == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "zoo: wrote page.html"
    result = json.loads(done.stdout)
    text = Path("page.html").read_text()
    assert text.count("<svg") == 1
    best = result["best"]
    assert f'<th scope="row">{best["number"]}</th><td>{best["accuracy"]:.2%}</td>' in text
    for key, share in result["importances"].items():
        assert f'<th scope="row">{key}</th><td>{share:.0%}</td>' in text
    assert f"<pre>{escape(join(['zoo', *map(str, command), '--json']))}</pre>" in text


def test_tune_page_without_a_trial_done() -> None:
    """A page without a completed trial has the error instead of a figure."""
    failing = ("--space", "train.rate=1e30..1e31", *ONE_JOB, "--trials", 1)
    assert zoo("tune", "own.toml", *failing, "--html", "page.html").exit_code == 1
    text = Path("page.html").read_text()
    assert "No trial was completed; the last error: Training diverged" in text
    assert "<svg" not in text


def test_tune_formats_and_name() -> None:
    """CSV and JSON Lines have one row per trial; --quiet prints the entry to train."""
    first = tune("--trials", 2)
    again = ("tune", "own.toml", *SPACE, *ONE_JOB, "--trials", 2, "--resume")
    assert first["name"] == "own"
    rows = [json.loads(line) for line in zoo_ok(*again, "--format", "jsonl").splitlines()]
    assert [row["name"] for row in rows] == ["own trial 0", "own trial 1"]
    assert [row["accuracy"] for row in rows] == [trial["accuracy"] for trial in first["trials"]]
    header = zoo_ok(*again, "--format", "csv").splitlines()[0]
    assert header == (
        "name,number,values_train.rate,values_network.hidden,state,accuracy,seconds,error"
    )
    markdown = zoo_ok(*again, "--format", "md")
    assert markdown.startswith("| trial | validation | train.rate | network.hidden |\n|---:|---:|")
    assert zoo_ok(*again, "-q") == "studies/own/best.toml\n"


def test_tune_grid() -> None:
    """A grid does not need a number of trials."""
    axes = ("--space", "train.rate=0.1,0.2", "--space", "train.batch=8,16")
    result = json.loads(zoo_ok("tune", "own.toml", *axes, *ONE_JOB, "--sampler", "grid", "--json"))
    values = {tuple(trial["values"].values()) for trial in result["trials"]}
    assert values == {(0.1, 8), (0.1, 16), (0.2, 8), (0.2, 16)}
    assert set(result["importances"]) == {"train.rate", "train.batch"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "A search needs at least one --space."),
        (("--space", "train.rat=1,2"), "train.rat: unknown key. Did you mean 'train.rate'?"),
        ((*SPACE, "--sampler", "grid"), "A grid needs a list of values for train.rate"),
        ((*SPACE, "--space", "train.seed=1,2"), "--space cannot search train.seed"),
        (("--space", "data.split.validation=100,200"), "--space cannot search data.split"),
        ((*SPACE, "--engine", "steam"), "There is no engine 'steam'."),
        ((*SPACE, "--study", "own.toml"), "own.toml cannot hold a study: "),
        ((*SPACE, "--max-time", "soon"), "--max-time needs a time, got 'soon'."),
        ((*SPACE, "--max-time", "0"), "--max-time needs a time, got '0'."),
    ],
)
def test_tune_usage_errors(arguments: tuple[str, ...], message: str) -> None:
    """A usage error is reported before the folder is created."""
    done = zoo("tune", "own.toml", *arguments)
    assert done.exit_code == (1 if "cannot hold" in message else 2)
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not Path("studies").exists()


def test_tune_without_a_trial_done() -> None:
    """A search without a completed trial shows the error."""
    done = zoo("tune", "own.toml", "--space", "train.rate=1e30..1e31", *ONE_JOB, "--trials", 2)
    assert done.exit_code == 1
    assert "No trial was completed; the last error: Training diverged" in done.stdout


def test_tune_damaged_journal() -> None:
    """A journal that is damaged, or is none, is a corrupt file, and stays as it is."""
    tune("--trials", 1)
    journal = Path("studies/own/journal.log").resolve()
    whole = journal.read_bytes()
    lines = len(whole.splitlines())
    cases = {
        b"notes": "is not the journal of a study.",
        b'{"op_code":99}\n': "is damaged: line 1 is not a record of a study.",
        whole + b"{\n": f"is damaged: line {lines + 1} is not a record in JSON.",
        whole.replace(b'"study_name":"zoo"', b'"study_name":"zop"'): (
            "is damaged: it does not have one study, with the name zoo."
        ),
    }
    for content, problem in cases.items():
        journal.write_bytes(content)
        failed = zoo("tune", "own.toml", *SPACE, *ONE_JOB, "--trials", 2, "--resume")
        assert failed.exit_code == 5
        assert failed.stderr.splitlines()[0] == f"zoo: {journal} {problem}"
        assert failed.stderr.splitlines()[1].endswith("hoose another folder: --study DIR.")
        assert journal.read_bytes() == content


@pytest.mark.parametrize("file", ["best.toml", "study.svg"])
def test_tune_foreign_file(file: str) -> None:
    """A file that the study did not write, or that was edited, is refused before any trial."""
    command = ("tune", "own.toml", *SPACE, *ONE_JOB, "--study", "mine")
    Path("mine").mkdir()
    path = Path("mine", file).resolve()
    path.write_text("mine")
    for options in ((), ("--dry-run",)):
        refused = zoo(*command, *options)
        assert refused.exit_code == 2
        assert refused.stderr.splitlines() == [
            f"zoo: {path} was not written by this study, or was changed since.",
            "     Move it to another folder, or choose another one: --study DIR.",
        ]
        assert [found.name for found in Path("mine").iterdir()] == [file]
        assert path.read_text() == "mine"
    path.unlink()
    zoo_ok(*command, "--trials", 1)
    path.write_text(path.read_text() + "# mine")
    journal = Path("mine/journal.log").read_bytes()
    refused = zoo(*command, "--trials", 2, "--resume")
    assert refused.exit_code == 2
    assert f"{path} was not written by this study" in refused.stderr
    assert path.read_text().endswith("# mine")
    assert Path("mine/journal.log").read_bytes() == journal


def test_tune_files_of_the_study_replaced() -> None:
    """A study replaces its own files, and writes nothing if they stay the same."""
    tune("--trials", 1)
    folder = Path("studies/own")
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    tune("--trials", 1, "--resume")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    tune("--trials", 2, "--resume")
    assert b"of 2 trials" in (folder / "best.toml").read_bytes()


def test_tune_study_of_an_older_version() -> None:
    """A grid whose combinations were queued goes on; its files have no digests in the journal."""
    shutil.copytree(OLD_STUDY, "studies/own")
    Path("studies/own/journal.log.lock").symlink_to("journal.log")  # of a process that was killed
    grid = ("--space", "train.rate=0.1,0.2,0.3", "--sampler", "grid", *ONE_JOB)
    study = json.loads(zoo_ok("tune", "own.toml", *grid, "--resume", "--json"))
    done = {trial["values"]["train.rate"]: trial["accuracy"] for trial in study["trials"]}
    assert sorted(done) == [0.1, 0.2, 0.3]
    assert done[0.1] == 0.8493723849372385  # as recorded
    assert "of 3 trials" in Path("studies/own/best.toml").read_text()


@pytest.mark.parametrize("name", ["best.toml", "study.svg"])
def test_tune_foreign_file_in_an_older_study(name: str) -> None:
    """Without digests a file of the study is known by how it begins."""
    shutil.copytree(OLD_STUDY, "studies/own")
    path = Path("studies/own", name).resolve()
    path.write_text("mine")
    grid = ("--space", "train.rate=0.1,0.2,0.3", "--sampler", "grid", *ONE_JOB)
    refused = zoo("tune", "own.toml", *grid, "--resume")
    assert refused.exit_code == 2
    assert f"{path} was not written by this study" in refused.stderr
    assert path.read_text() == "mine"


def test_tune_max_time_monotonic(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is that of a clock that nobody can set, whatever the clock on the wall says."""
    seconds, days = itertools.count(), itertools.count(0, -86_400)
    monkeypatch.setattr(time, "monotonic", lambda: float(next(seconds)))
    monkeypatch.setattr(time, "time", lambda: float(next(days)))
    study = tune("--trials", 20, "--max-time", "60s")
    assert 0 < len(study["trials"]) < 20
