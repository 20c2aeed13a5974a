"""The module that `python -m zoo.cli` runs, which is `zoo`."""

from . import main

main()
