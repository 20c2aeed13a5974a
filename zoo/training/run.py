"""A run folder and its files, each written atomically.

runs/digits-10-s0-1/
  entry.toml                the entry as it was trained, overrides included
  run.json                  seed, versions, data, status, final scores
  metrics.csv               a row an epoch, or every 50 iterations
  weights.safetensors       the trained network: W1, b1, W2, b2 ...
  checkpoint.safetensors    the state that `zoo resume` needs
  curves.svg                loss and accuracy over the training
  weights/3.safetensors     the network after three epochs, with --keep-weights
"""

from __future__ import annotations

import csv
import io
import os
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from zoo.config import load, toml
from zoo.config.load import InvalidEntryError
from zoo.config.plugins import MissingPluginError
from zoo.errors import ConfigError, CorruptFileError, ZooError
from zoo.files import delete, not_read, write_atomically
from zoo.system.file_errors import hint
from zoo.system.files import read_regular, when_free
from zoo.system.temporary import new_path
from zoo.training.record import RECORD, Metadata, checked_record, finite, record_text

if TYPE_CHECKING:  # these import NumPy, which lists of runs do not need
    from collections.abc import Sequence
    from pathlib import Path

    from zoo.config.entry import Entry
    from zoo.nn.network import Network
    from zoo.training.loop import Arrays
    from zoo.training.weights import WeightsMetadata

MAX_ENTRY_BYTES = 4 * toml.MAX_BYTES  # zoo may write each value on a line
MAX_CHECKPOINT_BYTES = 1_000_000_000  # of a training that is not known
MAX_TEXT_BYTES = 100_000_000  # of metrics.csv with a million rows
MAX_DIGITS = 15  # of a number of steps
RUN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}-s[0-9]{1,10}-[0-9]{1,9}")


@dataclass(frozen=True)
class MetricsRow:
    """A row of metrics.csv: loss and accuracy at a step, and the seconds so far."""

    number: int  # epochs, or iterations where the entry has iterations
    step: int
    rate: float
    train_loss: float
    train_accuracy: float
    held_out_loss: float | None
    held_out_accuracy: float | None
    seconds: float


