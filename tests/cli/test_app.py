"""`zoo --help`, `zoo list` and `zoo show`."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from zoo.cli import completion

from tests.helpers.builtin_entries import ENTRIES, READMES
from tests.helpers.command import zoo, zoo_ok
from zoo.config.catalog import read_catalog


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"COMP_WORDS": "zoo p"},
        {"COMP_CWORD": "1"},
        {"COMP_WORDS": "zoo p", "COMP_CWORD": "abc"},
        {"COMP_WORDS": "zoo p", "COMP_CWORD": ""},
    ],
    ids=["nothing", "words", "number", "letters", "empty"],
)
def test_completion_without_words(settings: dict[str, object]) -> None:
    """A request of bash that lacks a word has no completions, and no traceback."""
    asked = {"_ZOO_COMPLETE": "complete_bash", "COMP_WORDS": None, "COMP_CWORD": None, **settings}
    done = zoo(cwd=None, **asked)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")


def test_completion_prints_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where names cannot be read, a line of a shell is not filled with a message."""

    def fail() -> list[str]:
        raise FileNotFoundError

    monkeypatch.setattr(completion, "_names", fail)
    done = zoo(_ZOO_COMPLETE="complete_bash", COMP_WORDS="zoo show x", COMP_CWORD=2)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")


def test_help_commands() -> None:
    page = zoo_ok("--help")
    commands = (
        "list",
        "show",
        "train",
        "resume",
        "predict",
        "export",
        "demo",
        "compare",
        "ablate",
        "tune",
    )
    for command in (*commands, "evaluate", "runs", "data"):
        assert f" {command} " in page


def test_no_command() -> None:
    """Without a command the help is shown, with exit code 2."""
    finished = zoo()
    assert finished.exit_code == 2
    assert "Usage: zoo" in finished.stdout + finished.stderr


def test_list_json() -> None:
    entries = json.loads(zoo_ok("list", "--json"))
    assert [entry["name"] for entry in entries] == ENTRIES
    for entry in entries:
        if entry["name"] in READMES:
            assert set(entry["claim"]) == {"value", "split", "quote", "source"}
        else:
            assert entry["claim"] is None
        assert set(entry["reproduced"]) == {"mean", "sd", "n"}
        assert entry["provider"].startswith("numpy-zoo ")
    digits = entries[0]
    assert (digits["name"], digits["network"], digits["data"], digits["parameters"]) == (
        "digits-10",
        "64-10-10",
        "digits",
        760,
    )
    assert digits["claim"]["quote"] == "Test Accuracy: 95.40%"


def test_list_csv() -> None:
    """The CSV holds the numbers of the JSON."""
    rows = list(csv.DictReader(io.StringIO(zoo_ok("list", "--csv"))))
    entries = json.loads(zoo_ok("list", "--json"))
    assert [row["name"] for row in rows] == [entry["name"] for entry in entries]
    claims = [str(entry["claim"]["value"]) if entry["claim"] else "" for entry in entries]
    assert [row["claim_value"] for row in rows] == claims
    means = [entry["reproduced"]["mean"] for entry in entries]
    assert [float(row["reproduced_mean"]) for row in rows] == means


def test_list_by_glob_or_data() -> None:
    assert zoo_ok("list", "mnist-10-[ds]*", "kaggle*", "--quiet").split() == [
        "kaggle-10",
        "mnist-10-decay",
        "mnist-10-sgd",
    ]
    assert zoo_ok("list", "--data", "digits", "-q").split() == ["digits-10", "digits-10-best"]


@pytest.mark.parametrize("arguments", [("list", "nothing*"), ("list", "--data", "cifar")])
def test_list_nothing_found(arguments: tuple[str, ...]) -> None:
    finished = zoo(*arguments)
    assert finished.exit_code == 2
    assert finished.stdout == ""
    assert len(finished.stderr.splitlines()) == 2


@pytest.mark.parametrize("width", [80, 200])
def test_list_width(width: int) -> None:
    lines = zoo_ok("list", COLUMNS=width).splitlines()
    assert max(map(len, lines)) <= width
    text = " ".join(lines)
    for shown_text in ("mnist-10-decay", "784-128-10", "101,770", "82.7%", "validation"):
        assert shown_text in text


def test_list_in_a_pipe() -> None:
    """In a pipe each entry has one line."""
    assert len(zoo_ok("list", COLUMNS=None).splitlines()) == 1 + len(ENTRIES)


def test_show_origin() -> None:
    """Each setting says whether the original states it."""
    page = zoo_ok("show", "kaggle-10")
    lines = [line.split() for line in page.splitlines()]
    assert ["train.iterations", "500", "original"] in lines
    assert ["train.rate", "0.5", "original"] in lines
    assert ["preprocess.divide", "255.0", "entry"] in lines
    assert "(varies depending on initialization and shuffle)" in page
    assert ["dense", "784", "10", "7,850"] in lines


