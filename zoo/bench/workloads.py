"""Workloads: the trainings and predictions that `zoo bench` times."""

from dataclasses import dataclass, field
from typing import Any

from zoo.config import load
from zoo.config.entry import Entry

SEED = 0


@dataclass(frozen=True)
class Workload:
    """A workload: a network and its training or predictions."""

    name: str
    title: str
    data: str
    hidden: tuple[int, ...]
    steps: int | None = None  # with full batches
    batch: int | None = None  # for one epoch in batches
    rate: float = 0.1
    answers: int = 0  # images to predict with the initial weights; 0: it trains
    repeats: int = 1  # repetitions of work that is too short to be timed once
    train: dict[str, Any] = field(default_factory=dict)  # changes of plain gradient descent
    block: tuple[Any, ...] = ("dense", "relu")

    @property
    def entry(self) -> Entry:
        """The entry of the workload."""
        length = (
            {"iterations": self.steps} if self.steps else {"epochs": 1, "batch": self.batch or 64}
        )
        digits = self.data == "digits"
        raw = {
            "name": self.name.lower(),
            "summary": self.title,
            "data": {"kind": "digits", "split": {"test": 360, "seed": 42}} if digits else "mnist",
            "preprocess": {"divide": 16 if digits else 255},
            "network": {"hidden": list(self.hidden), "block": list(self.block)},
            "train": {**length, "rate": self.rate, "weights": "he", "seed": SEED, **self.train},
        }
        return load.check(raw, where=self.name)


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("W1", "digits 64-10-10, full batch, 2,000 steps", "digits", (10,), steps=2000),
        Workload("W2", "784-10-10, full batch of 60,000, 50 steps", "mnist", (10,), steps=50),
        Workload("W3", "784-10-10, batch 64, an epoch", "mnist", (10,), batch=64),
        Workload("W4", "784-128-10, batch 64, an epoch", "mnist", (128,), batch=64),
        Workload("W5", "784-800-10, batch 128, an epoch", "mnist", (800,), batch=128),
        Workload("W6", "784-128-10, 10,000 images", "mnist", (128,), answers=10_000, repeats=10),
        Workload("W6-one", "784-128-10, one image", "mnist", (128,), answers=1, repeats=10_000),
        Workload(
            "W4-momentum",
            "784-128-10, batch 64, momentum",
            "mnist",
            (128,),
            batch=64,
            rate=0.02,
            train={"optimizer": {"kind": "sgd", "momentum": 0.9}},
        ),
        Workload(
            "W4-adam",
            "784-128-10, batch 64, Adam",
            "mnist",
            (128,),
            batch=64,
            rate=0.001,
            train={"optimizer": "adam"},
        ),
        Workload(
            "W4-dropout",
            "784-128-10, batch 64, dropout",
            "mnist",
            (128,),
            batch=64,
            block=("dense", "relu", {"kind": "dropout", "rate": 0.2}),
        ),
        Workload(
            "W4-norm",
            "784-128-10, batch 64, batch normalization",
            "mnist",
            (128,),
            batch=64,
            block=("dense", "batch_norm", "relu"),
        ),
    )
}
USUAL = ("W1", "W2", "W3", "W4", "W5", "W6", "W6-one")
