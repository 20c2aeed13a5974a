"""`zoo compare`: recorded and local runs, pairs, formats and usage errors."""

import csv
import errno
import io
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.builtin_entries import ENTRIES, READMES
from tests.helpers.command import zoo, zoo_ok
from tests.helpers.entries import SMALLEST
from zoo.files import NotWrittenError, write_atomically


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


TRAIN = (
    "--train",
    "--jobs",
    1,
    "--seeds",
)  # in this process, since workers take two seconds to start


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with runs of digits-10 on two seeds, with fewer iterations."""
    folder = tmp_path_factory.mktemp("trained")
    train = ("train", "digits-10", "--quiet", "--no-plots", "--set", "train.iterations=200")
    zoo_ok(*train, "--seeds", "1,2", cwd=folder, ZOO_RUNS=None)
    return folder


@pytest.fixture
def quick_latency(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure the latency of each network on few images, for tests that do not check it."""
    monkeypatch.setattr("zoo.analysis.compare.LATENCY_IMAGES", 8)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return an entry that trains quickly."""
    path = tmp_path / "smallest.toml"
    path.write_text(SMALLEST)
    return path


def objects(*arguments: object, **settings: Any) -> list[dict[str, Any]]:
    return list(json.loads(zoo_ok("compare", *arguments, "--json", **settings)))


def test_compare_json() -> None:
    """Without arguments, offline, all entries are compared, and those on digits checked."""
    results = objects(ZOO_OFFLINE="1")
    assert [result["entry"] for result in results] == ENTRIES
    assert [result["checked"] for result in results] == [
        name.startswith("digits") for name in ENTRIES
    ]
    verdicts = dict.fromkeys(ENTRIES) | dict.fromkeys(READMES, "reproduced")
    verdicts["kaggle-10"] = "beaten"
    assert {result["entry"]: result["verdict"] for result in results} == verdicts
    assert {tuple(result) for result in results} == {
        (
            "name",
            "entry",
            "network",
            "parameters",
            "claim",
            "reproduced",
            "verdict",
            "checked",
            "weights",
            "runs",
            "seconds",
            "microseconds_per_image",
            "size_bytes",
        )
    }
    digits = results[0]
    assert (digits["network"], digits["parameters"]) == ("64-10-10", 760)
    assert digits["claim"] == {"value": 0.954, "split": "test"}
    assert set(digits["reproduced"]) == {"mean", "sd", "n", "low", "high"}
    assert digits["reproduced"]["n"] == 20
    assert digits["reproduced"]["low"] < digits["reproduced"]["mean"] < digits["reproduced"]["high"]
    assert 0 < digits["microseconds_per_image"] < 1000
    assert digits["weights"] == pytest.approx({"accuracy": 344 / 360, "recorded": 344 / 360})
    assert digits["runs"] == {"here": 0, "recorded": 20}
    assert digits["size_bytes"] == 4 * 760
    mnist = results[-1]
    assert mnist["weights"]["accuracy"] is None
    assert mnist["weights"]["recorded"] > 0.99


@pytest.mark.usefixtures("quick_latency")
@pytest.mark.parametrize("width", [80, 200])
def test_compare_width(width: int) -> None:
    output = zoo_ok("compare", COLUMNS=width, ZOO_OFFLINE="1")
    lines = output.splitlines()
    assert max(map(len, lines)) <= width
    assert "\x1b" not in output
    for name in ENTRIES:
        (line,) = [line for line in lines if line.startswith(f"{name} ")]
        assert ("reproduced" in line or "above" in line) == (name in READMES)
    if width == 80:
        assert re.search(r"^  784-128-10 +validation +83.0 to 83.6%", output, re.MULTILINE)
    else:
        assert "101,770 82.7% validation 83.3 ± 0.7% 83.0 to 83.6% 20 recorded" in " ".join(
            output.split()
        )
    assert "not checked: MNIST is not on this machine." in output


def test_compare_data_missing(tmp_path: Path) -> None:
    missing = zoo("compare", "mnist-128", "--data", "nowhere")
    assert missing.exit_code == 3
    assert missing.stderr.startswith("zoo: nowhere does not exist.")
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(b"no images")
    output = zoo_ok("compare", "mnist-128", "--data", tmp_path)
    assert "not checked: MNIST is missing: train-images-idx3-ubyte" in output.replace("\n", " ")


@pytest.mark.usefixtures("quick_latency")
def test_compare_csv_and_markdown() -> None:
    rows = list(csv.DictReader(io.StringIO(zoo_ok("compare", "--csv", ZOO_OFFLINE="1"))))
    assert [row["entry"] for row in rows] == ENTRIES
    assert rows[0]["claim_value"] == "0.954"
    assert float(rows[0]["reproduced_mean"]) == objects("digits-10")[0]["reproduced"]["mean"]
    lines = zoo_ok("compare", "mnist-128", "--md", ZOO_OFFLINE="1").splitlines()
    assert len(lines) == 3
    assert lines[2].startswith(
        "| mnist-128 | 784-128-10 | 101,770 | 82.7% | validation | 83.3 ± 0.7% | 83.0 to 83.6% |"
    )
    assert len({line.count("|") for line in lines}) == 1


@pytest.mark.usefixtures("quick_latency")
@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("accuracy", ["digits-10", "mnist-10-sgd", "kaggle-10", "mnist-128", "mnist-10-decay"]),
        ("claim", ["digits-10", "mnist-10-sgd", "kaggle-10", "mnist-128", "mnist-10-decay"]),
        ("verdict", ["kaggle-10", "digits-10", "mnist-10-decay", "mnist-10-sgd", "mnist-128"]),
        ("seconds", ["digits-10", "mnist-128", "mnist-10-sgd", "mnist-10-decay", "kaggle-10"]),
        ("parameters", READMES),
        ("name", READMES),
    ],
)
def test_compare_sort(column: str, expected: list[str]) -> None:
    """Rows are sorted, the best first."""
    results = objects(*READMES, "--sort", column, ZOO_OFFLINE="1")
    assert [result["entry"] for result in results] == expected


@pytest.mark.usefixtures("quick_latency")
def test_compare_sort_by_speed() -> None:
    """The fastest is first; the column's earlier name is accepted."""
    for column in ("speed", "pace"):
        results = objects("mnist-800-best", "digits-10", "--sort", column, ZOO_OFFLINE="1")
        assert [result["name"] for result in results] == ["digits-10", "mnist-800-best"]


