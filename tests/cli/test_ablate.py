"""`zoo ablate`: effects, tables and failures."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.helpers.command import Result, zoo, zoo_ok
from tests.helpers.own_data import write_iris
from tests.helpers.own_entries import ABLATED, WITHOUT

ABLATE = ("ablate", "own.toml", "--jobs", 1, "--seeds")


@pytest.fixture(scope="module")
def ablation(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """Return a folder with an entry and its ablation runs, and the JSON output."""
    folder = tmp_path_factory.mktemp("ablation")
    (folder / "own.toml").write_text(ABLATED)
    return folder, zoo(*ABLATE, 3, "--json", cwd=folder, ZOO_RUNS=None)


@pytest.fixture
def trained(ablation: tuple[Path, Result], monkeypatch: pytest.MonkeyPatch) -> Result:
    """Change to the folder with the runs, and return the output of their ablation."""
    folder, result = ablation
    monkeypatch.chdir(folder)
    return result


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Change to a folder with an entry that trains quickly."""
    monkeypatch.chdir(tmp_path)
    Path("own.toml").write_text(ABLATED)


def test_ablate_json(trained: Result) -> None:
    """The effect of each component is the validation accuracy lost without it."""
    assert trained.exit_code == 0, trained.stderr
    result = json.loads(trained.stdout)
    assert (result["entry"], result["split"], result["n"]) == ("own", "validation", 3)
    assert {component["without"] for component in result["without"]} == WITHOUT
    records = [json.loads(path.read_text()) for path in Path("runs/ablate-own").glob("*/run.json")]
    assert len(records) == 4 * 3
    assert {record["data"]["splits"]["validation"] for record in records} == {239}
    accuracies = {
        json.dumps(record["changes"], sort_keys=True): record["scores"]["validation"]["accuracy"]
        for record in records
        if record["seed"] == 2
    }
    full = [record for record in records if set(record["changes"]) == {"data.split"}]
    assert result["accuracy"] == pytest.approx(
        sum(record["scores"]["validation"]["accuracy"] for record in full) / 3
    )
    assert len(accuracies) == 4
    for component in result["without"]:
        assert component["n"] == 3
        assert component["worth"] == pytest.approx(result["accuracy"] - component["accuracy"])
        assert component["low"] < component["worth"] < component["high"]
    assert "on validation" in trained.stderr
    assert "on test" not in trained.stderr  # the test split must not choose a recipe


@pytest.mark.usefixtures("trained")
def test_ablate_keeps_its_runs_apart() -> None:
    """They are not among the runs of the user, and have no score on the test split."""
    assert zoo_ok("runs", "--json") == "[]\n"
    assert zoo("resume", "--last").stderr.startswith("zoo: There are no runs in runs.")
    records = [json.loads(path.read_text()) for path in Path("runs").rglob("run.json")]
    assert {(record["split"], *record["scores"]) for record in records} == {
        ("validation", "train", "validation")
    }
    listed = json.loads(zoo_ok("runs", "--runs", "runs/ablate-own", "--json"))
    assert len(listed) == 4 * 3
    folder = Path("runs/ablate-own", listed[0]["name"])
    assert b'"test"' not in (folder / "weights.safetensors").read_bytes()[:9000]


def test_ablate_records_each_change(tmp_path: Path) -> None:
    """Also one to a default: without standardization nothing is stated."""
    write_iris(tmp_path)
    zoo_ok("ablate", "irises.toml", "--seeds", "2", "--set", "train.epochs=2", cwd=tmp_path)
    records = [json.loads(path.read_text()) for path in tmp_path.rglob("run.json")]
    changed = [set(record["changes"]) for record in records]
    assert changed.count({"data.split", "preprocess.kind", "train.epochs"}) == 2


@pytest.mark.usefixtures("own")
def test_ablate_takes_runs_of_the_user() -> None:
    """A training that was made already, with the test split or without, is not made again."""
    split = "data.split={test = 360, seed = 42, validation = 239}"
    zoo_ok("train", "own.toml", "--seeds", 2, "--set", split)
    plan = json.loads(zoo_ok(*ABLATE, 2, "--dry-run", "--json"))
    assert [training["exists"] for training in plan] == [True] * 2 + [False] * 6
    zoo_ok(*ABLATE, 2)
    assert len(list(Path("runs/ablate-own").iterdir())) == 6


