"""What a whole `zoo train` spends its time on: `python -m zoo.cli.profile_train NAME [--data DIR]`.

It runs the command as it is, with a watch at the door of each part; what a part calls of another
counts for the other. The shares go to stdout as an object, after whatever the command prints.
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

PARTS = {  # by what a reader would call them
    "reading the data": ("zoo.data.load:load",),
    "steps": ("zoo.training.loop:Training._make_step",),
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
    "display": ("zoo.cli.output.tables:row_line", "zoo.cli.output.tables:outcome_lines"),
}


def shares(places: DataLocations) -> dict[str, dict[str, float]]:
    """Return what each part of `zoo train` takes of the whole, in seconds, entry by entry."""
    found: dict[str, dict[str, float]] = {}
    for name, recipe in recipes.RECIPES.items():
        with TemporaryDirectory(prefix="zoo-bench-") as place:
            folder = Path(place)
            data = commands.data_folder(recipe.data, places, folder)
            given = ("--data", str(data)) if data else ()
            module = (sys.executable, "-m", __name__)
            taken, said = commands.cost((*module, name, "--runs", "runs", *given), folder)
            parts: dict[str, float] = json.loads(said.splitlines()[-1])
            begun = taken.seconds - sum(parts.values())
            found[name] = {"start-up, imports, the rest": parts.pop("the rest") + begun, **parts}
    return found


class Profiler:
    """Seconds by part; of parts within one another only the innermost runs."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys([*PARTS, "the rest"], 0.0)
        self.open = ["the rest"]
        self.since = time.perf_counter()

    def start(self) -> None:
        """Give the time since the last turn to the part that is open."""
        now = time.perf_counter()
        self.seconds[self.open[-1]] += now - self.since
        self.since = now

    def timed(self, part: str, does: Callable[..., Any]) -> Callable[..., Any]:
        """Return the same function with a watch at its door."""

        @functools.wraps(does)
        def watched(*given: Any, **named: Any) -> Any:
            self.start()
            self.open.append(part)
            try:
                return does(*given, **named)
            finally:
                self.start()
                self.open.pop()

        return watched


def main() -> None:
    """Run `zoo train` under the watch."""
    watch = Profiler()
    for part, places in PARTS.items():
        for place in places:
            module, _, path = place.partition(":")
            *outer, name = path.split(".")
            holder: Any = import_module(module)
            for one in outer:
                holder = getattr(holder, one)
            setattr(holder, name, watch.timed(part, getattr(holder, name)))
    if code := run(["train", *sys.argv[1:]]):
        sys.exit(code)
    watch.start()
    sys.stdout.write(json.dumps(watch.seconds) + "\n")


if __name__ == "__main__":
    main()
