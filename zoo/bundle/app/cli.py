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
SHOWN_ROWS = 10  # that could not be read, as in zoo


def main() -> int:
    """Run the command; return its exit code."""
    program = resources.program()
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
        if isinstance(error, BrokenPipeError):  # the reader has seen enough, such as `head`
            return 1
        _print_error(program, BundleError(f"The output could not be written: {error.strerror}."))
        return 1
    return code


def _null_stream() -> TextIO:
    """Return a replacement for a closed or full stream."""
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - pathlib is slow to import


def _print_error(program: str, error: BundleError) -> None:
    from .texts import print_line, printable

    indent = " " * (len(program) + 2)
    print_line(f"{program}: {printable(str(error))}", indent, sys.stderr)
    if error.hint:
        print_line(f"{indent}{printable(error.hint)}", indent, sys.stderr)


def _arguments(program: str) -> Namespace:
    from argparse import ArgumentParser, HelpFormatter
    from functools import partial

    from .texts import WIDTH

    parser = ArgumentParser(
        program,
        formatter_class=partial(HelpFormatter, width=WIDTH),
        description="Predict the class of an image, or of a row of a table. It needs only "
        "Python, and sends nothing over the network.",
        epilog="exit codes: 0 done, 1 a file could not be read, 2 usage, 3 a file is missing, "
        "4 --verify found other predictions, 5 a file is damaged",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "sources",
        nargs="*",
        metavar="SOURCE",
        help="PNG, PGM, PPM, BMP, folders, IDX (.gz too), Kaggle's csv; for a model of a table, "
        "csv (.gz too); - is stdin",
    )
    add("-m", "--model", metavar="NAME", help="choose a model [default: the first]")
    add("--json", action="store_true", help="print JSON")
    add("--top-k", type=_count, metavar="N", help="show the N most probable classes")
    add("--show", action="store_true", default=None, help="draw each image as the network sees it")
    add("--no-show", action="store_false", dest="show", help="draw nothing")
    add(
        "--preprocess",
        choices=("auto", "none"),
        help="convert images to the form of the data, or take pixels as they are "
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
        msg = f"{program} needs a file."
        raise UsageError(msg, hint="Give an image, a table or a folder; --help lists the options.")
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
    from .texts import print_line, printable

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
            print_line(f"{model:<{width}}  {summary}", " " * (width + 2))
    elif args.card:
        card = resources.read(f"models/{name}/card.md").decode().split("\n")
        sys.stdout.write("\n".join(map(printable, card)))
    elif args.verify:
        _verify(program, models)
    else:
        return _predict(program, Model(resources.read, name), args)
    return 0


def _verify(program: str, models: list[str]) -> None:
    from .integrity import TOLERANCE, check_predictions, check_unchanged
    from .texts import print_line

    sys.stdout.write(f"{program}: {check_unchanged()}, unchanged since packing\n")
    for name in models:
        model = Model(resources.read, name)
        count, largest = check_predictions(model)
        print_line(
            f"{name}: {count} test {model.noun}s with equal labels, probabilities within "
            f"{largest:.8f} (tolerance {TOLERANCE:.5f})",
            "  ",
        )


def _predict(program: str, model: Model, args: Namespace) -> int:
    from .output import as_json, table
    from .predict import Prediction, predictions
    from .texts import print_line, printable

    _check_options(model, args)
    stream = predictions(model, inputs(args.sources, model, args.preprocess))
    first = list(islice(stream, 2))
    if not first:
        msg = f"No {model.noun}s found in the given paths."
        raise MissingFileError(msg)
    single = first[0] if len(first) == 1 else None
    if isinstance(single, UnreadableInput) and args.sources == [single.source]:
        raise single.error
    show = args.show
    if show is None:
        show = model.has_images and bool(single) and not args.json and sys.stdout.isatty()
    if isinstance(single, Prediction) and single.input.steps and not show:
        steps = printable(f"{single.input.source}: {single.input.steps}")
        print_line(f"{program}: {steps}", "  ", sys.stderr)
    write = as_json if args.json else table
    if show:
        from .terminal import drawings as write
    summary = _Summary(args.sources)
    for text in write(model, summary.predictions(chain(first, stream)), args.top_k):
        sys.stdout.write(text)
    sys.stdout.flush()
    return summary.report_unreadable(program, "image" if model.has_images else "file")


def _check_options(model: Model, args: Namespace) -> None:
    """Raise if options do not suit the model's data."""
    if not model.has_images and (args.show or args.preprocess):
        msg = "Rows of a table are not images; remove --show and --preprocess."
        raise UsageError(msg)
    if args.preprocess == "auto" and model.fit == "none":
        msg = f"--preprocess auto normalizes digits; images for {model.data} are not."
        raise UsageError(msg, hint="Remove --preprocess; they are taken as they are.")


class _Summary:
    """The number of predictions, and the files and the first rows that could not be read."""

    def __init__(self, sources: list[str]) -> None:
        self.sources = sources
        self.predicted = self.files = self.rows = 0
        self.errors: list[BundleError] = []
        self.hints: dict[str, None] = {}
        self.code = 0

    def predictions(self, stream: Iterable[Prediction | UnreadableInput]) -> Iterator[Prediction]:
        """Yield the predictions; count them and collect the rest."""
        for item in stream:
            if isinstance(item, UnreadableInput):
                self._add(item)
            else:
                self.predicted += 1
                yield item

    def _add(self, item: UnreadableInput) -> None:
        self.code = self.code or 1
        if item.is_row:
            self.rows += 1
            if self.rows > SHOWN_ROWS:
                return
            self.hints[item.error.hint] = None
        else:
            self.files += 1
            if self.sources == [item.source]:  # some of the only file was read
                self.hints[item.error.hint] = None
                self.code = item.error.code
        self.errors.append(item.error)

    def report_unreadable(self, program: str, noun: str) -> int:
        """List the unreadable inputs on stderr; return the exit code."""
        from .texts import count, print_line, printable

        if self.errors:
            counted = ((self.files, noun), (self.rows, "row"))
            nouns = " and ".join(count(*pair) for pair in counted if pair[0])
            print_line(f"{program}: {nouns} could not be read:", "     ", sys.stderr)
            for error in self.errors:
                print_line(f"     {printable(str(error))}", "     ", sys.stderr)
            if self.rows > SHOWN_ROWS:
                more = count(self.rows - SHOWN_ROWS, "more row")
                print_line(f"     and {more}", "     ", sys.stderr)
            for hint in filter(None, self.hints):
                print_line(f"     {printable(hint)}", "     ", sys.stderr)
            print_line(f"     predicted: {self.predicted:,}", "     ", sys.stderr)
        return self.code
