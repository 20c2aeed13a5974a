"""Trainings that a command needs: those that are missing are made, with their progress."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import options

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from zoo.engines.engine import Engine
    from zoo.trainings import Wish

    from .progress import Whole


@dataclass(frozen=True)
class Work:
    """Where trainings are made, and whether those that are there count."""

    engine: str | None
    jobs: int | None
    fresh: bool


def make_missing(
    wishes: Sequence[Wish], runs: Path, work: Work, *, told: str | None = None
) -> list[str]:
    """Make the trainings that are not there yet; return what became of those that failed.

    The accuracy that is told is that on the claim's split, if no other one is named.
    """
    from zoo import trainings
    from zoo.engines.work import Failure
    from zoo.formatting import percent

    done = set() if work.fresh else {one.key for one in trainings.finished(runs)}
    missing = list({wish.key: wish for wish in wishes if wish.key not in done}.values())
    troubles = []
    with at_work(missing, work, "trainings") as (engine, whole):
        made = trainings.make(missing, engine, runs=runs, clock=time.perf_counter)
        for wish, run in made:
            if isinstance(run, Failure):
                troubles.append(f"{wish.words} failed. {run.reason} {run.hint}".rstrip())
                whole.done(wish.effort, f"{wish.words} failed")
            else:
                facts = run.facts
                split = told or facts["split"]
                words = f"{percent(facts['scores'][split]['accuracy'])} on {split}"
                whole.done(wish.effort, f"{wish.words}: {words}, {facts['seconds']:.2f} s")
    return troubles


@contextmanager
def at_work(missing: Sequence[Wish], work: Work, name: str) -> Iterator[tuple[Engine, Whole]]:
    """Give an engine and the progress of so much work; nothing is started for none."""
    from .progress import Whole

    effort = math.fsum(wish.effort for wish in missing)
    way_on = f"The same command{' without --fresh' if work.fresh else ''} goes on."
    chosen = options.engine_of(work.engine, work.jobs, tasks=len(missing))
    with (
        chosen as engine,
        Whole(len(missing), effort, name, time.monotonic, way_on=way_on) as whole,
    ):
        yield engine, whole
