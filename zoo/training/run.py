"""Run folders: what a training leaves behind, every file whole or not at all.

runs/digits-10-s0-1/
  entry.toml                the entry as it was trained, overrides included
  run.json                  seed, versions, data, status, final scores
  metrics.csv               a row an epoch, or every 50 iterations
  weights.safetensors       the trained network: W1, b1, W2, b2 ...
  checkpoint.safetensors    all that `zoo resume` needs to go on
  curves.svg                loss and accuracy over the training
  weights/3.safetensors     the network after three epochs, where such are kept
"""

import csv
import hashlib
import io
import json
import math
import os
import platform
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from zoo import __version__
from zoo.config import load
from zoo.config.entry import Entry
from zoo.config.entry_paths import natural_sort_key
from zoo.config.load import InvalidEntryError
from zoo.config.plugins import MissingPluginError
from zoo.errors import ConfigError, CorruptFileError, ZooError
from zoo.files import write_atomically
from zoo.nn.network import Network
from zoo.training import weights

FORMAT = 1
RECORD = "run.json"  # what makes a folder a run
Metadata = dict[str, Any]
Arrays = dict[str, npt.NDArray[np.generic]]
RUN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}-s[0-9]{1,10}-[0-9]{1,9}")


class DataRecord(BaseModel):
    """What a record says of the data."""

    model_config = ConfigDict(strict=True)

    digest: str
    source: str
    given: str | None


class ScoreRecord(BaseModel):
    """What a record says of a split."""

    model_config = ConfigDict(strict=True)

    n: int
    accuracy: float
    loss: float


@dataclass(frozen=True)
class MetricsRow:
    """A line of metrics.csv: how the training stood, and after how many seconds."""

    number: int  # epochs, or iterations where the entry counts those
    step: int
    rate: float
    train_loss: float
    train_accuracy: float
    held_out_loss: float | None
    held_out_accuracy: float | None
    seconds: float


class Record(BaseModel):
    """What run.json must hold at least, so that a damaged one is told from a good one."""

    model_config = ConfigDict(strict=True)

    format: Literal[1]
    entry: str
    seed: int
    started: str
    status: str
    process: int
    versions: dict[str, str | None]
    changes: dict[str, Any]
    data: DataRecord
    recipe: str | None = None  # a digest; early runs have none
    code: str | None = None
    split: str | None = None
    accuracy: float | None = None
    seconds: float | None = None
    verdict: str | None = None
    scores: dict[str, ScoreRecord] | None = None
    fingerprint: str | None = None

    @model_validator(mode="after")
    def _accuracy_has_a_split(self) -> Self:
        if (self.accuracy is None) != (self.split is None):
            msg = "an accuracy belongs to a split"
            raise ValueError(msg)
        ends = (self.scores, self.seconds, self.accuracy, self.fingerprint)
        if self.status == "done" and None in ends:
            msg = "what is done has scores, seconds, an accuracy and a fingerprint"
            raise ValueError(msg)
        if self.scores is not None and self.split not in {None, *self.scores}:
            msg = f"there is no score on {self.split}, which its accuracy is of"
            raise ValueError(msg)
        if lacking := {"zoo", "python", "numpy"} - self.versions.keys():
            msg = f"the versions lack {', '.join(sorted(lacking))}"
            raise ValueError(msg)
        return self


