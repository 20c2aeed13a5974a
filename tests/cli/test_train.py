"""`zoo train`, `zoo resume` and `zoo runs`."""

import csv
import errno
import json
import os
import re
import shutil
import tomllib
import xml.etree.ElementTree as ET
from functools import partial
from pathlib import Path

import pytest
from zoo.cli.run_training import OutputMode

from tests.helpers.command import zoo, zoo_ok
from tests.helpers.entries import SMALLEST
from zoo.files import NotWrittenError, write_atomically
from zoo.training.run import Run

QUICK = ("--set", "train.iterations=120")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of runs of digits-10 with the seeds 0 and 1, of 60 iterations."""
    folder = tmp_path_factory.mktemp("trained") / "runs"
    zoo_ok("train", "digits-10", "--iterations", 60, "--seeds", 2, "--quiet", "--runs", folder)
    return folder


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    """Return the run of seed 0, alone in the folder `runs`."""
    shutil.copytree(trained / "digits-10-s0-1", tmp_path / "runs" / "digits-10-s0-1")
    return Path("runs/digits-10-s0-1")


@pytest.fixture
def two_runs(trained: Path, tmp_path: Path) -> None:
    """Put both runs into the folder `runs`."""
    shutil.copytree(trained, tmp_path / "runs")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return an entry with epochs and without a claim."""
    path = tmp_path / "smallest.toml"
    path.write_text(SMALLEST)
    return path


def events(*arguments: object) -> list[dict[str, object]]:
    return [json.loads(line) for line in zoo_ok("train", *arguments, "--json-lines").splitlines()]


def test_train_digits_offline() -> None:
    """The recipe reproduces the README's claim, also with an option that changes nothing."""
    lines = zoo_ok("train", "digits-10", "--rate", 0.1, ZOO_OFFLINE="1").splitlines()
    assert lines[0].startswith("iteration    0/2000  rate 0.1  loss 2.302")
    assert lines[40].startswith("iteration 2000/2000")
    assert len(lines) == 41 + 9
    assert lines[41] == "claim    95.4% on test"
    assert lines[42].startswith("result   9")
    assert "on test, 360 images: " in lines[42]
    assert lines[46] == "run      runs/digits-10-s0-1"


def test_train_run_folder() -> None:
    from safetensors.numpy import load_file

    zoo_ok("train", "digits-10", *QUICK, "--quiet")
    run = Path("runs/digits-10-s0-1")
    assert sorted(path.name for path in run.glob("[!.]*")) == [
        "checkpoint.safetensors",
        "curves.svg",
        "entry.toml",
        "metrics.csv",
        "run.json",
        "weights.safetensors",
    ]
    entry = tomllib.loads((run / "entry.toml").read_text())
    assert entry["train"]["iterations"] == 120
    facts = json.loads((run / "run.json").read_text())
    assert facts["status"] == "done"
    assert facts["seed"] == 0
    splits = facts["data"]["splits"]
    assert (splits["seed"], splits["train"], splits["validation"], splits["test"]) == (
        42,
        1437,
        0,
        360,
    )
    assert len(facts["data"]["digest"]) == 64
    assert set(facts["versions"]) == {"zoo", "python", "numpy", "blas", "kernel", "system"}
    assert facts["accuracy"] == facts["scores"]["test"]["accuracy"]
    rows = list(csv.DictReader((run / "metrics.csv").read_text().splitlines()))
    assert [row["iteration"] for row in rows] == ["0", "50", "100", "120"]
    weights = load_file(run / "weights.safetensors")
    assert {name: array.shape for name, array in weights.items()} == {
        "W1": (10, 64),
        "b1": (10,),
        "W2": (10, 10),
        "b2": (10,),
    }
    drawing = ET.fromstring((run / "curves.svg").read_text())  # noqa: S314 - written by zoo
    assert drawing.tag.endswith("svg")


def test_train_no_plots() -> None:
    zoo_ok("train", "digits-10", *QUICK, "--quiet", "--no-plots")
    assert not Path("runs/digits-10-s0-1/curves.svg").exists()


