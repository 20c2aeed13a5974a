"""Data named in place of an entry: `zoo train iris.csv`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.command import zoo, zoo_ok
from tests.helpers.own_data import COLUMNS, iris, write_csv, write_digits, write_iris, write_shapes

NOTE = "zoo: the recipe follows from the data; `zoo init NAME --data {}` keeps it in a file"


@pytest.mark.parametrize(
    ("write", "data", "name", "least"),
    [
        (write_iris, "iris.csv", "iris", 0.85),
        (write_shapes, "shapes/", "shapes", 0.7),
        (write_shapes, "shapes", "shapes", 0.7),
        (write_digits, "digits.npz", "digits", 0.9),
    ],
)
def test_train_data(
    tmp_path: Path, write: Callable[[Path], Path], data: str, name: str, least: float
) -> None:
    """A file or folder is trained on; a note says how to keep the recipe."""
    write(tmp_path)
    result = zoo("train", data, cwd=tmp_path)
    assert (result.exit_code, NOTE.format(data) in result.stderr) == (0, True)
    label = "zoo: the label is 'species'; `zoo init` takes another with --label COLUMN"
    assert (label in result.stderr) == data.endswith(".csv")
    shown = json.loads(zoo_ok("data", "show", data, "--json", cwd=tmp_path))
    assert shown["label"] == ("species" if data.endswith(".csv") else None)
    (run,) = json.loads(zoo_ok("runs", "--json", cwd=tmp_path))
    assert run["name"] == f"{name}-s0-1"
    assert run["accuracy"] >= least
    zoo_ok("evaluate", f"runs/{name}-s0-1", cwd=tmp_path)


def test_train_data_is_init_and_train(tmp_path: Path) -> None:
    """The same network comes of `zoo init` and of the data alone, also from another folder."""
    write_csv(tmp_path / "iris.csv", COLUMNS, iris())
    zoo_ok("init", "iris", "--data", "iris.csv", cwd=tmp_path)
    (tmp_path / "other").mkdir()
    (first,) = json.loads(zoo_ok("train", "iris.toml", "--json", cwd=tmp_path))
    (second,) = json.loads(zoo_ok("train", "../iris.csv", "--json", cwd=tmp_path / "other"))
    assert first["fingerprint"] == second["fingerprint"]


def test_train_data_settings(tmp_path: Path) -> None:
    """Options change the recipe that follows from the data."""
    write_csv(tmp_path / "iris.csv", COLUMNS, iris())
    options = ("--epochs", 3, "--set", "data.split.seed=1", "--hidden", "8,8")
    (run,) = json.loads(zoo_ok("train", "iris.csv", *options, "--json", cwd=tmp_path))
    assert run["changes"].keys() == {"train.epochs", "network.hidden", "data.split.seed"}


def test_train_data_named_like_an_entry(tmp_path: Path) -> None:
    """A file that is called like a built-in entry does not take its name."""
    write_csv(tmp_path / "digits-10.csv", COLUMNS, iris())
    assert zoo_ok("train", "digits-10.csv", "-q", cwd=tmp_path) == "digits-10-data-s0-1\n"
    (tmp_path / "digits-10").mkdir()
    assert json.loads(zoo_ok("show", "digits-10", "--json", cwd=tmp_path))["name"] == "digits-10"


def test_data_in_other_commands(tmp_path: Path) -> None:
    """check, compare, show, ablate and tune take data, too."""
    write_csv(tmp_path / "iris.csv", COLUMNS, iris())
    (checked,) = json.loads(zoo_ok("check", "iris.csv", "--json", cwd=tmp_path))
    assert (checked["file"], checked["network"]) == ("iris.csv", "4-16-3")
    (model,) = json.loads(zoo_ok("compare", "iris.csv", "--json", cwd=tmp_path))
    assert model["name"] == "iris"
    assert json.loads(zoo_ok("show", "iris.csv", "--json", cwd=tmp_path))["name"] == "iris"
    assert json.loads(zoo_ok("data", "show", "iris.csv", "--json", cwd=tmp_path))["name"] == "iris"
    zoo_ok("ablate", "iris.csv", "--dry-run", cwd=tmp_path)
    zoo_ok("tune", "iris.csv", "--space", "train.rate=0.1,0.2", "--dry-run", cwd=tmp_path)


@pytest.mark.parametrize("name", ["nothing.csv", "nothing/", "nothing.npz"])
def test_train_missing_data(tmp_path: Path, name: str) -> None:
    """A file that does not exist is one sentence."""
    result = zoo("train", name, cwd=tmp_path)
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == f"zoo: {Path(name)} does not exist.\n"


def test_train_run_folder(tmp_path: Path) -> None:
    """The folder of a run is not taken for a folder of images."""
    zoo_ok("train", "digits-10", "--iterations", 50, "-q", cwd=tmp_path)
    result = zoo("train", "runs/digits-10-s0-1/", cwd=tmp_path)
    assert (result.exit_code, "There is no entry named" in result.stderr) == (2, True)


def test_train_data_with_the_name_of_a_device(tmp_path: Path) -> None:
    """A name that Windows keeps for a device is a name of a file elsewhere."""
    write_csv(tmp_path / "iris.csv", COLUMNS, iris()).rename(tmp_path / "nul.csv")
    zoo_ok("train", "nul.csv", "--epochs", 1, cwd=tmp_path)
    assert (tmp_path / "runs/nul-data-s0-1").is_dir()