class Run:
    """One run folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        # whoever trains the run holds this; the system lets go of it when the process is gone
        self._lock = FileLock(path / ".lock")

    def lock(self) -> None:
        """Keep every other process from training or deleting this run."""
        try:
            self._lock.acquire(timeout=0.5)
        except Timeout:
            process = self.metadata["process"]
            raise ConfigError(f"{self.name} is being trained by process {process}.") from None
        except OSError as error:
            raise ZooError(f"{self.path} cannot be written to: {error.strerror}.") from None

    def unlock(self) -> None:
        """Let others in again."""
        self._lock.release()

    def status(self, facts: Metadata) -> str:
        """Return what its record says, but "interrupted" for a run whose process is gone."""
        if facts["status"] == "running" and not self._is_locked():
            return "interrupted"
        return str(facts["status"])

    def _is_locked(self) -> bool:
        try:
            with self._lock.acquire(blocking=False):
                return False
        except (Timeout, OSError):  # or it is somebody else's, and cannot be asked
            return True

    @property
    def entry(self) -> Entry:
        """The entry as it was trained."""
        path = self.path / "entry.toml"
        try:
            return load.check(load.parse(self._text(path), where=str(path)), where=str(path))
        except InvalidEntryError as error:
            lacking = [fault for fault in error.issues if fault.path[-1:] == ("kind",)]
            if lacking:
                raise MissingPluginError(self.name, self._packages, lacking[0]) from None
            raise CorruptFileError(f"{error}") from None
        except ConfigError as error:  # nobody wrote this by hand
            raise CorruptFileError(f"{error}") from None

    @property
    def _packages(self) -> dict[str, str]:
        """The packages that had a part in it."""
        ours, found = environment_info(), self.metadata["versions"]
        return {name: version for name, version in found.items() if name not in ours}

    @property
    def metadata(self) -> Metadata:
        """What run.json says."""
        path = self.path / RECORD
        try:
            facts: Metadata = json.loads(
                self._text(path), parse_constant=_finite, parse_float=_finite
            )
            Record.model_validate(facts)
        except ValidationError as error:
            raise CorruptFileError(f"{path} is no record of a run: {_first(error)}.") from None
        except (ValueError, RecursionError) as error:  # json's errors are values
            reason = str(error).splitlines()[0]
            raise CorruptFileError(f"{path} is no record of a run: {reason}.") from None
        return facts

    @staticmethod
    def _text(path: Path) -> str:
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
            raise CorruptFileError(f"{path} cannot be read: {reason}.") from None

    def write_entry(self, entry: Entry) -> None:
        """Write entry.toml, which trains again what this run trained."""
        import tomli_w

        tables = entry.without_results.model_dump(mode="json", exclude_none=True)
        write_atomically(self.path / "entry.toml", tomli_w.dumps(tables).encode())

    def write_metadata(self, facts: Metadata) -> None:
        """Write run.json."""
        text = json.dumps({"format": FORMAT, **facts}, indent=2, allow_nan=False)
        write_atomically(self.path / RECORD, f"{text}\n".encode())

    def write_rows(self, rows: Sequence[MetricsRow], *, unit: str, held_out: str) -> None:
        """Write metrics.csv; its columns are named after the unit and the held-out split."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        names = (name.replace("held_out", held_out) for name in MetricsRow.__dataclass_fields__)
        writer.writerow([unit if name == "number" else name for name in names])
        writer.writerows(asdict(row).values() for row in rows)
        write_atomically(self.path / "metrics.csv", text.getvalue().encode())

    def rows(self) -> list[MetricsRow]:
        """Return the rows of metrics.csv; none where there is no such file yet."""
        path = self.path / "metrics.csv"
        if not path.exists():
            return []
        try:
            _, *lines = csv.reader(io.StringIO(self._text(path)))
            return [
                MetricsRow(int(number), int(step), *_numbers(rest))  # type: ignore[arg-type]
                for number, step, *rest in lines
            ]
        except (ValueError, TypeError, csv.Error):
            raise CorruptFileError(f"{path} is damaged.") from None

    def write_text(self, name: str, text: str) -> None:
        """Write a further file of text."""
        write_atomically(self.path / name, text.encode())

    def write_weights(self, network: Network, facts: weights.WeightsMetadata) -> None:
        """Write weights.safetensors."""
        weights.write(self.path / "weights.safetensors", network, facts)

    def keep_weights(self) -> None:
        """Say that the weights after every epoch are to be kept."""
        self._kept_weights_folder.mkdir(exist_ok=True)

    @property
    def keeps_weights(self) -> bool:
        """Whether the weights after every epoch are kept."""
        return self._kept_weights_folder.is_dir()

    def write_kept_weights(
        self, number: int, network: Network, facts: weights.WeightsMetadata
    ) -> None:
        """Write the network as it is after so many epochs."""
        weights.write(self._kept_weights_folder / f"{number}.safetensors", network, facts)

    def kept_weights(self) -> list[tuple[int, Path]]:
        """Return the files of the networks on the way, with the number of epochs of each."""
        found = [
            path
            for path in self._kept_weights_folder.glob("*.safetensors")
            if path.stem.isdecimal()
        ]
        return sorted((int(path.stem), path) for path in found)

    @property
    def _kept_weights_folder(self) -> Path:
        return self.path / "weights"

    def write_checkpoint(self, arrays: Arrays, rest: str, *, seconds: float) -> None:
        """Write what a training needs to go on."""
        from safetensors.numpy import save

        known = {"rest": rest, "seconds": repr(seconds)}
        known["digest"] = _digest(arrays, known)
        write_atomically(self.path / "checkpoint.safetensors", save(arrays, known))

    def checkpoint(self) -> tuple[Arrays, str, float] | None:
        """Return what `write_checkpoint` was given, or nothing where there is none yet."""
        from safetensors import SafetensorError, safe_open

        path = self.path / "checkpoint.safetensors"
        if not path.exists():
            return None
        try:
            with safe_open(path, framework="np") as file:
                known = file.metadata()
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            if known.pop("digest") != _digest(arrays, known):
                raise CorruptFileError(f"{path} is damaged: its content has changed since.")
            return arrays, known["rest"], float(known["seconds"])
        except (SafetensorError, KeyError, TypeError, AttributeError, OSError) as error:
            raise CorruptFileError(f"{path} is damaged: {error}.") from None

    def remove_temporary_files(self) -> None:
        """Delete the half-written files of a process that was killed."""
        for path in self.path.rglob(".*.tmp"):
            if path.is_file():
                _delete(path.unlink, path)

    def remove(self) -> None:
        """Delete the folder."""
        self.unlock()
        _delete(lambda: shutil.rmtree(self.path), self.path)