def test_train_json_lines() -> None:
    records = events("digits-10", *QUICK, "--seed", 5)
    assert [record["event"] for record in records] == ["start", *["epoch"] * 4, "done"]
    done = records[-1]
    assert set(done) >= {
        "entry", "seed", "claim", "split", "accuracy", "test_accuracy", "verdict", "seconds",
        "fingerprint", "run",
    }  # fmt: skip
    assert (done["entry"], done["seed"], done["split"]) == ("digits-10", 5, "test")
    assert done["claim"] == 0.954
    assert done["accuracy"] == done["test_accuracy"]
    assert done["run"] == "runs/digits-10-s5-1"


def test_train_seed_fingerprint() -> None:
    """Equal seeds give equal weights; another seed gives other weights."""
    fingerprints = [
        events("digits-10", *QUICK, "--seed", seed)[-1]["fingerprint"] for seed in (0, 0, 1)
    ]
    assert fingerprints[0] == fingerprints[1] != fingerprints[2]


def test_train_set_seed() -> None:
    assert events("digits-10", *QUICK, "--set", "train.seed=3")[-1]["seed"] == 3


def test_train_several_seeds() -> None:
    results = [
        result
        for result in events("digits-10", *QUICK, "--seeds", "4,7")
        if result["event"] == "done"
    ]
    assert [result["seed"] for result in results] == [4, 7]
    accuracies = [float(str(result["accuracy"])) for result in results]
    summary = results[-1]["seeds"]
    assert isinstance(summary, dict)
    assert summary["n"] == 2
    assert summary["mean"] == pytest.approx(sum(accuracies) / 2)
    lines = zoo_ok("train", "digits-10", *QUICK, "--seeds", 2).splitlines()
    seeds, summary = lines[:2], lines[2:]  # without a line per report
    assert [line.split(":")[0] for line in seeds] == ["digits-10 seed 0", "digits-10 seed 1"]
    assert summary[:2] == [
        "changed  train.iterations 120: no longer the recipe of the claim",
        "claim    95.4% on test",
    ]
    assert re.fullmatch(
        r"result   \d\S* ± \d\S*% over 2 seeds on test: (above|below) the claim", summary[2]
    )
    assert len(summary) == 3


def test_train_seeds_to_a_file() -> None:
    """A file has the line of each seed and the summary; every object has that of all seeds."""
    several = ("train", "digits-10", *QUICK, "--seeds", 2)
    assert zoo_ok(*several, "-o", "t.txt") == ""
    shown = [line for line in zoo_ok(*several).splitlines() if not line.startswith("iteration")]
    measured = re.compile(r", [^,]+, runs/\S+")
    text = measured.sub("", Path("t.txt").read_text())
    assert text.splitlines() == [measured.sub("", line) for line in shown]
    first, second = json.loads(zoo_ok(*several, "--json"))
    assert first["seeds"] == second["seeds"]
    assert first["seeds"]["n"] == 2


def test_train_seeds_markdown() -> None:
    """The table of the seeds has the mean, the deviation and the verdict of the mean."""
    lines = zoo_ok("train", "digits-10", "--iterations", 2000, "--seeds", 2, "--md").splitlines()
    assert [line.split(" | ")[0] for line in lines[2:4]] == [
        "| digits-10-s0-1",
        "| digits-10-s1-1",
    ]
    assert lines[4:6] == ["", "claim: 95.4% on test"]
    assert re.fullmatch(
        r"result: 9\d\S* ± \d\S*% over 2 seeds on test: (\w+|\w+ the claim)", lines[6]
    )


def test_train_bar_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """The progress bar has colours only where they are allowed."""
    monkeypatch.setattr("zoo.cli.run_training.output_mode", lambda _trainings: OutputMode.LIVE)
    monkeypatch.delenv("NO_COLOR", raising=False)
    train = partial(
        zoo, "train", "digits-10", "--iterations", 60, FORCE_COLOR=1, TERM="xterm-256color"
    )
    style = re.compile(r"\x1b\[[0-9;]+m")
    assert style.search(train().stderr)
    assert not style.search(train("--color", "never").stderr)
    assert not style.search(train(NO_COLOR=1).stderr)


