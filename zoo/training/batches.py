"""Batches: the rows of a training in the order of each epoch, in tiles that stay in the cache.

A tile is the part of a batch that goes through the network in one piece: the whole batch if it is
small, and of a larger one as many rows as fit into the processor's cache.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from zoo.data.augment import Augmented
from zoo.data.dataset import Values
from zoo.data.splits import Rows, Subset
from zoo.nn.buffers import Labels, OnesBuffer
from zoo.nn.network import Network

Rngs = Mapping[str, np.random.Generator]


class Batches(ABC):
    """The training data, batch by batch: `tiles` yields the batch of a step."""

    def __init__(
        self, network: Network, subset: Subset, rngs: Rngs, *, batch: int, tile_rows: int
    ) -> None:
        self.network, self.subset = network, subset
        self.rows, self.batch = len(subset), batch
        self.steps_per_epoch = -(-self.rows // batch)
        self.tile_rows = batch if network.needs_full_batch else min(batch, tile_rows)
        self.size = batch  # the rows of the current batch; the last of an epoch may be smaller
        self.rngs = rngs  # those that are drawn from when an epoch begins
        self.states: dict[str, Any] = {}  # their states before this epoch's draws
        self._tile_labels = np.empty(self.tile_rows, np.intp)
        self._set_order(subset.rows)

    def tiles(self, step: int) -> Iterator[tuple[OnesBuffer, Labels]]:
        """Yield the inputs and labels of each tile of a step; the next one overwrites them."""
        start = step % self.steps_per_epoch * self.batch
        stop = min(start + self.batch, self.rows)
        self.size = stop - start
        if start == 0:
            self._begin_epoch()
        for first in range(start, stop, self.tile_rows):
            last = min(first + self.tile_rows, stop)
            yield self.network.prepare(self._images(first, last)), self._labels_of(first, last)

    def restore(self, step: int, states: dict[str, Any]) -> None:
        """Continue at a step, in an epoch that began with these states of the rngs."""
        if step % self.steps_per_epoch:
            for name, state in states.items():
                self.rngs[name].bit_generator.state = state
            self._begin_epoch()

    def _set_order(self, order: Rows) -> None:
        self._order, self._labels = order, self.subset.labels[order]

    def _labels_of(self, start: int, stop: int) -> Labels:
        """Return the labels at these positions; only those of a tile are cast, to save memory."""
        labels = self._tile_labels[: stop - start]
        labels[:] = self._labels[start:stop]
        return labels

    @abstractmethod
    def _begin_epoch(self) -> None:
        """Draw the order of an epoch."""

    @abstractmethod
    def _images(self, start: int, stop: int) -> Values:
        """Return the images at these positions of the epoch's order."""


class FullBatch(Batches):
    """All rows at every step, in one order; they are gathered once, and cast once if they fit."""

    def __init__(self, network: Network, subset: Subset, *, tile_rows: int) -> None:
        super().__init__(network, subset, {}, batch=len(subset), tile_rows=tile_rows)
        self._is_cast_once = self.tile_rows == self.rows and network.preserves_input

    def tiles(self, step: int) -> Iterator[tuple[OnesBuffer, Labels]]:
        """Yield the inputs and labels of each tile, the same at every step."""
        if self._is_cast_once:
            yield self._inputs, self._labels_of(0, self.rows)
        else:
            yield from super().tiles(step)

    @cached_property
    def _inputs(self) -> OnesBuffer:
        return self.network.prepare(self.subset.images[self.subset.rows], persistent=True)

    @cached_property
    def _gathered(self) -> Values:
        return self.subset.images[self.subset.rows]

    def _begin_epoch(self) -> None:
        """Leave the order as it is."""

    def _images(self, start: int, stop: int) -> Values:
        return self._gathered[start:stop]


class ShuffledBatches(Batches):
    """Batches of rows in a new order in every epoch, and of newly augmented images if asked for."""

    def __init__(
        self,
        network: Network,
        subset: Subset,
        rngs: Rngs,
        *,
        batch: int,
        tile_rows: int,
        augmented: Augmented | None = None,
    ) -> None:
        drawn_from = ("order", "augment") if augmented else ("order",)
        used = {name: rngs[name] for name in drawn_from}
        super().__init__(network, subset, used, batch=batch, tile_rows=tile_rows)
        self._augmented = augmented
        self._pixels = np.empty((self.tile_rows, network.inputs), subset.images.dtype)

    def _begin_epoch(self) -> None:
        self.states = {name: rng.bit_generator.state for name, rng in self.rngs.items()}
        self._set_order(self.rngs["order"].permutation(self.subset.rows))
        if self._augmented:
            self._augmented.start_epoch(self._order, int(self.rngs["augment"].integers(2**63)))

    def _images(self, start: int, stop: int) -> Values:
        if self._augmented:
            return self._augmented.batch(start, stop)
        pixels = self._pixels[: stop - start]
        self.subset.images.take(self._order[start:stop], axis=0, out=pixels, mode="clip")
        return pixels
