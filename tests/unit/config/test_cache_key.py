"""Keys: what changes them, and what does not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import zoo
from tests.helpers.entries import PLAINEST, recipe
from zoo import config, keys

PACKAGE = Path(zoo.__file__).parent
# what a training loads and takes no number from
NO_ARITHMETIC = {
    "data.dataset",  # a key names the data by its digest
    "data.places",
    "data.sources",
    "errors",
    "faults",
    "packages",
    "pages",
    "plugins",
}


def test_seeds_share_a_recipe_and_no_key() -> None:
    first, second = (recipe({"train.seed": seed}) for seed in (0, 1))
    assert keys.recipe(first) == keys.recipe(second)
    assert keys.key(first, "d") != keys.key(second, "d")
    assert keys.key(first, "d") != keys.key(first, "e")
    assert keys.key(first, "d") == keys.key(recipe(), "d")


@pytest.mark.parametrize(
    "change",
    [
        {"train.rate": 0.2},
        {"train.epochs": 4},
        {"network.hidden": [8]},
        {"network.block": ["dense", "tanh"]},
        {"preprocess.divide": 15},
        {"data.split.seed": 5},
        {"train.optimizer": {"kind": "sgd", "momentum": 0.5}},
        {"name": "another"},
    ],
    ids=str,
)
def test_every_setting_makes_another_recipe(change: dict[str, object]) -> None:
    raw = config.override({**PLAINEST, "data": {"kind": "digits"}}, [*change.items()])
    assert keys.recipe(config.check(raw, where="here")) != keys.recipe(recipe())


def test_words_about_it_and_defaults_spelled_out_make_none() -> None:
    told = {
        "summary": "In other words.",
        "claim": {"value": 0.9, "split": "train", "tolerance": 0.1, "quote": "90 %"},
        "train.l2": 0.0,
        "train.optimizer": {"kind": "sgd", "momentum": 0.0},
    }
    assert keys.recipe(recipe(told)) == keys.recipe(recipe())


def test_the_code_is_all_that_a_training_loads_but_what_it_takes_no_number_from() -> None:
    script = "import sys, zoo.training; print(*(n for n in sys.modules if n.startswith('zoo.')))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, check=True, text=True
    )
    loaded = {name.removeprefix("zoo.") for name in done.stdout.split()}
    covered = {
        name
        for name in loaded
        if any(
            name == place.removesuffix(".py").replace("/", ".") or name.split(".")[0] == place
            for place in keys.CODE
        )
    }
    assert loaded - covered - {"data"} == NO_ARITHMETIC
    assert {"nn.losses", "training", "data.splits"} <= covered


def test_a_changed_letter_of_the_arithmetic_is_another_code_and_one_elsewhere_is_not(
    tmp_path: Path,
) -> None:
    shutil.copytree(PACKAGE, tmp_path / "zoo", ignore=shutil.ignore_patterns("__pycache__"))

    def code() -> str:
        script = "from zoo import keys; print(keys.__file__); print(keys.code())"
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            capture_output=True,
            check=True,
            text=True,
        )
        path, found = done.stdout.split()
        assert Path(path) == tmp_path / "zoo" / "keys.py"
        return found

    assert code() == keys.code()
    (tmp_path / "zoo" / "files.py").write_text("# changed\n" + (PACKAGE / "files.py").read_text())
    assert code() == keys.code()
    losses = tmp_path / "zoo" / "nn" / "losses.py"
    losses.write_text(losses.read_text() + "#\n")
    assert code() != keys.code()
