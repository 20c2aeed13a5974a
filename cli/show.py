"""`zoo show`: one model with its README, its layers, its recipe and what was reproduced."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import options

if TYPE_CHECKING:
    from zoo.config.entry import Entry
    from zoo.data.dataset import Dataset

BENT = 8  # of every picture on a sheet


def show(
    name: options.NameArgument,
    *,
    toml: Annotated[bool, typer.Option("--toml", help="Print the entry's own file.")] = False,
    augmented: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.png", help="Draw training pictures as they are and as they are bent."
        ),
    ] = None,
    data: options.DataOption = None,
    json_: options.JsonOption = False,
    offline: options.OfflineOption = False,
) -> None:
    """Show one model: its README and claim, its layers, its recipe and what was reproduced."""
    listed = options.find_entry(name)
    if augmented and (toml or json_):
        from zoo.errors import ConfigError

        raise ConfigError("--augmented draws, --toml and --json print: choose one.")
    if augmented:
        from zoo.files import write_atomically

        _refuse(listed.entry, augmented)
        dataset = options.load_data(listed.entry.data, data, offline=offline)
        write_atomically(augmented, _sheet(listed.entry, dataset))
        print(augmented)
        return
    if toml:
        print(listed.path.read_text(encoding="utf-8"), end="")
        return
    from zoo.analysis.statistics import summarize
    from zoo.config.results import results_of

    from .output import list as list_output
    from .output import show as output

    on_record = results_of([listed.entry])
    options.warn(on_record.faults)
    results = on_record.results[listed.entry.name]
    reproduced = summarize([result.accuracy for result in results])
    if json_:
        facts = list_output.entry_facts(listed, reproduced)
        print(json.dumps(facts | {"entry": listed.entry.model_dump(mode="json")}, indent=2))
    else:
        options.terminal(output.entry_page(listed, results, reproduced))


def _refuse(entry: "Entry", augmented: Path) -> None:
    from zoo.errors import ConfigError

    if not entry.data.source.has_images:
        raise ConfigError(f"{entry.name} trains on rows of a table, which are not drawn.")
    if not entry.train.augment:
        raise ConfigError(
            f"{entry.name} trains on the pictures as they are.",
            hint="An entry bends them with train.augment, as digits-10-best does.",
        )
    if augmented.suffix.lower() != ".png":
        raise ConfigError(f"What is drawn is a PNG, and {augmented} is not named like one.")


def _sheet(entry: "Entry", dataset: "Dataset") -> bytes:
    """Return a picture of the first training example of each class, and of what becomes of it."""
    import numpy as np

    from zoo.data import augment
    from zoo.data.images import png
    from zoo.training import build

    part = build.splits(entry, dataset, seed=entry.train.seed).train
    labels = part.labels[part.rows]
    firsts = part.rows[np.unique(labels, return_index=True)[1]]
    images = part.images[firsts]
    highest = entry.data.source.highest
    rows = [images] + [
        np.rint(bent).clip(0, highest).astype(np.uint8)
        for bent in augment.samples(
            images,
            dataset.shape,
            build.augmentation(entry.train, dataset.shape),
            times=BENT,
            key=entry.train.seed,
        )
    ]
    pictures = [
        (row[number].reshape(dataset.shape), "" if index else f"{part.labels[first]}, as it is")
        for number, first in enumerate(firsts)
        for index, row in enumerate(rows)
    ]
    return png.sheet(pictures, highest=highest, across=1 + BENT)
