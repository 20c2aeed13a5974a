"""How much a compressed file of the user's may unpack to: a small one must not fill the memory."""

from pathlib import Path

FREE_BYTES = 100_000_000  # what any file may unpack to
MAX_RATIO = 100  # unpacked bytes for each packed one of a larger file; those of MNIST are five


def max_unpacked(path: Path) -> int:
    """Return the number of bytes that a file may unpack to."""
    return max(FREE_BYTES, MAX_RATIO * path.stat().st_size)
