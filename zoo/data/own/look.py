"""A look at a file or folder of the user's: which kind of data it is, and what is in it."""

from pathlib import Path

from zoo.data.own.image_suggestion import is_idx_name, suggest_folder, suggest_idx, suggest_npz
from zoo.data.own.suggestion import Suggestion
from zoo.data.own.table_suggestion import suggest_table
from zoo.errors import ConfigError, DataError


def is_data_file(path: Path) -> bool:
    """Whether a path names data of the user's, and neither an entry nor a model, by its name."""
    return bool(_kind(path))


def suggest(path: Path, label: str | None = None) -> Suggestion:
    """Return the settings for a table, a folder, an .npz file or IDX files; they are read.

    `label` is the name of a table's column of labels.
    """
    kind = _kind(path)
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


def _kind(path: Path) -> str:
    """Return the kind of the data in a file or folder, by its name; empty for other files."""
    name = path.name.lower().removesuffix(".gz")
    if path.is_dir():
        return "folder"
    if name.endswith((".csv", ".tsv")) or path.suffix.lower() == ".parquet":
        return "csv"
    if name.endswith(".npz"):
        return "npz"
    return "idx" if is_idx_name(name) else ""
