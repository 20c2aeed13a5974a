"""Peers against zoo: each in a child of its own, a round of each in turn, medians of the ratios."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from zoo.bench.environment import environment
from zoo.bench.task import BenchTask
from zoo.bench.workloads import Workload
from zoo.data.dataset import Dataset
from zoo.errors import ConfigError, ZooError
from zoo.export import onnx_graph
from zoo.nn.losses import softmax
from zoo.training import build
from zoo.training.model import Model
from zoo.training.weights import WeightsMetadata

PEERS = {  # by what --against calls them: the rows that they have, and what must be installed
    "torch": (("torch", "torch-compile"), "torch"),
    "sklearn": (("sklearn",), "sklearn"),
    "jax": (("jax", "jax-scan"), "jax"),
    "onnxruntime": (("onnxruntime",), "onnxruntime"),
    "naive": (("naive",), "numpy"),
}
OPTIMIZATION_STEPS = ("ideas-float32", "ideas-rows", "ideas-place", "ideas-buffers", "ideas-flat")
KNOWN = PEERS | {"ideas": (OPTIMIZATION_STEPS, "numpy")}  # which are asked for by name alone
TITLES = {
    "torch": "PyTorch",
    "torch-compile": "torch.compile",
    "sklearn": "scikit-learn",
    "jax": "JAX, a step a call",
    "jax-scan": "JAX, scan",
    "onnxruntime": "onnxruntime",
    "naive": "tutorial NumPy",
    "ideas-float32": "in float32",
    "ideas-rows": "in rows",
    "ideas-place": "in place",
    "ideas-buffers": "into buffers",
    "ideas-flat": "one flat vector",
}


@dataclass(frozen=True)
class BenchRow:
    """A peer beside zoo at one workload; ratios are the peer's time over zoo's, round by round."""

    workload: str
    peer: str
    version: str
    seconds: float  # of the peer, the median
    zoo_seconds: float
    ratio: float
    low: float
    high: float
    accuracy: float
    zoo_accuracy: float
    difference: float  # the largest between two parameters; of answers, between two probabilities
    differs: tuple[str, ...]
    prepared: float  # seconds outside the clock
    first: float  # of the first round, with whatever was compiled in it
    zoo_prepared: float
    zoo_first: float


@dataclass(frozen=True)
class MissingPeer:
    """A peer that cannot do a workload, and why."""

    workload: str
    peer: str
    reason: str


def select_peers(against: Sequence[str] | None) -> list[str]:
    """Return the rows of the peers that are named; of all that are installed, if nobody asks."""
    if unknown := [name for name in against or () if name not in KNOWN]:
        raise ConfigError(
            f"There is no peer named {unknown[0]!r}.", hint=f"There are {', '.join(KNOWN)}."
        )
    rows: list[str] = []
    for name in dict.fromkeys(PEERS if against is None else against):
        variants, package = KNOWN[name]
        if find_spec(package):
            rows += variants
        elif against:
            raise ConfigError(
                f"{name} is not installed.", hint="`pip install 'numpy-zoo[bench]'` brings them."
            )
    return rows


def task_of(workload: Workload, dataset: Dataset) -> BenchTask:
    """Return a workload as all get it: zoo's own split, first weights and order."""
    entry = workload.entry
    drawn = build.splits(entry, dataset, seed=entry.train.seed)
    chance = build.make_rngs(entry.train.seed)
    network = build.network(entry, chance)
    train, test = drawn.train, drawn.test or drawn.train
    rows = len(train)
    passes = 1 if workload.batch and not workload.answers else 0
    order = [chance["order"].permutation(np.arange(rows)) for _ in range(passes)]
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
        "dropout": next((one["rate"] for one in workload.block if isinstance(one, dict)), 0.0),
        "norm": "batch_norm" in workload.block,
        "answers": workload.answers,
        "repeats": workload.repeats,
        "shape": list(dataset.shape),
    }
    if workload.answers:
        known = WeightsMetadata.of(network, entry, data=dataset.digest, scores={})
        facts["onnx"] = onnx_graph.to_onnx(Model(entry.name, network, known)).hex()
    return BenchTask(
        facts=facts,
        images=train.images[train.rows],
        labels=train.labels[train.rows],
        test_images=test.images[test.rows],
        test_labels=test.labels[test.rows],
        order=np.array(order).reshape(passes, rows if passes else 0),
        weights=weights,
    )


