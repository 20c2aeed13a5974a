"""The names of splits in columns and folders of the user's."""

SPLITS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing"),
}
_SPLIT_OF = {name: split for split, names in SPLITS.items() for name in names}


def split_named(name: str) -> str | None:
    """Return the split with this name; None for another name."""
    return _SPLIT_OF.get(name.lower())
