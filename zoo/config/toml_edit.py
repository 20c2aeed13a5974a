"""The TOML of an entry, edited key by key.

A comment stays with its value: the one beside it, and the lines right above it. If the value
changes, its comments are dropped, and a mark beside it says what the value was.
"""

import json
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, InlineTable, Item

from zoo.config import load, toml
from zoo.config.entry import Entry, Raw
from zoo.config.issues import KeyPath
from zoo.config.toml_comments import Comments, attach, detach

LONGEST = 40  # characters of a former value in a mark


def entry_toml(entry: Entry, text: str = "") -> str:
    """Return all settings of an entry as TOML, without its measured results.

    `text` is the TOML of the entry before it was changed; its comments are kept.
    """
    tables = _tables(entry)
    if not text:
        return _plain(tables)
    return edit(text, tables, before=_tables(load.check(load.parse(text, where="it"), where="it")))


def edit(text: str, tables: Raw, *, before: Raw | None = None) -> str:
    """Return the TOML with the values of `tables`, and the comments of all unchanged values.

    A value has changed if it is not the one in `before`: by default, the one in the text.
    """
    before = load.parse(text, where="the original") if before is None else before
    rest, comments = detach(text)
    try:
        document = tomlkit.parse(rest)
        _edit(document, tables, before, comments, ())
        edited = tomlkit.dumps(document)
        is_exact = _same(toml.loads(edited), tables)
    except (TOMLKitError, LookupError, ValueError):
        is_exact = False
    if not is_exact:  # tomlkit fails at some layouts of dotted keys
        return _plain(tables)
    return attach(edited, comments).rstrip() + "\n"


def _edit(
    table: Any, tables: Raw, before: object, comments: dict[KeyPath, Comments], path: KeyPath
) -> None:
    """Give a table of a document the values of `tables`, and update the comments."""
    old_values = before if isinstance(before, dict) else {}
    for key in [key for key in table if key not in tables]:
        del table[key]
    has_defaults = not path
    for key, value in tables.items():
        inner, old, former = (*path, key), table.get(key), old_values.get(key)
        if _has_lines(old) and isinstance(value, dict):
            _edit(old, value, former, comments, inner)
            continue
        if isinstance(old, AoT) and _fits(old, value):
            for index, (part, element) in enumerate(zip(old, value, strict=True)):
                was = former[index] if isinstance(former, list) and index < len(former) else None
                _edit(part, element, was, comments, (*inner, index))
            continue
        if not _same(former, value):
            table[key] = _item(value)
            # the lines above the name speak of the file
            above = comments[inner].above if inner == ("name",) and inner in comments else ""
            comments[inner] = Comments(above, _mark(former) if path else "")
            continue
        _assign(table, key, value)
        if old is None and not has_defaults:  # a comment beside the header is not about them
            comments[inner] = Comments(above="# defaults\n")
            has_defaults = True


def _mark(former: object) -> str:
    """Return the comment beside a changed value."""
    if former is None:
        return "  # added"
    text = _item(former).as_string()
    return "  # changed" + (f" from {text}" if len(text) <= LONGEST and "\n" not in text else "")


def _has_lines(item: object) -> bool:
    """Whether an item is a table whose keys have lines of their own."""
    return isinstance(item, dict) and not isinstance(item, InlineTable)


def _fits(tables: AoT, value: object) -> bool:
    """Whether a value has one table for each [[header]]."""
    if not isinstance(value, list) or len(value) != len(tables):
        return False
    return all(isinstance(element, dict) for element in value)


def _assign(holder: Any, key: str | int, value: object) -> None:
    """Set an equal value that is written in another form; equal parts keep their text."""
    old = holder.get(key) if isinstance(key, str) else holder[key]
    if old is not None and _same(_plain_value(old), value):
        return
    if isinstance(old, Array) and isinstance(value, list) and len(value) == len(old):
        for index, element in enumerate(value):
            _assign(old, index, element)
    elif isinstance(old, InlineTable) and isinstance(value, dict) and old.keys() == value.keys():
        for inner, element in value.items():
            _assign(old, inner, element)
    else:
        holder[key] = _item(value)


def _plain_value(item: Any) -> object:
    return item if isinstance(item, bool) else item.unwrap()  # tomlkit returns a bool as it is


def _plain(tables: Raw) -> str:
    """Return the tables as TOML without comments."""
    document = tomlkit.document()
    for key, value in tables.items():
        if isinstance(value, dict):
            table = tomlkit.table()
            for inner, element in value.items():
                table.add(inner, _item(element))
            document.add(key, table)
        else:
            document.add(key, _item(value))
    return tomlkit.dumps(document)


def _item(value: object) -> Item:
    """Return a value as an item that starts on the line of its key; tables in a list have lines."""
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        for key, element in value.items():
            table.append(key, _item(element))
        return table
    if isinstance(value, list):
        if not any(isinstance(element, dict | list) for element in value):
            texts = ", ".join(tomlkit.item(element).as_string() for element in value)
            return tomlkit.value(f"[{texts}]")  # appending takes a time that grows with the square
        array = tomlkit.array()
        for element in value:
            array.append(_item(element))
        return array.multiline(any(isinstance(element, dict) for element in value))
    return tomlkit.item(value)


def _tables(entry: Entry) -> Raw:
    return entry.without_results.model_dump(mode="json", exclude_none=True)


def _same(value: object, other: object) -> bool:
    """Whether two values are equal and have equal types; 1, 1.0 and true differ."""
    return _canonical(value) == _canonical(other)


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)
