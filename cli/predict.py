"""`zoo predict`: predictions of a model for images, or rows of a table."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from . import distributed_predict, options
from .progress import image_counter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager
    from typing import BinaryIO, TextIO

    from zoo.config.dataset_info import Source
    from zoo.inference.file_groups import Unreadable
    from zoo.inference.predict import Prediction

OutOption = Annotated[Path | None, typer.Option("--out", "-o", help="Output file.")]
SubmissionOption = Annotated[
    Path | None,
    typer.Option("--submission", metavar="FILE", help="Write a Kaggle submission to this file."),
]


Format = Literal["table", "json", "jsonl", "csv"]
Preprocess = Literal["auto", "none"]


def predict(  # noqa: PLR0915 - one statement per step
    model: options.ModelArgument,
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Images, folders, globs, .npy, .npz, IDX, Kaggle's csv, or - for stdin; "
            "rows of a table as csv, .npy, .npz or on stdin.",
        ),
    ],
    *,
    top_k: Annotated[
        int | None, typer.Option(min=1, help="Show the K most probable classes.")
    ] = None,
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Show the probability of every class.")
    ] = False,
    output_format: Annotated[
        Format | None, typer.Option("--format", help="Output format. [default: table]")
    ] = None,
    out: OutOption = None,
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
        bool, typer.Option("--skip-bad", help="Exit with 0 despite unreadable files.")
    ] = False,
    engine: options.EngineOption = None,
    jobs: options.JobsOption = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Reuse the partial results of an interrupted command.")
    ] = False,
    runs: options.RunsOption = options.RUNS,
) -> None:
    """Classify images, or rows of a table."""
    from zoo.data.locations import locations_from_environment
    from zoo.errors import DataError
    from zoo.inference import load
    from zoo.inference import predict as library
    from zoo.inference.distributed import prepare
    from zoo.inference.file_groups import Unreadable
    from zoo.inference.inputs import InputSpec, streams
    from zoo.parallel.threads import one_thread

    from .output import predict as output
    from .output import tables

    target = submission or out
    options.check_not_an_input(target, [model, str(runs / model), *sources])
    _check(out, submission, output_format, show=bool(show))
    distributed_options = distributed_predict.DistributedOptions(engine, jobs, resume)
    distributed_options.check(sources, target)
    predictor = load.find(model, runs=runs, runtime=runtime)
    show = _shown(predictor.source, show=show, preprocess=preprocess)
    spec = InputSpec(predictor.source, preprocess, locations_from_environment(offline=True).cache)
    predictions_context: AbstractContextManager[
        tuple[Iterator[Prediction | Unreadable], Callable[[], None]]
    ]
    if distributed_options.enabled and target:
        job = prepare(
            predictor, model, runs=runs, runtime=runtime, preprocess=preprocess, batch=batch
        )
        predictions_context = distributed_predict.predict_distributed(
            job, sources, spec, target, distributed_options
        )
    else:
        groups = streams(sources, spec, stdin=_stdin())
        prediction_streams = (library.predict(predictor, group, batch=batch) for group in groups)
        predictions_context = nullcontext((chain.from_iterable(prediction_streams), lambda: None))
    with (
        one_thread(),
        TemporaryFile("w+", encoding="utf-8") as reasons,
        predictions_context as (stream, clear),
    ):
        unreadable = UnreadableFiles(reasons, "image" if predictor.source.has_images else "file")
        first_two = list(islice(stream, 2))
        if not first_two:
            raise DataError(f"No {predictor.source.noun}s found in the given paths.")
        only = first_two[0] if len(first_two) == 1 else None
        if isinstance(only, Unreadable) and sources == [only.source] and not skip_bad:
            raise only.error
        if show is None:
            show = bool(only) and not target and output_format is None and sys.stdout.isatty()
        if isinstance(only, library.Prediction) and only.input.steps and not show:
            print(
                f"zoo: {tables.plain(f'{only.input.source}: {only.input.steps}')}", file=sys.stderr
            )
        formatter = output.formatter(
            "submission" if submission else _format(output_format, out),
            options=output.Options(top_k, probabilities, show=show),
            source=predictor.source,
        )
        quiet = distributed_options.enabled or (not target and sys.stdout.isatty())
        with _sink(target) as write, image_counter(quiet=quiet) as count:
            write(formatter.head())
            for prediction in unreadable.filtered(chain(first_two, stream)):
                write(formatter.add(prediction))
                count()
            write(formatter.tail())
            if submission:
                unreadable.raise_if_any("A submission needs a prediction for every image")
        clear()
        if target:
            noun = "prediction" if formatter.written == 1 else "predictions"
            print(
                f"zoo: wrote {formatter.written:,} {noun} to {tables.plain(str(target))}",
                file=sys.stderr,
            )
        unreadable.report(n_predicted=formatter.written, skip=skip_bad)


def _check(
    out: Path | None, submission: Path | None, output_format: Format | None, *, show: bool
) -> None:
    """Raise if options exclude each other."""
    from zoo.errors import ConfigError

    if submission and (out or output_format):
        raise ConfigError("--submission excludes --format and --out; remove them.")
    if show and (submission or out or output_format not in {None, "table"}):
        raise ConfigError("--show draws in the terminal; remove --out and other formats.")


def _shown(source: Source, *, show: bool | None, preprocess: Preprocess | None) -> bool | None:
    """Return whether to draw images; rows of a table are never drawn."""
    from zoo.errors import ConfigError

    if source.has_images:
        return show
    if show or preprocess:
        raise ConfigError("Rows of a table are not images; remove --show and --preprocess.")
    return False


def _stdin() -> BinaryIO:
    """Return stdin as a binary stream; an empty one if it was closed before zoo started."""
    return sys.stdin.buffer if sys.stdin else BytesIO()


def _format(requested: Format | None, out: Path | None) -> Format:
    """Return the requested format, or the one of the suffix of the output file."""
    if requested:
        return requested
    endings: dict[str, Format] = {f".{name}": name for name in get_args(Format)}
    return endings.get(out.suffix.lower(), "table") if out else "table"


@contextmanager
def _sink(file: Path | None) -> Iterator[Callable[[str], object]]:
    """Yield a function that writes to stdout, or to a file that is written atomically."""
    from zoo.files import open_atomically

    if file is None:
        yield sys.stdout.write
    else:
        with open_atomically(file) as opened:
            yield lambda text: opened.write(text.encode(errors="surrogateescape"))


class UnreadableFiles:
    """The unreadable files and their errors, on disk because there may be many."""

    def __init__(self, reasons: TextIO, noun: str) -> None:
        self.count, self.first, self.reasons, self.noun = 0, "", reasons, noun

    def filtered(self, stream: Iterable[Prediction | Unreadable]) -> Iterator[Prediction]:
        """Yield the predictions, and record the unreadable files."""
        from zoo.inference.predict import Prediction

        from .output.tables import plain

        for result in stream:
            if isinstance(result, Prediction):
                yield result
                continue
            self.count += 1
            self.first = self.first or str(result.error)
            self.reasons.write(f"     {plain(str(result.error))}\n")

    def raise_if_any(self, reason: str) -> None:
        """Raise if there was an unreadable file."""
        from zoo.errors import CorruptFileError

        if self.count:
            raise CorruptFileError(f"{reason}. {self.first}")

    def report(self, *, n_predicted: int, skip: bool) -> None:
        """List the unreadable files on stderr, and exit with 1 unless they may be skipped."""
        if not self.count:
            return
        noun = self.noun if self.count == 1 else f"{self.noun}s"
        print(f"zoo: {self.count:,} {noun} could not be read:", file=sys.stderr)
        self.reasons.seek(0)
        sys.stderr.writelines(self.reasons)
        print(f"     predicted: {n_predicted:,}", file=sys.stderr)
        if not skip:
            raise typer.Exit(1)
