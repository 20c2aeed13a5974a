"""Benchmarks of peers and zoo: one child process each, rounds in turn, median ratios."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from zoo.bench.environment import environment
from zoo.bench.task import BenchTask
from zoo.bench.workloads import Workload
from zoo.data.dataset import Dataset
from zoo.errors import ConfigError, ZooError, install_hint
from zoo.export import onnx_graph
from zoo.files import temporary_folder
from zoo.nn.losses import softmax
from zoo.training import build
from zoo.training.model import Model
from zoo.training.weights import WeightsMetadata

PEERS = {  # names for --against: their rows in the table, and the module that must be installed
    "torch": (("torch", "torch-compile"), "torch"),
    "sklearn": (("sklearn",), "sklearn"),
    "jax": (("jax", "jax-scan"), "jax"),
    "onnxruntime": (("onnxruntime",), "onnxruntime"),
    "naive": (("naive",), "numpy"),
}
TITLES = {
    "torch": "PyTorch",
    "torch-compile": "torch.compile",
    "sklearn": "scikit-learn",
    "jax": "JAX, a step a call",
    "jax-scan": "JAX, scan",
    "onnxruntime": "onnxruntime",
    "naive": "tutorial NumPy",
}


@dataclass(frozen=True)
class BenchRow:
    """A peer and zoo at one workload; a ratio is the peer's time over zoo's in one round."""

    workload: str
    peer: str
    version: str
    seconds: float  # the peer's median
    zoo_seconds: float
    ratio: float
    low: float
    high: float
    accuracy: float
    zoo_accuracy: float
    difference: float  # the largest of two parameters, or of two probabilities
    differs: tuple[str, ...]
    prepared: float  # seconds of the preparation, which is not timed
    first: float  # seconds of the first round, with compilation
    zoo_prepared: float
    zoo_first: float


@dataclass(frozen=True)
class MissingPeer:
    """A peer that cannot run a workload, and the reason."""

    workload: str
    peer: str
    reason: str


def select_peers(against: Sequence[str] | None) -> list[str]:
    """Return the rows of the given peers, or of all installed ones."""
    if unknown := [name for name in against or () if name not in PEERS]:
        raise ConfigError(
            f"There is no library named {unknown[0]!r}.", hint=f"Choose from: {', '.join(PEERS)}."
        )
    rows: list[str] = []
    for name in dict.fromkeys(PEERS if against is None else against):
        variants, package = PEERS[name]
        if find_spec(package):
            rows += variants
        elif against:
            raise ConfigError(f"{name} is not installed.", hint=install_hint("bench"))
    return rows


def task_of(workload: Workload, dataset: Dataset) -> BenchTask:
    """Return the input of all peers: zoo's split, initial weights and order."""
    entry = workload.entry
    splits = build.splits(entry, dataset, seed=entry.train.seed)
    rngs = build.make_rngs(entry.train.seed)
    network = build.network(entry, rngs)
    train, test = splits.train, splits.test or splits.train
    rows = len(train)
    epochs = 1 if workload.batch and not workload.answers else 0
    order = [rngs["order"].permutation(np.arange(rows)) for _ in range(epochs)]
    weights = {name: array.copy() for name, array in network.named_arrays()}
    facts: dict[str, Any] = {
        "workload": workload.name,
        "entry": entry.model_dump(mode="json", exclude_none=True),
        "hidden": list(workload.hidden),
        "classes": dataset.classes,
        "batch": workload.batch,
        "steps": workload.steps,
        "rate": entry.train.rate,
        "divide": entry.preprocess.divide,
        "optimizer": entry.train.optimizer.kind,
        "momentum": getattr(entry.train.optimizer, "momentum", 0.0),
        "dropout": next(
            (layer["rate"] for layer in workload.block if isinstance(layer, dict)), 0.0
        ),
        "norm": "batch_norm" in workload.block,
        "answers": workload.answers,
        "repeats": workload.repeats,
        "shape": list(dataset.shape),
    }
    if workload.answers:
        metadata = WeightsMetadata.of(network, entry, data=dataset.digest, scores={})
        facts["onnx"] = onnx_graph.to_onnx(Model(entry.name, network, metadata)).hex()
    return BenchTask(
        facts=facts,
        images=train.images[train.rows],
        labels=train.labels[train.rows],
        test_images=test.images[test.rows],
        test_labels=test.labels[test.rows],
        order=np.array(order).reshape(epochs, rows if epochs else 0),
        weights=weights,
    )


