"""A look at a file or folder of the user's: which kind of data it is, and what is in it."""

from pathlib import Path

from zoo.config.file_kinds import file_kind
from zoo.data.own.image_suggestion import suggest_folder, suggest_idx, suggest_npz
from zoo.data.own.suggestion import Suggestion
from zoo.data.own.table_suggestion import suggest_table
from zoo.errors import ConfigError, DataError


def suggest(path: Path, label: str | None = None) -> Suggestion:
    """Return the settings for a table, a folder, an .npz file or IDX files; they are read.

    `label` is the name of a table's column of labels.
    """
    kind = "folder" if path.is_dir() else file_kind(path.name)
    if not path.exists():
        raise DataError(f"{path} does not exist.")
    if not kind:
        raise ConfigError(
            f"{path} is not data that zoo reads; expected a folder, or a file .csv, .csv.gz, .tsv, "
            ".parquet, .npz or IDX.",
        )
    if label and kind != "csv":
        raise ConfigError(f"--label names a column of a table; {path} has no columns.")
    if kind == "csv":
        return suggest_table(path, label)
    if kind == "npz":
        return suggest_npz(path)
    return suggest_idx(path) if kind == "idx" else suggest_folder(path)
