"""Errors about ONNX files, and the first line of a library's message."""


class UnsafeModelError(Exception):
    """A file that is not allowed; the message is the second half of a sentence."""


def first_line(error: Exception) -> str:
    """Return the first line of a library's message, without control characters."""
    line = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return "".join(char if char.isprintable() else "?" for char in line[:300])


def quoted(name: str) -> str:
    """Return a name in quotes, cut off if it is long."""
    return repr(name if len(name) <= 60 else f"{name[:59]}…")
