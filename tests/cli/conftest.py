"""Fixtures for commands that run in this process."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def required_runtimes() -> Iterator[None]:
    """Verify exports only with the runtimes that zoo requires; others need own processes."""
    from zoo.export import runtimes, verify

    required = [
        runtime
        for runtime in runtimes.installed()
        if runtime.name in {"onnx.reference", "onnxruntime"}
    ]
    assert len(required) == 2
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verify, "installed", lambda: required)
        yield
