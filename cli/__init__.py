"""The command-line interface."""

import os
import sys

# Pydantic would look for its own plugins in the metadata of every package, and fail if the metadata
# of one package is damaged.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def main() -> None:
    """Run the command line; Ctrl-C while it is being imported shows no traceback."""
    try:
        from .app import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)
