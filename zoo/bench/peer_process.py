"""One peer in a process of its own: `python -m zoo.bench.peer_process PEER FOLDER`.

It prints an object a line: first what it is and what getting ready took, or why it refuses; then,
for each line that comes in, the seconds of one round; when stdin ends, it leaves its answers and
what it has learned in FOLDER/PEER.npz.
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
MODULES = {"ideas": "optimization_steps"}  # by the name on the command line, where they differ


class Peer(Protocol):
    """What somebody's code makes of a task."""

    version: str
    differs: tuple[str, ...]  # what it does otherwise; empty, where it is the same arithmetic

    def __init__(self, task: BenchTask) -> None:
        """Get ready: whatever a user would do once."""

    def reset(self) -> None:
        """Go back to the first weights."""

    def run(self) -> None:
        """Do the work; this is what is timed."""

    def learned(self) -> list[Array]:
        """Return W1, b1, W2, b2 ..., weights as (units, inputs)."""

    def logits(self) -> Array:
        """Return the logits, or their logarithms up to a constant, of the test rows."""


def main(name: str, folder: Path) -> None:
    """Answer until stdin ends."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # so that nobody's chatter gets between

    def say(**facts: Any) -> None:
        told.write(f"{json.dumps(facts)}\n")
        told.flush()

    task = BenchTask.read(folder)
    module, _, variant = name.partition("-")
    began = time.perf_counter()
    try:
        peer = _peer(module, variant, task)
    except NotImplementedError as refusal:
        say(refuses=str(refusal))
        return
    prepared = time.perf_counter()
    peer.reset()
    peer.run()  # whatever is compiled or cached is compiled and cached now
    first = time.perf_counter()
    say(
        version=peer.version,
        differs=list(peer.differs),
        prepared=prepared - began,
        first=first - prepared,
    )
    _rounds(peer, sys.stdin, say, repeats=task.facts["repeats"])
    np.savez(folder / f"{name}.npz", allow_pickle=False, **_left(peer))


def _peer(module: str, variant: str, task: BenchTask) -> Peer:
    found = importlib.import_module(f"zoo.bench.peers.{MODULES.get(module, module)}")
    made: Peer = getattr(found, f"{variant.capitalize()}Peer" if variant else "Peer")(task)
    return made


def _rounds(
    peer: Peer,
    asked: TextIO,
    say: Any,
    *,
    repeats: int,
) -> None:
    for _ in asked:
        peer.reset()
        gc.collect()
        began = time.perf_counter()
        for _ in range(repeats):
            peer.run()
        say(seconds=(time.perf_counter() - began) / repeats)


def _left(peer: Peer) -> dict[str, Array]:
    arrays = {f"learned{number}": array for number, array in enumerate(peer.learned())}
    return arrays | {"logits": np.asarray(peer.logits())}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
