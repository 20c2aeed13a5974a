"""zoo's core: the network, the optimizer and the loop of `zoo train`."""

from typing import Any

import numpy as np
import numpy.typing as npt

from zoo import __version__
from zoo.bench.task import BenchTask
from zoo.config import load
from zoo.data.splits import Subset
from zoo.training import build
from zoo.training.loop import Training

Array = npt.NDArray[Any]


class Peer:
    """zoo with the entry of the workload."""

    version = __version__
    differs = ()

    def __init__(self, task: BenchTask) -> None:
        self.task = task
        self.entry = load.check(task.facts["entry"], where="the workload")
        self.part = Subset(task.images, task.labels, np.arange(len(task.images)))
        self.network = build.network(self.entry, build.make_rngs(self.entry.train.seed))
        self.initial = self.network.parameters.copy(), self.network.statistics.copy()
        self.queries = task.test_images[: task.facts["answers"]]

    def reset(self) -> None:
        """Restore the initial weights and prepare a new training."""
        arrays = self.network.parameters, self.network.statistics
        for array, initial in zip(arrays, self.initial, strict=True):
            np.copyto(array, initial)
        if not len(self.queries):
            rngs = build.make_rngs(self.entry.train.seed)
            plan = build.plan(self.entry.train, self.network, rows=len(self.part))
            shape = self.entry.data.source.shape
            batches = build.batches(self.entry.train, self.network, self.part, rngs, shape=shape)
            self.training = Training(self.network, batches, plan, rngs)

    def run(self) -> None:
        """Train or predict."""
        if len(self.queries):
            self.network.logits(self.queries)
        else:
            for _ in self.training:
                pass

    def weights(self) -> list[Array]:
        """Return W1, b1, W2, b2 ..."""
        names = dict(self.network.named_arrays())
        return [array for name, array in names.items() if name[0] in "Wb" and name[1:].isdigit()]

    def logits(self) -> Array:
        """Return the logits of the test rows."""
        return self.network.logits(self.task.test_images)