@pytest.mark.usefixtures("quick_latency")
def test_compare_names_and_file() -> None:
    """--quiet prints the names, and --out writes any format to a file or to stdout."""
    assert zoo_ok("compare", "digits-10", "mnist-128", "-q", ZOO_OFFLINE="1") == (
        "digits-10\nmnist-128\n"
    )
    wrote = zoo("compare", "digits-10", "--format", "jsonl", "-o", "rows.jsonl")
    assert (wrote.stdout, wrote.stderr) == ("", "zoo: wrote rows.jsonl\n")
    assert json.loads(Path("rows.jsonl").read_text())["name"] == "digits-10"
    assert zoo_ok("compare", "digits-10", "-q", "-o", "-") == "digits-10\n"


def test_compare_csv_columns(own: Path) -> None:
    """The columns do not depend on the models: this one has neither a claim nor results."""
    (header, row) = zoo_ok("compare", own, "--format", "csv").splitlines()
    assert header == (
        "name,entry,network,parameters,claim_value,claim_split,reproduced_mean,reproduced_sd,"
        "reproduced_n,reproduced_low,reproduced_high,verdict,checked,weights_accuracy,"
        "weights_recorded,runs_here,runs_recorded,seconds,microseconds_per_image,size_bytes"
    )
    assert row.startswith("smallest,smallest,64-10-10,760,,,,,,,,,False,,,0,0,,")
    assert row.endswith(",3040")


