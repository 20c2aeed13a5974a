"""Entries to begin with: a plain one that explains its keys, or another under a new name."""

import re

from zoo.config import load
from zoo.config.toml_lines import lines

PLAIN = """\
# `zoo check {name}.toml` finds mistakes and says what training will need,
# `zoo train {name}.toml` trains it, `zoo schema` helps an editor to complete it.
# In a folder ./zoo.d it stands in `zoo list`, and {name} alone is its name in every command.

name    = "{name}"
summary = "One hidden layer on scikit-learn's digits."

[data]
kind = "digits"             # or "mnist", "kaggle"
[data.split]                # digits have no test pictures of their own
validation = 200            # watched while it trains
test       = 360
seed       = 42             # without it, every run's seed draws its own split

[preprocess]                # a pixel becomes (pixel / divide - mean) / std
divide = 16                 # MNIST's pixels go to 255

[network]
hidden = [32]               # the units of each hidden layer: [64, 32] has two
block  = ["dense", "relu"]  # what each is made of: "batch_norm", {{ kind = "dropout", rate = 0.1 }}

[train]
epochs    = 50              # or iterations, which are steps
batch     = 32              # without it: all pictures at once
rate      = 0.01
optimizer = {{ kind = "adamw", decay = 0.05 }}
schedule  = {{ kind = "cosine", warm_up = 0.1 }}
weights   = "he"            # of the layers, before the first step
seed      = 0
# augment = [{{ kind = "shift", pixels = 0.5 }}, {{ kind = "rotate", degrees = 8 }}]
# label_smoothing = 0.05
"""

COPIED = """\
# Made from {original} by `zoo init`. `zoo check {name}.toml` finds mistakes,
# `zoo train {name}.toml` trains it; in a folder ./zoo.d it stands in `zoo list`.

"""

# what is true of the original alone
ITS_OWN = {"origin", "claim", "results", "weights", "variant_of"}


def plain(name: str) -> str:
    """Return an entry that trains as it is, with every key explained."""
    return PLAIN.format(name=name)


def copied(text: str, name: str) -> str:
    """Return the TOML of an entry under another name, comments and all, without its claim."""
    original = load.parse(text, where="the original")["name"]
    kept = _without(text, ITS_OWN)
    number = lines(kept)["name",] - 1
    each = kept.splitlines(keepends=True)
    each[number] = re.sub(
        r"=\s*(\"[^\"]*\"|'[^']*')", lambda _: f'= "{name}"', each[number], count=1
    )
    return COPIED.format(original=original, name=name) + "".join(each).strip() + "\n"


def _without(text: str, keys: set[str]) -> str:
    """Return a TOML without some of its outermost keys, and without the comments right above."""
    each = text.splitlines(keepends=True)
    begins = {line: str(path[0]) for path, line in reversed(lines(text).items()) if path}
    owners, owner = [], ""
    for number in range(1, len(each) + 1):
        owner = begins.get(number, owner)
        owners.append(owner)
    for number in range(len(each) - 2, -1, -1):
        if each[number].lstrip().startswith("#"):
            owners[number] = owners[number + 1]
    return "".join(line for line, owner in zip(each, owners, strict=True) if owner not in keys)
