"""The command line."""

import os
import sys

# Pydantic would look for plugins of its own in the metadata of every package, and fail where that
# of one is damaged.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def main() -> None:
    """Run the command line; Ctrl-C while it is still being loaded is no fault to report."""
    try:
        from .app import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)