def test_train_options_recorded() -> None:
    zoo_ok(
        "train", "digits-10", "--iterations", 3, "--rate", 0.5, "--hidden", "12,6", "--quiet",
        "--set", "train.optimizer.momentum=0.9",
    )  # fmt: skip
    entry = tomllib.loads(Path("runs/digits-10-s0-1/entry.toml").read_text())
    assert entry["train"]["iterations"] == 3  # a pass over the full batch is an iteration
    assert entry["train"]["rate"] == 0.5
    assert entry["network"]["hidden"] == [12, 6]
    assert entry["train"]["optimizer"]["momentum"] == 0.9
    assert json.loads(Path("runs/digits-10-s0-1/run.json").read_text())["changes"] == {
        "network.hidden": [12, 6],
        "train.iterations": 3,
        "train.rate": 0.5,
        "train.optimizer": {"kind": "sgd", "momentum": 0.9, "nesterov": False},
    }


def test_train_changed_recipe() -> None:
    """A changed recipe is not compared with the README's claim."""
    changed = "changed  train.iterations 120, train.rate 0.2: no longer the recipe of the claim"
    assert changed in zoo_ok("train", "digits-10", "--rate", 0.2, *QUICK).splitlines()
    assert changed in zoo_ok("train", "runs/digits-10-s0-1/entry.toml").splitlines()
    assert "(changed)" in zoo_ok("runs")


def test_train_keeps_comments() -> None:
    """A run has the comments of its entry; a resume and another training keep its marks."""
    test = 'test = 360                  # "80/20"'
    zoo_ok("train", "digits-10", "--iterations", 3, "--quiet")
    folder = Path("runs/digits-10-s0-1")
    lines = (folder / "entry.toml").read_text().splitlines()
    assert test in lines
    assert "iterations = 3  # changed from 2000" in lines
    zoo_ok("resume", folder, "--iterations", 4, "--quiet")
    resumed = (folder / "entry.toml").read_text().splitlines()
    assert set(lines) ^ set(resumed) == {
        "iterations = 3  # changed from 2000",
        "iterations = 4  # changed from 3",
    }
    zoo_ok("train", folder / "entry.toml", "--quiet")
    assert Path("runs/digits-10-s0-2/entry.toml").read_text().splitlines() == resumed


def test_train_own_entry(own: Path) -> None:
    lines = zoo_ok("train", own, "--epochs", 2, "--batch", 100).splitlines()
    assert lines[0].startswith("epoch 1/2  rate 0.1  loss ")
    assert lines[1].startswith("epoch 2/2")
    assert lines[2] == "changed  train.epochs 2, train.batch 100"
    assert lines[3].startswith("result   ")
    assert "on train, 1,797 images" in lines[3]


