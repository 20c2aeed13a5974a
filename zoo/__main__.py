"""The module that `python -m zoo` runs: the installed program zoo."""

import sys
from importlib.metadata import PackageNotFoundError, distribution

from zoo.errors import install_hint

NOT_INSTALLED = f"zoo is not installed in this Python.\n     {install_hint()}"
HIDDEN = "The folder ./zoo hides the installed zoo.\n     Run `zoo`, or `python -P -m zoo`."


def main() -> None:
    """Run the console script of the distribution."""
    try:
        scripts = distribution("numpy-zoo").entry_points.select(group="console_scripts")
        program = scripts["zoo"].load()
    except PackageNotFoundError:
        _leave(NOT_INSTALLED)
    except ModuleNotFoundError as error:  # in the root of a clone, ./zoo does not contain cli
        if not (error.name or "").startswith("zoo."):
            raise
        _leave(HIDDEN)
    else:
        program()


def _leave(message: str) -> None:
    sys.stderr.write(f"zoo: {message}\n")
    sys.exit(2)


if __name__ == "__main__":
    main()
