"""The command line of a bundle."""

from __future__ import annotations

import os
import sys
from itertools import chain, islice

from . import resources
from .errors import BundleError, MissingFileError, UsageError
from .inputs import UnreadableInput, inputs
from .model import Model, names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from .predict import Prediction

INTERRUPTED = 130
WIDTH = 80  # columns of texts; measuring the terminal is slow


def main() -> int:
    """Run the command; return its exit code."""
    program = os.path.basename(resources.HOME)  # noqa: PTH119 - pathlib is slow to import
    if os.path.isdir(resources.HOME):  # noqa: PTH112 - pathlib is slow to import
        program += "/run.py"
    sys.stdout, sys.stderr = sys.stdout or _null_stream(), sys.stderr or _null_stream()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without █ shows ?
    try:
        try:
            code = _run(program)
        finally:  # --help raises SystemExit
            sys.stdout.flush()
    except BundleError as error:
        _print_error(program, error)
        return error.code
    except MemoryError:
        _print_error(program, BundleError("There is not enough memory."))
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        if error.filename is not None:
            raise
        sys.stdout = _null_stream()
        _print_error(program, BundleError(f"The output could not be written: {error.strerror}."))
        return 1
    return code


def _null_stream() -> TextIO:
    """Return a replacement for a closed or full stream."""
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - pathlib is slow to import


def _print_error(program: str, error: BundleError) -> None:
    from .output import printable

    sys.stderr.write(f"{program}: {printable(str(error))}\n")
    if error.hint:
        sys.stderr.write(f"{' ' * len(program)}  {printable(error.hint)}\n")


def _arguments(program: str) -> Namespace:
    from argparse import ArgumentParser, HelpFormatter
    from functools import partial

    parser = ArgumentParser(
        program,
        formatter_class=partial(HelpFormatter, width=WIDTH),
        description="Predict which digit an image shows. It needs only Python, "
        "and sends nothing over the network.",
        epilog="exit codes: 0 done, 1 an image could not be read, 2 usage, 3 a file is missing, "
        "4 --verify found other predictions, 5 a file is damaged",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "sources",
        nargs="*",
        metavar="SOURCE",
        help="PNG, PGM, PPM, BMP, folders, IDX (.gz too), Kaggle's csv, or - for stdin",
    )
    add("-m", "--model", metavar="NAME", help="choose a model [default: the first]")
    add("--json", action="store_true", help="print JSON")
    add("--top-k", type=_count, metavar="N", help="show the N most probable classes")
    add("--show", action="store_true", default=None, help="draw each image as the network sees it")
    add("--no-show", action="store_false", dest="show", help="draw nothing")
    add(
        "--preprocess",
        choices=("auto", "none"),
        help="normalize images, or take pixels as they are "
        "[default: auto for images, none for IDX and csv]",
    )
    add("--list", action="store_true", help="list the models of this bundle")
    add("--card", action="store_true", help="print the model's card")
    add(
        "--verify",
        action="store_true",
        help="check the files and the predictions for test images",
    )
    args = parser.parse_args()
    if not (args.sources or args.list or args.card or args.verify):
        msg = f"{program} needs an image."
        raise UsageError(msg, hint="Give a file or a folder; --help lists the options.")
    if args.json and args.show:
        parser.error("--show draws in the terminal; remove --json")
    return args


def _count(text: str) -> int:
    if text.isdecimal() and int(text) >= 1:
        return int(text)
    from argparse import ArgumentTypeError

    msg = f"expected a whole number from 1 on, got {text!r}"
    raise ArgumentTypeError(msg)


def _run(program: str) -> int:
    from .output import printable

    args = _arguments(program)
    models = names(resources.read)
    name = args.model or models[0]
    if name not in models:
        msg = f"There is no model named {name!r} in this bundle."
        raise UsageError(msg, hint=f"Choose {' or '.join(models)}.")
    if args.list:
        width = max(map(len, models))
        for model in models:
            summary = printable(Model(resources.read, model).summary)
            _print(f"{model:<{width}}  {summary}", " " * (width + 2))
    elif args.card:
        card = resources.read(f"models/{name}/card.md").decode().split("\n")
        sys.stdout.write("\n".join(map(printable, card)))
    elif args.verify:
        _verify(program, models)
    else:
        return _predict(program, Model(resources.read, name), args)
    return 0


def _verify(program: str, models: list[str]) -> None:
    from .integrity import TOLERANCE, check_predictions

    sys.stdout.write(f"{program}: {resources.check_unchanged()}, unchanged since packing\n")
    for name in models:
        count, largest = check_predictions(Model(resources.read, name))
        _print(
            f"{name}: {count} test images with equal labels, probabilities within {largest:.8f} "
            f"(tolerance {TOLERANCE:.5f})",
            "  ",
        )


def _print(text: str, indent: str, stream: TextIO | None = None) -> None:
    """Print a line to stdout or another stream, wrapped at words in a terminal."""
    stream = stream or sys.stdout
    if stream.isatty() or "COLUMNS" in os.environ:
        from textwrap import fill

        text = fill(text, WIDTH, subsequent_indent=indent, break_long_words=False)
    stream.write(f"{text}\n")


def _predict(program: str, model: Model, args: Namespace) -> int:
    from .output import as_json, printable, table
    from .predict import Prediction, predictions

    stream = predictions(model, inputs(args.sources, model, args.preprocess))
    first = list(islice(stream, 2))
    if not first:
        msg = "No images found in the given paths."
        raise MissingFileError(msg)
    single = first[0] if len(first) == 1 else None
    if isinstance(single, UnreadableInput) and args.sources == [single.source]:
        raise single.error
    show = args.show
    if show is None:
        show = bool(single) and not args.json and sys.stdout.isatty()
    if isinstance(single, Prediction) and single.input.steps and not show:
        steps = printable(f"{single.input.source}: {single.input.steps}")
        _print(f"{program}: {steps}", "  ", sys.stderr)
    write = as_json if args.json else table
    if show:
        from .terminal import drawings as write
    summary = _Summary()
    for text in write(model, summary.predictions(chain(first, stream)), args.top_k):
        sys.stdout.write(text)
    sys.stdout.flush()
    return summary.report_unreadable(program)


class _Summary:
    """The number of predictions, and the inputs that could not be read."""

    def __init__(self) -> None:
        self.predicted = 0
        self.unreadable: list[UnreadableInput] = []

    def predictions(self, stream: Iterable[Prediction | UnreadableInput]) -> Iterator[Prediction]:
        """Yield the predictions; count them and collect the rest."""
        for item in stream:
            if isinstance(item, UnreadableInput):
                self.unreadable.append(item)
            else:
                self.predicted += 1
                yield item

    def report_unreadable(self, program: str) -> int:
        """List the unreadable inputs on stderr; return the exit code."""
        from .output import printable

        if not self.unreadable:
            return 0
        images = "image" if len(self.unreadable) == 1 else "images"
        sys.stderr.write(f"{program}: {len(self.unreadable):,} {images} could not be read:\n")
        sys.stderr.writelines(f"     {printable(str(item.error))}\n" for item in self.unreadable)
        sys.stderr.write(f"     predicted: {self.predicted:,}\n")
        return 1
