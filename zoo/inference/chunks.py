"""Inputs cut into chunks: the same files give the same chunks, whatever lies around them.

A chunk is a group of files (`inputs.groups`), cut by their names: so a file that comes or
goes changes the chunk that it is in, and no other. A long array is cut into ranges that begin at
row 0 of a product, as the images of a group do.
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
from zoo.inference import inputs
from zoo.inference.inputs import UNSAFE_SUFFIXES, InputSpec, Unreadable
from zoo.inference.predict import PRODUCT_ROWS

ROWS_PER_RANGE = 20_000  # of a file of many that are a chunk, at least
MAX_RANGES = 16  # of one file: each reads its way to its own pictures

ERRORS = {kind.exit_code: kind for kind in (ZooError, ConfigError, DataError, CorruptFileError)}


@dataclass(frozen=True)
class ChunkItem:
    """A file, or why there is none; of a file of many pictures, those from one to another."""

    source: str  # as its answers name it
    sha256: str  # of its content
    first: int = 0
    end: int | None = None
    code: int = 0  # of the error that keeps it from being read, with its sentence
    error: str = ""
    hint: str = ""

    @classmethod
    def unreadable(cls, one: Unreadable) -> Self:
        """Return what is planned of a file that cannot be read."""
        return cls(one.source, "", 0, None, one.error.exit_code, str(one.error), one.error.hint)


def error_of(code: int, sentence: str, hint: str) -> ZooError:
    """Return the error with this exit code."""
    return ERRORS.get(code, ZooError)(sentence, hint=hint)


@dataclass(frozen=True)
class Chunk:
    """Some items that are answered together, known by all that their answers depend on."""

    key: str
    items: tuple[ChunkItem, ...]

    @property
    def label(self) -> str:
        """What it is called: its first and its last file."""
        first, last = self.items[0], self.items[-1]
        if first.first or first.end is not None:
            rest = "the last" if first.end is None else f"{first.end - 1:,}"
            return f"{first.source} [{first.first:,} to {rest}]"
        return first.source if first == last else f"{first.source} to {last.source}"


class ChunkIndex(Sequence[Chunk]):
    """The chunks in their order; on disk, since there may be many, and gone with the block."""

    def __init__(self) -> None:
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - __exit__ closes it
        self._starts = array("Q", [0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, chunk: Chunk) -> None:
        """Put one at the end."""
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
            return [self[one] for one in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        start, stop = self._starts[index], self._starts[index + 1]
        # several threads ask, and a place in the file would be shared among them
        key, *items = json.loads(os.pread(self._file.fileno(), stop - start, start))
        return Chunk(key, tuple(ChunkItem(*item) for item in items))


def split_into_chunks(words: Sequence[str], wanted: InputSpec, *, depends: str) -> Iterator[Chunk]:
    """Yield the chunks of what is behind the words; answers depend on a text beside the files."""
    for group in inputs.groups(inputs.paths(words)):
        items = [item for path in group for item in _items(path, wanted)]
        # a file that is alone may be an array, of which every range is a chunk
        for some in [items] if len(group) > 1 else [[item] for item in items]:
            known = json.dumps([depends, *map(astuple, some)])
            yield Chunk(hashlib.sha256(known.encode()).hexdigest(), tuple(some))


def _items(path: Path | Unreadable, wanted: InputSpec) -> Iterator[ChunkItem]:
    if isinstance(path, Unreadable):
        yield ChunkItem.unreadable(path)
    elif path.name.lower().endswith(UNSAFE_SUFFIXES):
        yield from map(ChunkItem.unreadable, _refused(path, wanted))
    elif path.exists() and not path.is_file():
        raise ConfigError(
            f"{path} is not a regular file, and what is cut into chunks is read twice.",
            hint="Leave --engine, --jobs and --resume away.",
        )
    else:
        yield from _of_file(path, wanted)


def _refused(path: Path, wanted: InputSpec) -> Iterator[Unreadable]:
    for one in inputs.read_file(path, wanted):
        if isinstance(one, Unreadable):
            yield one


def _of_file(path: Path, wanted: InputSpec) -> Iterator[ChunkItem]:
    try:
        sha256 = digest(path)
    except OSError as error:
        sentence = f"{path} could not be read: {error.strerror}."
        yield ChunkItem.unreadable(Unreadable(str(path), DataError(sentence)))
        return
    count = inputs.count_images(path, wanted) if inputs.is_array(path) else 1
    least = max(ROWS_PER_RANGE, -(-count // MAX_RANGES))
    size = -(-least // PRODUCT_ROWS) * PRODUCT_ROWS
    firsts = range(0, max(count, 1), size)
    for first in firsts:
        end = None if first == firsts[-1] else first + size  # whatever was promised, none is lost
        yield ChunkItem(str(path), sha256, first, end)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file's content, however long it is."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