def test_train_dry_run() -> None:
    plan = zoo_ok("train", "mnist-128", "--dry-run", ZOO_OFFLINE="1")
    assert ["dense", "784", "128", "100,480"] in [line.split() for line in plan.splitlines()]
    assert "1,125 (3 epochs, batch 128)" in plan  # 48,000 / 128 = 375 steps per epoch
    assert not Path("runs").exists()
    markdown = zoo_ok("train", "mnist-128", "--dry-run", "--md", ZOO_OFFLINE="1").splitlines()
    assert "| dense | 784 | 128 | 100,480 |" in markdown
    assert "| train.epochs | 3 | entry |" in markdown
    assert "| steps | 1,125 (3 epochs, batch 128) |" in markdown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--iterations", "0"), "train.iterations: expected at least 1, got 0."),
        (("--rate", "-1"), "train.rate: expected above 0, got -1.0."),
        (
            ("--batch", "2000"),
            "train.batch: expected at most the 1,437 rows to train on, got 2,000.",
        ),
        (("--hidden", "1000000000"), " GB to train, and this machine has "),
        (("--hidden", "a,b"), "--hidden needs integers separated by commas"),
        (("--hidden", ""), "--hidden needs integers separated by commas"),
        (("--lr", "0.1", "--rate", "0.2"), "--rate and --lr exclude each other."),
        (("--batch", "8", "--batch-size", "9"), "--batch and --batch-size exclude each other."),
        (
            ("--hidden", "10", "--set", "network.hidden=[5]"),
            "--set network.hidden and --hidden exclude each other.",
        ),
        (
            ("--optimizer", "sgd", "--set", "train.optimizer.momentum=0.9"),
            "--set train.optimizer.momentum and --optimizer exclude each other.",
        ),
        (
            ("--seed", "1", "--set", "train.seed=2"),
            "--set train.seed and --seed exclude each other.",
        ),
        (
            ("--iterations", "1", "--set", "train.iterations=2"),
            "--set train.iterations and --iterations exclude each other.",
        ),
        (
            ("--batch", "32", "--epochs", "1", "--iterations", "2"),
            "digits-10 counts iterations, not epochs.",
        ),
        (("--seeds", "0"), "--seeds needs a number from 1 to 10,000, got 0."),
        (("--seeds", "100000000"), "--seeds needs a number from 1 to 10,000"),
        (("--seeds", ","), "--seeds needs integers"),
        (("--seeds", "1,1"), "--seeds contains a seed twice: 1,1."),
        (("--seeds", "x"), "--seeds needs integers"),
        (("--seed", "-1"), "train.seed: expected at least 0, got -1."),
        (("--set", "train.epoch=5"), "train.epoch: unknown key. Did you mean 'train.epochs'?"),
        (("--set", "rate=3"), "rate: unknown key. Did you mean 'train.rate'?"),
        (
            ("--set", "train.epochs=5"),
            "digits-10 counts iterations, not epochs.\n     Set train.it",
        ),
        (("--set", "epochs=5"), "digits-10 counts iterations, not epochs.\n     Set train.it"),
        (("--set", "nonsense"), "Invalid --set; expected KEY=VALUE, got 'nonsense'."),
        (("--hidden", "9" * 5000), "--hidden needs integers"),
        (("--set", f"train.iterations={'9' * 5000}"), "a whole number has more than 64 bits."),
        (("--set", "train.rate=inf"), "train.rate: expected a finite number, got inf."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_train_usage_errors(arguments: tuple[str, ...], message: str) -> None:
    finished = zoo("train", "digits-10", *arguments)
    assert finished.exit_code == 2
    assert finished.stdout == ""
    assert message in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not Path("runs").exists()


def test_train_diverged() -> None:
    """A loss that is not finite stops the run and names the step."""
    finished = zoo("train", "digits-10", "--rate", 1e30)
    assert finished.exit_code == 1
    assert finished.stderr.startswith(
        "zoo: Training diverged: the loss is NaN or infinite at step "
    )
    assert "Traceback" not in finished.stderr
    facts = json.loads(Path("runs/digits-10-s0-1/run.json").read_text())
    assert facts["status"] == "diverged"


def test_train_diverged_checkpoint(run: Path) -> None:
    """The last good checkpoint is kept after a divergence."""
    good = (run / "checkpoint.safetensors").read_bytes()
    entry = (run / "entry.toml").read_text()
    (run / "entry.toml").write_text(entry.replace("rate       = 0.1", "rate = 1e30"))
    finished = zoo("resume", "--last", "--iterations", 90)
    assert finished.exit_code == 1
    assert "the loss is NaN or infinite at step 6" in finished.stderr
    assert (run / "checkpoint.safetensors").read_bytes() == good
    record = json.loads((run / "run.json").read_text())
    assert record["status"] == "done"  # of the training of 60 iterations
    assert (record["longer"]["status"], record["longer"]["length"]) == ("diverged", 90)


def test_train_diverged_in_the_last_step(own: Path) -> None:
    finished = zoo("train", own, "--epochs", 1, "--batch", 1797, "--rate", 1e38)
    assert finished.exit_code == 1
    assert json.loads(Path("runs/smallest-s0-1/run.json").read_text())["status"] == "diverged"


def test_evaluate_diverged() -> None:
    """A training that diverged is not offered to be resumed."""
    zoo("train", "digits-10", "--rate", 1e30)
    done = zoo("evaluate", "digits-10-s0-1")
    assert done.exit_code == 2
    assert "resume" not in done.stderr


@pytest.mark.usefixtures("run")
def test_resume_longer() -> None:
    """A run that is resumed for longer equals one of that length from the start."""
    refused = zoo("resume", "--last")
    assert refused.exit_code == 2
    assert refused.stderr.startswith(
        "zoo: digits-10-s0-1 has already made 60 steps; its length is 60.\n"
    )
    zoo_ok("resume", "digits-10-s0-1", "--iterations", 130, "--quiet")
    zoo_ok("train", "digits-10", "--iterations", 130, "--quiet")
    first, second = (
        json.loads(Path(f"runs/digits-10-s0-{number}/run.json").read_text()) for number in (1, 2)
    )
    assert first["fingerprint"] == second["fingerprint"]
    assert first["scores"] == second["scores"]


def test_resume_other_data(run: Path) -> None:
    path = run / "run.json"
    facts = json.loads(path.read_text())
    facts["data"]["digest"] = "0" * 64
    path.write_text(json.dumps(facts))
    finished = zoo("resume", "--last", "--iterations", 70)
    assert finished.exit_code == 3
    assert "was trained on other data; expected 000000000000, got " in finished.stderr


def test_resume_run_in_training(run: Path) -> None:
    held = Run(run)
    held.lock()
    for arguments in (("resume", "--last", "--iterations", 70), ("runs", "rm", "digits-10-s0-1")):
        finished = zoo(*arguments)
        assert finished.exit_code == 2
        assert "is being trained by process" in finished.stderr
    held.unlock()
    zoo_ok("resume", "--last", "--iterations", 70)


def test_resume_shorter(run: Path) -> None:
    finished = zoo("resume", "--last", "--iterations", 50)
    assert finished.exit_code == 2
    assert finished.stderr.startswith(
        "zoo: digits-10-s0-1 has already made 60 steps; its length is 50.\n"
    )
    entry = tomllib.loads((run / "entry.toml").read_text())
    assert entry["train"]["iterations"] == 60


def test_resume_dry_run(run: Path) -> None:
    """A dry run refuses what the command refuses, and changes no file."""
    before = {path: path.read_bytes() for path in run.glob("[!.]*")}
    assert zoo_ok("resume", run, "--iterations", 70, "-n") == (
        "digits-10-s0-1 would continue to 70 iterations.\nNothing was trained.\n"
    )
    for length in ((), ("--iterations", 50), ("--iterations", 0)):
        planned = zoo("resume", run, *length, "-n")
        assert planned.exit_code == 2
        assert planned.stdout == ""
        assert planned == zoo("resume", run, *length)
    assert {path: path.read_bytes() for path in run.glob("[!.]*")} == before
    held = Run(run)
    held.lock()
    assert zoo("resume", run, "--iterations", 70, "-n").exit_code == 2
    held.unlock()


def test_runs_option_before_or_after(trained: Path) -> None:
    for folder in ("runs", "other"):
        shutil.copytree(trained, folder)
    name = "digits-10-s0-1"
    assert zoo_ok("runs", "--runs", "other", "path", name) == f"other/{name}\n"
    assert zoo_ok("runs", "path", name, "--runs", "other") == f"other/{name}\n"
    zoo_ok("runs", "--runs", "other", "rm", name)
    assert Path("runs", name).exists()
    assert not Path("other", name).exists()


def test_runs_list_show_path_rm(trained: Path) -> None:
    assert zoo("runs").stderr == (
        "zoo: warning: runs contains no runs; run `zoo train digits-10` to make one.\n"
    )
    shutil.copytree(trained, "runs")
    listed = zoo_ok("runs")
    assert zoo_ok("runs", "list") == listed
    assert [line.split()[:2] for line in listed.splitlines()[1:]] == [
        ["digits-10-s0-1", "done"],
        ["digits-10-s1-1", "done"],
    ]
    assert [run["run"] for run in json.loads(zoo_ok("runs", "list", "--json"))] == [
        "digits-10-s0-1",
        "digits-10-s1-1",
    ]
    assert "fingerprint" in zoo_ok("runs", "show", "digits-10-s0-1")
    assert zoo_ok("runs", "path", "digits-10-s0-1") == "runs/digits-10-s0-1\n"
    zoo_ok("runs", "rm", "digits-10-s0-1")
    assert not Path("runs/digits-10-s0-1").exists()
    missing = zoo("runs", "show", "digits-10-s0-1")
    assert missing.exit_code == 2
    assert missing.stderr == (
        "zoo: There is no run named 'digits-10-s0-1' in runs.\n     List the runs: `zoo runs`.\n"
    )


@pytest.mark.usefixtures("two_runs")
def test_runs_damaged_record() -> None:
    Path("runs/digits-10-s0-1/run.json").write_text("{")
    finished = zoo("runs")
    assert finished.exit_code == 0
    assert "digits-10-s1-1" in finished.stdout
    assert "run.json is not a valid run record: " in finished.stderr


def test_runs_folder_by_option_or_setting(tmp_path: Path) -> None:
    zoo_ok("train", "digits-10", "--iterations", 60, "--quiet", "--runs", tmp_path / "a")
    zoo_ok("train", "digits-10", "--iterations", 60, "--quiet", ZOO_RUNS=tmp_path / "b")
    assert (tmp_path / "a/digits-10-s0-1").is_dir()
    assert (tmp_path / "b/digits-10-s0-1").is_dir()
    assert "digits-10-s0-1" in zoo_ok("runs", "--runs", tmp_path / "a")


@pytest.mark.parametrize("name", ["digits-10", "mnist-128"])
def test_train_data_nowhere(name: str) -> None:
    finished = zoo("train", name, "--data", "nowhere")
    assert finished.exit_code == 3
    assert finished.stderr.startswith("zoo: nowhere does not exist.\n")


def test_runs_control_characters(run: Path) -> None:
    path = run / "run.json"
    path.write_text(path.read_text().replace('"done"', '"\\u001b[2Jdone[red]"'))
    for arguments in (("runs",), ("runs", "show", "digits-10-s0-1")):
        output = zoo_ok(*arguments)
        assert "\x1b" not in output
        assert "\\x1b[2Jdone[red]" in output


def test_train_data_missing() -> None:
    finished = zoo("train", "mnist-128", "--offline")
    assert finished.exit_code == 3
    assert "train-images-idx3-ubyte" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not Path("runs").exists()


@pytest.mark.parametrize("place", ["zoo.training.run.write_atomically", "output.row_line"])
def test_train_full_disk(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """After a full disk, or a full stdout, the next command continues the training."""
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def write(path: Path, content: bytes) -> None:
        if path.name == "metrics.csv":
            raise NotWrittenError(path, full)
        write_atomically(path, content)

    def row_line(*_: object, **__: object) -> str:
        raise full

    with monkeypatch.context() as patch:
        if place == "output.row_line":
            patch.setattr("zoo.cli.run_training.output.row_line", row_line)
        else:
            patch.setattr(place, write)
        done = zoo("train", "digits-10", *QUICK)
    assert done.exit_code == 1
    assert "could not be written: No space left on device.\n" in done.stderr
    assert done.stderr.endswith("`zoo resume runs/digits-10-s0-1` continues the training.\n")
    zoo_ok("resume", "runs/digits-10-s0-1")


@pytest.mark.parametrize(
    ("name", "length", "offered"),
    [("digits-10", "--iterations", 1), ("digits-10-best", "--epochs", 0)],
)
def test_train_offers_a_longer_training(
    tmp_path: Path, name: str, length: str, offered: int
) -> None:
    """Not of a recipe whose rate has fallen to 0 at its end."""
    text = zoo_ok("train", name, length, 1, cwd=tmp_path)
    assert text.count(f"zoo resume runs/{name}-s0-1 {length} 2") == offered
