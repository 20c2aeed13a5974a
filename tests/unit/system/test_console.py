"""Streams of narrow encodings, and consoles that print the codes of colours."""

from io import BytesIO, StringIO, TextIOWrapper

import pytest
import rich.console

from zoo.system import console


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("cp1252", "± ? ?".encode("cp1252")),
        ("ascii", b"? ? ?"),
        ("cp437", "± → █".replace("→", "?").encode("cp437")),
        ("utf-8", "± → █".encode()),
    ],
)
def test_replace_unknown_characters(encoding: str, expected: bytes) -> None:
    """A table with ± on a console of Western Europe does not end in a traceback."""
    content = BytesIO()
    stream = TextIOWrapper(content, encoding=encoding)
    console.replace_unknown_characters(stream)
    stream.write("± → █")
    stream.flush()
    assert content.getvalue() == expected


def test_replace_unknown_characters_elsewhere() -> None:
    """A stream of text without an encoding stays as it is."""
    console.replace_unknown_characters(StringIO())


@pytest.mark.parametrize("is_legacy", [True, False])
def test_shows_escape_codes(monkeypatch: pytest.MonkeyPatch, *, is_legacy: bool) -> None:
    monkeypatch.setattr(rich.console, "detect_legacy_windows", lambda: is_legacy)
    assert console.shows_escape_codes() is not is_legacy
