"""Four images and a model whose answers to them are known."""

from dataclasses import dataclass

import numpy as np

from tests.helpers.entries import recipe
from zoo.config.dataset_info import SOURCES, Source
from zoo.data.dataset import Bytes, Dataset, LabeledImages
from zoo.nn.buffers import Array
from zoo.nn.metrics import Score
from zoo.training import build
from zoo.training.weights import WeightsMetadata

DIGEST = "d" * 64


@dataclass(frozen=True)
class Stub:
    """Answers what the first pixel says, with the odds to nine others that the second says."""

    facts: WeightsMetadata | None = None
    source: Source = SOURCES["digits"]
    name: str = "stub"

    def logits(self, images: Bytes) -> Array:
        """Return ln(odds) for the answer and ln(1) for the nine others."""
        logits = np.zeros((len(images), 10), np.float32)
        logits[np.arange(len(images)), images[:, 0]] = np.log(images[:, 1].astype(np.float32))
        return logits


def images(*answers: tuple[int, int]) -> Bytes:
    """Return an image for each answer and its odds."""
    images = np.zeros((len(answers), 64), np.uint8)
    images[:, :2] = answers
    return images


# a 7 that is read right and one that is read as 1, a 1 that is read right, a 0 that is read as 2
IMAGES = images((7, 9), (1, 9), (1, 81), (2, 81))
LABELS = np.array([7, 7, 1, 0], np.uint8)


def facts(changes: dict[str, object] | None = None, **scores: Score) -> WeightsMetadata:
    """Return what is known of a network that was never trained."""
    entry = recipe(changes)
    network = build.build_network(entry, np.random.default_rng(0))
    return WeightsMetadata.of(network, entry, data=DIGEST, scores=scores)  # type: ignore[arg-type]


def dataset(test: LabeledImages | None = None, *, digest: str = DIGEST) -> Dataset:
    return Dataset(
        "digits", (8, 8), 10, LabeledImages(IMAGES, LABELS), test, "four by hand", digest
    )
