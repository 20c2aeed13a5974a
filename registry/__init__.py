"""The built-in entries: one TOML a model, no code."""
