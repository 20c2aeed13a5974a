"""One computation at a time."""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import zoo
from tests.helpers.digits import digit_labels, digits
from zoo.parallel.threads import one_thread

THREADS = 8


@pytest.fixture
def _switching() -> Iterator[None]:
    """Let Python change from thread to thread as often as it can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def blas_threads() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


@pytest.mark.usefixtures("_switching")
def test_predict_in_threads() -> None:
    """Threads that share a model or an estimator predict what each would alone."""
    images = digits().train.images[:400]
    estimator = zoo.ZooClassifier("digits-10", epochs=1).fit(images, digit_labels()[:400])
    before = blas_threads()
    for predict in (zoo.load("digits-10").predict, estimator.predict):
        parts = [images[start : start + 5] for start in range(0, 400, 5)]
        expected = [predict(part) for part in parts]
        with ThreadPoolExecutor(THREADS) as threads:
            predicted = list(threads.map(predict, parts))
        assert np.array_equal(predicted, expected)
    assert blas_threads() == before


def test_one_thread_after_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forked process does not wait for a thread that only its parent has."""
    with one_thread(), ThreadPoolExecutor(1) as threads:
        parent = os.getpid()
        monkeypatch.setattr(os, "getpid", lambda: parent + 1)
        with one_thread():
            assert threads.submit(blas_threads).result() == [1] * len(blas_threads())
