"""The answers of one chunk in a file of their own, under a checksum, until all are there.

    zoo part 1 SHA-256 of what follows
    ["the chunk's key", how many lines follow]
    ["photos/a.png", 0, "inverted; centred", [0.0, 1.0, 0.0, ...]]
    ["photos/b.png", 5, "photos/b.png is empty; a picture was expected.", ""]

The last is a file that gave no picture, with the exit code of its error, its sentence and its hint.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from zoo.errors import ConfigError, ZooError
from zoo.files import write_atomically
from zoo.inference.chunks import error_of
from zoo.inference.inputs import Input, Unreadable
from zoo.inference.predict import Prediction

FORMAT = 1
# what is ours in a folder of parts, those that were being written among it
OURS = re.compile(r"[0-9a-f]{64}\.part|\.[0-9a-f]{64}\.part\.[0-9a-f]{16}\.tmp")

Answer = Prediction | Unreadable


def serialize(key: str, answers: Iterable[Answer]) -> bytes:
    """Return the content of a part."""
    lines = [_line(answer) for answer in answers]
    body = "".join(f"{line}\n" for line in (json.dumps([key, len(lines)]), *lines)).encode()
    return _first_line(hashlib.sha256(body).hexdigest()) + body


def _first_line(sha256: str) -> bytes:
    return f"zoo part {FORMAT} {sha256}\n".encode()


def _line(answer: Answer) -> str:
    if isinstance(answer, Unreadable):
        error = answer.error
        return json.dumps([answer.source, error.exit_code, str(error), error.hint])
    of, probabilities = answer.of, [float(one) for one in answer.probabilities]
    return json.dumps([of.source, of.index, of.said, probabilities])


def _answer(line: bytes) -> Answer:
    match json.loads(line):
        case [str(source), int(code), str(sentence), str(hint)]:
            return Unreadable(source, error_of(code, sentence, hint))
        case [str(source), int(index), str(said), list(probabilities)]:
            image = np.empty(0, np.uint8)  # no form that is written to a file shows it
            shares = np.array(probabilities, np.float32)
            return Prediction(Input(source, index, image, said), shares)
        case _:
            raise ValueError(line)


class PartialResults:
    """The folder of parts beside the file that is wanted in the end."""

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(f"{target.name}.parts")
        if self.path.exists() and not self.path.is_dir():
            raise ConfigError(f"{self.path} is no folder, and the parts of {target} go there.")

    def save(self, key: str, content: bytes) -> None:
        """Write a part, whole or not at all."""
        write_atomically(self._path(key), content)

    def has(self, key: str) -> bool:
        """Whether the part of a chunk is there, and is what was written."""
        try:
            with self._path(key).open("rb") as file:
                first = file.readline(200)
                if _first_line(hashlib.file_digest(file, "sha256").hexdigest()) != first:
                    return False
                file.seek(len(first))
                found, _ = json.loads(file.readline())
                return bool(found == key)
        except (OSError, ValueError):
            return False

    def answers(self, key: str) -> Iterator[Answer]:
        """Yield what is in the part of a chunk."""
        if not self.has(key):
            raise ZooError(
                f"{self._path(key)} is gone, or has changed since it was written.",
                hint="The same command with --resume makes it anew.",
            )
        with self._path(key).open("rb") as file:
            file.readline()
            file.readline()
            yield from map(_answer, file)

    def clear(self) -> None:
        """Remove every part, and the folder if nothing else is in it."""
        with suppress(OSError):
            for path in self.path.iterdir():
                if OURS.fullmatch(path.name) and (path.is_file() or path.is_symlink()):
                    path.unlink(missing_ok=True)
            self.path.rmdir()

    def _path(self, key: str) -> Path:
        return self.path / f"{key}.part"
