"""What differs between Linux, macOS and Windows. No other module asks which system it runs on.

The branches of Windows and macOS are written from the documentation of Python and of these systems.
"""

import os
import sys

IS_WINDOWS = os.name == "nt"
IS_MACOS = sys.platform == "darwin"