def _first(error: ValidationError) -> str:
    """Return the first fault that pydantic found, in its place."""
    found = error.errors()[0]
    place = ".".join(map(str, found["loc"]))
    said = found["msg"].removeprefix("Value error, ")
    return f"{place}: {said}" if place else said


def _numbers(cells: Sequence[str]) -> list[float | None]:
    return [float(text) if text else None for text in cells]


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        msg = f"{text} is no finite number"
        raise ValueError(msg)
    return number


def _digest(arrays: Arrays, known: Mapping[str, str]) -> str:
    """Return a SHA-256 over all that a checkpoint holds."""
    digest = hashlib.sha256(json.dumps(sorted(known.items())).encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _delete(delete: Callable[[], None], path: Path) -> None:
    try:
        delete()
    except OSError as error:
        raise ZooError(f"{path} cannot be deleted: {error.strerror or error}.") from None


def create(runs: Path, entry: Entry, *, seed: int) -> Run:
    """Make a new folder for this entry and seed, numbered behind those that are there."""
    try:
        runs.mkdir(parents=True, exist_ok=True)
        stem = f"{entry.name}-s{seed}-"
        taken = [path.name for path in runs.glob(f"{stem}*") if RUN_NAME.fullmatch(path.name)]
        number = max((int(name.removeprefix(stem)) for name in taken), default=0)
        while True:
            number += 1
            try:
                (runs / f"{stem}{number}").mkdir()
            except FileExistsError:  # another process was faster
                continue
            return Run(runs / f"{stem}{number}")
    except OSError as error:
        raise ZooError(f"{runs} cannot hold runs: {error.strerror}.", hint="--runs DIR") from None


def import_run(runs: Path, entry: Entry, files: Mapping[str, bytes]) -> Run:
    """Make the folder of a run that was trained elsewhere; it is one with its last file."""
    run = create(runs, entry, seed=entry.train.seed)
    for name in sorted(files, key=lambda name: name == RECORD):
        write_atomically(run.path / name, files[name])
    return run


def find(runs: Path, name: str) -> Run:
    """Return the run of that name in a folder of runs, or the run at that path."""
    path = Path(name) if os.sep in name else runs / name
    if not RUN_NAME.fullmatch(path.name) or not os.path.isfile(path / RECORD):  # noqa: PTH113 - Path's raises where this says no
        raise ConfigError(
            f"There is no run named {name!r} in {runs}.", hint="`zoo runs` shows them."
        )
    return Run(path)


def all_runs(runs: Path) -> Iterator[Run]:
    """Yield the runs in a folder; what is no run is passed over."""
    try:
        paths = sorted(runs.iterdir(), key=lambda path: natural_sort_key(path.name))
    except FileNotFoundError:
        return
    except OSError as error:
        raise ZooError(f"{runs} is no folder of runs: {error.strerror}.") from None
    for path in paths:
        if RUN_NAME.fullmatch(path.name) and _may_hold_a_run(path):
            yield Run(path)


def _may_hold_a_run(path: Path) -> bool:
    try:
        return (path / RECORD).is_file()
    except OSError:  # it is there and may not be looked at: whoever lists it shall hear of it
        return True


def last(runs: Path) -> Run:
    """Return the run that was touched last."""
    known = [run for run in all_runs(runs) if os.access(run.path / RECORD, os.R_OK)]
    if not known:
        raise ConfigError(f"{runs} holds no runs.", hint="`zoo train digits-10` makes one.")
    return max(known, key=lambda run: (run.path / RECORD).stat().st_mtime_ns)


def environment_info() -> Metadata:
    """Return the versions that a result depends on, with the BLAS and its kernel."""
    from threadpoolctl import threadpool_info

    # SciPy brings a BLAS of its own, where a package has imported it
    found = [lib for lib in threadpool_info() if lib["user_api"] == "blas"]
    blas = next((lib for lib in found if "numpy" in lib["filepath"]), found[0] if found else None)
    return {
        "zoo": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": blas and f"{blas['internal_api']} {blas['version']}",
        "kernel": blas and blas.get("architecture"),
        "system": f"{platform.system()} {platform.machine()}",
    }
