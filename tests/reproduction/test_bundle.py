"""Bundles on the real MNIST."""

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.bundles import idx, predictions, run_ok
from tests.helpers.mnist import file as mnist_file
from tests.helpers.mnist import needs_mnist
from tests.helpers.models import shipped_model
from zoo.bundle import contents, pyz
from zoo.data.idx import read_idx
from zoo.nn.losses import softmax


@needs_mnist
@pytest.mark.parametrize(
    ("name", "bare", "count"),
    [
        ("mnist-128", False, 10_000),
        ("mnist-deep-best", False, 10_000),
        ("mnist-128", True, 1000),
        ("mnist-800-best", True, 100),
    ],
)
def test_bundle_answers_to_mnist(*, name: str, bare: bool, count: int, tmp_path: Path) -> None:
    """With packages there is NumPy, and it is used; without, plain Python reads them all."""
    one = shipped_model(name)
    images = read_idx(mnist_file("t10k-images"), dimensions=3)[0][:count]
    path, file = tmp_path / "one.pyz", tmp_path / "images-idx3-ubyte"
    path.write_bytes(pyz.archive(contents.contents([one])))
    file.write_bytes(idx(images))
    expected = softmax(one.logits(images.reshape(count, -1)))
    labels, probabilities = predictions(run_ok(path, file, "--json", bare=bare))
    assert labels == expected.argmax(axis=1).tolist()
    assert np.abs(probabilities - expected).max() < 1e-5
