"""`zoo compare`: recorded and own trainings, pairs, formats and mistakes."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.builtin_entries import ENTRIES, READMES
from tests.helpers.command import zoo, zoo_ok
from tests.helpers.entries import SMALLEST


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


TRAIN = ("--train", "--jobs", 1, "--seeds")  # in this process: workers take two seconds to start


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with runs of digits-10 on two seeds, which were not trained to the end."""
    folder = tmp_path_factory.mktemp("trained")
    train = ("train", "digits-10", "--quiet", "--no-plots", "--set", "train.iterations=200")
    zoo_ok(*train, "--seeds", "1,2", cwd=folder, ZOO_RUNS=None)
    return folder


@pytest.fixture
def quick_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure the pace of each network on few images, where no test looks at it."""
    monkeypatch.setattr("zoo.analysis.compare.LATENCY_IMAGES", 8)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return an entry that trains in a moment."""
    path = tmp_path / "smallest.toml"
    path.write_text(SMALLEST)
    return path


def objects(*arguments: object, **settings: Any) -> list[dict[str, Any]]:
    return list(json.loads(zoo_ok("compare", *arguments, "--json", **settings)))


def test_compare_json() -> None:
    """Without arguments, offline, all entries are compared, and those on digits checked."""
    found = objects(ZOO_OFFLINE="1")
    assert [one["entry"] for one in found] == ENTRIES
    assert [one["checked"] for one in found] == [name.startswith("digits") for name in ENTRIES]
    verdicts = dict.fromkeys(ENTRIES) | dict.fromkeys(READMES, "reproduced")
    verdicts["kaggle-10"] = "beaten"
    assert {one["entry"]: one["verdict"] for one in found} == verdicts
    assert {tuple(one) for one in found} == {
        (
            "entry",
            "network",
            "parameters",
            "claim",
            "reproduced",
            "verdict",
            "checked",
            "seconds",
            "microseconds_per_image",
        )
    }
    digits = found[0]
    assert (digits["network"], digits["parameters"]) == ("64-10-10", 760)
    assert digits["claim"] == {"value": 0.954, "split": "test"}
    assert set(digits["reproduced"]) == {"mean", "sd", "n", "low", "high"}
    assert digits["reproduced"]["n"] == 20
    assert digits["reproduced"]["low"] < digits["reproduced"]["mean"] < digits["reproduced"]["high"]
    assert 0 < digits["microseconds_per_image"] < 1000


@pytest.mark.usefixtures("quick_pace")
@pytest.mark.parametrize("width", [80, 200])
def test_compare_width(width: int) -> None:
    said = zoo_ok("compare", COLUMNS=width, ZOO_OFFLINE="1")
    lines = said.splitlines()
    assert max(map(len, lines)) <= width
    assert "\x1b" not in said
    for name in ENTRIES:
        (line,) = [line for line in lines if line.startswith(f"{name} ")]
        assert ("reproduced" in line or "beaten" in line) == (name in READMES)
    if width == 80:
        assert re.search(r"^  784-128-10 +validation +83.0 to 83.6%", said, re.MULTILINE)
    else:
        assert "101,770 82.7% validation 83.3 ± 0.7% 83.0 to 83.6% 20 recorded" in " ".join(
            said.split()
        )
    assert "not checked: MNIST is not at hand." in said


def test_compare_data_missing(tmp_path: Path) -> None:
    missing = zoo("compare", "mnist-128", "--data", "nowhere")
    assert missing.exit_code == 3
    assert missing.stderr.startswith("zoo: nowhere does not exist.")
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(b"no pictures")
    said = zoo_ok("compare", "mnist-128", "--data", tmp_path)
    assert "not checked: MNIST is missing: train-images-idx3-ubyte" in said.replace("\n", " ")


@pytest.mark.usefixtures("quick_pace")
def test_compare_csv_and_markdown() -> None:
    rows = list(csv.DictReader(io.StringIO(zoo_ok("compare", "--csv", ZOO_OFFLINE="1"))))
    assert [row["entry"] for row in rows] == ENTRIES
    assert rows[0]["claim_value"] == "0.954"
    assert float(rows[0]["reproduced_mean"]) == objects("digits-10")[0]["reproduced"]["mean"]
    lines = zoo_ok("compare", "mnist-128", "--md", ZOO_OFFLINE="1").splitlines()
    assert len(lines) == 3
    assert lines[2].startswith(
        "| mnist-128 | 784-128-10 | 101,770 | 82.7% validation | 83.3 ± 0.7%"
    )
    assert len({line.count("|") for line in lines}) == 1


