"""`python -m zoo.cli` is `zoo`."""

from .app import main

main()
