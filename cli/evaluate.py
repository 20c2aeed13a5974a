"""`zoo evaluate`: accuracy, confusion and mistakes of a model on one split."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from zoo.system.commands import join

from . import options, pages, terminal
from .sheets import check_png

MAX_MISTAKES = 1000
REPORT_MISTAKES = 24  # in a report without --errors


def evaluate(
    model: options.ModelArgument,
    *,
    data: options.DataOption = None,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="test|validation|train", help="Split to use. [default: test, if present]"
        ),
    ] = None,
    errors: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=MAX_MISTAKES,
            help="Show the N most confident wrong predictions.",
        ),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="Write the mistakes of --errors as PNG."),
    ] = None,
    html: pages.HtmlOption = None,
    report: Annotated[Path | None, typer.Option("--report", hidden=True)] = None,  # its old name
    runtime: options.RuntimeOption = None,
    runs: options.RunsOption = options.RUNS,
    offline: options.OfflineOption = False,
) -> None:
    """Evaluate one model: accuracy, classes, confusion, worst mistakes."""
    from zoo.analysis.evaluate import evaluate_model
    from zoo.data.images import png
    from zoo.errors import ConfigError
    from zoo.files import write_output
    from zoo.inference import load
    from zoo.parallel.threads import one_thread
    from zoo.report import evaluation as report_page
    from zoo.training.environment import environment_info

    from .output.evaluate import evaluation_result
    from .output.result import write
    from .output.tables import changes_words

    html = html or report
    if sheet and not errors:
        raise ConfigError(
            "--sheet needs a number of mistakes.",
            hint="Add --errors N, e.g. --errors 24.",
        )
    if sheet:
        check_png(sheet, "--sheet")
    inputs = [model, str(runs / model), *([str(data)] if data else [])]
    options.check_not_an_input(html, inputs)
    with one_thread():
        predictor = load.find(model, runs=runs, runtime=runtime)
        dataset = options.model_data(model, predictor, data, runs=runs, offline=offline)
        evaluated = evaluate_model(predictor, dataset, split=split)
    if sheet and not evaluated.source.has_images:
        raise ConfigError(f"{evaluated.name} predicts rows of a table, which cannot be drawn.")
    terminal.warn([evaluated.warning] if evaluated.warning else [])
    changes = options.overrides(evaluated.facts.entry) if evaluated.facts else {}
    shown = evaluated.evaluation.mistakes[: errors or 0]
    if sheet and shown:
        cells = [
            (mistake.image, f"{evaluated.describe_mistake(mistake)}\n{evaluated.example(mistake)}")
            for mistake in shown
        ]
        write_output(sheet, png.sheet(cells, highest=evaluated.source.highest))
        terminal.say_written(sheet)
    if html:
        command = [
            *("zoo", "evaluate", model, "--split", evaluated.split),
            *(("--data", str(data)) if data else ()),
            *(("--runtime", runtime) if runtime else ()),
            *(("--runs", str(runs)) if runs != options.RUNS else ()),
            *(("--errors", str(errors)) if errors else ()),
            *("--html", str(html)),
        ]
        text = report_page.html(
            evaluated,
            mistakes=errors or REPORT_MISTAKES,
            command=join(command),
            versions=environment_info(),
            changed=changes_words(changes, evaluated.claim) if changes else "",
        )
        pages.write_file(html, text)
    write(evaluation_result(evaluated, changes, shown if errors else None))
