"""Kaggle's Digit Recognizer: train.csv and test.csv, or a stand-in sampled from MNIST.

The 70,000 images of both files are those of MNIST in another order. Without Kaggle's files, a
sample of 42,000 with a fixed seed is the training set, and the other 28,000 are the test set;
unlike Kaggle's, these have labels.
"""

import numpy as np

from zoo.config.dataset_info import SOURCES
from zoo.data.dataset import Dataset, LabeledImages, combined_digest
from zoo.data.kaggle_csv import read_csv
from zoo.data.locations import KAGGLE_PATHS, DataLocations, Progress, silent
from zoo.data.mnist import MnistMissingError, load_mnist
from zoo.errors import DataError

SAMPLE_SEED = 2012


def load_kaggle(locations: DataLocations, progress: Progress = silent) -> Dataset:
    """Return Kaggle's images if train.csv exists, otherwise the stand-in."""
    path = next(locations.kaggle(), None)
    if path is None:
        try:
            return stand_in(load_mnist(locations, progress))
        except MnistMissingError as missing:
            raise DataError(
                f"No Kaggle file was found ({', '.join(KAGGLE_PATHS)}), and the stand-in needs "
                f"MNIST. {missing}",
                hint=missing.hint,
            ) from missing
    train, digest = read_csv(path, labelled=True, cache=locations.cache)
    test_path = path.with_name("test.csv")
    if not test_path.is_file():
        return _dataset(train, None, str(path), digest)
    test, test_digest = read_csv(test_path, labelled=False, cache=locations.cache)
    return _dataset(train, test, f"{path} and test.csv", combined_digest((digest, test_digest)))


def stand_in(mnist: Dataset) -> Dataset:
    """Return 42,000 images sampled from MNIST, and the other 28,000 as the test set."""
    if mnist.test is None or mnist.train.labels is None or mnist.test.labels is None:
        raise ValueError("the stand-in requires labelled images")
    images = np.concatenate([mnist.train.images, mnist.test.images])
    labels = np.concatenate([mnist.train.labels, mnist.test.labels])
    # NumPy guarantees the stream of RandomState; the stream of Generator may change.
    order = np.random.RandomState(SAMPLE_SEED).permutation(len(images))
    train, test = np.split(order, [SOURCES["kaggle"].train])
    return _dataset(
        LabeledImages(images[train], labels[train]),
        LabeledImages(images[test], labels[test]),
        f"drawn from {mnist.source}, for no Kaggle file was found",
        stand_in_digest(mnist.digest),
    )


def stand_in_digest(mnist: str) -> str:
    """Return the digest of the stand-in, given the digest of MNIST."""
    return combined_digest(("a stand-in for Kaggle, drawn from", mnist))


def _dataset(train: LabeledImages, test: LabeledImages | None, source: str, digest: str) -> Dataset:
    info = SOURCES["kaggle"]
    return Dataset(info.name, info.shape, info.classes, train, test, source, digest)
