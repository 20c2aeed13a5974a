"""Distributed prediction: the chunks of an input are predicted by an engine, saved and joined."""

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

    from zoo.inference.chunks import Chunk
    from zoo.inference.distributed import PredictionJob
    from zoo.inference.file_groups import Unreadable
    from zoo.inference.inputs import InputSpec
    from zoo.inference.partial_results import PartialResults
    from zoo.inference.predict import Prediction

PAUSE = 5  # seconds between two lines of progress without a terminal
CONTINUE = "Run the same command with --resume to continue."


@dataclass(frozen=True)
class DistributedOptions:
    """The engine for predictions, and whether to reuse partial results."""

    engine: str | None
    jobs: int | None
    resume: bool

    @property
    def enabled(self) -> bool:
        """Whether the input is split into chunks."""
        return bool(self.engine or self.jobs is not None or self.resume)

    def check(self, sources: Sequence[str], target: Path | None) -> None:
        """Raise if these sources and this target do not support it."""
        from zoo.errors import ConfigError
        from zoo.inference.file_groups import STDIN

        if not self.enabled:
            return
        if target is None:
            raise ConfigError(
                "--engine, --jobs and --resume need an output file.",
                hint="Add --out FILE or --submission FILE.",
            )
        if STDIN in sources:
            raise ConfigError(
                "An image on stdin cannot be split into chunks.",
                hint="Remove --engine, --jobs and --resume.",
            )


@contextmanager
def predict_distributed(
    job: PredictionJob,
    sources: Sequence[str],
    spec: InputSpec,
    target: Path,
    distributed_options: DistributedOptions,
) -> Iterator[tuple[Iterator[Prediction | Unreadable], Callable[[], None]]]:
    """Yield the predictions, and a function that deletes the partial results."""
    from zoo.inference.chunks import split_into_chunks
    from zoo.inference.distributed import collect
    from zoo.inference.partial_results import PartialResults

    partial_results = PartialResults(target)
    chunks = list(split_into_chunks(sources, spec, model_key=job.cache_key))
    if not distributed_options.resume:
        partial_results.clear()
    _predict_chunks(job, chunks, partial_results, distributed_options, target)
    try:
        yield collect(chunks, partial_results), partial_results.clear
    except (KeyboardInterrupt, SystemExit):
        print(f"zoo: stopped: all {len(chunks):,} chunks are saved.", file=sys.stderr)
        print(f"     {CONTINUE}", file=sys.stderr)
        raise


def _predict_chunks(
    job: PredictionJob,
    chunks: Sequence[Chunk],
    partial_results: PartialResults,
    distributed_options: DistributedOptions,
    target: Path,
) -> None:
    """Predict the missing chunks; raise if one of them fails."""
    from zoo.errors import ZooError
    from zoo.inference.distributed import predict_missing

    from .output.tables import plain

    by_key = {chunk.key: chunk for chunk in chunks}
    missing = [
        chunk
        for chunk in by_key.values()
        if not (distributed_options.resume and partial_results.has(chunk.key))
    ]
    if not missing:
        return
    failed = 0
    with (
        TaskProgress(
            len(chunks),
            sum(len(chunk.items) for chunk in missing),
            "chunks",
            time.monotonic,
            already=len(chunks) - len(missing),
            pause=PAUSE,
            hint=CONTINUE,
        ) as progress,
        options.resolve_engine(
            distributed_options.engine, distributed_options.jobs, tasks=len(missing)
        ) as engine,
    ):
        for chunk, failure in predict_missing(job, missing, engine, partial_results):
            if failure:
                failed += 1
                progress.failed(f"{chunk.label}: {failure.reason} {failure.hint}".rstrip())
            else:
                progress.done(len(chunk.items), plain(chunk.label))
    if failed:
        raise ZooError(
            f"{failed:,} of {len(chunks):,} chunks failed, so {target} was not written; "
            "the other chunks are saved.",
            hint=CONTINUE,
        )
