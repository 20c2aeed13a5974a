"""Commands whose work is done by two worker processes."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.helpers.command import zoo, zoo_ok
from tests.helpers.entries import SMALLEST
from tests.helpers.image_folders import write_mixed
from tests.helpers.noise_folder import write_noise


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ["out.csv", "out.json", "out.jsonl", "out.txt"])
def test_predict_two_workers_each_format(name: str) -> None:
    """Two workers write the bytes that one process writes, and say the same on stderr."""
    write_mixed(Path("images"), 80)
    command = ("predict", "digits-10", "images", "--preprocess", "none", "--out", name)
    plain = zoo(*command)
    expected = Path(name).read_bytes()
    Path(name).unlink()
    done = zoo(*command, "--jobs", 2)
    assert Path(name).read_bytes() == expected
    assert done.exit_code == plain.exit_code == 1
    said = [line for line in done.stderr.splitlines() if " left" not in line]  # but progress
    assert said == plain.stderr.splitlines()
    assert {path.name for path in Path().iterdir()} == {"images", name}


@pytest.mark.parametrize("options", [(), ("--batch", 7)], ids=str)
def test_predict_two_workers_rows(options: tuple[object, ...]) -> None:
    """With mnist-128 the last bits of a row depend on its place, on some processors."""
    write_noise(Path("noise"))
    command = ("predict", "mnist-128", "noise", "--preprocess", "none", "--skip-bad", "--out")
    zoo_ok(*command, "plain.json")
    zoo_ok(*command, "out.json", "--jobs", 2, *options)
    assert Path("out.json").read_bytes() == Path("plain.json").read_bytes()


def test_ablate_two_workers() -> None:
    """Two workers train what one process trains."""
    Path("own.toml").write_text(SMALLEST)
    command = ("ablate", "own.toml", "--seeds", 2, "--csv", "--jobs")
    one, two = (
        list(csv.DictReader(io.StringIO(zoo_ok(*command, jobs, "--runs", f"runs-{jobs}"))))
        for jobs in (1, 2)
    )
    assert len(one) > 0
    assert one == two


def test_compare_two_workers() -> None:
    """Two workers train what one process trains."""
    Path("own.toml").write_text(SMALLEST)
    command = ("compare", "own.toml", "--train", "--seeds", 3, "--json", "--jobs")
    one, two = (
        json.loads(zoo_ok(*command, jobs, "--runs", f"runs-{jobs}"))[0]["reproduced"]
        for jobs in (1, 2)
    )
    assert one["n"] == 3
    assert one == two


def test_tune_default_jobs() -> None:
    """Without --jobs the workers of every core make the trials, and --resume the rest of them."""
    Path("own.toml").write_text(SMALLEST)
    command = ("tune", "own.toml", "--space", "train.rate=log:0.01..1", "--json")
    first = json.loads(zoo_ok(*command, "--trials", 3))
    assert [one["state"] for one in first["trials"]] == ["done"] * 3
    more = json.loads(zoo_ok(*command, "--trials", 5, "--resume"))
    assert more["trials"][:3] == first["trials"]
    assert [one["state"] for one in more["trials"]] == ["done"] * 5
