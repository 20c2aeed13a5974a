"""Training jobs in processes of their own."""

from pathlib import Path

import pytest

from tests.helpers.training_jobs import AUGMENT, digits_jobs, run_all, weights_of


@pytest.mark.parametrize("changes", [{}, {"train__augment": AUGMENT}], ids=["plain", "augmented"])
def test_job_weights_in_processes(tmp_path: Path, changes: dict[str, object]) -> None:
    """The engine `processes` gives the same bytes as `serial`."""
    training_jobs = digits_jobs(0, 1, 2, **changes)
    serial = weights_of(run_all(training_jobs, tmp_path / "serial"))
    processes = weights_of(run_all(training_jobs, tmp_path / "processes", "processes"))
    assert serial == processes
    assert len(serial) == 3
