"""`zoo evaluate`: entries, runs and weight files; tables, sheets and reports."""

import hashlib
import json
import re
import shutil
from html import escape
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import zoo, zoo_ok
from zoo.formatting import percent
from zoo.system.commands import quote
from zoo.training import weights

RUN = "digits-10-s0-1"
QUICK = ("--set", "train.iterations=200", "--set", "data.split.validation=200", "--quiet")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with `runs`, which contains one run of a changed digits-10."""
    home = tmp_path_factory.mktemp("home")
    zoo_ok("train", "digits-10", *QUICK, cwd=home, ZOO_RUNS=None)
    return home


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Path:
    """Return a folder with the output, the sheet and the report of one command."""
    folder = tmp_path_factory.mktemp("made")
    finished = zoo(
        "evaluate", RUN, "--offline", "--errors", 7,
        "--sheet", folder / "deep" / "sheet.png", "--html", folder / "a report.html",
        cwd=trained, ZOO_RUNS=None, NO_COLOR=None, TERM="xterm-256color",
    )  # fmt: skip
    assert finished.exit_code == 0
    (folder / "output").write_text(finished.stdout)
    (folder / "messages").write_text(finished.stderr)
    return folder


@pytest.fixture(autouse=True)
def _beside_the_run(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(trained)


def evaluated(*arguments: object) -> dict[str, Any]:
    return dict(json.loads(zoo_ok("evaluate", *arguments, "--json")))


def recorded() -> dict[str, dict[str, Any]]:
    return dict(json.loads(Path("runs", RUN, "run.json").read_text())["scores"])


@pytest.mark.parametrize(("split", "n"), [("train", 1237), ("validation", 200), ("test", 360)])
def test_evaluate_split(split: str, n: int) -> None:
    """The metrics of each split equal those of its run."""
    result = evaluated(RUN, "--split", split, "--errors", 5)
    assert (result["model"], result["split"], result["n"]) == (RUN, split, n)
    assert {key: result[key] for key in ("n", "accuracy", "loss")} == recorded()[split]
    assert result["recorded"] == recorded()[split] | {"differs": False}
    assert sum(map(sum, result["confusion"])) == n
    right = sum(result["confusion"][digit][digit] for digit in range(10))
    assert right == round(n * result["accuracy"])
    assert result["low"] < result["accuracy"] < result["high"]
    probabilities = [mistake["probability"] for mistake in result["mistakes"]]
    assert len(probabilities) == 5
    assert probabilities == sorted(probabilities, reverse=True)
    for mistake in result["mistakes"]:
        assert mistake["answer"] != mistake["label"]
        assert mistake["probability"] == max(mistake["probabilities"])
        assert sum(mistake["probabilities"]) == pytest.approx(1)


def test_evaluate_by_entry_run_or_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = tmp_path / "plugin" / "given"
    shipped.mkdir(parents=True)
    shutil.copy(Path("runs", RUN, "weights.safetensors"), shipped / "it.safetensors")
    sha256 = hashlib.sha256((shipped / "it.safetensors").read_bytes()).hexdigest()
    entry = tmp_path / "mine.toml"
    entry.write_text(
        Path("runs", RUN, "entry.toml").read_text()
        + f'\n[weights]\npackage = "given"\nfile = "it.safetensors"\nsha256 = "{sha256}"\n'
    )
    by_run = evaluated(f"runs/{RUN}")
    by_file = evaluated(f"runs/{RUN}/weights.safetensors")
    monkeypatch.syspath_prepend(tmp_path / "plugin")
    by_entry = evaluated(entry)
    for key in ("name", "model"):
        assert [result.pop(key) for result in (by_run, by_file, by_entry)] == [
            RUN,
            "weights",
            "digits-10",
        ]
    assert by_run == by_file == by_entry


def test_evaluate_table(written: Path) -> None:
    lines = [line.rstrip() for line in (written / "output").read_text().splitlines()]
    score = recorded()["test"]
    assert lines[0].startswith(f"model     {RUN}, 64-10-10, weights ")
    assert lines[1].startswith("changed   data.split ")
    assert lines[1].endswith("train.iterations 200: no longer the recipe of the claim")
    assert lines[2:4] == [
        "data      digits.csv.gz of scikit-learn",
        "split     test, 360 images",
    ]
    assert lines[4].startswith(f"accuracy  {percent(score['accuracy'])} (")
    assert lines[4].endswith("95% interval), as recorded")
    assert lines[5].startswith("claim     95.4% on test: ")
    assert lines[6].split() == ["loss", f"{score['loss']:.4f}"]
    assert lines[10].split() == ["digit", "images", "precision", "recall", "F1"]
    assert lines[23].split() == [*"0123456789"]
    assert lines[35].startswith("The worst 7 of ")


@pytest.mark.parametrize(
    ("no_colour", "terminal", "colour"),
    [(None, "xterm-256color", True), (1, "xterm-256color", False), (None, "dumb", False)],
)
def test_evaluate_colour(
    no_colour: int | None,
    terminal: str,
    colour: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    output = zoo_ok(
        "evaluate", RUN, "--errors", 2,
        FORCE_COLOR=1, TERM=terminal, NO_COLOR=no_colour,
    )  # fmt: skip
    assert ("▀▀" in output, "\x1b[38;2;" in output) == (colour, colour)
    assert ("@@" in output) is not colour
    assert "The worst 2 of " in output


def test_evaluate_in_a_pipe(written: Path) -> None:
    """In a pipe images are drawn with ASCII characters."""
    output = (written / "output").read_text()
    assert "@@" in output
    assert "▀" not in output
    assert "\x1b" not in output
    assert len(re.findall(r"\d read as \d, \d+\.\d%", output)) == 7


def test_evaluate_files_written(written: Path) -> None:
    assert (written / "messages").read_text().splitlines() == [
        f"zoo: wrote {written}/deep/sheet.png",
        f"zoo: wrote {written}/a report.html",
    ]
    names = ["a report.html", "deep", "messages", "output"]
    assert sorted(path.name for path in written.iterdir()) == names
    assert [path.name for path in (written / "deep").iterdir()] == ["sheet.png"]


def test_evaluate_sheet(written: Path) -> None:
    from PIL import Image

    with Image.open(written / "deep" / "sheet.png", formats=["PNG"]) as sheet:
        assert sheet.height > 2 * 112  # seven images are two rows


def test_evaluate_report(written: Path) -> None:
    text = (written / "a report.html").read_text()
    path = escape(quote(str(written / "a report.html")))
    assert f"<code>zoo evaluate {RUN} --split test --errors 7 --html {path}</code>" in text
    assert f'<p class="number">{recorded()["test"]["accuracy"]:.2%}</p>' in text
    assert text.count("<figure>") == 7
    assert "no longer the recipe of the claim" in text


def test_evaluate_report_by_its_old_name(tmp_path: Path) -> None:
    """`--report` is --html for one release."""
    zoo_ok("evaluate", RUN, "--report", tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    assert f"--html {tmp_path}/page.html</code>" in text


def test_evaluate_other_data(
    tmp_path: Path,
) -> None:
    """Data that the model was not trained on causes a warning."""
    network, facts = weights.read(Path("runs", RUN, "weights.safetensors"))
    other = facts.model_copy(update={"data": "0" * 64})
    weights.write(tmp_path / "other.safetensors", network, other)
    finished = zoo("evaluate", tmp_path / "other.safetensors")
    assert finished.exit_code == 0
    assert finished.stderr == (
        f"zoo: warning: other was trained on the data 000000000000, and this is {facts.data[:12]}: "
        "it may have been trained on some of these images.\n"
    )
    assert "recorded" not in finished.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            (RUN, "--split", "tset"),
            2,
            (
                f"zoo: {RUN} does not have a split named 'tset' in digits.csv.gz of scikit-learn.\n"
                "     Choose from: train, validation, test.\n"
            ),
        ),
        (
            (RUN, "--sheet", "x.png"),
            2,
            ("zoo: --sheet needs a number of mistakes.\n     Add --errors N, e.g. --errors 24.\n"),
        ),
        ((RUN, "--data", "nowhere"), 3, "zoo: nowhere does not exist.\n"),
        (("model.pkl",), 5, "zoo: model.pkl is not a supported model: such a file may run code"),
        ((RUN, "--html", "/proc/x.html"), 1, "zoo: /proc/x.html could not be written: "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_evaluate_mistakes(arguments: tuple[str, ...], code: int, message: str) -> None:
    finished = zoo("evaluate", *arguments)
    assert finished.exit_code == code
    assert finished.stdout == ""
    assert finished.stderr.startswith(message)
    assert "Traceback" not in finished.stderr
    assert sorted(path.name for path in Path().iterdir()) == ["runs"]
