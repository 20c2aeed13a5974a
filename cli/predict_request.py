"""A request of `zoo predict`: its arguments and options."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from .output_options import STDOUT, Format

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from zoo.config.dataset_info import Source
    from zoo.export.onnx_model import RuntimeName

Preprocess = Literal["auto", "none"]


@dataclass(frozen=True, kw_only=True)
class PredictRequest:
    """The model, the sources, and how to predict and to write."""

    model: str
    sources: Sequence[str]
    runs: Path
    preprocess: Preprocess | None
    batch: int
    runtime: RuntimeName | None
    skip_bad: bool
    # the output
    out: Path | None
    submission: Path | None
    output_format: Format | None
    quiet: bool
    top_k: int | None
    probabilities: bool
    show: bool | None
    # the engine
    engine: str | None
    jobs: int | None
    resume: bool
    # the data of examples such as test:0
    data: Path | None
    offline: bool

    @property
    def target(self) -> Path | None:
        """The output file; None for stdout."""
        file = self.submission or self.out
        return None if file == STDOUT else file

    @property
    def only_source(self) -> str | None:
        """The only source, as errors name it; None if there are several."""
        from pathlib import Path

        return str(Path(self.sources[0])) if len(self.sources) == 1 else None

    @property
    def has_examples(self) -> bool:
        """Whether a source is an example of the model's data, such as test:0."""
        from zoo.inference.dataset_examples import parse

        return any(map(parse, self.sources))

    @property
    def has_only_examples(self) -> bool:
        """Whether all sources are examples of the model's data."""
        from zoo.inference.dataset_examples import parse

        return all(map(parse, self.sources))

    @property
    def by_chunks(self) -> bool:
        """Whether the input is split into chunks for an engine."""
        return bool(self.engine or self.jobs is not None or self.resume)

    @property
    def format(self) -> str:
        """The format: the one of the option, or that of the suffix of the output file."""
        if self.submission:
            return "submission"
        if self.quiet:
            return "labels"
        suffix = self.out.suffix.lower().removeprefix(".") if self.out else ""
        return self.output_format or (suffix if suffix in get_args(Format) else "table")

    def draws(self, source: Source, *, single: bool) -> bool:
        """Whether to draw the images: by default a single one, in a terminal."""
        if not source.has_images:
            return False
        if self.show is not None:
            return self.show
        plain = not (self.target or self.output_format or self.quiet)
        return single and plain and sys.stdout.isatty()

    def check(self) -> None:
        """Raise if options exclude each other."""
        from zoo.errors import ConfigError
        from zoo.inference.file_groups import STDIN
        from zoo.system.files import is_stream

        if self.submission and (self.out or self.output_format or self.quiet):
            raise ConfigError("--submission excludes --format, --out and --quiet; remove them.")
        if self.show and (self.target or self.quiet or self.output_format not in {None, "table"}):
            raise ConfigError("--show draws in the terminal; remove --out and other formats.")
        if self.by_chunks and not self.target:
            raise ConfigError(
                "--engine, --jobs and --resume need an output file.",
                hint="Add --out FILE or --submission FILE.",
            )
        if self.by_chunks and self.target and is_stream(self.target):
            raise ConfigError(
                f"{self.target} is not a regular file; chunks are saved beside the output file.",
                hint="Remove --engine, --jobs and --resume, or name a file.",
            )
        if self.by_chunks and STDIN in self.sources:
            raise ConfigError(
                "An image on stdin cannot be split into chunks.",
                hint="Remove --engine, --jobs and --resume.",
            )
        if self.by_chunks and self.has_examples:
            raise ConfigError(
                "Examples of the data, such as test:0, cannot be split into chunks.",
                hint="Remove --engine, --jobs and --resume.",
            )
        if self.preprocess and self.has_only_examples:
            raise ConfigError("--preprocess is for files; test:0 has the form of the data.")
        if self.data and not self.has_examples:
            raise ConfigError("--data is for examples of the data, such as test:0; remove it.")

    def check_source(self, source: Source) -> None:
        """Raise if options do not suit the model's data."""
        from zoo.errors import ConfigError

        if not source.has_images and (self.show or self.preprocess):
            raise ConfigError("Rows of a table are not images; remove --show and --preprocess.")
        if self.preprocess == "auto" and source.fit == "none":
            raise ConfigError(
                f"--preprocess auto normalizes digits; images for {source.name} are not.",
                hint="Remove --preprocess; they are taken as they are.",
            )
