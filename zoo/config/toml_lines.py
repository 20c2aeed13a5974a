"""Positions of the keys of a TOML; neither tomllib nor tomlkit provides them."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zoo.config import toml
from zoo.config.issues import KeyPath

SPACE = re.compile(r"[ \t]*")
GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
KEY = re.compile(toml.KEY)
TEXT = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}(?!")|\'\'\'.*?'{3,5}(?!')|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'''',
    re.DOTALL,
)
WORD = re.compile(r"[^\s,\]}#]+(?: [0-9][^\s,\]}#]*)?")  # a space may separate a date and its time


def lines(text: str) -> dict[KeyPath, int]:
    """Return the line of every key and every list element; tomllib must be able to read the text.

    The line of a table is that of its header, or of the first key that leads into it.
    """
    result: dict[KeyPath, int] = {(): 1}
    line, counted = 1, 0
    for keys in _Reader(text).read():
        for path, position in keys:
            line += text.count("\n", counted, position)
            counted = position
            for end in range(1, len(path) + 1):
                result.setdefault(path[:end], line)
    return result


def line_of(path: Sequence[str | int], line_numbers: dict[KeyPath, int]) -> int:
    """Return the line of a key, or of the innermost written table around it."""
    key = tuple(path)
    ends = range(len(key), -1, -1)
    return next(line_numbers[key[:end]] for end in ends if key[:end] in line_numbers)


class Statement(NamedTuple):
    """A header, or a key with its value: where it starts and ends."""

    path: KeyPath
    start: int
    end: int


def statements(text: str) -> Iterator[Statement]:
    """Yield every header and pair in its order; tomllib must be able to read the text."""
    reader = _Reader(text)
    for keys in reader.read():
        path, start = keys[0]
        yield Statement(path, start, reader.position)


class _Reader:
    """A scanner that reads the text once, key by key."""

    def __init__(self, text: str) -> None:
        self.text, self.position = text, 0
        self.lists: dict[KeyPath, int] = {}  # [[headers]] with the index of their last table

    def read(self) -> Iterator[list[tuple[KeyPath, int]]]:
        """Yield the keys of every header and pair, the outermost first."""
        table: KeyPath = ()
        while self._skip(GAP) < len(self.text):
            start = self.position
            if self._takes("["):
                table = self._header()
                yield [(table, start)]
            else:
                yield list(self._pair(table))

    def _header(self) -> KeyPath:
        """Read [a.b] or [[a.b]]; the key of a list refers to its last table."""
        is_list = self._takes("[")
        keys = self._keys()
        self.position = self.text.index("]", self.position) + 1 + is_list
        path: KeyPath = ()
        for index, key in enumerate(keys):
            path = (*path, key)
            if is_list and index == len(keys) - 1:
                self.lists[path] = self.lists.get(path, -1) + 1
            if path in self.lists:
                path = (*path, self.lists[path])
        return path

    def _pair(self, table: KeyPath) -> Iterator[tuple[KeyPath, int]]:
        start = self.position
        path = (*table, *self._keys())
        self._skip(SPACE)
        self._takes("=")
        self._skip(SPACE)
        yield path, start
        yield from self._value(path)

    def _keys(self) -> list[str]:
        """Read a.b."c d"."""
        keys: list[str] = []
        while not keys or self._takes("."):
            self._skip(SPACE)
            key = self._match(KEY)
            keys.append(tomllib.loads(f"key = {key}")["key"] if key[0] in "\"'" else key)
            self._skip(SPACE)
        return keys

    def _value(self, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
        if self._takes("["):
            yield from self._list(path)
        elif self._takes("{"):
            while not self._ends("}"):
                yield from self._pair(path)
        else:
            self._match(TEXT if self.text[self.position] in "\"'" else WORD)

    def _list(self, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
        index = 0
        while not self._ends("]"):
            element = (*path, index)
            yield element, self.position
            yield from self._value(element)
            index += 1

    def _ends(self, bracket: str) -> bool:
        """Advance to the next element, or past the bracket."""
        self._skip(GAP)
        if self._takes(","):
            self._skip(GAP)
        return self._takes(bracket)

    def _takes(self, symbol: str) -> bool:
        if self.text.startswith(symbol, self.position):
            self.position += len(symbol)
            return True
        return False

    def _skip(self, pattern: re.Pattern[str]) -> int:
        self._match(pattern)
        return self.position

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.position)
        if not match:
            raise ValueError(f"no {pattern.pattern} at {self.position}")
        self.position = match.end()
        return match[0]
