"""Examples of the data that a model was trained for, such as test:0, with their labels."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import BinaryIO, NamedTuple

from zoo.data.dataset import Dataset
from zoo.data.splits import Subset
from zoo.errors import ConfigError
from zoo.inference import inputs
from zoo.inference.file_groups import check
from zoo.inference.inputs import Input, InputSpec, Stream
from zoo.inference.model_splits import ALL, find_split, model_splits
from zoo.training.model import Classifier

ARGUMENT = re.compile(rf"(train|validation|test|{ALL}):([^./\\*?\[]*)")
NUMBERS = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")


class ExampleRange(NamedTuple):
    """Examples of a split by their numbers, counted from 0: "5", or "5-9" with both ends."""

    split: str
    numbers: str


def parse(arg: str) -> ExampleRange | None:
    """Return the range of an argument such as test:0 or test:5-9; None for a file."""
    match = ARGUMENT.fullmatch(arg)
    if match is None or os.path.lexists(arg):
        return None
    return ExampleRange(*match.groups())


class DatasetExamples:
    """The examples of a model's data, which is loaded when the first of them is needed."""

    def __init__(self, model: Classifier, load: Callable[[], Dataset]) -> None:
        self.model = model
        self._load = load

    @cached_property
    def _data(self) -> tuple[str, Mapping[str, Subset]]:
        dataset = self._load()
        return dataset.source, model_splits(self.model, dataset)

    def stream(self, wanted: ExampleRange) -> Stream:
        """Return the examples of a range; raise if there are no such examples."""
        split, numbers = wanted
        data, splits = self._data
        subset = find_split(split, splits, model=self.model, data=data)
        match = NUMBERS.fullmatch(numbers)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, len(subset))
        if last >= len(subset):
            raise ConfigError(
                f"{self.model.name} does not have an example {split}:{last if match else numbers}; "
                f"expected {split}:0 to {split}:{len(subset) - 1}."
            )
        if first > last:
            raise ConfigError(
                f"{split}:{first}-{last} is not a range; expected the smaller number first.",
                hint=f"Use {split}:{last}-{first}.",
            )
        return (
            Input(
                source=f"{split}:{number}",
                index=0,
                image=subset.images[subset.rows[number]],
                steps="",
                true_label=int(subset.labels[subset.rows[number]]),
            )
            for number in range(first, last + 1)
        )


def streams(
    args: Sequence[str], spec: InputSpec, *, stdin: BinaryIO, examples: DatasetExamples
) -> Iterator[Stream]:
    """Yield the inputs of each group of files and of each range of examples.

    An argument without files or examples raises immediately.
    """
    items = [parse(arg) or arg for arg in args]
    check([item for item in items if isinstance(item, str)])
    found = [item if isinstance(item, str) else examples.stream(item) for item in items]
    for is_file, neighbours in groupby(found, lambda item: isinstance(item, str)):
        if is_file:
            files = [item for item in neighbours if isinstance(item, str)]
            yield from inputs.streams(files, spec, stdin=stdin)
        else:
            yield from (item for item in neighbours if not isinstance(item, str))
