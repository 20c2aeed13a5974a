"""The entry with the best settings."""

import tomllib
from dataclasses import replace
from pathlib import Path

from tests.helpers.searches import make_search
from zoo.analysis import best_entry
from zoo.analysis.search import Search
from zoo.analysis.studies import Trial
from zoo.config import load

TEXT = """
# for the course

name = "digits-7"
# seven, as in the lecture
summary = "Seven hidden units."

[origin]
title = "A README"
licence = "MIT"

[data]
kind = "digits"
[data.split]
test = 360  # as everywhere
seed = 42

# the range of the pixels
[preprocess]
divide = 16

[network]
hidden = [7]  # one for each day

[train]  # from the lecture
epochs = 3
batch = 8
# above 0.2 it diverges
rate = 0.1  # a round number
weights = "he"
"""


def make_best(search: Search, best: Trial, *, trials: int, text: str = TEXT) -> str:
    return best_entry.best_toml(search, tomllib.loads(text), best, trials=trials, text=text)


def test_best_toml() -> None:
    """The entry with the best settings trains on the validation images too."""
    search = make_search(Path(), "network.hidden=5,6", "train.rate=0.1..0.2")
    best = Trial(3, {"network.hidden": 6, "train.rate": 0.15}, "done", 0.9123, 1.0, "")
    text = make_best(search, best, trials=9)
    found = load.check(load.parse(text, where="best.toml"), where="best.toml")
    assert (found.name, found.variant_of) == ("digits-7-tuned", None)  # it has other widths
    assert (found.network.hidden, found.train.rate) == ((6,), 0.15)
    assert found.data.split.validation == 0
    assert found.data.train_rows == 1437


CLAIM = """
[claim]
value = 0.9
split = "test"
tolerance = 0.02
quote = "90 %"
"""


def test_best_toml_other_architecture() -> None:
    """A network of other widths is not a variant of the original, and does not have its claim."""
    search = make_search(Path(), "network.hidden=7,8")
    same, other = (
        tomllib.loads(make_best(search, trial, trials=2, text=TEXT + CLAIM))
        for trial in (
            Trial(0, {"network.hidden": 7}, "done", 0.9, 1.0, ""),
            Trial(1, {"network.hidden": 8}, "done", 0.9, 1.0, ""),
        )
    )
    assert (same["variant_of"], same["claim"]["value"]) == ("digits-7", 0.9)
    assert "variant_of" not in other
    assert "claim" not in other
    changed = tomllib.loads(TEXT + CLAIM) | {"network": {"hidden": [9]}}  # by --set
    trial = Trial(0, {"train.rate": 0.2}, "done", 0.9, 1.0, "")
    text = best_entry.best_toml(search, changed, trial, trials=1, text=TEXT + CLAIM)
    assert "variant_of" not in tomllib.loads(text)


BEST = """
# for the course

name = "digits-7-tuned"
# zoo tune digits-7: trial 3 of 9 reached 91.23% on the validation split,
# the mean over seed 0; the test split was not looked at.
summary = "digits-7, tuned: best of 9 trials on validation."
variant_of = "digits-7"

[data]
kind = "digits"
[data.split]
test = 360  # as everywhere
seed = 42

# the range of the pixels
[preprocess]
divide = 16

[network]
hidden = [7]  # one for each day

[train]  # from the lecture
epochs = 3
batch = 8
rate = 0.15  # changed from 0.1
weights = "he"
optimizer = {kind = "sgd", momentum = 0.9}  # added
"""


def test_best_toml_comments() -> None:
    """Comments stay; those of changed values, the summary's too, are replaced."""
    search = make_search(Path(), "network.hidden=7,8", "train.rate=0.1..0.2")
    values = {
        "network.hidden": [7],
        "train.rate": 0.15,
        "train.optimizer": {"kind": "sgd", "momentum": 0.9},
    }
    best = Trial(3, values, "done", 0.9123, 1.0, "")
    assert make_best(search, best, trials=9) == BEST


def test_best_toml_of_a_tuned_entry() -> None:
    """What an earlier search reached is not said of the values of the next one."""
    search = replace(make_search(Path(), "train.rate=0.1..0.2"), name="digits-7-tuned")
    best = Trial(1, {"train.rate": 0.17}, "done", 0.95, 1.0, "")
    lines = make_best(search, best, trials=2, text=BEST).splitlines()
    assert lines[3:7] == [
        'name = "digits-7-tuned-tuned"',
        "# zoo tune digits-7-tuned: trial 1 of 2 reached 95.00% on the validation split,",
        "# the mean over seed 0; the test split was not looked at.",
        'summary = "digits-7-tuned, tuned: best of 2 trials on validation."',
    ]
    assert "rate = 0.17  # changed from 0.15" in lines


def test_best_toml_with_patience() -> None:
    """Settings with early stopping keep the validation split."""
    search = make_search(Path(), "train.patience=2,3")
    best = Trial(0, {"train.patience": 2}, "done", 0.9, 1.0, "")
    entry = load.check(load.parse(make_best(search, best, trials=2), where="it"), where="it")
    assert entry.train.patience == 2
    validation = load.check(search.raw, where="it").data.split.validation
    assert entry.data.split.validation == validation > 0
