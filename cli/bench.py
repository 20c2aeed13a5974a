"""`zoo bench`: the same work in zoo's own core and in other people's hands."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import options
from .output import bench as timings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zoo.bench.commands import CommandComparison
    from zoo.bench.run import BenchRow, MissingPeer

COMMANDS = {
    "start": "commands that have next to nothing to do",
    "train": "`zoo train` of the READMEs' entries, whole",
    "shares": "what `zoo train` spends its time on",
    "limits": "a step's arithmetic beside what the processor can do",
    "growth": "an epoch against examples, units, layers, batch and seeds",
}


def bench(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORKLOAD...",
            help="W1 to W6-one, which it does without; W4-adam, ...; start, train, shares, limits, "
            "growth.",
        ),
    ] = None,
    *,
    against: Annotated[
        str | None,
        typer.Option(metavar="NAME,...", help="torch, sklearn, jax, onnxruntime, naive; ideas."),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="Times each does the work.")] = 7,
    md: Annotated[bool, typer.Option("--md", help="Print a table in Markdown.")] = False,
    json_: options.JsonOption = False,
    plot: Annotated[
        Path | None, typer.Option(help="Draw growth to this SVG.", dir_okay=False)
    ] = None,
    data: options.DataOption = None,
    offline: options.OfflineOption = False,
) -> None:
    """Time zoo's core beside PyTorch, scikit-learn, JAX and others, round by round."""
    from zoo.bench.run import BenchRow, compare, machine, select_peers
    from zoo.bench.workloads import USUAL, WORKLOADS
    from zoo.errors import ConfigError

    if unknown := [word for word in words or [] if word not in {**WORKLOADS, **COMMANDS}]:
        raise ConfigError(
            f"There is no workload named {unknown[0]!r}.",
            hint=f"There are {', '.join([*WORKLOADS, *COMMANDS])}.",
        )
    if md and json_:
        raise ConfigError("--md and --json print: choose one.")
    if plot and "growth" not in (words or []):
        raise ConfigError("--plot draws growth.", hint="`zoo bench growth --plot FILE`")
    words = list(dict.fromkeys(words or USUAL))
    workloads = [WORKLOADS[word] for word in words if word in WORKLOADS]
    peers = select_peers(None if against is None else [name.strip() for name in against.split(",")])
    known = machine()
    datasets = {
        one.data: options.load_data(one.entry.data, data, offline=offline) for one in workloads
    }
    found: list[BenchRow | MissingPeer] = []
    for workload in workloads:
        print(f"zoo: {workload.name}, {workload.title}", file=sys.stderr)
        for one in compare(workload, datasets[workload.data], peers, rounds=rounds):
            found.append(one)
            print(timings.line(one), file=sys.stderr)
    standings = list(_commands(words, peers, data, rounds=rounds, offline=offline))
    others = _others(words, data, plot, rounds=rounds, offline=offline)
    if json_:
        tables = {
            "rows": [asdict(one) for one in found if isinstance(one, BenchRow)],
            "absent": [asdict(one) for one in found if not isinstance(one, BenchRow)],
            "commands": [asdict(one) for one in standings],
        }
        print(json.dumps({"machine": known, **tables, **others}, indent=2))
    elif md:
        lines = [
            *(timings.workloads_table(found, workloads) if found else ()),
            *timings.commands_table(standings),
        ]
        lines += timings.more_tables(others)
        print("\n".join([*lines, f"{timings.machine_words(known)}."]))
    else:
        timings.show(found, standings)
        print("\n".join([*timings.more_tables(others), timings.machine_words(known)]))


def _commands(
    words: Sequence[str],
    peers: Sequence[str],
    data: Path | None,
    *,
    rounds: int,
    offline: bool,
) -> Iterator[CommandComparison]:
    from zoo.bench import commands
    from zoo.data.locations import locations_from_environment

    for word in words:
        if word == "start":
            _announce(word)
            yield from commands.starts(rounds=rounds)
        elif word == "train":
            _announce(word)
            places = locations_from_environment(data, offline=offline)
            yield from commands.trainings(peers, places, rounds=rounds)


def _others(
    words: Sequence[str],
    data: Path | None,
    plot: Path | None,
    *,
    rounds: int,
    offline: bool,
) -> dict[str, Any]:
    """Return what is no comparison, as JSON has it: shares of a whole training, and growth."""
    from zoo.cli import profile_train

    from zoo.bench import roofline as near
    from zoo.bench import scaling
    from zoo.data.locations import locations_from_environment
    from zoo.files import write_atomically

    found: dict[str, Any] = {}
    if "shares" in words:
        _announce("shares")
        found["shares"] = profile_train.shares(locations_from_environment(data, offline=offline))
    if "limits" in words:
        _announce("limits")
        found["limits"] = [asdict(one) for one in near.limits(rounds=rounds)]
    if "growth" in words:
        _announce("growth")
        points = scaling.points(rounds=rounds)
        found["growth"] = [asdict(one) for one in points]
        if plot:
            write_atomically(plot, scaling.svg(points).encode())
    return found


def _announce(word: str) -> None:
    print(f"zoo: {word}, {COMMANDS[word]}", file=sys.stderr)