def test_compare_markdown_of_all_sections(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every section that a terminal shows is a table or a paragraph in Markdown."""
    monkeypatch.chdir(trained)
    sections = ("--settings", "--per-class", "--curves", "--pair", "digits-10,digits-10-s1-1")
    text = zoo_ok("compare", *sections, "--format", "md")
    assert [line.removeprefix("### ") for line in text.splitlines() if line.startswith("#")] == [
        "Settings that differ",
        "Each class: recall and precision",
        "Learning curves: accuracy over the share of the training",
        "digits-10 and digits-10-s1-1",
    ]
    assert "| train.iterations | 2000 | digits-10 |\n| | 200 | digits-10-s1-1 |" in text
    assert "\x1b" not in text


def test_compare_page(own: Path) -> None:
    """--html writes the page beside the result."""
    done = zoo("compare", own, "--html", "page.html", "-q")
    assert (done.stdout, done.stderr) == ("smallest\n", "zoo: wrote page.html\n")
    text = Path("page.html").read_text()
    assert f"# this page\nzoo compare {own} --html page.html -q" in text
    assert "<td>none</td>" in text  # the seeds


def test_compare_dry_run(own: Path) -> None:
    """--dry-run lists the trainings, finds those that exist, and trains nothing."""
    zoo_ok("train", own, "--quiet", "--no-plots")
    plan = ("compare", own, *TRAIN, 2, "--dry-run")
    before = sorted(Path("runs").rglob("*"))
    lines = zoo_ok(*plan, "--against", "sklearn", COLUMNS=80).splitlines()
    assert [line.split() for line in lines[1:3]] == [
        ["smallest", "2", "1", "1"],
        ["smallest", "by", "sklearn", "2", "0", "2"],
    ]
    assert lines[3:] == ["3 of 4 trainings would run. Nothing was trained."]
    assert json.loads(zoo_ok(*plan, "--json")) == [
        {"name": "smallest", "seed": 0, "exists": True},
        {"name": "smallest", "seed": 1, "exists": False},
    ]
    assert "2 of 2 trainings would run." in zoo_ok(*plan, "--retrain")
    assert zoo_ok(*plan, "-q") == "smallest\n"
    assert sorted(Path("runs").rglob("*")) == before
    missing = zoo_ok("compare", "mnist-128", *TRAIN, 1, "-n", ZOO_OFFLINE="1")
    assert "MNIST is not on this machine; it would be fetched first." in missing


@pytest.mark.usefixtures("quick_latency")
def test_compare_fail_under() -> None:
    """Models below --fail-under are listed, with exit code 4."""
    assert zoo("compare", "digits-10", "--fail-under", "accuracy=0.9").exit_code == 0
    failed = zoo("compare", "--fail-under", "accuracy=0.85", ZOO_OFFLINE="1")
    assert failed.exit_code == 4
    assert failed.stdout.startswith("model")
    assert failed.stderr == (
        "zoo: Below 0.85: mnist-10-decay reaches 80.23%, mnist-128 reaches 83.29%.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--fail-under", "0.9"), "--fail-under needs accuracy=SHARE, got '0.9'."),
        (("--fail-under", "accuracy=90"), "--fail-under needs accuracy=SHARE"),
        (("--pair", "digits-10"), "--pair needs two models, e.g. --pair A,B; got 'digits-10'."),
        (("--pair", "a,b,c"), "--pair needs two models, e.g. --pair A,B; got 'a,b,c'."),
        (("--pair=digits-10,nobody",), "There is no entry named 'nobody'."),
        (("--pair", "digits-10, nobody"), "There is no entry named 'nobody'."),
        (("--json", "--csv"), "Expected one output format, got csv and json."),
        (("--csv", "--settings"), "--settings has no columns in CSV; expected --format json,"),
        (("--csv", "--pair", "a,b"), "--pair has no columns in CSV"),
        (("--sort", "size"), "--sort: expected name, claim, accuracy, verdict, parameters"),
        (("--dry-run",), "need --train or --against"),
        (("--jobs", "2"), "need --train or --against"),
        (("--engine", ""), "need --train or --against"),
        (("--train", "--engine", ""), "There is no engine ''."),
        (("--train", "--engine", "steam"), "There is no engine 'steam'."),
        (("--train", "--seeds", "0"), "--seeds needs a number from 1"),
        (("digits-10.onnx",), "is a model file; expected an entry, a run or a TOML file."),
    ],
    ids=str,
)
def test_compare_usage_errors(arguments: tuple[str, ...], message: str) -> None:
    failed = zoo("compare", *arguments, ZOO_OFFLINE="1")
    assert failed.exit_code == 2
    assert message in failed.stderr
    assert "Traceback" not in failed.stderr


def test_compare_train_seeds(own: Path) -> None:
    """Missing seeds are trained once, and only the requested seeds count."""
    first = objects(own, *TRAIN, 2)[0]["reproduced"]
    assert first["n"] == 2
    before = {path: path.stat().st_ino for path in Path("runs/compare-smallest").glob("*/run.json")}
    assert len(before) == 2
    second = zoo("compare", own, *TRAIN, 3, "--json")
    assert json.loads(second.stdout)[0]["reproduced"]["n"] == 3
    assert [line for line in second.stderr.splitlines() if "seed" in line] == [
        line for line in second.stderr.splitlines() if "1/1" in line and "seed 2" in line
    ]
    assert (
        before.items()
        <= {
            path: path.stat().st_ino for path in Path("runs/compare-smallest").glob("*/run.json")
        }.items()
    )
    assert objects(own, "--seeds", "0,2")[0]["reproduced"]["n"] == 2
    again = objects(own, *TRAIN, 2, "--retrain")[0]["reproduced"]
    assert again == first
    assert len(list(Path("runs/compare-smallest").glob("*"))) == 5


def test_compare_run_of_train(own: Path) -> None:
    """A run of `zoo train` is not trained again."""
    zoo_ok("train", own, "--quiet")
    result = zoo("compare", own, *TRAIN, 1)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert "1 here" in result.stdout
    wrong_engine = zoo("compare", own, *TRAIN, 1, "--engine", "steam")
    assert wrong_engine.exit_code == 2
    assert "There is no engine 'steam'." in wrong_engine.stderr


def test_compare_train_failed(own: Path, tmp_path: Path) -> None:
    """Failed trainings are listed, and the others continue."""
    bad = tmp_path / "bad.toml"
    bad.write_text(SMALLEST.replace("smallest", "diverging").replace("rate = 0.1", "rate = 1e30"))
    failed = zoo("compare", bad, own, "mnist-128", *TRAIN, 2, ZOO_OFFLINE="1")
    assert failed.exit_code == 1
    warnings = [line for line in failed.stderr.splitlines() if "warning" in line]
    assert any("mnist-128 could not be trained. MNIST is missing" in line for line in warnings)
    for seed in (0, 1):
        (line,) = [line for line in warnings if f"diverging seed {seed} failed." in line]
        assert "Training diverged: the loss is NaN or infinite at step" in line
    assert "2 here" in failed.stdout
    assert "Traceback" not in failed.stderr


def test_compare_train_full_disk(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run that has no place is named, and the command that goes on."""
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    stored: list[Path] = []

    def write(path: Path, content: bytes) -> None:
        if path.name == "run.json" and stored:
            raise NotWrittenError(path, full)
        stored.extend([path] if path.name == "run.json" else [])
        write_atomically(path, content)

    with monkeypatch.context() as patch:
        patch.setattr("zoo.training.runs.write_atomically", write)
        failed = zoo("compare", own, *TRAIN, 3)
    assert failed.exit_code == 1
    assert failed.stderr.endswith(
        "zoo: The run of smallest with seed 1 in runs/compare-smallest could not be written: "
        "No space left on device.\n"
        "     Free space on its disk. Run the same command again to continue.\n"
    )
    assert "zoo: 2/2 " in zoo("compare", own, *TRAIN, 3).stderr


def test_compare_run_with_its_entry(own: Path) -> None:
    assert objects(own)[0]["reproduced"] is None
    zoo_ok("train", own, "--quiet", "--no-plots")
    results = objects(own, "smallest-s0-1", "--settings")
    assert [result["entry"] for result in results] == ["smallest", "smallest-s0-1"]
    assert results[1]["reproduced"]["n"] == 1
    assert results[1]["reproduced"]["sd"] is None
    assert results[1]["settings"] == {}
    (only_run,) = objects("smallest-s0-1", "--seeds", "7")
    assert only_run["reproduced"]["n"] == 1  # a run has one fixed seed


def test_compare_pairs(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pairs are tested, and each image on which they differ is listed."""
    monkeypatch.chdir(trained)
    pairs = ("--pair", "digits-10,digits-10-s1-1", "--pair", "digits-10-s1-1,digits-10-s2-1")
    pairs_by_name = {result["entry"]: result["pairs"] for result in objects(*pairs)}
    assert list(pairs_by_name) == ["digits-10", "digits-10-s1-1", "digits-10-s2-1"]
    (first,) = pairs_by_name["digits-10"]
    assert first["with"] == "digits-10-s1-1"
    assert first["n"] == 360
    assert len(first["differ"]) == first["only_this"] + first["only_other"]
    assert first["p_exact"] <= first["p_holm"] <= 1
    output = zoo_ok("compare", *pairs, COLUMNS=80)
    assert "digits-10 and digits-10-s1-1" in output
    assert "the same 360 test images of scikit-learn's digits" in output
    assert "as one of 2 pairs (Holm)" in output.replace("\n", " ")
    assert f"They differ on: {first['differ'][0]['index']}, " in output
    assert max(map(len, output.splitlines())) <= 80
    refused = zoo("compare", "--pair", "digits-10,mnist-128")
    assert refused.exit_code == 2
    assert "use different data" in refused.stderr


def test_compare_settings_and_curves(own: Path) -> None:
    Path("short.toml").write_text(
        SMALLEST.replace("smallest", "short").replace("epochs = 1", "iterations = 120")
    )
    output = zoo_ok("compare", own, "short.toml", *TRAIN, 2, "--curves", "--settings", COLUMNS=80)
    assert "Settings that differ" in output
    assert "Learning curves: accuracy over the share of the training" in output
    assert "\nA smallest" in output
    assert "120 iterations, 2 seeds" in output
    assert max(map(len, output.splitlines())) <= 80
    (result,) = objects("short.toml", "--curves", "--seeds", 2)
    assert result["curve"]["points"][-1]["number"] == 120


def test_compare_per_class() -> None:
    """The recall and precision of each class need weights."""
    assert "Each class: recall and precision" in zoo_ok("compare", "digits-10", "--per-class")
    (result,) = objects("digits-10", "--per-class")
    assert [score["label"] for score in result["per_class"]] == list(range(10))
    Path("other.toml").write_text(SMALLEST.replace("smallest", "untrained"))
    assert "No model could be evaluated: its data or its weights are missing." in zoo_ok(
        "compare", "other.toml", "--per-class"
    )


def test_compare_control_characters_in_a_name(tmp_path: Path) -> None:
    name = tmp_path / "a\x1b[31m.toml"
    name.write_text(SMALLEST)
    (tmp_path / "b.toml").write_text(SMALLEST)
    result = zoo("compare", name, "b.toml")
    assert "\x1b" not in result.stdout + result.stderr
    assert "a\\x1b[31m.toml" in result.stdout.replace("\n", "").replace(" ", "")
