"""Batches: the rows and labels of each tile, what is cast once, and epochs that are continued."""

from collections.abc import Sequence

import numpy as np
import pytest

from zoo.data.splits import Subset
from zoo.nn.activations import relu
from zoo.nn.layers import Activation, BatchNorm, Dense, Layer
from zoo.nn.network import Network
from zoo.training.batches import Batches, FullBatch, ShuffledBatches

# image n has the pixels n and 2n, and the label n % 3; ten of the twenty are trained on
IMAGES = np.stack([np.arange(20), 2 * np.arange(20)], axis=1).astype(np.uint8)
SUBSET = Subset(IMAGES, (np.arange(20) % 3).astype(np.uint8), np.arange(19, -1, -2))

Tile = tuple[list[int], list[int]]


def network(*first: Layer) -> Network:
    return Network([*first, Dense(2, 3)])


def shuffled(seed: int = 0, *, tile_rows: int = 3) -> ShuffledBatches:
    rngs = {"order": np.random.default_rng(seed)}
    return ShuffledBatches(network(), SUBSET, rngs, batch=4, tile_rows=tile_rows)


def tiles(batches: Batches, step: int) -> list[Tile]:
    """Return the numbers of the images and the labels of each tile."""
    result = []
    for inputs, labels in batches.tiles(step):
        numbers = inputs.x[:, 0].astype(int).tolist()
        np.testing.assert_array_equal(inputs.x, IMAGES[numbers])
        result.append((numbers, labels.tolist()))
    return result


def test_shuffled_batches() -> None:
    """Ten rows in batches of four and tiles of three, in a new order in every epoch."""
    batches, rng = shuffled(), np.random.default_rng(0)
    assert batches.steps_per_epoch == 3
    for epoch in range(2):
        order = rng.permutation(SUBSET.rows).tolist()
        expected = [[order[:3], order[3:4]], [order[4:7], order[7:8]], [order[8:]]]
        for number, (parts, size) in enumerate(zip(expected, (4, 4, 2), strict=True)):
            assert tiles(batches, 3 * epoch + number) == [
                (part, [row % 3 for row in part]) for part in parts
            ]
            assert batches.size == size


def test_shuffled_batches_restored() -> None:
    """In the middle of an epoch, the states of its beginning give the rest of it."""
    batches = shuffled()
    for step in range(4):
        tiles(batches, step)
    states, expected = batches.states, [tiles(batches, step) for step in (4, 5)]
    other = shuffled(seed=1)
    tiles(other, 0)
    other.restore(4, states)
    assert [tiles(other, step) for step in (4, 5)] == expected


def test_batches_without_tiles() -> None:
    """A network that needs its batches in one piece gets them so."""
    batches = FullBatch(network(BatchNorm(2, 0.9)), SUBSET, tile_rows=3)
    assert [rows for rows, _ in tiles(batches, 0)] == [SUBSET.rows.tolist()]


def test_full_batch_in_tiles() -> None:
    """Every step has all rows in their first order."""
    batches = FullBatch(network(), SUBSET, tile_rows=4)
    rows = SUBSET.rows.tolist()
    for step in (0, 1):
        assert [part for part, _ in tiles(batches, step)] == [rows[:4], rows[4:8], rows[8:]]
        assert batches.size == 10


@pytest.mark.parametrize(("first", "is_cast_once"), [((), True), ((Activation(relu),), False)])
def test_full_batch_cast_once(first: Sequence[Layer], is_cast_once: bool) -> None:  # noqa: FBT001
    """A batch in one tile is cast once, if the first layer leaves it as it is."""
    batches = FullBatch(network(*first), SUBSET, tile_rows=10)
    assert [rows for rows, _ in tiles(batches, 0)] == [SUBSET.rows.tolist()]
    for inputs, _ in batches.tiles(1):
        inputs.x[:] = 7
    batches.network.logits(IMAGES)  # an evaluation uses memory of its own
    ((inputs, _),) = batches.tiles(2)
    assert (inputs.x == 7).all() == is_cast_once
