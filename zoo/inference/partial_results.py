"""Partial results: one checksummed file per chunk, deleted when all chunks are complete.

    zoo part 2 SHA-256 of what follows
    ["the chunk's key", number of lines that follow]
    ["photos/a.png", 0, "inverted; centred", [0.0, 1.0, 0.0, ...]]
    ["photos/b.png", 5, "photos/b.png is empty; expected an image.", "", false]

The last line is an unreadable file, with the exit code, the message and the hint of its error; true
stands for a row of a table.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from zoo.errors import ConfigError, CorruptFileError, DataError, ZooError
from zoo.files import NotWrittenError, new_folders, write_atomically
from zoo.inference.file_groups import Unreadable
from zoo.inference.inputs import Input
from zoo.inference.predict import Prediction
from zoo.system.files import open_regular, when_free
from zoo.system.temporary import NAME

FORMAT = 2
LOCK = ".lock"
PART_NAME = re.compile(r"[0-9a-f]{64}\.part")

ERRORS = {kind.exit_code: kind for kind in (ZooError, ConfigError, DataError, CorruptFileError)}

Result = Prediction | Unreadable


def serialize(key: str, results: Iterable[Result]) -> bytes:
    """Return the content of a chunk's file."""
    lines = [_to_line(result) for result in results]
    body = "".join(f"{line}\n" for line in (json.dumps([key, len(lines)]), *lines)).encode()
    return _first_line(hashlib.sha256(body).hexdigest()) + body


def _first_line(sha256: str) -> bytes:
    return f"zoo part {FORMAT} {sha256}\n".encode()


def _to_line(result: Result) -> str:
    if isinstance(result, Unreadable):
        error = result.error
        return json.dumps([result.source, error.exit_code, str(error), error.hint, result.is_row])
    item, probabilities = result.input, [float(value) for value in result.probabilities]
    return json.dumps([item.source, item.index, item.steps, probabilities])


def _from_line(line: bytes) -> Result:
    match json.loads(line):
        case [str(source), int(code), str(message), str(hint), bool(is_row)]:
            return Unreadable(source, ERRORS.get(code, ZooError)(message, hint=hint), is_row)
        case [str(source), int(index), str(steps), list(probabilities)]:
            image = np.empty(0, np.uint8)  # no output format for files contains the image
            return Prediction(
                Input(source, index, image, steps), np.array(probabilities, np.float32)
            )
        case _:
            raise ValueError(line)


class PartialResults:
    """The folder of partial results beside the output file."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(f"{target.name}.parts")
        if self.path.exists() and not self.path.is_dir():
            raise ConfigError(
                f"{self.path} is not a folder; zoo stores the parts of {target} there."
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep the folder from other commands; it goes away at the end if it is empty.

        The system unlocks it when the process is killed.
        """
        lock = FileLock(self.path / LOCK)
        with ExitStack() as folders:
            try:
                folders.enter_context(new_folders(self.path))
                lock.acquire(blocking=False)
            except Timeout:
                raise self._used_by_another() from None
            except OSError as error:
                raise NotWrittenError(self.path, error) from error
            except NotImplementedError:  # raised by filelock if the file system has no locks
                yield
                return
            if not (self.path / LOCK).exists():  # the other command has just ended, and deleted it
                lock.release()
                raise self._used_by_another()
            try:
                yield
            finally:
                is_deleted = self._delete_lock()
                lock.release()
                if not is_deleted:
                    self._delete_lock()

    def _delete_lock(self) -> bool:
        """Delete the lock, and the folder if it is then empty; Windows keeps a file that is open.

        It is deleted before it is released: another command may have opened it.
        """
        try:
            (self.path / LOCK).unlink(missing_ok=True)
        except PermissionError:
            return False
        with suppress(OSError):
            self.path.rmdir()
        return True

    def _used_by_another(self) -> ZooError:
        return ZooError(
            f"Another command is writing {self.target}.",
            hint="Wait for its end, or choose another file.",
        )

    def save(self, key: str, content: bytes) -> None:
        """Write the results of a chunk atomically."""
        write_atomically(self._path(key), content)

    def has(self, key: str) -> bool:
        """Return whether the results of a chunk exist and their checksum is right."""
        try:
            with open_regular(self._path(key)) as file:
                first = file.readline(200)
                if _first_line(hashlib.file_digest(file, "sha256").hexdigest()) != first:
                    return False
                file.seek(len(first))
                stored_key, _ = json.loads(file.readline())
                return bool(stored_key == key)
        except (OSError, ValueError):
            return False

    def read(self, key: str) -> Iterator[Result]:
        """Yield the results of a chunk."""
        if not self.has(key):
            raise ZooError(
                f"{self._path(key)} was deleted or modified.",
                hint="Repeat the command with --resume to compute it again.",
            )
        with open_regular(self._path(key)) as file:
            file.readline()
            file.readline()
            yield from map(_from_line, file)

    def clear(self) -> None:
        """Remove all partial results, and the folder if it is then empty."""
        with suppress(OSError):
            for path in self.path.iterdir():
                if any(name.fullmatch(path.name) for name in (PART_NAME, NAME)) and (
                    path.is_file() or path.is_symlink()
                ):
                    when_free(partial(path.unlink, missing_ok=True))
            when_free(self.path.rmdir)

    def _path(self, key: str) -> Path:
        return self.path / f"{key}.part"
