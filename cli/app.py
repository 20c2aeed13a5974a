"""The program `zoo`: its commands, error messages and exit codes."""

import errno
import logging
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

import zoo
from zoo.control_characters import plain_lines
from zoo.errors import ConfigError, Stopped, ZooError, describe
from zoo.system import console
from zoo.system.commands import expanded
from zoo.system.signals import INTERRUPTED, exit_code, termination_signals

from . import commands, completion_request
from .exit import end_with
from .output_options import (
    ColorOption,
    OutputSettings,
    VerboseOption,
    set_from_options,
    settings,
)
from .usage_errors import as_config_error

# A path that the system refuses, whatever zoo does; any other failure of a path is a bug.
REFUSED = {errno.EACCES, errno.EPERM, errno.ELOOP, errno.EIO}

app = typer.Typer(
    name="zoo",
    cls=commands.Commands,
    help="Small neural networks from scratch on NumPy, each with an original's claim.",
    epilog="`zoo help` lists guides.",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help pages, which load fast
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(requested: bool) -> None:  # noqa: FBT001 - typer passes it by position
    if requested:
        print(f"zoo {zoo.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, help="Print the version.")
    ] = False,
    verbose: VerboseOption = False,
    color: ColorOption = None,
) -> None:
    """Small neural networks from scratch on NumPy, each with an original's claim."""
    set_from_options(verbose=verbose, color=color)


def main() -> None:
    """Run the program: prepare streams and signals, and exit with the exit code."""
    # a stream that was closed before Python started is None
    sys.stdout, sys.stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        console.replace_unknown_characters(stream)
    warnings.formatwarning = _plain_warnings(warnings.formatwarning)
    for number in termination_signals():
        signal.signal(number, _leave)  # an exception, so that temporary files are removed
    code = 1  # of a bug, whose traceback Python prints
    try:
        code = run(expanded(sys.argv[1:]))
    except KeyboardInterrupt:
        code = INTERRUPTED
        raise
    finally:
        end_with(code)
    try:
        sys.stdout.flush()
    except OSError:  # already reported; Python would report it again at exit
        sys.stdout = _nowhere()
    sys.exit(code)


def _plain_warnings(form: Callable[..., str]) -> Callable[..., str]:
    """Return Python's form of warnings without control characters, which a plugin may send."""
    return lambda *arguments, **options: plain_lines(form(*arguments, **options))


def run(arguments: Sequence[str]) -> int:
    """Run one command on the current streams, and return its exit code."""
    if completion_request.lacks_words():
        return 0
    started = time.perf_counter()
    settings.set(OutputSettings())
    with _warnings_on(sys.stderr):
        _warn_of_unknown_plugins()
        code = _run(arguments)
    if settings.get().verbose:
        _print_cost(time.perf_counter() - started)
    return code


def _run(arguments: Sequence[str]) -> int:
    try:
        try:
            code = app(list(arguments), prog_name="zoo", obj=list(arguments), standalone_mode=False)
        finally:
            sys.stdout.flush()
    except SystemExit as ended:
        return _code(ended)
    except ZooError as error:
        return _print_error(error)
    except Exception as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(plain_lines(str(error)), file=sys.stderr)
            return 2
        if known := as_config_error(error, arguments) or _as_zoo_error(error):
            return _print_error(known.with_traceback(error.__traceback__))
        raise  # a file that should not fail, or something else: a bug in zoo
    return code if isinstance(code, int) else 0


def _warn_of_unknown_plugins() -> None:
    from zoo.config.plugins import unknown_names

    if completion_request.is_requested() or "ZOO_PLUGINS" not in os.environ:
        return
    if names := unknown_names():
        from .terminal import warn

        problem = "which are not plugins" if names[1:] else "which is not a plugin"
        message = (
            f"ZOO_PLUGINS names {' and '.join(map(repr, names))}, {problem}; expected names "
            "that `zoo plugins` lists without this setting, separated by commas, or none."
        )
        warn([message])


def _as_zoo_error(error: Exception) -> ZooError | None:
    """Return the error of a plugin, a path, an output or full memory; None for a bug."""
    from zoo.config.plugins import provider_of_error

    if provider := provider_of_error(error):
        plugin, location = provider
        hint = f"{location}; run `zoo plugins check {plugin.name}` to check all of it."
        return ZooError(f"{plugin} failed: {describe(error)}.", hint=hint)
    if isinstance(error, OSError):
        return _system_error(error)
    if isinstance(error, MemoryError):
        hint = "Close other programs, or use fewer --jobs or smaller files."
        return ZooError("There is not enough memory.", hint=hint)
    return None


def _system_error(error: OSError) -> ZooError | None:
    from zoo.system.file_errors import reading_hint

    if error.errno == errno.ENAMETOOLONG:
        return ConfigError(
            f"The name {error.filename!s:.40}… is too long.", hint="Use a shorter one."
        )
    if isinstance(error, FileNotFoundError) and error.filename is None:
        return ZooError("The current folder does not exist any more.", hint="Change to another.")
    if error.filename is None:
        return ZooError(f"The output could not be written: {error.strerror}.")
    if error.errno in REFUSED:
        path = Path(os.fsdecode(error.filename))
        return ZooError(f"{path} cannot be used: {error.strerror}.", hint=reading_hint(error, path))
    return None


def _code(ended: SystemExit) -> int:
    """Return the exit code that Python would use, and print the message it would print."""
    if ended.code is None or isinstance(ended.code, int):
        return ended.code or 0
    from .terminal import say

    say(str(ended.code))
    return 1


class _WarningFormatter(logging.Formatter):
    """Warnings of the library as lines for stderr."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a warning."""
        from .terminal import for_stderr

        return for_stderr(f"zoo: warning: {record.getMessage()}")


@contextmanager
def _warnings_on(stream: TextIO) -> Iterator[None]:
    """Write the warnings of the library to the stream while a command runs."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_WarningFormatter())
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


def _print_error(error: ZooError) -> int:
    """Print an error and return its exit code; a request of completions just has none."""
    if completion_request.is_requested():
        return 0
    from .terminal import print_error

    print_error(error)
    return error.exit_code


def _print_cost(seconds: float) -> None:
    from zoo.formatting import duration

    print(f"zoo: took {duration(seconds)}", file=sys.stderr)


def _leave(number: int, _frame: object) -> None:
    raise Stopped(exit_code(number))


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")
