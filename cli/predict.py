"""`zoo predict`: what a model takes pictures for."""

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
    from zoo.inference.inputs import Unreadable
    from zoo.inference.predict import Prediction

OutOption = Annotated[Path | None, typer.Option("--out", help="Write to this file.")]
SubmissionOption = Annotated[
    Path | None,
    typer.Option("--submission", metavar="FILE", help="Write what Kaggle takes to this file."),
]


Format = Literal["table", "json", "jsonl", "csv"]
Preprocess = Literal["auto", "none"]


def predict(  # noqa: PLR0915 - a statement a step
    model: options.ModelArgument,
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Pictures, folders, globs, .npy, .npz, IDX, Kaggle's csv, or - for stdin; "
            "rows of a table as csv, .npy, .npz or on stdin.",
        ),
    ],
    *,
    top_k: Annotated[
        int | None, typer.Option(min=1, help="Show so many classes, the likeliest first.")
    ] = None,
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Show the probability of every class.")
    ] = False,
    format_: Annotated[
        Format | None, typer.Option("--format", help="How answers are written.")
    ] = None,
    out: OutOption = None,
    submission: SubmissionOption = None,
    preprocess: Annotated[
        Preprocess | None,
        typer.Option(help="auto finds the ink (of pictures), none takes pixels as they are."),
    ] = None,
    show: Annotated[
        bool | None, typer.Option(help="Draw what the network sees; for one picture it is drawn.")
    ] = None,
    batch: Annotated[
        int, typer.Option(min=1, max=10_000, help="Images at a time; more than 64 count as 64.")
    ] = 64,
    runtime: options.RuntimeOption = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Take unreadable files for no failure.")
    ] = False,
    engine: options.EngineOption = None,
    jobs: options.JobsOption = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Take up what a stopped command left beside --out.")
    ] = False,
    runs: options.RunsOption = options.RUNS,
) -> None:
    """Say which digit a picture shows, or which class a row of a table is of."""
    from zoo.data.locations import locations_from_environment
    from zoo.errors import DataError
    from zoo.inference import load
    from zoo.inference import predict as library
    from zoo.inference.distributed import prepare
    from zoo.inference.inputs import InputSpec, Unreadable, streams
    from zoo.parallel.threads import one_thread

    from .output import predict as predictions
    from .output import tables

    file = submission or out
    options.check_not_an_input(file, [model, str(runs / model), *sources])
    _check(out, submission, format_, show=bool(show))
    work = distributed_predict.DistributedOptions(engine, jobs, resume)
    work.check(sources, file)
    answering = load.find(model, runs=runs, runtime=runtime)
    show = _shown(answering.source, show=show, preprocess=preprocess)
    wanted = InputSpec(answering.source, preprocess, locations_from_environment(offline=True).cache)
    answered: AbstractContextManager[tuple[Iterator[Prediction | Unreadable], Callable[[], None]]]
    if work.wanted and file:
        asked = prepare(
            answering, model, runs=runs, runtime=runtime, preprocess=preprocess, batch=batch
        )
        answered = distributed_predict.predict_distributed(asked, sources, wanted, file, work)
    else:
        groups = streams(sources, wanted, stdin=_stdin())
        each = (library.predict(answering, group, batch=batch) for group in groups)
        answered = nullcontext((chain.from_iterable(each), lambda: None))
    with (
        one_thread(),
        TemporaryFile("w+", encoding="utf-8") as reasons,
        answered as (stream, clear),
    ):
        bad = UnreadableFiles(reasons, "picture" if answering.source.has_images else "file")
        first = list(islice(stream, 2))
        if not first:
            raise DataError(f"There is no {answering.source.noun} in what was named.")
        alone = first[0] if len(first) == 1 else None
        if isinstance(alone, Unreadable) and sources == [alone.source] and not skip_bad:
            raise alone.error
        if show is None:
            show = bool(alone) and not file and format_ is None and sys.stdout.isatty()
        if isinstance(alone, library.Prediction) and alone.input.steps and not show:
            print(
                f"zoo: {tables.plain(f'{alone.input.source}: {alone.input.steps}')}",
                file=sys.stderr,
            )
        form = predictions.formatter(
            "submission" if submission else _format(format_, out),
            options=predictions.Options(top_k, probabilities, show=show),
            source=answering.source,
        )
        quiet = work.wanted or (not file and sys.stdout.isatty())
        with _sink(file) as write, image_counter(quiet=quiet) as count:
            write(form.head())
            for prediction in bad.kept_out(chain(first, stream)):
                write(form.add(prediction))
                count()
            write(form.tail())
            if submission:
                bad.refuse_any("A submission answers for every picture")
        clear()
        if file:
            print(f"zoo: answers in {tables.plain(str(file))}: {form.written:,}", file=sys.stderr)
        bad.tell(answered=form.written, skip=skip_bad)


