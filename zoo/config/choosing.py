"""What choices are made on: training pictures that are held out, never the test split."""

from zoo.config.entry import Entry

VALIDATION_SHARE = 6  # one in so many training pictures is held out


def validation_changes(entry: Entry) -> list[tuple[str, object]]:
    """Return the changes that give an entry a validation split, if it has none."""
    if "validation" in entry.splits:
        return []
    return [("data.split.validation", max(1, entry.data.train_rows // VALIDATION_SHARE))]
