"""Memory of a training: an estimate, a check, and the number of rows in a tile."""

from zoo.config.entry import Entry
from zoo.config.layers import BatchNorm, PluginLayer
from zoo.data import augment
from zoo.errors import ConfigError
from zoo.nn import matmul
from zoo.system.machine import total_memory

TILE_ROWS = 1024  # the rows of a tile; more if the layers are narrow
TILE_VALUES = 784 * TILE_ROWS  # the maximum of rows times the widest layer


def rows_per_tile(*widths: int) -> int:
    """Return the rows of a tile: they go through the network together and fit into the cache."""
    return max(TILE_VALUES // max(widths) // matmul.BLOCK_ROWS * matmul.BLOCK_ROWS, TILE_ROWS)


def check_memory(entry: Entry) -> None:
    """Raise if the training needs more memory than this machine has, before it is allocated."""
    needed, available = bytes_needed(entry), total_memory()
    if needed > available:
        raise ConfigError(
            f"{entry.architecture} needs about {needed / 1e9:,.1f} GB to train, "
            f"and this machine has {available / 1e9:,.1f} GB.",
            hint="Use fewer hidden units or a smaller batch.",
        )


def bytes_needed(entry: Entry) -> int:
    """Estimate the memory of a training: flat vectors, buffers of a tile, the images, Python.

    The vectors: parameters, gradient, its sum, is_weight, two of the optimizer, two of L2, the
    initial weights in float64, the moving average, the best weights, and a checkpoint's copies.
    """
    vectors = 16
    full_batch = any(isinstance(spec.layer, BatchNorm | PluginLayer) for spec in entry.layers)
    batch = entry.train.batch or entry.data.train_rows
    outputs = [spec.outputs for spec in entry.layers]
    rows = batch if full_batch else min(batch, rows_per_tile(entry.data.features, *outputs))
    widths = sum(2 * width for width in outputs) + 2 * entry.data.features
    images = (entry.data.source.train + entry.data.source.test) * entry.data.features
    if entry.train.augment:
        widths += 2 * entry.data.features
        rows = max(rows, batch, augment.BLOCK_ROWS)
    return 4 * (vectors * entry.parameters + rows * widths) + 3 * images + 60_000_000
