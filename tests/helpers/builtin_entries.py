"""The names of the built-in entries: those of the READMEs, and the best entries."""

from zoo.config.entry_paths import natural_sort_key

READMES = ["digits-10", "kaggle-10", "mnist-10-decay", "mnist-10-sgd", "mnist-128"]
AIMS = {  # the minimum mean test accuracy of each
    "digits-10-best": 0.98,
    "mnist-10-best": 0.95,
    "mnist-128-best": 0.9915,
    "mnist-800-best": 0.994,
    "mnist-deep-best": 0.995,
}
ENTRIES = sorted([*READMES, *AIMS], key=natural_sort_key)
