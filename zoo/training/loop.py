"""The training loop. It yields after every step and never prints, saves or reads the clock."""

import json
import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from contextvars import Context, copy_context
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoo.data.splits import Subset
from zoo.errors import ZooError
from zoo.nn.buffers import Array
from zoo.nn.losses import L2, Loss
from zoo.nn.metrics import Score, score_of_blocks
from zoo.nn.network import Network
from zoo.nn.optimizers import ExponentialMovingAverage, Optimizer, clip_by_norm
from zoo.nn.schedules import Schedule
from zoo.training.batches import Batches, Rngs

BLOCK_ROWS = 65_536  # evaluated at a time: of a million rows, all at once need 40 MB

Arrays = dict[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class TrainingPlan:
    """The hyperparameters and objects that the loop needs besides the network and the data."""

    loss: Loss
    l2: L2 | None
    optimizer: Optimizer
    schedule: Schedule
    clip: float
    average: float
    patience: int | None
    steps: int
    report_every: int  # steps
    previous_steps: int = 0  # steps made before this training, with the same optimizer


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


class DivergedError(ZooError):
    """Raised when the loss is NaN or infinite."""

    def __init__(self, step: int) -> None:
        super().__init__(
            f"Training diverged: the loss is NaN or infinite at step {step:,}.",
            hint="Try a smaller learning rate: `zoo train ... --rate`.",
        )


def _ignoring_overflow() -> Context:
    """Return a context in which NumPy does not warn of overflows: the loss is checked instead.

    Entering np.errstate for every step would take as long as a layer of ten units.
    """
    context = copy_context()
    context.run(np.seterr, over="ignore", invalid="ignore")
    return context


class RunningScore:
    """The loss of each row, and whether it was correct, when its batch was last trained on."""

    def __init__(self, rows: int, dtype: npt.DTypeLike) -> None:
        self.losses, self.correct = np.zeros(rows, dtype), np.zeros(rows, bool)
        self.start = 0  # the position of the next tile in the order of the epoch

    def add(self, losses: Array, margins: Array) -> None:
        """Record the next tile of the epoch."""
        stop = self.start + len(losses)
        self.losses[self.start : stop] = losses
        np.logical_not(margins, out=self.correct[self.start : stop])
        self.start = stop


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
        batches: Batches,
        plan: TrainingPlan,
        rngs: Rngs,
        *,
        held_out: Subset | None = None,
    ) -> None:
        self.network, self.batches, self.plan = network, batches, plan
        self.rngs, self.held_out = rngs, held_out
        self.step = 0
        self._running = RunningScore(batches.rows, network.dtype)
        in_tiles = batches.tile_rows < batches.batch
        self._sum = np.empty_like(network.gradient) if in_tiles else None
        parameters = network.parameters
        self._average = (
            ExponentialMovingAverage(parameters, decay=plan.average) if plan.average else None
        )
        self._best = BestWeights(network) if plan.patience else None

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
        """Update the parameters with the gradient of the next batch."""
        plan, gradient = self.plan, self._gradient()
        if plan.l2:
            plan.l2.add_gradient(self.network.parameters, gradient)
        if plan.clip:
            clip_by_norm(gradient, max_norm=plan.clip)
        rate = plan.schedule(self.step / self.batches.steps_per_epoch)
        self.step += 1
        plan.optimizer.step(gradient, learning_rate=rate, step=plan.previous_steps + self.step)
        if self._average:
            self._average.update(step=plan.previous_steps + self.step)

    def _gradient(self) -> Array:
        """Return the gradient of the next batch, the sum of those of its tiles."""
        network, loss, batches = self.network, self.plan.loss, self.batches
        if self._sum is not None:
            self._sum.fill(0)
        self._running.start = self.step % batches.steps_per_epoch * batches.batch
        for inputs, labels in batches.tiles(self.step):
            losses = loss.forward(network.forward(inputs, training=True), labels)
            if not math.isfinite(losses.dot(losses)):  # the cheapest check of all losses
                raise DivergedError(self.step + 1)
            self._running.add(losses, loss.margins)
            network.backward(loss.backward(batches.size))
            if self._sum is not None:
                np.add(self._sum, network.gradient, out=self._sum)
        return network.gradient if self._sum is None else self._sum

    def _report(self) -> EpochReport:
        held_out = None
        if self.held_out:
            with self.evaluation_weights():
                held_out = self.evaluate(self.held_out)
                if self._best:
                    self._best.update(held_out.accuracy, self.network)
        seen = min(self.step * self.batches.batch, self.batches.rows)
        return EpochReport(
            step=self.step,
            rate=self.plan.schedule((self.step - 1) / self.batches.steps_per_epoch),
            loss=float(self._running.losses[:seen].mean(dtype=np.float64)),
            accuracy=float(self._running.correct[:seen].mean()),
            held_out=held_out,
        )

    @np.errstate(over="ignore", invalid="ignore")  # the loss is checked below
    def evaluate(self, subset: Subset) -> Score:
        """Return the score of the current weights on a subset."""
        starts = range(0, len(subset), BLOCK_ROWS)
        blocks = (subset.rows[start : start + BLOCK_ROWS] for start in starts)
        scored = (
            (self.network.logits(subset.images, rows), subset.labels[rows].astype(np.intp))
            for rows in blocks
        )
        result = score_of_blocks(scored, rows=len(subset), dtype=self.network.dtype)
        if not math.isfinite(result.loss):
            raise DivergedError(self.step)
        return result

    def evaluation_weights(self) -> AbstractContextManager[None]:
        """Temporarily load the weights used for evaluation: the moving average if there is one."""
        if self._average:
            return self.network.with_weights(self._average.mean, self.network.statistics)
        return nullcontext()

    def final_weights(self) -> AbstractContextManager[None]:
        """Temporarily load the weights of the trained network: the best, or the moving average."""
        if self._best and self.has_best_weights:
            return self.network.with_weights(self._best.parameters, self._best.statistics)
        return self.evaluation_weights()

    @property
    def has_best_weights(self) -> bool:
        """Whether early stopping has stored weights."""
        return self._best is not None and self._best.accuracy >= 0

    def state(self) -> tuple[Arrays, str]:
        """Return everything that `restore` needs: the arrays, and the rest as JSON."""
        arrays: Arrays = {
            "parameters": self.network.parameters,
            "statistics": self.network.statistics,
            "losses": self._running.losses,
            "right": self._running.correct,
        }
        arrays |= {f"optimizer.{name}": array for name, array in self.plan.optimizer.state.items()}
        if self._average:
            arrays["average"] = self._average.mean
        if self._best:
            arrays["best.parameters"] = self._best.parameters
            arrays["best.statistics"] = self._best.statistics
        rng_states = {name: rng.bit_generator.state for name, rng in self.rngs.items()}
        rest = {"step": self.step, "generators": rng_states, "before": self.batches.states}
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
        self.batches.restore(self.step, saved["before"])
        for name, rng in self.rngs.items():
            rng.bit_generator.state = saved["generators"][name]
        if self._best:
            self._best.accuracy, self._best.reports_since_best = saved["best"]
