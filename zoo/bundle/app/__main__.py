"""Where a bundle begins: at the top of the archive, beside the folder `app`."""

import gc
import sys

gc.disable()  # no rings of objects are made here, and it would look for some at every start
sys.dont_write_bytecode = True  # a bundle stays as it was packed, wherever it lies

if sys.version_info < (3, 9):  # noqa: UP036 - whoever has an older one is told so
    sys.exit("This needs Python 3.9 or newer.")

from app.command import main  # type: ignore[import-not-found]  # noqa: E402

sys.exit(main())
