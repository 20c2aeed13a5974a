"""Resource estimates: the steps, memory and duration of a training, without its data."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np

from zoo.config import plugin_call
from zoo.config.entry import Entry
from zoo.data.splits import Subset
from zoo.nn.network import Network
from zoo.parallel.threads import one_thread
from zoo.training import build, memory
from zoo.training.loop import Training

Clock = Callable[[], float]

MAX_SECONDS = 0.5  # the duration of the trial training, after its first two epochs
TRIAL_ROWS = 2048  # the rows of the trial training, or two batches
EVALUATION_ROWS = 2000  # the rows of the trial evaluation


@dataclass(frozen=True)
class ResourceEstimate:
    """The resources of a training: steps, bytes of memory, and seconds on one core."""

    parameters: int  # including plugin layers
    steps: int
    memory: int
    seconds: float


def estimate(entry: Entry, clock: Clock) -> ResourceEstimate:
    """Return the resources of an entry's training, from a trial training on random images."""
    steps = entry.train.steps(entry.data.train_rows)
    plugin_call.check(entry, where=entry.name)
    memory.check_memory(entry)
    with one_thread():
        rngs = build.make_rngs(entry.train.seed)
        network = build.network(entry, rngs)
        seconds = _seconds(entry, network, rngs, clock)
    return ResourceEstimate(network.parameters.size, steps, memory.bytes_needed(entry), seconds)


def _seconds(
    entry: Entry, network: Network, rngs: dict[str, np.random.Generator], clock: Clock
) -> float:
    train, rows = entry.train, entry.data.train_rows
    steps = train.steps(rows)
    trial_rows = min(rows, max(TRIAL_ROWS, 2 * (train.batch or 0)))
    subset = random_subset(entry, trial_rows)
    plan = build.plan(train, network, rows=trial_rows)
    batches = build.batches(train, network, subset, rngs, shape=entry.data.source.shape)
    training = Training(network, batches, plan, rngs)
    epoch_seconds = _epoch_seconds(training, clock)
    start = clock()
    network.logits(subset.images, subset.rows[:EVALUATION_ROWS])
    seconds_per_image = (clock() - start) / min(trial_rows, EVALUATION_ROWS)
    split = entry.data.split
    held_out = split.validation or split.test or entry.data.source.test
    report_every = build.REPORT_ITERATIONS if train.iterations else train.steps_per_epoch(rows)
    epochs = steps / train.steps_per_epoch(rows)
    evaluation = seconds_per_image * held_out * math.ceil(steps / report_every)
    return epoch_seconds * epochs * rows / trial_rows + evaluation


def _epoch_seconds(training: Training, clock: Clock) -> float:
    """Return the median seconds of an epoch, without the first one, which warms up."""
    seconds: list[float] = []
    start = epoch_start = clock()
    for _ in training:
        if training.step % training.batches.steps_per_epoch:
            continue
        seconds.append(clock() - epoch_start)
        if len(seconds) > 1 and clock() - start > MAX_SECONDS:
            break
        epoch_start = clock()
    return median(seconds[1:] or seconds)


def random_subset(entry: Entry, rows: int) -> Subset:
    """Return random images, or random numbers for a dataset without images, and random labels."""
    rng = np.random.default_rng(0)
    source = entry.data.source
    labels = rng.integers(0, source.classes, rows)
    if not source.has_images:
        numbers = rng.standard_normal((rows, entry.data.features), np.float32)
        return Subset(numbers, labels, np.arange(rows))
    images = rng.integers(0, source.highest + 1, (rows, entry.data.features), np.uint8)
    return Subset(images, labels, np.arange(rows))
