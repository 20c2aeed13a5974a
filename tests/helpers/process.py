"""The installed program, run as a process."""

import subprocess
import sys
from pathlib import Path

from tests.helpers.command import Result, environment

ZOO = Path(sys.executable).with_name("zoo")


def zoo_process(*arguments: object, cwd: Path | None = None, **settings: object) -> Result:
    """Run the installed `zoo` as a process, and return its exit code and output."""
    done = subprocess.run(
        [ZOO, *map(str, arguments)],
        env=environment(**settings),
        cwd=cwd,
        capture_output=True,
        check=False,
        text=True,
        timeout=600,
    )
    return Result(done.returncode, done.stdout, done.stderr)


HEAVY = (
    "numpy",
    "pandas",
    "sklearn",
    "onnx",
    "matplotlib",
    "scipy",
    "safetensors",
    "onnxruntime",
    "PIL",
    "joblib",
    "distributed",
    "optuna",
    "tomlkit",
)


def loaded_by(*arguments: str) -> set[str]:
    """Run the program in a new process and return the modules that it imported."""
    script = (
        "import sys\n"
        "from zoo.cli.app import main\n"
        f"sys.argv = ['zoo', *{list(arguments)!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, check=True, text=True
    )
    return set(done.stderr.split())
