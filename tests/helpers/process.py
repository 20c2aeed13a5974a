"""The real installed program, run as a user would."""

import os
import subprocess
import sys
from pathlib import Path

ZOO = Path(sys.executable).with_name("zoo")

Finished = subprocess.CompletedProcess[str]


def environment(**settings: object) -> dict[str, str]:
    """Return this process's environment with some settings more; a setting of None is taken out."""
    wanted = {"COLUMNS": "200", **settings}
    kept = {name: value for name, value in os.environ.items() if name not in wanted}
    return kept | {name: str(value) for name, value in wanted.items() if value is not None}


def zoo(*arguments: object, cwd: Path | None = None, **settings: object) -> Finished:
    """Run `zoo` and return what it printed and how it ended."""
    return subprocess.run(
        [ZOO, *map(str, arguments)],
        env=environment(**settings),
        cwd=cwd,
        capture_output=True,
        check=False,
        text=True,
        timeout=600,
    )


def zoo_ok(*arguments: object, cwd: Path | None = None, **settings: object) -> str:
    """Run `zoo`, see that it ended well, and return its stdout."""
    finished = zoo(*arguments, cwd=cwd, **settings)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout
