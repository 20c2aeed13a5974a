"""Runs a command and prints what it took: `python -I -S launch.py STDOUT STDERR COMMAND...`.

The system counts as a process's peak what its parent held when it was started, so this parent
holds next to nothing: it imports no more than it needs, and nothing of zoo.
"""

import json
import os
import sys
import time


def main(out: str, errors: str, *argv: str) -> None:
    """Wait for the command's end; say its seconds, its processor's, its peak and its exit code."""
    with open(out, "wb") as stdout, open(errors, "wb") as stderr:  # noqa: PTH123 - pathlib is large
        files = [(os.POSIX_SPAWN_DUP2, one.fileno(), at) for at, one in ((1, stdout), (2, stderr))]
        began = time.perf_counter()
        process = os.posix_spawnp(argv[0], argv, os.environ, file_actions=files)
        _, status, used = os.wait4(process, 0)
        seconds = time.perf_counter() - began
    found = {
        "seconds": seconds,
        "processor": used.ru_utime + used.ru_stime,
        "peak": used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        "code": os.waitstatus_to_exitcode(status),
    }
    sys.stdout.write(f"{json.dumps(found)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
