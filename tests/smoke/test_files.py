"""A file write that the system interrupts."""

import subprocess
import sys
from pathlib import Path

from tests.helpers.unix import unix_only


@unix_only
def test_write_cut_short(tmp_path: Path) -> None:
    """An interrupted write leaves the old file."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    program = (
        "import resource, sys, pathlib, zoo.files\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "zoo.files.write_atomically(pathlib.Path(sys.argv[1]), b'new' * 1000)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, check=False)
    assert b"NotWrittenError" in done.stderr
    assert b"File too large" in done.stderr
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
