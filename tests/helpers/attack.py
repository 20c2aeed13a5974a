"""A process that reads damaged files; its arguments are FORMAT SEED CASES FOLDER.

Every file gives a result or one of zoo's errors. It may take 512 MB more than the imports, where
the system can limit that, and ends with a traceback if a file takes a minute. A file that gives
anything else stays in the folder.
"""

import faulthandler
import random
import sys
import traceback
from pathlib import Path

from tests.helpers.attacked_formats import FORMATS
from tests.helpers.file_damage import damaged_files
from zoo.errors import ZooError

MEMORY = 512_000_000  # bytes
SECONDS = 60  # for one file
FAILURES = 5  # after which it ends
LONGEST_MESSAGE = 12_000  # characters: 20 issues of an entry


def main() -> None:
    """Attack one format."""
    name, seed, cases, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    attacked = FORMATS[name](folder)
    for path, content in attacked.examples.items():
        path.write_bytes(content)
        attacked.read(path)  # a sound example is read without an error, and loads all modules
    limit_memory()
    rng = random.Random(f"{name} {seed}")  # noqa: S311 - not for secrets
    streams = {path: damaged_files(content, rng) for path, content in attacked.examples.items()}
    failures = 0
    for number in range(cases):
        path = list(streams)[number % len(streams)]
        content = next(streams[path])
        path.write_bytes(content)
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        try:
            attacked.read(path)
        except ZooError as error:
            if len(str(error)) > LONGEST_MESSAGE:
                failures += report(path, content, f"a message of {len(str(error)):,} characters")
        except (Exception, SystemExit):  # noqa: BLE001 - it is what the attack looks for
            failures += report(path, content, traceback.format_exc())
        faulthandler.cancel_dump_traceback_later()
        path.write_bytes(attacked.examples[path])
        if failures == FAILURES:
            break
    sys.exit(failures > 0)


def report(path: Path, content: bytes, text: str) -> int:
    """Keep a file, and say what it did."""
    kept = path.with_name(f"failed-{len(list(path.parent.glob('failed-*')))}-{path.name}")
    kept.write_bytes(content)
    sys.stderr.write(f"{kept}: {text}\n")
    return 1


def limit_memory() -> None:
    """Limit what this process may take from now on, where the system can."""
    status = Path("/proc/self/status")
    if status.exists():
        import resource

        size = int(status.read_text().split("VmSize:")[1].split()[0]) * 1024 + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
