"""The mark of tests with pipes, devices, permissions or signals that Windows does not have."""

import sys

import pytest

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not have this")
