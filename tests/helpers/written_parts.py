"""Parts of a page that a program writes, each between two HTML comments."""

import re
from pathlib import Path

from zoo.files import write_atomically


def between(begin: str, end: str) -> re.Pattern[str]:
    """Return the pattern of what stands between two lines."""
    return re.compile(f"(?<={re.escape(begin)}).*(?={re.escape(end)})", re.DOTALL)


def replaced(part: re.Pattern[str], page: str, text: str) -> str:
    """Return the page with this text as its part."""
    return part.sub(lambda _: text, page)


def rewrite(part: re.Pattern[str], path: Path, text: str) -> None:
    """Write this text into the file as its part."""
    write_atomically(path, replaced(part, path.read_text(encoding="utf-8"), text).encode())
