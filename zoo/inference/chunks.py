"""Chunks of inputs for distributed prediction; the same files always form the same chunks.

A chunk is a group of files (`file_groups`), which depends on their names: a file that is added
or removed changes its own chunk and no other. A long array is split into ranges that begin at
row 0 of a matrix product, like the images of a group.
"""

import hashlib
import json
import os
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Self, overload

from zoo.errors import ConfigError, CorruptFileError, DataError, ZooError
from zoo.inference import file_groups, inputs
from zoo.inference.file_groups import Unreadable
from zoo.inference.inputs import UNSAFE_SUFFIXES, InputSpec
from zoo.inference.predict import PRODUCT_ROWS

MIN_ROWS_PER_RANGE = 20_000  # rows of an array file
MAX_RANGES = 16  # ranges of one file: a worker reads the file from its start to its range

ERRORS = {kind.exit_code: kind for kind in (ZooError, ConfigError, DataError, CorruptFileError)}


@dataclass(frozen=True)
class ChunkItem:
    """A file of a chunk, readable or not; for an array file, the range first..end of its images."""

    source: str  # its name in the predictions
    sha256: str  # the digest of its content
    first: int = 0
    end: int | None = None
    code: int = 0  # the exit code of the error, if the file is unreadable
    error: str = ""
    hint: str = ""

    @classmethod
    def unreadable(cls, file: Unreadable) -> Self:
        """Return the item of a file that cannot be read."""
        error = file.error
        return cls(file.source, "", 0, None, error.exit_code, str(error), error.hint)


def error_of(code: int, message: str, hint: str) -> ZooError:
    """Return the error with this exit code."""
    return ERRORS.get(code, ZooError)(message, hint=hint)


@dataclass(frozen=True)
class Chunk:
    """Items that are predicted together; the key identifies everything the results depend on."""

    key: str
    items: tuple[ChunkItem, ...]

    @property
    def label(self) -> str:
        """The names of its first and last file."""
        first, last = self.items[0], self.items[-1]
        if first.first or first.end is not None:
            end = "the last" if first.end is None else f"{first.end - 1:,}"
            return f"{first.source} [{first.first:,} to {end}]"
        return first.source if first == last else f"{first.source} to {last.source}"


class ChunkIndex(Sequence[Chunk]):
    """The chunks in their order, in a temporary file, since there may be many."""

    def __init__(self) -> None:
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - __exit__ closes it
        self._starts = array("Q", [0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, chunk: Chunk) -> None:
        """Append a chunk."""
        line = json.dumps([chunk.key, *map(astuple, chunk.items)]).encode()
        self._file.write(line)
        self._starts.append(self._starts[-1] + len(line))

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, index: int) -> Chunk: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Chunk]: ...
    def __getitem__(self, index: int | slice) -> Chunk | Sequence[Chunk]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        start, stop = self._starts[index], self._starts[index + 1]
        # pread, because several threads read and would share a file position
        key, *items = json.loads(os.pread(self._file.fileno(), stop - start, start))
        return Chunk(key, tuple(ChunkItem(*item) for item in items))


def split_into_chunks(args: Sequence[str], spec: InputSpec, *, model_key: str) -> Iterator[Chunk]:
    """Yield the chunks of the files of the arguments; `model_key` is part of every key."""
    for group in file_groups.groups(file_groups.paths(args)):
        items = [item for path in group for item in _items(path, spec)]
        # A group of one file may be an array, and each of its ranges is a chunk.
        for chunk_items in [items] if len(group) > 1 else [[item] for item in items]:
            content = json.dumps([model_key, *map(astuple, chunk_items)])
            yield Chunk(hashlib.sha256(content.encode()).hexdigest(), tuple(chunk_items))


def _items(path: Path | Unreadable, spec: InputSpec) -> Iterator[ChunkItem]:
    if isinstance(path, Unreadable):
        yield ChunkItem.unreadable(path)
    elif path.name.lower().endswith(UNSAFE_SUFFIXES):
        yield from map(ChunkItem.unreadable, _unsafe(path, spec))
    elif path.exists() and not path.is_file():
        raise ConfigError(
            f"{path} is not a regular file; a file in a chunk is read twice.",
            hint="Omit --engine, --jobs and --resume.",
        )
    else:
        yield from _file_items(path, spec)


def _unsafe(path: Path, spec: InputSpec) -> Iterator[Unreadable]:
    for item in inputs.read_file(path, spec):
        if isinstance(item, Unreadable):
            yield item


def _file_items(path: Path, spec: InputSpec) -> Iterator[ChunkItem]:
    try:
        sha256 = digest(path)
    except OSError as error:
        message = f"{path} could not be read: {error.strerror}."
        yield ChunkItem.unreadable(Unreadable(str(path), DataError(message)))
        return
    count = inputs.count_images(path, spec) if file_groups.is_array(path) else 1
    min_rows = max(MIN_ROWS_PER_RANGE, -(-count // MAX_RANGES))
    size = -(-min_rows // PRODUCT_ROWS) * PRODUCT_ROWS
    firsts = range(0, max(count, 1), size)
    for first in firsts:
        end = None if first == firsts[-1] else first + size  # the header may declare too few
        yield ChunkItem(str(path), sha256, first, end)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, without loading all of it into memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
