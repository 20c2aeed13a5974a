"""Distributed prediction: the chunks of an input are predicted by an engine, saved and joined."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from . import options, terminal
from .progress import TaskProgress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from zoo.inference.chunks import Chunk
    from zoo.inference.distributed import PredictionJob
    from zoo.inference.file_groups import Unreadable
    from zoo.inference.inputs import InputSpec
    from zoo.inference.partial_results import PartialResults
    from zoo.inference.predict import Prediction
    from zoo.training.model import Classifier

    from .predict_request import PredictRequest

    Results = Iterator[Prediction | Unreadable]

PAUSE = 5  # seconds between two lines of progress without a terminal
CONTINUE = "Run the same command with --resume to continue."


@contextmanager
def predict_distributed(
    request: PredictRequest, classifier: Classifier, spec: InputSpec, target: Path
) -> Iterator[Results]:
    """Yield the predictions from partial results, which are deleted at the end."""
    from zoo.inference.chunks import split_into_chunks
    from zoo.inference.distributed import collect, prepare
    from zoo.inference.partial_results import PartialResults

    job = prepare(
        classifier,
        request.model,
        runs=request.runs,
        runtime=request.runtime,
        preprocess=request.preprocess,
        batch=request.batch,
    )
    partial_results = PartialResults(target)
    with partial_results.locked():
        chunks = list(split_into_chunks(request.sources, spec, model_key=job.cache_key))
        if not request.resume:
            partial_results.clear()
        _predict_missing(request, job, chunks, partial_results, target)
        try:
            yield collect(chunks, partial_results)
        except (KeyboardInterrupt, SystemExit):
            terminal.say(f"zoo: stopped: all {len(chunks):,} chunks are saved.")
            terminal.say(f"     {CONTINUE}")
            raise
        partial_results.clear()


def _predict_missing(
    request: PredictRequest,
    job: PredictionJob,
    chunks: Sequence[Chunk],
    partial_results: PartialResults,
    target: Path,
) -> None:
    """Predict the chunks without a partial result; raise if one of them fails."""
    from zoo.errors import ZooError
    from zoo.inference.distributed import predict_missing

    by_key = {chunk.key: chunk for chunk in chunks}
    missing = [chunk for chunk in by_key.values() if not partial_results.has(chunk.key)]
    if not missing:
        return
    failed = 0
    progress = TaskProgress(
        len(chunks),
        sum(len(chunk.items) for chunk in missing),
        "chunks",
        time.monotonic,
        already=len(chunks) - len(missing),
        pause=PAUSE,
        hint=CONTINUE,
    )
    engine = options.resolve_engine(request.engine, request.jobs, tasks=len(missing))
    with progress, engine as opened:
        for chunk, failure in predict_missing(job, missing, opened, partial_results):
            if failure:
                failed += 1
                progress.failed(f"{chunk.label}: {failure.reason} {failure.hint}".rstrip())
            else:
                progress.done(len(chunk.items), chunk.label)
    if failed:
        raise ZooError(
            f"{failed:,} of {len(chunks):,} chunks failed, so {target} was not written; "
            "the other chunks are saved.",
            hint=CONTINUE,
        )
