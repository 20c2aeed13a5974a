"""Paths of temporary files that a process left, which has ended since."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from unittest.mock import patch

from zoo.system.temporary import new_path


def path_of_ended_process(folder: Path) -> Path:
    """Return a path of a temporary file or folder, whose process has ended."""
    with patch.object(os, "getpid", _ended_process):
        return new_path(folder)


@cache
def _ended_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        return child.pid
