"""Kaggle's Digit Recognizer: train.csv and test.csv, or a stand-in drawn from MNIST.

The 70,000 pictures of both files are MNIST's in another order. Where there is no file, 42,000
of them are drawn for training, by a draw that stays the same for ever, and the other 28,000 are
the test pictures; unlike Kaggle's, these have labels.
"""

import numpy as np

from zoo.config.dataset_info import SOURCES
from zoo.data.dataset import Dataset, LabeledImages, combined_digest
from zoo.data.kaggle_csv import read_csv
from zoo.data.locations import KAGGLE_SPOTS, DataLocations, Progress, silent
from zoo.data.mnist import MnistMissingError, load_mnist
from zoo.errors import DataError

DRAW_SEED = 2012


def load_kaggle(places: DataLocations, progress: Progress = silent) -> Dataset:
    """Return Kaggle's pictures where their file is found, and else the stand-in."""
    path = next(places.kaggle(), None)
    if path is None:
        try:
            return stand_in(load_mnist(places, progress))
        except MnistMissingError as missing:
            raise DataError(
                f"No Kaggle file was found ({', '.join(KAGGLE_SPOTS)}), and its stand-in cannot "
                f"be drawn. {missing}",
                hint=missing.hint,
            ) from missing
    train, digest = read_csv(path, labelled=True, cache=places.cache)
    test_path = path.with_name("test.csv")
    if not test_path.is_file():
        return _dataset(train, None, str(path), digest)
    test, test_digest = read_csv(test_path, labelled=False, cache=places.cache)
    return _dataset(train, test, f"{path} and test.csv", combined_digest((digest, test_digest)))


def stand_in(mnist: Dataset) -> Dataset:
    """Return 42,000 pictures drawn from MNIST, and the rest of them as the test pictures."""
    if mnist.test is None or mnist.train.labels is None or mnist.test.labels is None:
        raise ValueError("the stand-in is drawn from labelled pictures")
    images = np.concatenate([mnist.train.images, mnist.test.images])
    labels = np.concatenate([mnist.train.labels, mnist.test.labels])
    # NumPy has promised never to change the stream of RandomState; Generator's may change.
    order = np.random.RandomState(DRAW_SEED).permutation(len(images))
    train, test = np.split(order, [SOURCES["kaggle"].train])
    return _dataset(
        LabeledImages(images[train], labels[train]),
        LabeledImages(images[test], labels[test]),
        f"drawn from {mnist.source}, for no Kaggle file was found",
        stand_in_digest(mnist.digest),
    )


def stand_in_digest(mnist: str) -> str:
    """Return the digest of the stand-in that is drawn from an MNIST of this digest."""
    return combined_digest(("a stand-in for Kaggle, drawn from", mnist))


def _dataset(train: LabeledImages, test: LabeledImages | None, source: str, digest: str) -> Dataset:
    known = SOURCES["kaggle"]
    return Dataset(known.name, known.shape, known.classes, train, test, source, digest)
