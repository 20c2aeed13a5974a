"""The kind of the data in a file of the user's, by the file's name."""

import re

KINDS = {
    "csv": re.compile(r"\.(csv|tsv)(\.gz)?$|\.parquet$"),
    "npz": re.compile(r"\.npz$"),
    "idx": re.compile(r"[-.]idx[13](-ubyte)?(\.gz)?$|\.idx(\.gz)?$"),  # as MNIST's
}


def file_kind(name: str) -> str:
    """Return the kind of an entry's data; empty for other files."""
    return next((kind for kind, ending in KINDS.items() if ending.search(name.lower())), "")


def without_ending(name: str) -> str:
    """Return a name without the ending that tells the kind."""
    ending = KINDS.get(file_kind(name))
    return name[: ending.search(name.lower()).start()] if ending else name  # type: ignore[union-attr]
