"""The built-in entries, whose files are in this folder."""

from zoo.config.catalog import CatalogEntry, read_catalog
from zoo.config.plugins import BUILTIN_DISTRIBUTION


def built_in() -> dict[str, CatalogEntry]:
    """Return the built-in entries by name."""
    return {
        name: listed
        for name, listed in read_catalog().entries.items()
        if listed.provider.startswith(f"{BUILTIN_DISTRIBUTION} ")
    }
