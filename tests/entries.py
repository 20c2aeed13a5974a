"""The names of the built-in entries: those of the READMEs, and what else their networks can do."""

from zoo.catalog import natural

READMES = ["digits-10", "kaggle-10", "mnist-10-decay", "mnist-10-sgd", "mnist-128"]
AIMS = {"digits-10-best": 0.98}  # each with the mean test accuracy that it is to reach
ENTRIES = sorted([*READMES, *AIMS], key=natural)
