"""The command: pictures in, digits out."""

from __future__ import annotations

import os
import sys
from itertools import chain, islice

from . import resources
from .errors import BundleError, MissingFileError, UsageError
from .inputs import Unreadable, inputs
from .model import Model, names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from .predict import Answer

INTERRUPTED = 130
WIDTH = 100  # of the help: asking the terminal takes its time


def main() -> int:
    """Run the command; return its exit code."""
    program = os.path.basename(resources.HOME)  # noqa: PTH119 - pathlib takes its time
    sys.stdout, sys.stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without █ shows ?
    try:
        try:
            code = _run(program)
        finally:  # --help leaves from within
            sys.stdout.flush()
    except BundleError as error:
        _complain(program, error)
        return error.code
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        if error.filename is not None:
            raise
        sys.stdout = _nowhere()
        _complain(program, BundleError(f"The output could not be written: {error.strerror}."))
        return 1
    return code


def _nowhere() -> TextIO:
    """Return what stands for a stream that is closed, or takes no more."""
    return open(os.devnull, "w")  # noqa: PTH123 - pathlib takes its time


def _complain(program: str, error: BundleError) -> None:
    from .output import plain

    sys.stderr.write(f"{program}: {plain(str(error))}\n")
    if error.hint:
        sys.stderr.write(f"{' ' * len(program)}  {plain(error.hint)}\n")


def _arguments(program: str) -> Namespace:
    from argparse import ArgumentParser, HelpFormatter
    from functools import partial

    parser = ArgumentParser(
        program,
        formatter_class=partial(HelpFormatter, width=WIDTH),
        description="Say which digit a picture shows. Nothing is needed but Python, "
        "and nothing leaves this machine.",
        epilog="exit codes: 0 done, 1 a picture could not be read, 2 usage, 3 a file is missing, "
        "4 --verify found other answers, 5 a file is damaged",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "sources",
        nargs="*",
        metavar="SOURCE",
        help="PNG, PGM, PPM, BMP, folders, IDX (.gz too), Kaggle's csv, or - for stdin",
    )
    add("-m", "--model", metavar="NAME", help="which model answers; the first, if not said")
    add("--json", action="store_true", help="print JSON")
    add("--top-k", type=_count, metavar="N", help="show so many classes, the likeliest first")
    add("--show", action="store_true", default=None, help="draw what the network sees")
    add("--no-show", action="store_false", dest="show", help="draw nothing")
    add(
        "--preprocess",
        choices=("auto", "none"),
        help="auto finds the ink, none takes pixels as they are; without it pictures get auto, "
        "and IDX and csv none",
    )
    add("--list", action="store_true", help="list the models in here")
    add("--card", action="store_true", help="print the model's card")
    add(
        "--verify",
        action="store_true",
        help="see that nothing has changed and all answers are right",
    )
    found = parser.parse_args()
    if not (found.sources or found.list or found.card or found.verify):
        parser.print_help(sys.stderr)
        parser.exit(2)
    if found.json and found.show:
        parser.error("--show draws in the terminal; leave --json away")
    return found


def _count(word: str) -> int:
    if word.isdecimal() and int(word) >= 1:
        return int(word)
    from argparse import ArgumentTypeError

    msg = f"expected a whole number from 1 on, got {word!r}"
    raise ArgumentTypeError(msg)


def _run(program: str) -> int:
    asked = _arguments(program)
    known = names(resources.read)
    name = asked.model or known[0]
    if name not in known:
        msg = f"There is no model named {name!r} in here."
        raise UsageError(msg, hint=f"There is {', '.join(known)}.")
    if asked.list:
        width = max(map(len, known))
        for one in known:
            sys.stdout.write(f"{one:<{width}}  {Model(resources.read, one).summary}\n")
    elif asked.card:
        sys.stdout.write(resources.read(f"models/{name}/card.md").decode())
    elif asked.verify:
        _verify(program, known)
    else:
        return _answer(program, Model(resources.read, name), asked)
    return 0


def _verify(program: str, known: list[str]) -> None:
    from .integrity import TOLERANCE, check_answers

    sys.stdout.write(f"{program}: {resources.check_whole()} as they were packed\n")
    for name in known:
        count, largest = check_answers(Model(resources.read, name))
        sys.stdout.write(
            f"{name}: {count} test pictures answered alike, probabilities within {largest:.8f}, "
            f"and {TOLERANCE:.5f} is allowed\n"
        )


def _answer(program: str, model: Model, asked: Namespace) -> int:
    from .output import as_json, plain, table
    from .predict import Answer, answers

    stream = answers(model, inputs(asked.sources, model, asked.preprocess))
    first = list(islice(stream, 2))
    if not first:
        msg = "There is no picture in what was named."
        raise MissingFileError(msg)
    alone = first[0] if len(first) == 1 else None
    if isinstance(alone, Unreadable) and asked.sources == [alone.source]:
        raise alone.error
    show = asked.show
    if show is None:
        show = bool(alone) and not asked.json and sys.stdout.isatty()
    if isinstance(alone, Answer) and alone.of.said and not show:
        sys.stderr.write(f"{program}: {plain(f'{alone.of.source}: {alone.of.said}')}\n")
    form = as_json if asked.json else table
    if show:
        from .terminal import drawings as form
    told = _Told()
    for text in form(model, told.answers(chain(first, stream)), asked.top_k):
        sys.stdout.write(text)
    sys.stdout.flush()
    return told.what_was_bad(program)


class _Told:
    """How many pictures were answered, and which gave none."""

    def __init__(self) -> None:
        self.answered = 0
        self.bad: list[Unreadable] = []

    def answers(self, stream: Iterable[Answer | Unreadable]) -> Iterator[Answer]:
        """Yield the answers, and remember the rest."""
        for one in stream:
            if isinstance(one, Unreadable):
                self.bad.append(one)
            else:
                self.answered += 1
                yield one

    def what_was_bad(self, program: str) -> int:
        """List it on stderr; return the exit code."""
        from .output import plain

        if not self.bad:
            return 0
        pictures = "picture" if len(self.bad) == 1 else "pictures"
        sys.stderr.write(f"{program}: {len(self.bad):,} {pictures} could not be read:\n")
        sys.stderr.writelines(f"     {plain(str(one.error))}\n" for one in self.bad)
        sys.stderr.write(f"     answered: {self.answered:,}\n")
        return 1
