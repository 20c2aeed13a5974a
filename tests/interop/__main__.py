"""`python -m tests.interop` measures every runtime and writes models/RUNTIMES.md."""

import sys

from tests.interop.runtimes import UnavailableError, main
from zoo.errors import ZooError

try:
    main(sys.argv[1:])
except (ZooError, UnavailableError) as error:
    sys.exit(f"tests.interop: {error}")