@pytest.mark.usefixtures("trained")
def test_ablate_again() -> None:
    """Existing runs are not trained again."""
    runs = Path("runs/ablate-own")
    before = {path.name: path.stat().st_mtime_ns for path in runs.iterdir()}
    assert len(before) == 4 * 3
    done = zoo(*ABLATE, 2, "--md")
    assert {path.name: path.stat().st_mtime_ns for path in runs.iterdir()} == before
    first, _, *rest = done.stdout.splitlines()
    assert first.startswith("| own without | accuracy on validation |")
    assert {line.split(" | ")[0].removeprefix("| ") for line in rest} == {
        *WITHOUT,
        "nothing: the whole recipe, 3 epochs, batch 16",
    }


@pytest.mark.usefixtures("trained")
def test_ablate_table_and_csv() -> None:
    """The table fits into 80 columns, and the CSV has the same numbers."""
    lines = zoo_ok(*ABLATE, 2, COLUMNS="80").splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("own 64-10-10, 3 epochs, batch 16: ")
    rows = list(csv.DictReader(io.StringIO(zoo_ok(*ABLATE, 2, "--csv"))))
    assert {row["without"] for row in rows} == WITHOUT
    assert all(f"{100 * float(row['worth']):+.2f}" in "\n".join(lines) for row in rows)


@pytest.mark.usefixtures("trained")
def test_ablate_formats_and_names() -> None:
    """Every component has its name in JSON Lines and CSV, and alone with --quiet."""
    names = zoo_ok(*ABLATE, 2, "-q").splitlines()
    assert set(names) == WITHOUT
    lines = [json.loads(line) for line in zoo_ok(*ABLATE, 2, "--format", "jsonl").splitlines()]
    assert [line["name"] for line in lines] == names
    header, *rows = zoo_ok(*ABLATE, 2, "--format", "csv").splitlines()
    assert header == "name,without,n,accuracy,worth,low,high,finding"
    assert len(rows) == len(names)
    assert json.loads(zoo_ok(*ABLATE, 2, "--json"))["name"] == "own"
    zoo_ok(*ABLATE, 2, "--format", "md", "-o", "table.md")
    assert Path("table.md").read_text() == zoo_ok(*ABLATE, 2, "--format", "md", "-o", "-")


@pytest.mark.usefixtures("trained")
def test_ablate_dry_run() -> None:
    """--dry-run shows the missing trainings of the recipe and of each variant."""
    before = sorted(Path("runs").rglob("*"))
    lines = zoo_ok(*ABLATE, 4, "--dry-run", COLUMNS="80").splitlines()
    assert {tuple(line.rsplit(maxsplit=3)) for line in lines[1:-1]} == {
        ("own", "4", "3", "1"),
        *((f"own without {component}", "4", "3", "1") for component in WITHOUT),
    }
    assert lines[-1] == "4 of 16 trainings would run. Nothing was trained."
    assert max(map(len, lines)) <= 80
    assert sorted(Path("runs").rglob("*")) == before


@pytest.mark.usefixtures("trained")
def test_ablate_unclear_words() -> None:
    """An interval that contains 0 is not significant; nothing is said about no effect."""
    text = zoo_ok(*ABLATE, 3, "--html", "page.html", COLUMNS="80")
    assert ("unclear" in text.partition("unclear: ")[0]) == (
        "unclear: the interval contains 0, so the effect is not significant at 5%." in text
    )
    assert "contains 0: the effect is not significant at 5%" in Path("page.html").read_text()


def test_ablate_without_components() -> None:
    done = zoo("ablate", "digits-10")
    assert done.exit_code == 2
    assert done.stderr.splitlines() == [
        "zoo: digits-10 does not have a component that can be removed.",
        "     Try digits-10-best, which has several.",
    ]


@pytest.mark.usefixtures("own")
def test_ablate_diverged() -> None:
    """A failed training is reported with its removed component, and has a row."""
    # at this rate the loss stays finite only with clipping
    Path("own.toml").write_text(ABLATED.replace("rate = 0.1", "rate = 1e6\nclip = 1.0"))
    done = zoo(*ABLATE, 2, COLUMNS="80")
    assert done.exit_code == 1
    message = "own without clipped gradients seed 1 failed. Training diverged: the"
    assert message in " ".join(done.stderr.split())
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("clipped")]
    assert line.split()[2:] == ["-", "-", "-", "failed"]
    done = zoo(*ABLATE, 2, "--json", "--html", "page.html")
    without = {component["without"]: component for component in json.loads(done.stdout)["without"]}
    assert set(without) == WITHOUT | {"clipped gradients"}
    assert without["clipped gradients"]["n"] == 0
    assert without["clipped gradients"]["worth"] is None
    assert all(component["n"] == 2 for words, component in without.items() if words in WITHOUT)
    assert "<td>failed" in Path("page.html").read_text()
