"""Entries (TOML files checked by pydantic), the catalog of entries, and plugins, without NumPy."""
