"""Whether what a package brings keeps its promises: `zoo plugins check NAME`, and in its tests.

from zoo.conformance import faults

def test_what_we_bring_conforms() -> None:
assert faults("my-zoo") == []
"""

from zoo.conformance.suite import Finding, faults, findings_of

__all__ = ["Finding", "faults", "findings_of"]
