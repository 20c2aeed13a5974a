"""`zoo evaluate`: how good a model is on a split of its data, and where it is wrong."""

from __future__ import annotations

import json
import shlex
from pathlib import Path  # noqa: TC003 - typer asks for it
from typing import Annotated

import typer

from . import options

ON_PAPER = 80  # columns of pictures where there is no terminal
MOST = 1000  # mistakes; who wants all of them wants --json
ON_A_PAGE = 24  # mistakes of a report, where --errors does not say how many


def evaluate(
    model: options.ModelArgument,
    *,
    data: options.DataOption = None,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="test|validation|train", help="Which pictures; test, if there is one."
        ),
    ] = None,
    errors: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=MOST,
            help="Show the N worst mistakes: the surest wrong answers. --sheet writes them too.",
        ),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="Write the mistakes of --errors as one picture."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", help="Write everything as one page with pictures."),
    ] = None,
    runtime: options.RuntimeOption = None,
    json_: options.JsonOption = False,
    runs: options.RunsOption = options.RUNS,
    offline: options.OfflineOption = False,
) -> None:
    """Judge one model on one split: accuracy, loss, each digit, confusion, worst mistakes."""
    from zoo.analysis.evaluate import evaluate_model
    from zoo.config.datasets import data_config
    from zoo.data.images import png
    from zoo.errors import ConfigError
    from zoo.files import write_atomically
    from zoo.inference import load
    from zoo.parallel.threads import one_thread
    from zoo.report.evaluation import html
    from zoo.training.environment import environment_info

    from .output import evaluate as judgement
    from .output import tables

    if sheet and not errors:
        raise ConfigError(
            "--sheet shows mistakes, and none were asked for.",
            hint="Say how many with --errors, as in --errors 24.",
        )
    if sheet and sheet.suffix.lower() != ".png":
        raise ConfigError(f"A sheet is a PNG, and {sheet} is not named like one.")
    read = [model, str(runs / model), *([str(data)] if data else [])]
    options.check_not_an_input(report, read)
    with one_thread():
        answering = load.find(model, runs=runs, runtime=runtime)
        given = data or load.find_data_folder(model, runs=runs)
        known = answering.facts.entry.data if answering.facts else None
        read_from = known or data_config(answering.source.name)
        dataset = options.load_data(read_from, given, offline=offline)
        judged = evaluate_model(answering, dataset, split=split)
    if sheet and not judged.source.has_images:
        raise ConfigError(f"{judged.name} reads rows of a table: there is nothing to draw.")
    options.warn([judged.warning] if judged.warning else [])
    changes = options.overrides(judged.facts.entry) if judged.facts else {}
    shown = judged.evaluation.mistakes[: errors or 0]
    if sheet and shown:
        pictures = [
            (one.image, f"{judged.describe_mistake(one)}\n{judged.place(one)}") for one in shown
        ]
        write_atomically(sheet, png.sheet(pictures, highest=judged.source.highest))
    if report:
        words = [
            *("zoo", "evaluate", model, "--split", judged.split),
            *(("--data", str(data)) if data else ()),
            *(("--runtime", runtime) if runtime else ()),
            *(("--runs", str(runs)) if runs != options.RUNS else ()),
            *(("--errors", str(errors)) if errors else ()),
            *("--report", str(report)),
        ]
        text = html(
            judged,
            mistakes=errors or ON_A_PAGE,
            command=shlex.join(words),
            versions=environment_info(),
            changed=tables.changes_words(changes, judged.claim) if changes else "",
        )
        write_atomically(report, text.encode())
    if json_:
        told = judgement.facts(judged, changes, shown if errors else None)
        print(json.dumps(told, allow_nan=False))
        return
    options.terminal(judgement.page(judged, changes))
    if errors:
        console = options.console()
        colour = options.has_colour(console)
        width = console.width if console.is_terminal else min(console.width, ON_PAPER)
        options.terminal(judgement.mistakes(judged, shown, colour=colour, width=width))
    for word, path in (("sheet", sheet if shown else None), ("report", report)):
        if path:
            print(f"{word:<10}{tables.plain(str(path))}")
