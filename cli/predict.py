"""`zoo predict`: predictions of a model for images, or rows of a table."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Annotated

import typer

from . import distributed_predict, options, terminal
from .output_options import settings
from .predict_request import PredictRequest, Preprocess
from .progress import input_counter
from .unreadable_files import UnreadableFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import BinaryIO

    from zoo.config.dataset_info import Source
    from zoo.training.model import Classifier

    from .distributed_predict import Results

REASONS_IN_MEMORY = 1_000_000  # bytes
SubmissionOption = Annotated[
    Path | None,
    typer.Option("--submission", metavar="FILE", help="Write a Kaggle submission to this file."),
]


def predict(
    model: options.ModelArgument,
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Images, folders, arrays, tables, test:0; - is stdin.",
        ),
    ],
    *,
    top_k: Annotated[
        int | None, typer.Option(min=1, help="Show the K most probable classes.")
    ] = None,
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Show the probability of every class.")
    ] = False,
    submission: SubmissionOption = None,
    preprocess: Annotated[
        Preprocess | None,
        typer.Option(help="auto normalizes images; none keeps the pixels."),
    ] = None,
    show: Annotated[
        bool | None, typer.Option(help="Draw the network's input. [default: for one image]")
    ] = None,
    batch: Annotated[
        int, typer.Option(min=1, max=10_000, help="Images per batch; larger values count as 64.")
    ] = 64,
    runtime: options.RuntimeOption = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Exit with 0 despite unreadable files or rows.")
    ] = False,
    engine: options.EngineOption = None,
    jobs: options.JobsOption = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Reuse the partial results of an interrupted command.")
    ] = False,
    data: options.DataOption = None,
    runs: options.RunsOption = options.RUNS,
    offline: options.OfflineOption = False,
) -> None:
    """Classify images, or rows of a table; --quiet prints only their classes."""
    current = settings.get()
    request = PredictRequest(
        model=model,
        sources=sources,
        runs=runs,
        preprocess=preprocess,
        batch=batch,
        runtime=runtime,
        skip_bad=skip_bad,
        out=current.out,
        submission=submission,
        output_format=current.requested_format,
        quiet=current.quiet,
        top_k=top_k,
        probabilities=probabilities,
        show=show,
        engine=engine,
        jobs=jobs,
        resume=resume,
        data=data,
        offline=offline,
    )
    options.check_not_an_input(request.target, [model, str(runs / model), *sources])
    request.check()
    _run(request)


def _run(request: PredictRequest) -> None:
    """Predict and write; report what was written and which files could not be read."""
    from zoo.formatting import count
    from zoo.inference import load
    from zoo.parallel.threads import one_thread

    classifier = load.find(request.model, runs=request.runs, runtime=request.runtime)
    source = classifier.source
    request.check_source(source)
    with one_thread(), _reasons_file() as reasons:
        noun = "image" if source.has_images else "file"
        unreadable = UnreadableFiles(reasons, noun, request.only_source)
        with _results(request, classifier) as results:
            written = _write(request, source, results, unreadable)
        if request.target:
            noun = count(written, "prediction")
            terminal.say(f"zoo: wrote {noun} to {request.target}")
        unreadable.report(n_predicted=written, skip=request.skip_bad)


def _reasons_file() -> SpooledTemporaryFile[str]:
    """Return a file for errors, which is on disk if there are many."""
    return SpooledTemporaryFile(REASONS_IN_MEMORY, "w+", encoding="utf-8")


def _results(request: PredictRequest, classifier: Classifier) -> AbstractContextManager[Results]:
    """Return the context manager of the predictions, in the order of their inputs."""
    from zoo.data.locations import locations_from_environment
    from zoo.inference.dataset_examples import DatasetExamples, streams
    from zoo.inference.inputs import InputSpec
    from zoo.inference.predict import predict as library

    cache = locations_from_environment(offline=True).cache
    spec = InputSpec(classifier.source, request.preprocess, cache)
    if request.by_chunks and request.target:
        return distributed_predict.predict_distributed(request, classifier, spec, request.target)
    examples = DatasetExamples(
        classifier,
        lambda: options.model_data(
            request.model, classifier, request.data, runs=request.runs, offline=request.offline
        ),
    )
    groups = streams(request.sources, spec, stdin=_stdin(), examples=examples)
    return nullcontext(
        chain.from_iterable(library(classifier, group, batch=request.batch) for group in groups)
    )


def _write(
    request: PredictRequest, source: Source, results: Results, unreadable: UnreadableFiles
) -> int:
    """Write the predictions, and return their number."""
    from zoo.errors import DataError
    from zoo.inference.file_groups import Unreadable

    from .output import predict as output

    first_two = list(islice(results, 2))
    if not first_two:
        raise DataError(f"No {source.noun}s found in the given paths.")
    only = first_two[0] if len(first_two) == 1 else None
    if isinstance(only, Unreadable) and request.only_source == only.source and not request.skip_bad:
        raise only.error
    drawn = request.draws(source, single=only is not None)
    if only and not isinstance(only, Unreadable) and only.input.steps and not drawn:
        terminal.say(f"zoo: {only.input.source}: {only.input.steps}")
    formatter = output.formatter(
        "drawing" if drawn else request.format,
        source,
        top_k=request.top_k,
        probabilities=request.probabilities,
        true_labels=request.has_examples,
    )
    quiet = request.by_chunks or (not request.target and sys.stdout.isatty())
    is_table = not (drawn or request.target) and request.format == "table"
    with (
        _sink(request.target, wraps=is_table) as write,
        input_counter(source.noun, quiet=quiet) as count_input,
    ):
        write(formatter.head())
        for prediction in unreadable.filtered(chain(first_two, results)):
            write(formatter.add(prediction))
            count_input()
        write(formatter.tail())
        if request.submission:
            unreadable.raise_if_any("A submission needs a prediction for every image")
    return formatter.written


def _stdin() -> BinaryIO:
    """Return stdin as a binary stream; an empty one if it was closed before zoo started."""
    return sys.stdin.buffer if sys.stdin else BytesIO()


@contextmanager
def _sink(file: Path | None, *, wraps: bool) -> Iterator[Callable[[str], object]]:
    """Yield a function that writes to stdout, or to a file that is written atomically.

    In a terminal, lines of text wrap at words.
    """
    from zoo.files import open_output

    if file is None and wraps:
        yield lambda text: sys.stdout.write(terminal.wrapped(text.splitlines()))
    elif file is None:
        yield sys.stdout.write
    else:
        with open_output(file) as opened:
            yield lambda text: opened.write(text.encode(errors="surrogateescape"))
