"""Fixtures for commands that run in this process."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def required_runtimes() -> Iterator[None]:
    """Verify exports by the runtimes that zoo requires; others need processes of their own."""
    from zoo.export import runtimes, verify

    required = [
        one for one in runtimes.installed() if one.name in {"onnx.reference", "onnxruntime"}
    ]
    assert len(required) == 2
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verify, "installed", lambda: required)
        yield
