"""Answers for many pictures by an engine: planned, made and kept by chunks, then put together."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import options
from .progress import TaskProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from zoo.inference.chunks import ChunkIndex
    from zoo.inference.distributed import PredictionJob
    from zoo.inference.inputs import InputSpec, Unreadable
    from zoo.inference.partial_results import PartialResults
    from zoo.inference.predict import Prediction

PAUSE = 5  # seconds between two lines of progress, where there is no terminal
WAY_ON = "The same command with --resume goes on."


@dataclass(frozen=True)
class DistributedOptions:
    """Where answers are made, and whether those that are there count."""

    engine: str | None
    jobs: int | None
    resume: bool

    @property
    def wanted(self) -> bool:
        """Whether the pictures are to be cut into chunks at all."""
        return bool(self.engine or self.jobs is not None or self.resume)

    def check(self, sources: Sequence[str], target: Path | None) -> None:
        """Raise if this cannot be done with such sources and such a target."""
        from zoo.errors import ConfigError
        from zoo.inference.inputs import STDIN

        if not self.wanted:
            return
        if target is None:
            raise ConfigError(
                "--engine, --jobs and --resume keep finished parts beside a file to write.",
                hint="Name it with --out, or with --submission.",
            )
        if STDIN in sources:
            raise ConfigError(
                "A picture on stdin cannot be cut into chunks.",
                hint="Leave --engine, --jobs and --resume away.",
            )


@contextmanager
def predict_distributed(
    question: PredictionJob,
    sources: Sequence[str],
    wanted: InputSpec,
    target: Path,
    work: DistributedOptions,
) -> Iterator[tuple[Iterator[Prediction | Unreadable], Callable[[], None]]]:
    """Make the parts; give the answers in them, and what clears them away."""
    from zoo.inference.chunks import ChunkIndex, split_into_chunks
    from zoo.inference.distributed import collect
    from zoo.inference.partial_results import PartialResults

    kept = PartialResults(target)
    with ChunkIndex() as found:
        for chunk in split_into_chunks(sources, wanted, depends=question.cache_key):
            found.add(chunk)
        if not work.resume:
            kept.clear()
        _make(question, found, kept, work, target)
        try:
            yield collect(found, kept), kept.clear
        except (KeyboardInterrupt, SystemExit):
            print(f"zoo: stopped: all {len(found):,} chunks are done and kept.", file=sys.stderr)
            print(f"     {WAY_ON}", file=sys.stderr)
            raise


def _make(
    question: PredictionJob,
    found: ChunkIndex,
    kept: PartialResults,
    work: DistributedOptions,
    target: Path,
) -> None:
    """Make the parts that are not there yet; raise if one of them cannot be made."""
    from zoo.errors import ZooError
    from zoo.inference.distributed import predict_missing

    from .output.tables import plain

    missing: dict[str, int] = {}
    sizes = {}
    for number, chunk in enumerate(found):
        if not (work.resume and kept.has(chunk.key)):
            missing.setdefault(chunk.key, number)
            sizes[number] = len(chunk.items)
    if not missing:
        return
    failed = 0
    with (
        TaskProgress(
            len(found),
            sum(sizes[number] for number in missing.values()),
            "chunks",
            time.monotonic,
            already=len(found) - len(missing),
            pause=PAUSE,
            way_on=WAY_ON,
        ) as whole,
        options.resolve_engine(work.engine, work.jobs, tasks=len(missing)) as engine,
    ):
        for chunk, failure in predict_missing(
            question, found, list(missing.values()), engine, kept
        ):
            words = plain(chunk.label)
            if failure:
                failed += 1
                whole.failed(f"{chunk.label}: {failure.reason} {failure.hint}".rstrip())
            else:
                whole.done(len(chunk.items), words)
    if failed:
        raise ZooError(
            f"{failed:,} of {len(found):,} chunks could not be answered, and {target} "
            "is not written. The others are kept.",
            hint=WAY_ON,
        )
