"""`zoo bench`: the same workloads in zoo and in other libraries."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated

import typer

from . import options, pages, terminal
from .output import bench as output
from .output.result import write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zoo.bench.commands import CommandComparison
    from zoo.bench.run import BenchRow, MissingPeer
    from zoo.bench.workloads import Workload
    from zoo.data.locations import DataLocations

OTHER_WORKLOADS = {
    "start": "start-up time of short commands",
    "train": "complete `zoo train` commands of the entries with a claim",
    "growth": "the time of an epoch by examples, units, layers, batch, seeds",
}


def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORKLOAD",
            help="W1 to W6-one, start, train, growth. [default: W1 to W6-one]",
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
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE.svg", help="Draw growth as SVG.", dir_okay=False),
    ] = None,
    data: options.DataOption = None,
    offline: options.OfflineOption = False,
) -> None:
    """Benchmark the core against PyTorch, JAX and others."""
    from zoo.bench import commands, scaling
    from zoo.bench.environment import machine
    from zoo.bench.run import select_peers
    from zoo.bench.workloads import USUAL, WORKLOADS
    from zoo.data.locations import locations_from_environment
    from zoo.errors import ConfigError

    known = [*WORKLOADS, *OTHER_WORKLOADS]
    if unknown := [name for name in names or [] if name not in known]:
        raise ConfigError(
            f"There is no workload named {unknown[0]!r}.", hint=f"Choose one of {', '.join(known)}."
        )
    if plot and "growth" not in (names or []):
        raise ConfigError(
            "--plot needs the workload growth.", hint="Run `zoo bench growth --plot FILE`."
        )
    names = list(dict.fromkeys(names or USUAL))
    if not {"start", "train"}.isdisjoint(names):
        commands.check_can_measure()
    peers = select_peers(None if against is None else [name.strip() for name in against.split(",")])
    machine_info = machine()
    workloads = [WORKLOADS[name] for name in names if name in WORKLOADS]
    results = list(_compare_peers(workloads, peers, data, rounds=rounds, offline=offline))
    locations = locations_from_environment(data, offline=offline)
    comparisons = list(_compare_commands(names, peers, locations, rounds=rounds))
    points: list[scaling.ScalingPoint] = []
    if "growth" in names:
        _announce("growth", OTHER_WORKLOADS["growth"])
        points = scaling.points(rounds=rounds)
    if plot:
        pages.write_file(plot, scaling.svg(points))
    write(output.bench_result(machine_info, results, comparisons, points))


def _compare_peers(
    workloads: Sequence[Workload],
    peers: Sequence[str],
    data: Path | None,
    *,
    rounds: int,
    offline: bool,
) -> Iterator[BenchRow | MissingPeer]:
    from zoo.bench.run import compare

    datasets = {
        workload.data: options.load_data(workload.entry.data, data, offline=offline)
        for workload in workloads
    }
    for workload in workloads:
        _announce(workload.name, workload.title)
        for result in compare(workload, datasets[workload.data], peers, rounds=rounds):
            terminal.say(f"zoo:   {output.progress_words(result)}")
            yield result


def _compare_commands(
    names: Sequence[str], peers: Sequence[str], locations: DataLocations, *, rounds: int
) -> Iterator[CommandComparison]:
    from zoo.bench import commands

    if "start" in names:
        _announce("start", OTHER_WORKLOADS["start"])
        yield from commands.starts(rounds=rounds)
    if "train" in names:
        _announce("train", OTHER_WORKLOADS["train"])
        yield from commands.trainings(peers, locations, rounds=rounds)


def _announce(name: str, title: str) -> None:
    terminal.say(f"zoo: {name}, {title}")
