"""The command line."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C while it is still being loaded is no fault to report."""
    try:
        from .app import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)