@pytest.mark.usefixtures("quick_pace")
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("accuracy", ["digits-10", "mnist-10-sgd", "kaggle-10", "mnist-128", "mnist-10-decay"]),
        ("claim", ["digits-10", "mnist-10-sgd", "kaggle-10", "mnist-128", "mnist-10-decay"]),
        ("verdict", ["kaggle-10", "digits-10", "mnist-10-decay", "mnist-10-sgd", "mnist-128"]),
        ("seconds", ["digits-10", "mnist-128", "mnist-10-sgd", "mnist-10-decay", "kaggle-10"]),
        ("parameters", READMES),
        ("name", READMES),
    ],
)
def test_compare_sort(wanted: str, expected: list[str]) -> None:
    """Rows are sorted, the best first."""
    found = objects(*READMES, "--sort", wanted, ZOO_OFFLINE="1")
    assert [one["entry"] for one in found] == expected


@pytest.mark.usefixtures("quick_pace")
def test_compare_fail_under() -> None:
    """Models below --fail-under are named, with exit code 4."""
    assert zoo("compare", "digits-10", "--fail-under", "accuracy=0.9").exit_code == 0
    failed = zoo("compare", "--fail-under", "accuracy=0.85", ZOO_OFFLINE="1")
    assert failed.exit_code == 4
    assert failed.stdout.startswith("model")
    assert failed.stderr == (
        "zoo: Not all reach 0.85: mnist-10-decay reaches 0.8023, mnist-128 reaches 0.8329.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--fail-under", "0.9"), "--fail-under needs accuracy=SHARE, and got '0.9'."),
        (("--fail-under", "accuracy=90"), "--fail-under needs accuracy=SHARE"),
        (("--pair", "digits-10"), "--pair needs two models, as in --pair A B."),
        (("--pair=digits-10",), "--pair needs two models, as in --pair A B."),
        (("--pair", "digits-10", "--train"), "--pair needs two models, as in --pair A B."),
        (("--pair=digits-10", "nobody"), "There is no entry named 'nobody'."),
        (("--pair", "digits-10", "nobody"), "There is no entry named 'nobody'."),
        (("--json", "--csv"), "three ways to print"),
        (("--jobs", "2"), "--train makes some"),
        (("--engine", ""), "--train makes some"),
        (("--train", "--engine", ""), "There is no engine ''."),
        (("--train", "--engine", "steam"), "There is no engine 'steam'."),
        (("--train", "--seeds", "0"), "--seeds needs a number from 1"),
        (("digits-10.onnx",), "is a model file; expected an entry, a run or a TOML file."),
    ],
    ids=str,
)
def test_compare_usage_errors(arguments: tuple[str, ...], words: str) -> None:
    failed = zoo("compare", *arguments, ZOO_OFFLINE="1")
    assert failed.exit_code == 2
    assert words in failed.stderr
    assert "Traceback" not in failed.stderr


def test_compare_train_seeds(own: Path) -> None:
    """Missing seeds are trained once, and only the seeds that are asked for count."""
    first = objects(own, *TRAIN, 2)[0]["reproduced"]
    assert first["n"] == 2
    before = {path: path.stat().st_ino for path in Path("runs").glob("*/run.json")}
    assert len(before) == 2
    second = zoo("compare", own, *TRAIN, 3, "--json")
    assert json.loads(second.stdout)[0]["reproduced"]["n"] == 3
    assert [line for line in second.stderr.splitlines() if "seed" in line] == [
        line for line in second.stderr.splitlines() if "1/1" in line and "seed 2" in line
    ]
    assert (
        before.items()
        <= {path: path.stat().st_ino for path in Path("runs").glob("*/run.json")}.items()
    )
    assert objects(own, "--seeds", "0,2")[0]["reproduced"]["n"] == 2
    again = objects(own, *TRAIN, 2, "--fresh")[0]["reproduced"]
    assert again == first
    assert len(list(Path("runs").glob("*"))) == 5


def test_compare_run_of_train(own: Path) -> None:
    """A run of `zoo train` is not trained again."""
    zoo_ok("train", own, "--quiet")
    said = zoo("compare", own, *TRAIN, 1)
    assert said.exit_code == 0
    assert said.stderr == ""
    assert "1 here" in said.stdout
    misspelt = zoo("compare", own, *TRAIN, 1, "--engine", "steam")
    assert misspelt.exit_code == 2
    assert "There is no engine 'steam'." in misspelt.stderr