def test_show_markdown() -> None:
    """The facts, the layers and the recipe are a table each."""
    facts, network, recipe = zoo_ok("show", "kaggle-10", "--md").split("\n\n### ")
    assert facts.startswith("| kaggle-10 | 784-10-10 |\n|---|---|\n| Summary | ")
    assert "\n| Reproduced | 90.5 ± 0.9% over 20 seeds on train: above the claim |\n" in facts
    assert "\n| dense | 784 | 10 | 7,850 |\n" in network
    assert network.endswith("\n| total | | | 7,960 |")
    assert "\n| train.iterations | 500 | original |\n" in recipe


def test_show_augmented(tmp_path: Path) -> None:
    """Images are drawn as they are and augmented, in a PNG of known pixels."""
    from PIL import Image

    from zoo.data.digits import load_digits
    from zoo.training.prepare import prepare

    path = tmp_path / "augmented.png"
    assert zoo_ok("show", "digits-10-best", "--augmented", path) == f"{path}\n"
    with Image.open(path) as sheet:
        pixels = np.asarray(sheet)
    again = zoo_ok("show", "digits-10-best", "--augmented", tmp_path / "again.png")
    assert Path(again.strip()).read_bytes() == path.read_bytes()
    # each image is 14 times as large, and its upper left corner is known
    side, first = 8 * 14, pixels[16 : 16 + 8 * 14, 16 : 16 + 8 * 14]
    training = prepare(read_catalog().find("digits-10-best").entry, load_digits()).splits.train
    zero = next(row for row in training.rows if training.labels[row] == 0)
    expected = training.images[zero].reshape(8, 8).astype(int) * 255 // 16
    assert np.array_equal(first[7::14, 7::14], expected)
    wide = (pixels.shape[1] - 16) // 9
    second = pixels[16 : 16 + side, 16 + wide : 16 + wide + side][7::14, 7::14]
    assert not np.array_equal(second, expected)
    # the image is augmented, not destroyed
    assert abs(int(second.sum()) - int(expected.sum())) < 0.3 * expected.sum()


def test_show_augmented_refused(tmp_path: Path) -> None:
    plain = zoo("show", "digits-10", "--augmented", tmp_path / "augmented.png")
    assert plain.exit_code == 2
    assert plain.stderr.startswith("zoo: digits-10 does not augment its training images.\n")
    other = zoo("show", "digits-10-best", "--augmented", tmp_path / "augmented.svg")
    assert other.exit_code == 2
    assert "--augmented writes a PNG" in other.stderr
    assert list(tmp_path.iterdir()) == []


def test_show_toml(tmp_path: Path) -> None:
    path = read_catalog().find("digits-10").path
    assert zoo_ok("show", "digits-10", "--toml") == path.read_text()
    assert zoo_ok("show", "digits-10", "--toml", COLUMNS=40) == path.read_text()
    zoo_ok("show", "digits-10", "--toml", "-o", tmp_path / "copy.toml")
    assert (tmp_path / "copy.toml").read_bytes() == path.read_bytes()
    facts = json.loads(zoo_ok("show", "digits-10", "--toml", "--json"))
    assert facts == {"name": "digits-10", "path": str(path), "toml": path.read_text()}


def test_show_json() -> None:
    facts = json.loads(zoo_ok("show", "mnist-128", "--json"))
    assert facts["entry"]["network"]["hidden"] == [128]
    assert facts["parameters"] == 784 * 128 + 128 + 128 * 10 + 10


@pytest.mark.parametrize("settings", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"LC_ALL": "C"}])
def test_no_escape_sequence_in_a_pipe(settings: dict[str, Any]) -> None:
    for arguments in (("list",), ("show", "digits-10"), ("--help",)):
        finished = zoo(*arguments, **settings)
        assert finished.exit_code == 0
        assert "\x1b" not in finished.stdout + finished.stderr


def test_list_in_20_columns() -> None:
    assert "mnist-10-decay" in zoo_ok("list", COLUMNS=20)


@pytest.mark.parametrize("width", [0, 1])
def test_list_without_a_width(width: int) -> None:
    """A program that sets COLUMNS to nothing useful gets the names nevertheless."""
    assert "mnist-10-decay" in zoo_ok("list", COLUMNS=width)


@pytest.mark.parametrize("options", [("--json", "--csv"), ("--quiet", "--csv")])
def test_list_two_formats(options: tuple[str, ...]) -> None:
    assert zoo("list", *options).exit_code == 2


def test_memory_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever memory ends, one sentence says so."""

    def full() -> None:
        raise MemoryError

    monkeypatch.setattr("zoo.config.catalog.read_catalog", full)
    result = zoo("list")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("zoo: There is not enough memory.\n")
