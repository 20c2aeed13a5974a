"""`zoo bench`: the same workloads in zoo and in other libraries."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import options
from .output import bench as output

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zoo.bench.commands import CommandComparison
    from zoo.bench.run import BenchRow, MissingPeer

COMMANDS = {
    "start": "start-up time of short commands",
    "train": "complete `zoo train` commands of the READMEs' entries",
    "growth": "the time of an epoch by examples, units, layers, batch, seeds",
}


def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORKLOAD...",
            help="Workloads: W1 to W6-one, start, train, growth. [default: W1 to W6-one]",
        ),
    ] = None,
    *,
    against: Annotated[
        str | None,
        typer.Option(metavar="NAME,...", help="Libraries to compare with, e.g. torch,jax."),
    ] = None,
    rounds: Annotated[
        int, typer.Option(min=1, max=1000, help="Rounds per workload and library.")
    ] = 7,
    md: Annotated[bool, typer.Option("--md", help="Print a Markdown table.")] = False,
    as_json: options.JsonOption = False,
    plot: Annotated[Path | None, typer.Option(help="Draw growth as SVG.", dir_okay=False)] = None,
    data: options.DataOption = None,
    offline: options.OfflineOption = False,
) -> None:
    """Benchmark the core against PyTorch, JAX and others."""
    from zoo.bench.run import BenchRow, compare, machine, select_peers
    from zoo.bench.workloads import USUAL, WORKLOADS
    from zoo.errors import ConfigError

    if unknown := [name for name in names or [] if name not in {**WORKLOADS, **COMMANDS}]:
        raise ConfigError(
            f"There is no workload named {unknown[0]!r}.",
            hint=f"Choose one of {', '.join([*WORKLOADS, *COMMANDS])}.",
        )
    if md and as_json:
        raise ConfigError("--md and --json exclude each other; choose one.")
    if plot and "growth" not in (names or []):
        raise ConfigError(
            "--plot needs the workload growth.", hint="Run `zoo bench growth --plot FILE`."
        )
    names = list(dict.fromkeys(names or USUAL))
    workloads = [WORKLOADS[name] for name in names if name in WORKLOADS]
    peers = select_peers(None if against is None else [name.strip() for name in against.split(",")])
    machine_info = machine()
    datasets = {
        workload.data: options.load_data(workload.entry.data, data, offline=offline)
        for workload in workloads
    }
    rows: list[BenchRow | MissingPeer] = []
    for workload in workloads:
        print(f"zoo: {workload.name}, {workload.title}", file=sys.stderr)
        for row in compare(workload, datasets[workload.data], peers, rounds=rounds):
            rows.append(row)
            print(output.line(row), file=sys.stderr)
    comparisons = list(_commands(names, peers, data, rounds=rounds, offline=offline))
    measurements = _measure(names, plot, rounds=rounds)
    if as_json:
        tables = {
            "rows": [asdict(row) for row in rows if isinstance(row, BenchRow)],
            "absent": [asdict(row) for row in rows if not isinstance(row, BenchRow)],
            "commands": [asdict(row) for row in comparisons],
        }
        print(json.dumps({"machine": machine_info, **tables, **measurements}, indent=2))
    elif md:
        lines = [
            *(output.workloads_table(rows, workloads) if rows else ()),
            *output.commands_table(comparisons),
        ]
        lines += output.growth_table(measurements)
        print("\n".join([*lines, f"{output.machine_words(machine_info)}."]))
    else:
        output.show(rows, comparisons)
        print("\n".join([*output.growth_table(measurements), output.machine_words(machine_info)]))


def _commands(
    names: Sequence[str],
    peers: Sequence[str],
    data: Path | None,
    *,
    rounds: int,
    offline: bool,
) -> Iterator[CommandComparison]:
    from zoo.bench import commands
    from zoo.data.locations import locations_from_environment

    for name in names:
        if name == "start":
            _announce(name)
            yield from commands.starts(rounds=rounds)
        elif name == "train":
            _announce(name)
            locations = locations_from_environment(data, offline=offline)
            yield from commands.trainings(peers, locations, rounds=rounds)


def _measure(names: Sequence[str], plot: Path | None, *, rounds: int) -> dict[str, Any]:
    """Return the measurements without a peer: the growth."""
    from zoo.bench import scaling
    from zoo.files import write_atomically

    measurements: dict[str, Any] = {}
    if "growth" in names:
        _announce("growth")
        points = scaling.points(rounds=rounds)
        measurements["growth"] = [asdict(point) for point in points]
        if plot:
            write_atomically(plot, scaling.svg(points).encode())
    return measurements


def _announce(name: str) -> None:
    print(f"zoo: {name}, {COMMANDS[name]}", file=sys.stderr)
