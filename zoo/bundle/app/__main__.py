"""Where a bundle begins: beside the folder `app`, at the top of the archive or in run.py."""

import gc
import os
import sys

gc.disable()  # no rings of objects are made here, and it would look for some at every start
sys.dont_write_bytecode = True  # a bundle stays as it was packed, wherever it lies
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib takes its time

if sys.version_info < (3, 9):  # noqa: UP036 - whoever has an older one is told so
    sys.exit("This needs Python 3.9 or newer.")

from app.cli import main  # type: ignore[import-not-found]  # noqa: E402

sys.exit(main())
