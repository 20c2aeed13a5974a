"""The training loop. It yields after every step and never prints, saves or reads the clock."""

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context, copy_context
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoo.data.augment import Augmented
from zoo.data.dataset import Values
from zoo.data.splits import Subset
from zoo.errors import ZooError
from zoo.nn.buffers import Array
from zoo.nn.metrics import Score, score
from zoo.nn.network import Network
from zoo.nn.optimizers import ExponentialMovingAverage, clip_by_norm
from zoo.training.build import TrainingPlan

Rngs = Mapping[str, np.random.Generator]
Arrays = dict[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class EpochReport:
    """The progress of a training.

    Loss and accuracy are running values of the last pass over the training data: each batch counts
    before its step, on augmented images, with dropout and label smoothing if the entry has them; a
    label that shares the largest logit with others counts as correct. The held-out score is that
    of the current weights, or of their moving average if the entry has one.
    """

    step: int
    rate: float
    loss: float
    accuracy: float
    held_out: Score | None


def _ignoring_overflow() -> Context:
    """Return a context in which NumPy does not warn of overflows: the loss is checked instead.

    Entering np.errstate for every step would take as long as a layer of ten units.
    """
    context = copy_context()
    context.run(np.seterr, over="ignore", invalid="ignore")
    return context


class DivergedError(ZooError):
    """Raised when the loss is NaN or infinite."""

    def __init__(self, step: int) -> None:
        super().__init__(
            f"Training diverged: the loss is NaN or infinite at step {step:,}.",
            hint="Try a smaller learning rate: `zoo train ... --rate`.",
        )


class BestWeights:
    """The weights with the best held-out accuracy so far, for early stopping."""

    def __init__(self, network: Network) -> None:
        self.accuracy = -1.0  # below every accuracy
        self.reports_since_best = 0
        self.parameters, self.statistics = network.parameters.copy(), network.statistics.copy()

    def update(self, accuracy: float, network: Network) -> None:
        """Store the network's weights if their accuracy is the best so far."""
        self.reports_since_best += 1
        if accuracy > self.accuracy:
            self.accuracy, self.reports_since_best = accuracy, 0
            np.copyto(self.parameters, network.parameters)
            np.copyto(self.statistics, network.statistics)


class Training:
    """A training: iterate over it to make its steps; `state` and `restore` save and load it.

    Every step yields; a step that ends an epoch (or 50 iterations) yields a report. The caller may
    stop after any step and take the state; a training that restores it continues bit for bit.
    """

    def __init__(
        self,
        network: Network,
        subset: Subset,
        plan: TrainingPlan,
        rngs: Rngs,
        *,
        held_out: Subset | None = None,
        augmented: Augmented | None = None,
    ) -> None:
        self.network, self.plan, self.rngs, self.held_out = network, plan, rngs, held_out
        self.subset, self.rows, self.augmented = subset, len(subset), augmented
        self.step = 0
        self._moving_average = (
            ExponentialMovingAverage(network.parameters, decay=plan.average)
            if plan.average
            else None
        )
        self._best = BestWeights(network) if plan.patience else None
        self._full_batch = plan.batch == self.rows and not augmented
        if self._full_batch:  # the order never changes, so the rows are gathered once
            self._images = subset.images[subset.rows]
        else:
            self._images = subset.images
        self._order = subset.rows
        self._labels = subset.labels[subset.rows].astype(np.intp)  # in the order of the epoch
        self._states_at_epoch: dict[str, object] = {}  # rng states before this epoch's draws
        self._tile_rows = (
            plan.batch if network.needs_full_batch else min(plan.batch, plan.tile_rows)
        )
        self._pixels = np.empty((self._tile_rows, network.inputs), subset.images.dtype)
        self._batch_is_cached = (
            self._full_batch and self._tile_rows == self.rows and network.preserves_input
        )
        self._cached_input = -1  # the network's batch number when it cached this batch
        self._sum = np.empty_like(network.gradient)
        self._losses = np.zeros(self.rows, network.dtype)
        self._correct = np.zeros(self.rows, bool)

    @property
    def steps_per_epoch(self) -> int:
        """The steps of a pass over the training data; the last batch may be smaller."""
        return -(-self.rows // self.plan.batch)

    @property
    def is_over(self) -> bool:
        """Whether all steps are made, or early stopping's patience is exhausted."""
        reports_since_best = self._best.reports_since_best if self._best else 0
        return self.step >= self.plan.steps or reports_since_best >= (
            self.plan.patience or math.inf
        )

    def __iter__(self) -> Iterator[EpochReport | None]:
        """Make the remaining steps, one per iteration."""
        context = _ignoring_overflow()
        while not self.is_over:
            context.run(self._train_step)
            due = self.step % self.plan.report_every == 0 or self.step == self.plan.steps
            yield self._report() if due else None

    def _train_step(self) -> None:
        """Accumulate the gradient of one batch over its tiles, then update the parameters."""
        index = self.step % self.steps_per_epoch
        if index == 0 and not self._full_batch:
            self._begin_epoch()
        start = index * self.plan.batch
        stop = min(start + self.plan.batch, self.rows)
        in_tiles = stop - start > self._tile_rows
        gradient = self._sum if in_tiles else self.network.gradient
        if in_tiles:
            gradient.fill(0)
        for tile in range(start, stop, self._tile_rows):
            self._forward_backward(tile, min(tile + self._tile_rows, stop), examples=stop - start)
            if in_tiles:
                np.add(gradient, self.network.gradient, out=gradient)
        if self.plan.l2:
            self.plan.l2.add_gradient(self.network.parameters, gradient)
        if self.plan.clip:
            clip_by_norm(gradient, max_norm=self.plan.clip)
        learning_rate = self.plan.schedule(self.step / self.steps_per_epoch)
        self.step += 1
        self.plan.optimizer.step(
            gradient, learning_rate=learning_rate, step=self.plan.previous_steps + self.step
        )
        if self._moving_average:
            self._moving_average.update(step=self.plan.previous_steps + self.step)

    def _begin_epoch(self) -> None:
        names = ("order", "augment") if self.augmented else ("order",)
        self._states_at_epoch = {name: self.rngs[name].bit_generator.state for name in names}
        self._order = self.rngs["order"].permutation(self.subset.rows)
        self._labels = self.subset.labels[self._order].astype(np.intp)
        if self.augmented:
            self.augmented.start_epoch(self._order, int(self.rngs["augment"].integers(2**63)))

    def _forward_backward(self, start: int, stop: int, *, examples: int) -> None:
        """Run forward and backward on rows start..stop of this epoch's shuffled order."""
        if self._full_batch:
            self._set_full_batch(self._images[start:stop])
        elif self.augmented:
            self.network.set_input(self.augmented.batch(start, stop))
        else:
            pixels = self._pixels[: stop - start]
            self._images.take(self._order[start:stop], axis=0, out=pixels, mode="clip")
            self.network.set_input(pixels)
        loss = self.plan.loss
        losses = loss.forward(self.network.forward(training=True), self._labels[start:stop])
        if not math.isfinite(losses.dot(losses)):  # the cheapest check of all losses
            raise DivergedError(self.step + 1)
        self._losses[start:stop] = losses
        np.logical_not(loss.margins, out=self._correct[start:stop])
        self.network.backward(loss.backward(examples))

    def _set_full_batch(self, pixels: Values) -> None:
        """Set rows of the full batch as input; skip it if they are still the network's input."""
        if self._batch_is_cached and self._cached_input == self.network.batch_number:
            return
        self.network.set_input(pixels, persistent=self._batch_is_cached)
        self._cached_input = self.network.batch_number

    def _report(self) -> EpochReport:
        held_out = None
        if self.held_out:
            with self.evaluation_weights():
                held_out = self.evaluate(self.held_out)
                if self._best:
                    self._best.update(held_out.accuracy, self.network)
        seen = min(self.step * self.plan.batch, self.rows)
        return EpochReport(
            step=self.step,
            rate=self.plan.schedule((self.step - 1) / self.steps_per_epoch),
            loss=float(self._losses[:seen].mean(dtype=np.float64)),
            accuracy=float(self._correct[:seen].mean()),
            held_out=held_out,
        )

    @np.errstate(over="ignore", invalid="ignore")  # the loss is checked below
    def evaluate(self, subset: Subset) -> Score:
        """Return the score of the current weights on a subset."""
        logits = self.network.logits(subset.images, subset.rows)
        result = score(logits, subset.labels[subset.rows].astype(np.intp))
        if not math.isfinite(result.loss):
            raise DivergedError(self.step)
        return result

    @contextmanager
    def final_weights(self) -> Iterator[None]:
        """Temporarily load the weights of the trained network: the best, or the moving average."""
        if self._best and self._best.accuracy >= 0:
            with self._swapped_weights(self._best.parameters, self._best.statistics):
                yield
        else:
            with self.evaluation_weights():
                yield

    @contextmanager
    def evaluation_weights(self) -> Iterator[None]:
        """Temporarily load the weights used for evaluation: the moving average if there is one."""
        if self._moving_average:
            with self._swapped_weights(self._moving_average.mean, self.network.statistics):
                yield
        else:
            yield

    @contextmanager
    def _swapped_weights(self, parameters: Array, statistics: Array) -> Iterator[None]:
        network = self.network
        current = network.parameters.copy(), network.statistics.copy()
        np.copyto(network.parameters, parameters)
        np.copyto(network.statistics, statistics)
        try:
            yield
        finally:
            np.copyto(network.parameters, current[0])
            np.copyto(network.statistics, current[1])

    def state(self) -> tuple[Arrays, str]:
        """Return everything that `restore` needs: the arrays, and the rest as JSON."""
        arrays: Arrays = {
            "parameters": self.network.parameters,
            "statistics": self.network.statistics,
            "losses": self._losses,
            "right": self._correct,
        }
        arrays |= {f"optimizer.{name}": array for name, array in self.plan.optimizer.state.items()}
        if self._moving_average:
            arrays["average"] = self._moving_average.mean
        if self._best:
            arrays["best.parameters"] = self._best.parameters
            arrays["best.statistics"] = self._best.statistics
        rng_states = {name: rng.bit_generator.state for name, rng in self.rngs.items()}
        rest = {"step": self.step, "generators": rng_states, "before": self._states_at_epoch}
        if self._best:
            rest["best"] = [self._best.accuracy, self._best.reports_since_best]
        return arrays, json.dumps(rest)

    def restore(self, arrays: Arrays, rest: str) -> None:
        """Load a state that `state` returned; the arrays are copied."""
        current, _ = self.state()
        for name, array in current.items():
            np.copyto(array, arrays[name])
        saved = json.loads(rest)
        self.step = saved["step"]
        if not self._full_batch and self.step % self.steps_per_epoch:  # in the middle of an epoch
            for name, state in saved["before"].items():
                self.rngs[name].bit_generator.state = state
            self._begin_epoch()
        for name, rng in self.rngs.items():
            rng.bit_generator.state = saved["generators"][name]
        if self._best:
            self._best.accuracy, self._best.reports_since_best = saved["best"]
