"""What training will need, before any data is read: steps, memory, and time by rehearsal."""

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

PATIENCE = 0.5  # seconds that a rehearsal may take, but for its first two epochs
FEW = 2048  # rows that are trained on in a rehearsal, or two batches
JUDGED = 2000  # rows that are judged in a rehearsal


@dataclass(frozen=True)
class ResourceEstimate:
    """What a training takes: its steps, the bytes of memory, the seconds on one core here."""

    parameters: int  # those of packages' layers too
    steps: int
    memory: int
    seconds: float


def estimate(entry: Entry, clock: Clock) -> ResourceEstimate:
    """Return what the training of an entry takes; its first steps are made on random pictures."""
    steps = entry.train.steps(entry.data.train_rows)
    plugin_call.check(entry, where=entry.name)
    memory.check_memory(entry)
    with one_thread():
        chance = build.make_rngs(entry.train.seed)
        network = build.network(entry, chance)
        seconds = _seconds(entry, network, chance, clock)
    return ResourceEstimate(network.parameters.size, steps, memory.bytes_needed(entry), seconds)


def _seconds(
    entry: Entry, network: Network, chance: dict[str, np.random.Generator], clock: Clock
) -> float:
    train, rows = entry.train, entry.data.train_rows
    steps = train.steps(rows)
    few = min(rows, max(FEW, 2 * (train.batch or 0)))
    part = _random(entry, few)
    plan = build.plan(train, network, rows=few)
    bent = build.augmented(train, part, entry.data.source.shape, batch=plan.batch)
    training = Training(network, part, plan, chance, augmented=bent)
    epochs = _epochs(training, clock)
    began = clock()
    network.logits(part.images, part.rows[:JUDGED])
    judged = (clock() - began) / min(few, JUDGED)
    split = entry.data.split
    held_out = split.validation or split.test or entry.data.source.test
    every = build.REPORT_ITERATIONS if train.iterations else train.steps_per_epoch(rows)
    passes = steps / train.steps_per_epoch(rows)
    return epochs * passes * rows / few + judged * held_out * math.ceil(steps / every)


def _epochs(training: Training, clock: Clock) -> float:
    """Return the seconds of an epoch, the median of some; the first one warms up."""
    took: list[float] = []
    start = began = clock()
    for _ in training:
        if training.step % training.steps_per_epoch:
            continue
        took.append(clock() - began)
        if len(took) > 1 and clock() - start > PATIENCE:
            break
        began = clock()
    return median(took[1:] or took)


def _random(entry: Entry, rows: int) -> Subset:
    """Return pictures of noise, or numbers by chance, with labels by chance."""
    rng = np.random.default_rng(0)
    source = entry.data.source
    labels = rng.integers(0, source.classes, rows)
    if not source.has_images:
        numbers = rng.standard_normal((rows, entry.data.features), np.float32)
        return Subset(numbers, labels, np.arange(rows))
    images = rng.integers(0, source.highest + 1, (rows, entry.data.features), np.uint8)
    return Subset(images, labels, np.arange(rows))
