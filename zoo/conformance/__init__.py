"""Whether what a package brings keeps its promises: `zoo plugins check NAME`.

In the package's own tests it is a line:

    assert zoo.conformance.faults("my-zoo") == []
"""

from zoo.conformance.suite import Finding, faults, findings_of

__all__ = ["Finding", "faults", "findings_of"]
