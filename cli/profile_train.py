"""A profiler of `zoo train`: `python -m zoo.cli.profile_train NAME [--data DIR]`.

It runs the unchanged command with a timer around each part; the time of a nested part counts for
that part alone. The seconds are printed as one JSON object after the output of the command.
"""

import functools
import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from zoo.cli.app import run

from zoo.bench import commands
from zoo.bench.scripts import recipes
from zoo.data.locations import DataLocations

PARTS = {  # label: functions
    "reading the data": ("zoo.data.load:load",),
    "steps": ("zoo.training.loop:Training._train_step",),
    "evaluation": ("zoo.training.loop:Training.evaluate", "zoo.training.loop:Training._report"),
    "checkpoints and files": (
        "zoo.training.run:Run.write_checkpoint",
        "zoo.training.run:Run.write_rows",
        "zoo.training.run:Run.write_metadata",
        "zoo.training.run:Run.write_entry",
        "zoo.training.run:Run.write_weights",
        "zoo.training.run:Run.write_text",
    ),
    "the plot": ("zoo.training.curves:svg",),
    "display": ("zoo.cli.output.train:row_line", "zoo.cli.output.train:outcome_lines"),
}


def shares(locations: DataLocations) -> dict[str, dict[str, float]]:
    """Return the seconds of each part of `zoo train`, for each entry."""
    seconds_by_entry: dict[str, dict[str, float]] = {}
    for name, recipe in recipes.RECIPES.items():
        with TemporaryDirectory(prefix="zoo-bench-") as temporary:
            folder = Path(temporary)
            data = commands.data_folder(recipe.data, locations, folder)
            options = ("--data", str(data)) if data else ()
            module = (sys.executable, "-m", __name__)
            cost, output = commands.cost((*module, name, "--runs", "runs", *options), folder)
            parts: dict[str, float] = json.loads(output.splitlines()[-1])
            startup = cost.seconds - sum(parts.values())
            seconds_by_entry[name] = {
                "start-up, imports, the rest": parts.pop("the rest") + startup,
                **parts,
            }
    return seconds_by_entry


class Profiler:
    """Seconds by part; of nested parts only the innermost is timed."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys([*PARTS, "the rest"], 0.0)
        self.stack = ["the rest"]
        self.since = time.perf_counter()

    def switch(self) -> None:
        """Add the time since the last call to the current part."""
        now = time.perf_counter()
        self.seconds[self.stack[-1]] += now - self.since
        self.since = now

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with a timer around it."""

        @functools.wraps(function)
        def timed_function(*args: Any, **kwargs: Any) -> Any:
            self.switch()
            self.stack.append(part)
            try:
                return function(*args, **kwargs)
            finally:
                self.switch()
                self.stack.pop()

        return timed_function


def main() -> None:
    """Run `zoo train` with the profiler."""
    profiler = Profiler()
    for part, targets in PARTS.items():
        for target in targets:
            module, _, path = target.partition(":")
            *outer, name = path.split(".")
            holder: Any = import_module(module)
            for attribute in outer:
                holder = getattr(holder, attribute)
            setattr(holder, name, profiler.timed(part, getattr(holder, name)))
    if code := run(["train", *sys.argv[1:]]):
        sys.exit(code)
    profiler.switch()
    sys.stdout.write(json.dumps(profiler.seconds) + "\n")


if __name__ == "__main__":
    main()