def test_compare_train_failed(own: Path, tmp_path: Path) -> None:
    """Trainings that fail are named, and the others go on."""
    bad = tmp_path / "bad.toml"
    bad.write_text(SMALLEST.replace("smallest", "diverging").replace("rate = 0.1", "rate = 1e30"))
    failed = zoo("compare", bad, own, "mnist-128", *TRAIN, 2, ZOO_OFFLINE="1")
    assert failed.exit_code == 1
    warnings = [line for line in failed.stderr.splitlines() if "warning" in line]
    assert any("mnist-128 could not be trained. MNIST is missing" in line for line in warnings)
    for seed in (0, 1):
        (line,) = [line for line in warnings if f"diverging seed {seed} failed." in line]
        assert "The loss is no finite number any more at step" in line
    assert "2 here" in failed.stdout
    assert "Traceback" not in failed.stderr


def test_compare_run_with_its_entry(own: Path) -> None:
    assert objects(own)[0]["reproduced"] is None
    zoo_ok("train", own, "--quiet", "--no-plots")
    found = objects(own, "smallest-s0-1", "--settings")
    assert [one["entry"] for one in found] == ["smallest", "smallest-s0-1"]
    assert found[1]["reproduced"]["n"] == 1
    assert found[1]["reproduced"]["sd"] is None
    assert found[1]["settings"] == {}
    (alone,) = objects("smallest-s0-1", "--seeds", "7")
    assert alone["reproduced"]["n"] == 1  # it has the seed that it has


def test_compare_pairs(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pairs are tested, with each image that they differ on."""
    monkeypatch.chdir(trained)
    pairs = ("--pair", "digits-10", "digits-10-s1-1", "--pair", "digits-10-s1-1", "digits-10-s2-1")
    found = {one["entry"]: one["pairs"] for one in objects(*pairs)}
    assert list(found) == ["digits-10", "digits-10-s1-1", "digits-10-s2-1"]
    (first,) = found["digits-10"]
    assert first["with"] == "digits-10-s1-1"
    assert first["n"] == 360
    assert len(first["differ"]) == first["only_this"] + first["only_other"]
    assert first["p_exact"] <= first["p_holm"] <= 1
    said = zoo_ok("compare", *pairs, COLUMNS=80)
    assert "digits-10 and digits-10-s1-1" in said
    assert "the same 360 test pictures of scikit-learn's digits" in said
    assert "as one of 2 pairs (Holm)" in said.replace("\n  ", " ")
    assert f"They differ on: {first['differ'][0]['index']}, " in said
    assert max(map(len, said.splitlines())) <= 80
    refused = zoo("compare", "--pair", "digits-10", "mnist-128")
    assert refused.exit_code == 2
    assert "use different data" in refused.stderr


def test_compare_settings_and_curves(own: Path) -> None:
    Path("short.toml").write_text(
        SMALLEST.replace("smallest", "short").replace("epochs = 1", "iterations = 120")
    )
    said = zoo_ok("compare", own, "short.toml", *TRAIN, 2, "--curves", "--settings", COLUMNS=80)
    assert "Settings that differ" in said
    assert "Learning curves: accuracy over the share of the training" in said
    assert "A  smallest" in said
    assert "120 iterations, 2 seeds" in said
    assert max(map(len, said.splitlines())) <= 80
    (told,) = objects("short.toml", "--curves", "--seeds", 2)
    assert told["curve"]["points"][-1]["number"] == 120


def test_compare_per_class() -> None:
    """The recall and precision of each class need weights."""
    assert "Each class: recall and precision" in zoo_ok("compare", "digits-10", "--per-class")
    (told,) = objects("digits-10", "--per-class")
    assert [one["label"] for one in told["per_class"]] == list(range(10))
    Path("other.toml").write_text(SMALLEST.replace("smallest", "untrained"))
    assert "No pictures are at hand to read." in zoo_ok("compare", "other.toml", "--per-class")


def test_compare_control_characters_in_a_name(tmp_path: Path) -> None:
    name = tmp_path / "a\x1b[31m.toml"
    name.write_text(SMALLEST)
    (tmp_path / "b.toml").write_text(SMALLEST)
    said = zoo("compare", name, "b.toml")
    assert "\x1b" not in said.stdout + said.stderr
    assert "a\\x1b[31m.toml" in said.stdout.replace("\n", "").replace(" ", "")
