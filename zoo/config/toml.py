"""TOML of others: sizes, nesting and whole numbers have bounds."""

import re
import tomllib
from typing import Any

MAX_BYTES = 250_000  # of a file of an entry: real ones have 4,000, numbers per column 40,000
MAX_DEPTH = 50  # tables and lists in each other; beyond, repr, copies and comparisons would fail
MAX_BITS = 64  # those of a whole number in TOML; more could not be printed, or become a float
KEY = (
    r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""  # possessive: nothing is read twice
)
# tomllib needs half a minute for a key of 50,000 parts
DEEP_KEY = re.compile(
    rf"(?:^|[\[{{,])[ \t]*+(?:{KEY}[ \t]*+\.[ \t]*+){{{MAX_DEPTH}}}", re.MULTILINE
)


def loads(text: str) -> dict[str, Any]:
    """Return the tables of a TOML; raise ValueError if it is not valid, or beyond the bounds."""
    if DEEP_KEY.search(text):
        raise _too_deep()
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:  # Python reads no number of thousands of digits
        raise _beyond_bits() from None
    except RecursionError:
        raise _too_deep() from None
    _check_bounds(tables)
    return tables


def value(text: str) -> object:
    """Return the value of a TOML text; a text that is not one TOML value is a string."""
    try:
        tables = loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text.strip()
    return tables["value"] if tables.keys() == {"value"} else text.strip()


def _check_bounds(tables: dict[str, Any]) -> None:
    level: list[object] = [tables]
    for _ in range(MAX_DEPTH):
        if any(isinstance(item, int) and item.bit_length() >= MAX_BITS for item in level):
            raise _beyond_bits()
        level = [inner for item in level for inner in _inner(item)]
        if not level:
            return
    raise _too_deep()


def _inner(item: object) -> list[object]:
    if isinstance(item, dict):
        return list(item.values())
    return item if isinstance(item, list) else []


def _beyond_bits() -> ValueError:
    return ValueError(f"a whole number has more than {MAX_BITS} bits")


def _too_deep() -> ValueError:
    return ValueError(f"tables or lists are nested more than {MAX_DEPTH} deep")
