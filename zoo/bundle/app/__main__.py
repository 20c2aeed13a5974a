"""The entry point of a bundle: at the top of the archive, or run.py beside the folder `app`."""

import gc
import os
import sys

gc.disable()  # the program makes no reference cycles, and each collection takes time
sys.dont_write_bytecode = True  # a bundle never changes on disk
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib is slow to import

if sys.version_info < (3, 9):  # noqa: UP036 - an older Python gets a message
    sys.exit("This needs Python 3.9 or newer.")

from app.cli import main  # type: ignore[import-not-found]  # noqa: E402

sys.exit(main())
