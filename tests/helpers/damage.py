"""Damaged files: a flipped bit, and whether `zoo verify` finds it."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from zoo.bundle import verify
from zoo.errors import CorruptFileError


def flipped(content: bytes, place: int, bit: int) -> bytes:
    """Return the content with one bit changed."""
    return content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]


def assert_refused(path: Path) -> None:
    """See that a file or folder is refused as corrupt."""
    with pytest.raises(CorruptFileError):
        verify.verify(path)


def assert_digest_list_refused(folder: Path, copy: Path, *, step: int) -> None:
    """Flip a bit of each step-th byte of a bundle's list of digests, one at a time."""
    shutil.copytree(folder, copy)
    content = (copy / "SHA256SUMS").read_bytes()
    rng = np.random.default_rng(0)
    for place in range(0, len(content), step):
        (copy / "SHA256SUMS").write_bytes(flipped(content, place, int(rng.integers(8))))
        assert_refused(copy)