def _check(
    out: Path | None, submission: Path | None, format_: Format | None, *, show: bool
) -> None:
    """Raise if options contradict each other."""
    from zoo.errors import ConfigError

    if submission and (out or format_):
        raise ConfigError("--submission is a format of its own; leave --format and --out away.")
    if show and (submission or out or format_ not in {None, "table"}):
        raise ConfigError("--show draws in the terminal; leave the other formats and --out away.")


def _shown(source: Source, *, show: bool | None, preprocess: Preprocess | None) -> bool | None:
    """Return whether pictures are to be drawn; rows of a table never are."""
    from zoo.errors import ConfigError

    if source.has_images:
        return show
    if show or preprocess:
        raise ConfigError("Rows of a table are no pictures; leave --show and --preprocess away.")
    return False


def _stdin() -> BinaryIO:
    """Return the bytes on stdin; none, if it was closed before zoo began."""
    return sys.stdin.buffer if sys.stdin else BytesIO()


def _format(wanted: Format | None, out: Path | None) -> Format:
    """Return the format that is asked for, if only by the ending of the file."""
    if wanted:
        return wanted
    endings: dict[str, Format] = {f".{known}": known for known in get_args(Format)}
    return endings.get(out.suffix.lower(), "table") if out else "table"


@contextmanager
def _sink(file: Path | None) -> Iterator[Callable[[str], object]]:
    """Give the function that writes: to stdout, or to a file that appears whole or not at all."""
    from zoo.files import open_atomically

    if file is None:
        yield sys.stdout.write
    else:
        with open_atomically(file) as opened:
            yield lambda text: opened.write(text.encode(errors="surrogateescape"))


class UnreadableFiles:
    """The files that gave no picture, with their reasons; on disk, since there may be many."""

    def __init__(self, reasons: TextIO, thing: str) -> None:
        self.count, self.first, self.reasons, self.thing = 0, "", reasons, thing

    def kept_out(self, stream: Iterable[Prediction | Unreadable]) -> Iterator[Prediction]:
        """Yield the predictions, and remember the rest."""
        from zoo.inference.predict import Prediction

        from .output.tables import plain

        for one in stream:
            if isinstance(one, Prediction):
                yield one
                continue
            self.count += 1
            self.first = self.first or str(one.error)
            self.reasons.write(f"     {plain(str(one.error))}\n")

    def refuse_any(self, why: str) -> None:
        """Raise if there was one."""
        from zoo.errors import CorruptFileError

        if self.count:
            raise CorruptFileError(f"{why}, and {self.first}")

    def tell(self, *, answered: int, skip: bool) -> None:
        """List them on stderr, and leave with 1 unless they may be skipped."""
        if not self.count:
            return
        things = self.thing if self.count == 1 else f"{self.thing}s"
        print(f"zoo: {self.count:,} {things} could not be read:", file=sys.stderr)
        self.reasons.seek(0)
        sys.stderr.writelines(self.reasons)
        print(f"     answered: {answered:,}", file=sys.stderr)
        if not skip:
            raise typer.Exit(1)
