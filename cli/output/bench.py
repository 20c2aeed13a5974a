"""The output of `zoo bench`: tables of text, with the sentences below them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from zoo.control_characters import plain
from zoo.formatting import difference, timing

from .result import Result, Table, spaced

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zoo.bench.commands import CommandComparison
    from zoo.bench.run import BenchRow, MissingPeer
    from zoo.bench.scaling import ScalingPoint

MEGABYTE = 1e6


def bench_result(
    machine: dict[str, Any],
    results: Sequence[BenchRow | MissingPeer],
    comparisons: Sequence[CommandComparison],
    points: Sequence[ScalingPoint],
) -> Result:
    """Return the result of `zoo bench`."""
    from zoo.bench.run import MissingPeer

    missing = [result for result in results if isinstance(result, MissingPeer)]
    facts: dict[str, Any] = {
        "machine": machine,
        "rows": [asdict(row) for row in _timed(results)],
        "absent": [asdict(row) for row in missing],
        "commands": [asdict(row) for row in comparisons],
    }
    if points:
        facts["growth"] = [asdict(point) for point in points]
    sizes = [{"name": f"{point.sweep} {point.at}"} | asdict(point) for point in points]
    rows = [{"name": row["workload"]} | row for row in facts["rows"] + facts["commands"]] + sizes
    machine_note = Table((), (), notes=[machine_words(machine)])
    others = (commands_table(comparisons), growth_table(points), machine_note)
    return Result(
        facts,
        rows=rows,
        tables=[workloads_table(results), *others],
        page=lambda: spaced([peers_table(results), *others]),
        names=list(dict.fromkeys(row["name"] for row in rows)),
    )


def peers_table(results: Sequence[BenchRow | MissingPeer]) -> Table:
    """Return the table with one row per workload and peer, which fits a terminal."""
    from zoo.bench.run import TITLES

    columns = ("workload", "against", "zoo", "peer", "ratio")
    cells = [
        (
            row.workload,
            f"{TITLES[row.peer]} {row.version}",
            timing(row.zoo_seconds),
            timing(row.seconds),
            _ratio(row),
        )
        for row in _timed(results)
    ]
    return Table(columns, cells, columns[2:], notes=list(_notes(results)))


def workloads_table(results: Sequence[BenchRow | MissingPeer]) -> Table:
    """Return the table with one row per workload and one column per peer."""
    from zoo.bench.run import TITLES
    from zoo.bench.workloads import WORKLOADS

    rows = _timed(results)
    peers = list(dict.fromkeys(row.peer for row in rows))
    numbers = ("zoo", *(TITLES[peer] for peer in peers))
    cells: list[list[str]] = []
    for name in dict.fromkeys(row.workload for row in rows):
        by_peer = {row.peer: row for row in rows if row.workload == name}
        zoo = timing(next(iter(by_peer.values())).zoo_seconds)
        ratios = [_ratio(by_peer[peer]) if peer in by_peer else "" for peer in peers]
        cells.append([f"{name}: {WORKLOADS[name].title}", zoo, *ratios])
    return Table(("workload", *numbers), cells, numbers, notes=list(_notes(results)))


def commands_table(comparisons: Sequence[CommandComparison]) -> Table:
    """Return the table with one row per command and peer."""
    from zoo.bench.run import TITLES

    columns = ("command", "against", "zoo", "peer", "ratio", "processor", "peak memory")
    cells = [
        (
            row.workload,
            TITLES.get(row.peer, row.peer),
            timing(row.zoo_seconds),
            timing(row.seconds),
            f"{row.ratio:.2f}",
            f"{timing(row.zoo_processor)}, {timing(row.processor)}",
            f"{row.zoo_peak / MEGABYTE:,.0f}, {row.peak / MEGABYTE:,.0f} MB",
        )
        for row in comparisons
    ]
    return Table(columns, cells, columns[2:])


def growth_table(points: Sequence[ScalingPoint]) -> Table:
    """Return the table with one row per sweep: each size with its time and the exponent."""
    from zoo.bench import scaling

    cells: list[tuple[str, str]] = []
    for sweep in dict.fromkeys(point.sweep for point in points):
        first = next(point for point in points if point.sweep == sweep)
        times = [f"{first.at:,}: {timing(first.seconds)}"]
        for _, other, power in scaling.slopes(points, sweep):
            times.append(f"{other.at:,}: {timing(other.seconds)} ({power:+.2f})")
        cells.append((sweep, ", ".join(times)))
    title = "time of an epoch at each size, and the exponent of its growth"
    return Table(("parameter", title), cells)


def progress_words(result: BenchRow | MissingPeer) -> str:
    """Return the result of one workload and peer in a line."""
    from zoo.bench.run import TITLES, BenchRow

    if isinstance(result, BenchRow):
        return f"{TITLES[result.peer]} {_ratio(result)}"
    return f"{TITLES[result.peer]} is not timed: {plain(result.reason)}"


def machine_words(machine: dict[str, Any]) -> str:
    """Return the description of the machine."""
    return (
        f"{machine['processor'] or machine['system']}, {machine['cores']} cores, Python "
        f"{machine['python']}, NumPy {machine['numpy']}, {machine['blas']}, "
        f"{machine['kernel']} kernel; one thread each."
    )


def _timed(results: Sequence[BenchRow | MissingPeer]) -> list[BenchRow]:
    from zoo.bench.run import BenchRow

    return [result for result in results if isinstance(result, BenchRow)]


def _ratio(row: BenchRow) -> str:
    mark = "*" if row.differs else ""
    return f"{row.ratio:.2f}{mark} ({row.low:.2f}-{row.high:.2f})"


def _notes(results: Sequence[BenchRow | MissingPeer]) -> Iterator[str]:
    """Yield what the ratios mean, what differs, what is not timed, and why."""
    from zoo.bench.run import TITLES

    if rows := _timed(results):
        yield "Each is the peer's time over zoo's, the median of the rounds (minimum and maximum)."
        if equal := [row for row in rows if not row.differs]:
            accuracy = max(abs(row.accuracy - row.zoo_accuracy) for row in equal)
            farthest = max(row.difference for row in equal)
            yield (
                f"Accuracies differ by at most {difference(accuracy)}, "
                f"parameters, or predicted probabilities, by at most {difference(farthest)}."
            )
        differences = dict.fromkeys(
            f"{TITLES[row.peer]} {word}" for row in rows for word in row.differs
        )
        if differences:
            yield f"* is not the same work: {'; '.join(differences)}."
        yield _preparation(rows)
    yield from _reasons(results)


def _preparation(rows: Sequence[BenchRow]) -> str:
    """Return the time that is not measured: reading the data, compiling, the first round."""
    from zoo.bench.run import TITLES

    longest = {"zoo": max(row.zoo_prepared + row.zoo_first for row in rows)}
    for row in rows:
        title = TITLES[row.peer]
        longest[title] = max(longest.get(title, 0), row.prepared + row.first)
    listed = ", ".join(f"{title} {timing(seconds)}" for title, seconds in longest.items())
    return f"Preparation and the first round, which are not measured, took at most: {listed}."


def _reasons(results: Sequence[BenchRow | MissingPeer]) -> Iterator[str]:
    """Yield one sentence for each reason why a peer is not timed."""
    from zoo.bench.run import TITLES, MissingPeer

    workloads_by_reason: dict[tuple[str, str], list[str]] = {}
    for result in results:
        if isinstance(result, MissingPeer):
            reason = plain(result.reason)
            workloads_by_reason.setdefault((result.peer, reason), []).append(result.workload)
    for (peer, reason), workloads in workloads_by_reason.items():
        yield f"{TITLES[peer]} is not timed at {', '.join(workloads)}: {reason}."