class Run:
    """One run folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name

    @cached_property
    def _lock(self) -> FileLock:
        """The lock that the training process holds; the system releases it when that ends."""
        return FileLock(self.path / ".lock")

    def lock(self, *, is_new: bool = False) -> None:
        """Lock the run, so that no other process trains or deletes it; only a new one is empty."""
        try:
            self._lock.acquire(timeout=0.5)
        except Timeout:
            process = self.metadata["process"]
            raise ConfigError(f"{self.name} is being trained by process {process}.") from None
        except OSError as error:
            raise ZooError(
                f"{self.path} cannot be written to: {error.strerror}.",
                hint=hint(error, self.path / ".lock"),
            ) from None
        if is_new or os.path.lexists(self.path / RECORD):
            return
        self.unlock()
        with suppress(OSError):  # FileLock has made the folder again
            (self.path / ".lock").unlink(missing_ok=True)
            self.path.rmdir()
        raise ConfigError(f"{self.name} was deleted by another command.")

    def unlock(self) -> None:
        """Release the lock."""
        self._lock.release()

    def status(self, metadata: Metadata) -> str:
        """Return the status of run.json, or "interrupted" if its process is gone."""
        if metadata["status"] == "running" and not self.is_locked():
            return "interrupted"
        return str(metadata["status"])

    def is_locked(self) -> bool:
        """Whether another process trains the run, or may train it."""
        if not os.path.lexists(self._lock.lock_file):  # to ask for the lock would create it
            return False
        try:
            with self._lock.acquire(blocking=False):
                return False
        except (Timeout, OSError):  # another process holds it, or the lock file is not readable
            return True

    @property
    def entry_text(self) -> str:
        """The content of entry.toml."""
        return self._text(self.path / "entry.toml", MAX_ENTRY_BYTES)

    @property
    def entry(self) -> Entry:
        """The entry as it was trained."""
        where = str(self.path / "entry.toml")
        try:
            return load.check(load.parse(self.entry_text, where=where), where=where)
        except InvalidEntryError as error:
            missing = [issue for issue in error.issues if issue.path[-1:] == ("kind",)]
            if missing:
                raise MissingPluginError(self.name, self._plugins, missing[0]) from None
            raise CorruptFileError(f"{error}") from None
        except ConfigError as error:  # the file was written by zoo, so it is damaged
            raise CorruptFileError(f"{error}") from None

    @property
    def _plugins(self) -> dict[str, str]:
        """The plugins that the run used, with their versions."""
        from zoo.training.environment import environment_info

        builtin, versions = environment_info(), self.metadata["versions"]
        return {name: version for name, version in versions.items() if name not in builtin}

    @property
    def metadata(self) -> Metadata:
        """The content of run.json."""
        path = self.path / RECORD
        try:
            return checked_record(self._text(path))
        except ValueError as error:
            raise CorruptFileError(f"{path} is not a valid run record: {error}.") from None

    @staticmethod
    def _text(path: Path, max_bytes: int = MAX_TEXT_BYTES) -> str:
        try:
            return when_free(lambda: read_regular(path, max_bytes)).decode()
        except OSError as error:
            raise not_read(path, error, CorruptFileError) from None
        except UnicodeDecodeError:
            raise CorruptFileError(f"{path} could not be read: it is not UTF-8 text.") from None

    def write_entry(self, entry: Entry, text: str = "") -> None:
        """Write entry.toml, which repeats this training, with the comments of `text`."""
        from zoo.config.toml_edit import entry_toml

        write_atomically(self.path / "entry.toml", entry_toml(entry, text).encode())

    def write_metadata(self, metadata: Metadata) -> None:
        """Write run.json."""
        write_atomically(self.path / RECORD, record_text(metadata).encode())

    def write_rows(self, rows: Sequence[MetricsRow], *, unit: str, held_out: str) -> None:
        """Write metrics.csv; its columns are named after the unit and the held-out split."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        names = (name.replace("held_out", held_out) for name in MetricsRow.__dataclass_fields__)
        writer.writerow([unit if name == "number" else name for name in names])
        writer.writerows(asdict(row).values() for row in rows)
        write_atomically(self.path / "metrics.csv", text.getvalue().encode())

    def rows(self) -> list[MetricsRow]:
        """Return the rows of metrics.csv; an empty list if the file does not exist yet."""
        path = self.path / "metrics.csv"
        if not path.exists():
            return []
        try:
            _, *lines = csv.reader(io.StringIO(self._text(path)))
            return [
                MetricsRow(_count(number), _count(step), *_numbers(rest))  # type: ignore[arg-type]
                for number, step, *rest in lines
            ]
        except (ValueError, TypeError, csv.Error):
            raise CorruptFileError(f"{path} is damaged.") from None

    def write_text(self, name: str, text: str) -> None:
        """Write a text file."""
        write_atomically(self.path / name, text.encode())

    def write_weights(self, network: Network, metadata: WeightsMetadata) -> None:
        """Write weights.safetensors."""
        from zoo.training import weights

        weights.write(self.path / "weights.safetensors", network, metadata)

    def enable_epoch_weights(self) -> None:
        """Create the folder for the weights after every epoch."""
        self._intermediate_folder.mkdir(exist_ok=True)

    @property
    def has_epoch_weights(self) -> bool:
        """Whether the weights after every epoch are kept."""
        return self._intermediate_folder.is_dir()

    def write_intermediate_weights(
        self, number: int, network: Network, metadata: WeightsMetadata
    ) -> None:
        """Write the network after this many epochs."""
        from zoo.training import weights

        weights.write(self._intermediate_folder / f"{number}.safetensors", network, metadata)

    def intermediate_weights(self) -> list[tuple[int, Path]]:
        """Return the number of epochs and the file of each network that was kept."""
        paths = [
            path
            for path in self._intermediate_folder.glob("*.safetensors")
            if path.stem.isdecimal()
        ]
        return sorted((int(path.stem), path) for path in paths)

    @property
    def _intermediate_folder(self) -> Path:
        return self.path / "weights"

    def write_checkpoint(self, arrays: Arrays, rest: str, *, seconds: float) -> None:
        """Write checkpoint.safetensors."""
        from zoo.training import checkpoint

        checkpoint.write(self._checkpoint_path, arrays, rest, seconds=seconds)

    def checkpoint(self, max_bytes: int = MAX_CHECKPOINT_BYTES) -> tuple[Arrays, str, float] | None:
        """Return the arguments of `write_checkpoint`; None if there is no checkpoint yet."""
        from zoo.training import checkpoint

        return checkpoint.read(self._checkpoint_path, max_bytes)

    @property
    def _checkpoint_path(self) -> Path:
        return self.path / "checkpoint.safetensors"

    def remove_temporary_files(self) -> None:
        """Delete the temporary files of a process that was killed."""
        for path in self.path.rglob(".*.tmp"):
            if path.is_file():
                delete(path)

    def remove(self) -> None:
        """Delete the folder; it is renamed first, so that no part of a run can be left."""
        self.unlock()
        renamed = new_path(self.path.parent)
        try:
            when_free(lambda: self.path.rename(renamed))
        except OSError as error:
            raise ZooError(
                f"{self.path} cannot be deleted: {error.strerror or error}.",
                hint=hint(error, self.path),
            ) from None
        delete(renamed)


def _numbers(cells: Sequence[str]) -> list[float | None]:
    return [finite(text) if text else None for text in cells]


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > MAX_DIGITS:
        raise ValueError(text)
    return int(text)
