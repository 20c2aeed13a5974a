"""The output options of every command: format, names alone, file, colour, details."""

from __future__ import annotations

import inspect
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

Format = Literal["table", "json", "jsonl", "csv", "md"]
Color = Literal["auto", "always", "never"]

ColorOption = Annotated[
    Color | None, typer.Option("--color", help="Use colours. [default: auto; also NO_COLOR]")
]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Show the time, and tracebacks of errors.")
]
OUTPUT_OPTIONS: dict[str, Any] = {  # parameter: type with option; a command may define its own
    "output_format": Annotated[
        Format | None, typer.Option("--format", help="Output format. [default: table]")
    ],
    "as_json": Annotated[bool, typer.Option("--json", help="Short for --format json.")],
    # the earlier names of formats, for one release
    "as_jsonl": Annotated[bool, typer.Option("--jsonl", "--json-lines", hidden=True)],
    "as_csv": Annotated[bool, typer.Option("--csv", hidden=True)],
    "as_md": Annotated[bool, typer.Option("--md", hidden=True)],
    "out": Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Output file; - is stdout."),
    ],
    "quiet": Annotated[bool, typer.Option("--quiet", "-q", help="Print only names, or classes.")],
    "verbose": VerboseOption,
    "color": ColorOption,
}
STDOUT = Path("-")
FILE_OPTIONS = {"html": "--html", "report": "--html", "plot": "--plot"}  # beside the result


@dataclass(frozen=True)
class OutputSettings:
    """The values of the output options."""

    requested_format: Format | None = None
    out: Path | None = None  # None is stdout
    quiet: bool = False
    verbose: bool = False
    color: Color = "auto"
    stdout_is_taken: bool = False  # by a page; the result is written only to the file of --out

    @property
    def output_format(self) -> Format:
        """The requested format, or the table."""
        return self.requested_format or "table"


settings: ContextVar[OutputSettings] = ContextVar("settings", default=OutputSettings())  # noqa: B039 - it is frozen


def with_output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return the command with the output options, which `settings` holds while it runs."""
    signature = inspect.signature(command, eval_str=True)
    options = {
        name: kind for name, kind in OUTPUT_OPTIONS.items() if name not in signature.parameters
    }

    @wraps(command)
    def call(**values: Any) -> Any:
        set_from_options(**{name: values.pop(name) for name in options})
        _check_files(*(values.get(name) for name in (*FILE_OPTIONS, "submission", "sheet")))
        for name, option in FILE_OPTIONS.items():
            if values.get(name) == STDOUT:
                _take_stdout(option, dry_run=values.get("dry_run", False))
        return command(**values)

    added = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=False if kind.__origin__ is bool else None,
            annotation=kind,
        )
        for name, kind in options.items()
    ]
    parameters = [*signature.parameters.values(), *added]
    call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return call


def set_from_options(
    *,
    output_format: Format | None = None,
    as_json: bool = False,
    as_jsonl: bool = False,
    as_csv: bool = False,
    as_md: bool = False,
    out: Path | None = None,
    quiet: bool = False,
    verbose: bool = False,
    color: Color | None = None,
) -> None:
    """Set the settings, given the values of the output options."""
    from zoo.errors import ConfigError

    flags: dict[Format, bool] = {"json": as_json, "jsonl": as_jsonl, "csv": as_csv, "md": as_md}
    formats = {name for name, is_given in flags.items() if is_given}
    if output_format:
        formats.add(output_format)
    if len(formats) > 1:
        listed = " and ".join(sorted(formats))
        raise ConfigError(f"Expected one output format, got {listed}.")
    if formats and quiet:
        raise ConfigError("--quiet prints only names; it excludes --format.")
    _check_files(out)
    before = settings.get()  # `zoo --color never list`
    settings.set(
        replace(
            before,
            requested_format=next(iter(formats), before.requested_format),
            out=None if out == STDOUT else out,
            quiet=quiet,
            verbose=verbose or before.verbose,
            color=color or before.color,
        )
    )


def _check_files(*paths: Path | None) -> None:
    """Raise if a file to write is a folder, before the work for it begins."""
    for path in paths:
        if isinstance(path, Path):
            from zoo.files import check_not_a_folder

            check_not_a_folder(path)


def _take_stdout(option: str, *, dry_run: bool) -> None:
    """Keep the result from stdout, which an option such as `--html -` takes."""
    if settings.get().out is None or dry_run:
        is_stdout(STDOUT, dry_run=dry_run, option=option)
    settings.set(replace(settings.get(), stdout_is_taken=True))


def is_stdout(out: Path | None, *, dry_run: bool, option: str = "-o") -> bool:
    """Whether stdout is the file of a command that writes one; stdout then holds nothing else."""
    from zoo.errors import ConfigError

    if out != STDOUT:
        return False
    if dry_run or settings.get().quiet or settings.get().output_format != "table":
        raise ConfigError(
            f"{option} - writes the file to stdout; it excludes --format, --quiet and --dry-run.",
            hint=f"Name a file with {option} FILE.",
        )
    return True
