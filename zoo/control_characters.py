"""Control characters in text of others, escaped: they would act on a terminal."""


def plain(text: str) -> str:
    """Return the text with its control characters escaped."""
    if text.isprintable():  # nearly every text, and there may be many
        return text
    return "".join(
        character if character.isprintable() else _escaped(character) for character in text
    )


def plain_lines(text: str) -> str:
    """Return a text of several lines with its other control characters escaped."""
    return "\n".join(map(plain, text.split("\n")))


def _escaped(character: str) -> str:
    byte = ord(character) - 0xDC00  # an undecodable byte in a file name is a surrogate
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else repr(character)[1:-1]
