"""`zoo show`: original, claim, layers, recipe and reproduced accuracy of one model."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import options, terminal
from .sheets import check_images, check_png, first_rows

if TYPE_CHECKING:
    from zoo.config.entry import Entry
    from zoo.data.dataset import Dataset

AUGMENTED = 8  # augmented copies of each image on the sheet


def show(
    name: options.NameArgument,
    *,
    toml: Annotated[bool, typer.Option("--toml", help="Print the entry's file.")] = False,
    augmented: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.png", help="Draw training images before and after augmentation."
        ),
    ] = None,
    data: options.DataOption = None,
    offline: options.OfflineOption = False,
) -> None:
    """Show one model: original, claim, layers, recipe, reproduced accuracy."""
    from .output.result import Result, write

    listed = options.find_complete_entry(name, data=data)
    if augmented and toml:
        from zoo.errors import ConfigError

        raise ConfigError("--augmented and --toml exclude each other; choose one.")
    if augmented:
        from zoo.files import write_output

        _check_augmented(listed.entry, augmented)
        dataset = options.load_data(listed.entry.data, data, offline=offline)
        write_output(augmented, _sheet(listed.entry, dataset))
        facts = {"name": listed.entry.name, "path": str(augmented)}
        write(Result(facts, lines=[str(augmented)]))
        return
    if toml:
        facts = {"name": listed.entry.name, "path": str(listed.path), "toml": listed.text}
        write(Result(facts, document=listed.text))
        return
    from zoo.analysis.statistics import summarize
    from zoo.config.results import results_of

    from .output import show as output

    on_record = results_of([listed.entry])
    terminal.warn(on_record.problems)
    results = on_record.results[listed.entry.name]
    reproduced = summarize([result.accuracy for result in results])
    write(output.entry_result(listed, results, reproduced))


def _check_augmented(entry: "Entry", augmented: Path) -> None:
    from zoo.errors import ConfigError

    check_images(entry)
    if not entry.train.augment:
        raise ConfigError(
            f"{entry.name} does not augment its training images.",
            hint="Set train.augment in the entry, as digits-10-best does.",
        )
    check_png(augmented, "--augmented")


def _sheet(entry: "Entry", dataset: "Dataset") -> bytes:
    """Return a PNG with the first training image of each class and augmented copies of it."""
    import numpy as np

    from zoo.data import augment
    from zoo.data.images import png
    from zoo.training import build

    subset = build.splits(entry, dataset, seed=entry.train.seed).train
    chosen = np.concatenate(first_rows(subset, each=1))
    images = subset.images[chosen]
    highest = entry.data.source.highest
    rows = [images] + [
        np.rint(augmented).clip(0, highest).astype(np.uint8)
        for augmented in augment.samples(
            images,
            dataset.shape,
            build.augmentation(entry.train, dataset.shape),
            times=AUGMENTED,
            key=entry.train.seed,
        )
    ]
    cells = [
        (
            row[number].reshape(dataset.shape),
            "" if index else f"{subset.labels[row_number]}, original",
        )
        for number, row_number in enumerate(chosen)
        for index, row in enumerate(rows)
    ]
    return png.sheet(cells, highest=highest, across=1 + AUGMENTED)
