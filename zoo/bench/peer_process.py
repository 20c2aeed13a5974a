"""The child process of one peer: `python -m zoo.bench.peer_process PEER FOLDER`.

It prints one JSON object per line: first its version and its preparation time, or why it cannot do
the work; then, for each line of stdin, the seconds of one round. When stdin ends, it writes its
logits and weights to FOLDER/PEER.npz.
"""

import gc
import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Protocol, TextIO

import numpy as np
import numpy.typing as npt

from zoo.bench.task import BenchTask

Array = npt.NDArray[Any]


class Peer(Protocol):
    """One library's implementation of a task."""

    version: str
    differs: tuple[str, ...]  # differences from zoo; empty if the arithmetic is the same

    def __init__(self, task: BenchTask) -> None:
        """Prepare all that a user would prepare once."""

    def reset(self) -> None:
        """Restore the initial weights."""

    def run(self) -> None:
        """Do the work; only this is timed."""

    def weights(self) -> list[Array]:
        """Return W1, b1, W2, b2 ..., weights as (units, inputs)."""

    def logits(self) -> Array:
        """Return the logits, or their logarithms up to a constant, of the test rows."""


def main(name: str, folder: Path) -> None:
    """Run a round for each line of stdin."""
    stdout = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # other output of the library goes to stderr

    def send(**message: Any) -> None:
        stdout.write(f"{json.dumps(message)}\n")
        stdout.flush()

    task = BenchTask.read(folder)
    module, _, variant = name.partition("-")
    start = time.perf_counter()
    try:
        peer = _peer(module, variant, task)
    except NotImplementedError as refusal:
        send(refuses=str(refusal))
        return
    prepared = time.perf_counter()
    peer.reset()
    peer.run()  # compiles and fills caches
    first = time.perf_counter()
    send(
        version=peer.version,
        differs=list(peer.differs),
        prepared=prepared - start,
        first=first - prepared,
    )
    _rounds(peer, sys.stdin, send, repeats=task.facts["repeats"])
    np.savez(folder / f"{name}.npz", allow_pickle=False, **_arrays(peer))


def _peer(module: str, variant: str, task: BenchTask) -> Peer:
    package = importlib.import_module(f"zoo.bench.peers.{module}")
    peer: Peer = getattr(package, f"{variant.capitalize()}Peer" if variant else "Peer")(task)
    return peer


def _rounds(
    peer: Peer,
    requests: TextIO,
    send: Any,
    *,
    repeats: int,
) -> None:
    for _ in requests:
        peer.reset()
        gc.collect()
        start = time.perf_counter()
        for _ in range(repeats):
            peer.run()
        send(seconds=(time.perf_counter() - start) / repeats)


def _arrays(peer: Peer) -> dict[str, Array]:
    arrays = {f"weights{number}": array for number, array in enumerate(peer.weights())}
    return arrays | {"logits": np.asarray(peer.logits())}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
