"""Entries: TOML files, checked by pydantic; the catalog of entries; plugins. No NumPy."""