def compare(
    workload: Workload, dataset: Dataset, peers: Sequence[str], *, rounds: int
) -> Iterator[BenchRow | MissingPeer]:
    """Yield a row for each peer; zoo is timed in the same rounds."""
    with temporary_folder() as folder, ExitStack() as stack:
        task = task_of(workload, dataset)
        task.write(folder)
        children = [stack.enter_context(start_peer(name, folder)) for name in ("zoo", *peers)]
        for number in range(rounds):
            first = number % len(children)  # so that no child always follows the same one
            for child in children[first:] + children[:first]:
                child.round()
        for child in children:
            child.end()
        zoo, *peer_children = children
        if zoo.reason:
            raise ZooError(f"zoo could not run {workload.name}: {zoo.reason}.")
        for child in peer_children:
            if child.reason:
                yield MissingPeer(workload.name, child.name, child.reason)
            else:
                yield _row(workload, task, zoo, child)


def _row(workload: Workload, task: BenchTask, zoo: "Child", child: "Child") -> BenchRow:
    ratios = sorted(
        peer_time / zoo_time for peer_time, zoo_time in zip(child.seconds, zoo.seconds, strict=True)
    )
    if workload.answers:
        differences = [np.abs(softmax(zoo.arrays["logits"]) - softmax(child.arrays["logits"]))]
    else:
        names = [name for name in zoo.arrays if name.startswith("weights")]
        differences = [np.abs(zoo.arrays[name] - child.arrays[name]) for name in names]
    return BenchRow(
        workload=workload.name,
        peer=child.name,
        version=child.facts["version"],
        seconds=median(child.seconds),
        zoo_seconds=median(zoo.seconds),
        ratio=median(ratios),
        low=ratios[0],
        high=ratios[-1],
        accuracy=_accuracy(child.arrays["logits"], task),
        zoo_accuracy=_accuracy(zoo.arrays["logits"], task),
        difference=max(float(array.max()) for array in differences),
        differs=tuple(child.facts["differs"]),
        prepared=child.facts["prepared"],
        first=child.facts["first"],
        zoo_prepared=zoo.facts["prepared"],
        zoo_first=zoo.facts["first"],
    )


def _accuracy(logits: Any, task: BenchTask) -> float:
    return float((logits.argmax(axis=1) == task.test_labels).mean())


class Child:
    """The child process of a peer."""

    def __init__(self, name: str, folder: Path, process: "subprocess.Popen[str]") -> None:
        self.name, self.folder, self.process = name, folder, process
        self.seconds: list[float] = []
        self.arrays: dict[str, Any] = {}
        self.reason = ""  # set if it cannot run, or has failed
        self.facts = self._read()
        self.reason = self.facts.get("refuses", self.reason)

    def round(self) -> None:
        """Run one round, unless the child has ended."""
        if self.reason:
            return
        assert self.process.stdin  # noqa: S101 - it is a pipe
        with suppress(BrokenPipeError):  # it has ended; the next read notices that
            self.process.stdin.write("go\n")
            self.process.stdin.flush()
        if message := self._read():
            self.seconds.append(float(message["seconds"]))

    def end(self) -> None:
        """End the child and read its logits and weights."""
        assert self.process.stdin  # noqa: S101 - it is a pipe
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        if self.reason or self.process.wait():
            self.reason = self.reason or self._failure()
            return
        with np.load(self.folder / f"{self.name}.npz", allow_pickle=False) as file:
            self.arrays = {name: file[name] for name in file.files}

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout  # noqa: S101 - it is a pipe
        line = self.process.stdout.readline()
        if not line:
            self.reason = self._failure()
        message: dict[str, Any] = json.loads(line) if line else {}
        return message

    def _failure(self) -> str:
        path = self.folder / f"{self.name}.err"
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        return (
            f"it ended with exit code {self.process.wait()}: {lines[-1] if lines else 'no message'}"
        )


@contextmanager
def start_peer(name: str, folder: Path) -> Iterator[Child]:
    """Start the child process of a peer, with one thread."""
    with (
        (folder / f"{name}.err").open("w", encoding="utf-8") as errors,
        subprocess.Popen(  # noqa: S603 - runs a module of zoo
            [sys.executable, "-P", "-m", "zoo.bench.peer_process", name, str(folder)],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
        ) as process,
    ):
        try:
            yield Child(name, folder, process)
        finally:
            process.kill()