def compare(
    workload: Workload, dataset: Dataset, peers: Sequence[str], *, rounds: int
) -> Iterator[BenchRow | MissingPeer]:
    """Yield how each peer does beside zoo, which is timed in the same rounds."""
    with TemporaryDirectory(prefix="zoo-bench-") as place, ExitStack() as stack:
        folder = Path(place)
        task = task_of(workload, dataset)
        task.write(folder)
        children = [stack.enter_context(started(name, folder)) for name in ("zoo", *peers)]
        for number in range(rounds):
            first = number % len(children)  # so that nobody always comes behind the same one
            for child in children[first:] + children[:first]:
                child.round()
        for child in children:
            child.end()
        ours, *others = children
        if ours.reason:
            raise ZooError(f"zoo itself could not do {workload.name}: {ours.reason}.")
        for child in others:
            if child.reason:
                yield MissingPeer(workload.name, child.name, child.reason)
            else:
                yield _row(workload, task, ours, child)


def _row(workload: Workload, task: BenchTask, zoo: "Child", child: "Child") -> BenchRow:
    ours, theirs = zoo.seconds, child.seconds
    ratios = sorted(one / other for one, other in zip(theirs, ours, strict=True))
    if workload.answers:
        apart = [np.abs(softmax(zoo.left["logits"]) - softmax(child.left["logits"]))]
    else:
        names = [name for name in zoo.left if name.startswith("learned")]
        apart = [np.abs(zoo.left[name] - child.left[name]) for name in names]
    return BenchRow(
        workload=workload.name,
        peer=child.name,
        version=child.facts["version"],
        seconds=median(theirs),
        zoo_seconds=median(ours),
        ratio=median(ratios),
        low=ratios[0],
        high=ratios[-1],
        accuracy=_accuracy(child.left["logits"], task),
        zoo_accuracy=_accuracy(zoo.left["logits"], task),
        difference=max(float(one.max()) for one in apart),
        differs=tuple(child.facts["differs"]),
        prepared=child.facts["prepared"],
        first=child.facts["first"],
        zoo_prepared=zoo.facts["prepared"],
        zoo_first=zoo.facts["first"],
    )


def _accuracy(logits: Any, task: BenchTask) -> float:
    return float((logits.argmax(axis=1) == task.test_labels).mean())


class Child:
    """A peer at work in a process of its own."""

    def __init__(self, name: str, folder: Path, process: "subprocess.Popen[str]") -> None:
        self.name, self.folder, self.process = name, folder, process
        self.seconds: list[float] = []
        self.left: dict[str, Any] = {}
        self.reason = ""  # why it does not go on
        self.facts = self._told()
        self.reason = self.facts.get("refuses", self.reason)

    def round(self) -> None:
        """Let it do the work once more, if it still can."""
        if self.reason:
            return
        assert self.process.stdin  # noqa: S101 - it is a pipe
        with suppress(BrokenPipeError):  # it has ended, as reading shows
            self.process.stdin.write("go\n")
            self.process.stdin.flush()
        if told := self._told():
            self.seconds.append(float(told["seconds"]))

    def end(self) -> None:
        """Let it leave, and take what it has learned."""
        assert self.process.stdin  # noqa: S101 - the same
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        if self.reason or self.process.wait():
            self.reason = self.reason or self._last_words()
            return
        with np.load(self.folder / f"{self.name}.npz", allow_pickle=False) as kept:
            self.left = {name: kept[name] for name in kept.files}

    def _told(self) -> dict[str, Any]:
        assert self.process.stdout  # noqa: S101 - the same
        line = self.process.stdout.readline()
        if not line:
            self.reason = self._last_words()
        told: dict[str, Any] = json.loads(line) if line else {}
        return told

    def _last_words(self) -> str:
        path = self.folder / f"{self.name}.err"
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        return f"it ended with {self.process.wait()}: {lines[-1] if lines else 'without a word'}"


@contextmanager
def started(name: str, folder: Path) -> Iterator[Child]:
    """Start a peer as a user's machine would: its own kernels, and one thread."""
    with (
        (folder / f"{name}.err").open("w") as errors,
        subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-m", "zoo.bench.peer_process", name, str(folder)],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            yield Child(name, folder, process)
        finally:
            process.kill()


def machine() -> dict[str, Any]:
    """Return what the numbers were taken on, as a child sees it."""
    script = (
        "import json; from zoo.training.environment import environment_info as info; "
        "print(json.dumps(info()))"
    )
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-P", "-c", script],
        env=environment(),
        capture_output=True,
        check=True,
        text=True,
    )
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts | {"cores": os.cpu_count(), "processor": _processor()}


def _processor() -> str:
    """Return what the machine calls its processor; nothing, where it does not say."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return ""
    names = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return names[0] if names else ""
