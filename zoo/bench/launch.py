"""Measurement of one command: `python -I -S launch.py STDOUT STDERR COMMAND...`.

The peak memory of a process includes the memory of its parent at the start. Therefore this parent
imports only what it needs, and nothing of zoo.
"""

import json
import os
import sys
import time


def main(out: str, errors: str, *argv: str) -> None:
    """Run the command; print its wall time, processor time, peak memory and exit code."""
    with open(out, "wb") as stdout, open(errors, "wb") as stderr:  # noqa: PTH123 - pathlib is large
        files = [
            (os.POSIX_SPAWN_DUP2, file.fileno(), target)  # type: ignore[attr-defined,unused-ignore]
            for target, file in ((1, stdout), (2, stderr))
        ]
        start = time.perf_counter()
        process = os.posix_spawnp(argv[0], argv, os.environ, file_actions=files)  # type: ignore[attr-defined,unused-ignore]
        _, status, usage = os.wait4(process, 0)  # type: ignore[attr-defined,unused-ignore]
        seconds = time.perf_counter() - start
    result = {
        "seconds": seconds,
        "processor": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        "code": os.waitstatus_to_exitcode(status),
    }
    sys.stdout.write(f"{json.dumps(result)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
