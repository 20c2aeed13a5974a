"""Whether what a package brings keeps its promises: `zoo plugins check NAME`.

In the package's own tests it is a line:

    assert zoo.testing.check_package("my-zoo") == []
"""

from zoo.testing.suite import CheckResult, check_package, run_checks

__all__ = ["CheckResult", "check_package", "run_checks"]
