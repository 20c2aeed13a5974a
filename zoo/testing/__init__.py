"""Checks of plugin packages: `zoo plugins check NAME`.

A plugin's own tests need one line:

    assert zoo.testing.check_package("my-zoo") == []
"""

from zoo.testing.suite import CheckResult, check_package, run_checks

__all__ = ["CheckResult", "check_package", "run_checks"]
