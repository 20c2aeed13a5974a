"""Chunks of inputs for distributed prediction; the same files always form the same chunks.

A chunk is a group of files (`file_groups`), which depends on their names: a file that is added
or removed changes its own chunk and no other. A long array is split into ranges that begin at
row 0 of a matrix product, like the images of a group.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from zoo.errors import ConfigError, ZooError
from zoo.files import not_read
from zoo.inference import file_groups, inputs
from zoo.inference.file_groups import Unreadable
from zoo.inference.inputs import InputSpec
from zoo.inference.predict import PRODUCT_ROWS
from zoo.system.files import open_regular

MIN_ROWS_PER_RANGE = 20_000  # rows of an array file
MAX_RANGES = 16  # ranges of one file: a worker reads the file from its start to its range


class FileRange(NamedTuple):
    """A file of a chunk; for an array file, the range first..end of its images.

    There may be millions of them, so it is a tuple.
    """

    source: str  # its name in the predictions
    sha256: bytes  # the digest of its content
    first: int = 0
    end: int | None = None


Item = FileRange | Unreadable


@dataclass(frozen=True)
class Chunk:
    """Items that are predicted together; the key identifies everything the results depend on."""

    key: str
    items: tuple[Item, ...]

    @property
    def label(self) -> str:
        """The names of its first and last file."""
        first, last = self.items[0], self.items[-1]
        if isinstance(first, FileRange) and (first.first or first.end is not None):
            end = "the last" if first.end is None else f"{first.end - 1:,}"
            return f"{first.source} [{first.first:,} to {end}]"
        return first.source if first == last else f"{first.source} to {last.source}"


def split_into_chunks(args: Sequence[str], spec: InputSpec, *, model_key: str) -> Iterator[Chunk]:
    """Yield the chunks of the files of the arguments; `model_key` is part of every key."""
    for group in file_groups.groups(file_groups.paths(args)):
        items = [item for path in group for item in _items(path, spec)]
        # A group of one file may be an array, and each of its ranges is a chunk.
        for chunk_items in [items] if len(group) > 1 else [[item] for item in items]:
            yield Chunk(_key(model_key, chunk_items), tuple(chunk_items))


def _key(model_key: str, items: Sequence[Item]) -> str:
    content = [model_key, *(_content(item) for item in items)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _content(item: Item) -> Sequence[object]:
    """Return all that the results of an item depend on."""
    if isinstance(item, FileRange):
        return [item.source, item.sha256.hex(), item.first, item.end]
    return [item.source, item.error.exit_code, str(item.error), item.error.hint]


def _items(path: Path | Unreadable, spec: InputSpec) -> Iterator[Item]:
    if isinstance(path, Unreadable):
        yield path
    elif path.exists() and not path.is_file():
        raise ConfigError(
            f"{path} is not a regular file; a file in a chunk is read twice.",
            hint="Omit --engine, --jobs and --resume.",
        )
    else:
        yield from _ranges(path, spec)


def _ranges(path: Path, spec: InputSpec) -> Iterator[Item]:
    try:
        count = inputs.count_images(path, spec)
        sha256 = digest(path)
    except OSError as error:
        yield Unreadable(str(path), not_read(path, error))
        return
    except ZooError as error:
        yield Unreadable(str(path), error)
        return
    min_rows = max(MIN_ROWS_PER_RANGE, -(-count // MAX_RANGES))
    size = -(-min_rows // PRODUCT_ROWS) * PRODUCT_ROWS
    firsts = range(0, max(count, 1), size)
    for first in firsts:
        end = None if first == firsts[-1] else first + size  # the header may declare too few
        yield FileRange(str(path), sha256, first, end)


def digest(path: Path) -> bytes:
    """Return the SHA-256 of a file, without loading all of it into memory."""
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").digest()
