"""Memory of a training: an estimate, a check, and the rows of a tile."""

import os

from zoo.config import entry as config
from zoo.config import kinds
from zoo.data import augment
from zoo.errors import ConfigError
from zoo.nn import matmul

TILE_ROWS = (
    1024  # rows of a larger batch that go up and down together; more of them where they are narrow
)


TILE_VALUES = 784 * TILE_ROWS  # values of a tile in the widest layer, up to which it may grow


def rows_per_tile(*widths: int) -> int:
    """Return how many rows of a larger batch go up and down together: they stay in the cache."""
    return max(TILE_VALUES // max(widths) // matmul.BLOCK_ROWS * matmul.BLOCK_ROWS, TILE_ROWS)


def check_memory(entry: config.Entry) -> None:
    """Raise before anything is allocated, if this machine's memory could not hold the training."""
    needed, available = bytes_needed(entry), _total_memory()
    if needed > available:
        raise ConfigError(
            f"{entry.architecture} needs about {needed / 1e9:,.1f} GB to train, "
            f"and this machine has {available / 1e9:,.1f} GB.",
            hint="Fewer hidden units or a smaller batch need less.",
        )


def bytes_needed(entry: config.Entry) -> int:
    """Estimate the memory of a training: flat vectors, buffers of a tile, the pictures, Python.

    The vectors: parameters, gradient, its sum, what is a weight, the optimizer's two memories, L2's
    two, the first weights in float64, the average and the best ones, and a checkpoint's copies.
    """
    vectors = 16
    full_batch = any(
        isinstance(placed.layer, kinds.BatchNorm | kinds.PluginLayer) for placed in entry.layers
    )
    batch = entry.train.batch or entry.data.train_rows
    outputs = [placed.outputs for placed in entry.layers]
    rows = batch if full_batch else min(batch, rows_per_tile(entry.data.features, *outputs))
    widths = sum(2 * width for width in outputs) + 2 * entry.data.features
    images = (entry.data.source.train + entry.data.source.test) * entry.data.features
    if entry.train.augment:
        widths += 2 * entry.data.features
        rows = max(rows, batch, augment.BLOCK_ROWS)
    return 4 * (vectors * entry.parameters + rows * widths) + 3 * images + 60_000_000


def _total_memory() -> int:
    """Return the bytes of memory in this machine, or plenty where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return 2**36
