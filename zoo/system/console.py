"""Terminals: the encodings of streams, and consoles of old Windows."""

from io import TextIOWrapper


def replace_unknown_characters(stream: object) -> None:
    """Let a stream write ? for a character that its encoding does not have, such as ± in ASCII."""
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="replace")


def shows_escape_codes() -> bool:
    """Return whether a terminal acts on codes for colours; an old console would print them."""
    from rich.console import detect_legacy_windows

    return not detect_legacy_windows()
