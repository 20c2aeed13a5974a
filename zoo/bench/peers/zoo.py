"""zoo's own core: the network, the optimizer and the loop that `zoo train` runs."""

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
    """The entry of the workload, trained or asked."""

    version = __version__
    differs = ()

    def __init__(self, task: BenchTask) -> None:
        self.task = task
        self.entry = load.check(task.facts["entry"], where="the workload")
        self.part = Subset(task.images, task.labels, np.arange(len(task.images)))
        self.network = build.network(self.entry, build.make_rngs(self.entry.train.seed))
        self.first = self.network.parameters.copy(), self.network.statistics.copy()
        self.asked = task.test_images[: task.facts["answers"]]

    def reset(self) -> None:
        """Put the first weights back, and begin a training anew."""
        for held, kept in zip(
            (self.network.parameters, self.network.statistics), self.first, strict=True
        ):
            np.copyto(held, kept)
        if not len(self.asked):
            chance = build.make_rngs(self.entry.train.seed)
            plan = build.plan(self.entry.train, self.network, rows=len(self.part))
            self.training = Training(self.network, self.part, plan, chance)

    def run(self) -> None:
        """Train, or answer."""
        if len(self.asked):
            self.network.logits(self.asked)
        else:
            for _ in self.training:
                pass

    def learned(self) -> list[Array]:
        """Return W1, b1, W2, b2 ..."""
        names = dict(self.network.named_arrays())
        return [array for name, array in names.items() if name[0] in "Wb" and name[1:].isdigit()]

    def logits(self) -> Array:
        """Return the logits of the test rows."""
        return self.network.logits(self.task.test_images)
