"""On which line of a TOML each key stands: tomllib reads the values and says nothing of places."""

import re
import tomllib
from collections.abc import Iterator, Sequence

from zoo.config.issues import KeyPath

SPACE = re.compile(r"[ \t]*")
GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
TEXT = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}(?!")|\'\'\'.*?'{3,5}(?!')|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'''',
    re.DOTALL,
)
WORD = re.compile(r"[^\s,\]}#]+(?: [0-9][^\s,\]}#]*)?")  # a date and its time may have a blank


def lines(text: str) -> dict[KeyPath, int]:
    """Return the line of every key and every element of a list, for a TOML that tomllib can read.

    A table stands where its header does, or the first key that leads into it.
    """
    found: dict[KeyPath, int] = {(): 1}
    for path, place in _Reader(text).read():
        for end in range(1, len(path) + 1):
            found.setdefault(path[:end], 1 + text.count("\n", 0, place))
    return found


def line_of(path: Sequence[str | int], known: dict[KeyPath, int]) -> int:
    """Return the line of a key, or of the nearest table around it that is written."""
    whole = tuple(path)
    return next(known[whole[:end]] for end in range(len(whole), -1, -1) if whole[:end] in known)


class _Reader:
    """Walks over the text once, from key to key."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.lists: dict[KeyPath, int] = {}  # [[headers]] with the number of their last table

    def read(self) -> Iterator[tuple[KeyPath, int]]:
        table: KeyPath = ()
        while self._skip(GAP) < len(self.text):
            begin = self.at
            if self._takes("["):
                table = self._header()
                yield table, begin
            else:
                yield from self._pair(table)

    def _header(self) -> KeyPath:
        """Read [a.b] or [[a.b]], where a key of a list means its last table."""
        is_list = self._takes("[")
        keys = self._keys()
        self.at = self.text.index("]", self.at) + 1 + is_list
        path: KeyPath = ()
        for number, key in enumerate(keys):
            path = (*path, key)
            if is_list and number == len(keys) - 1:
                self.lists[path] = self.lists.get(path, -1) + 1
            if path in self.lists:
                path = (*path, self.lists[path])
        return path

    def _pair(self, table: KeyPath) -> Iterator[tuple[KeyPath, int]]:
        begin = self.at
        path = (*table, *self._keys())
        self._skip(SPACE)
        self._takes("=")
        self._skip(SPACE)
        yield path, begin
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
            self._match(TEXT if self.text[self.at] in "\"'" else WORD)

    def _list(self, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
        number = 0
        while not self._ends("]"):
            inside = (*path, number)
            yield inside, self.at
            yield from self._value(inside)
            number += 1

    def _ends(self, bracket: str) -> bool:
        """Go on to the next element, or past the bracket."""
        self._skip(GAP)
        if self._takes(","):
            self._skip(GAP)
        return self._takes(bracket)

    def _takes(self, sign: str) -> bool:
        if self.text.startswith(sign, self.at):
            self.at += len(sign)
            return True
        return False

    def _skip(self, pattern: re.Pattern[str]) -> int:
        self._match(pattern)
        return self.at

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if not found:
            raise ValueError(f"no {pattern.pattern} at {self.at}")
        self.at = found.end()
        return found[0]
