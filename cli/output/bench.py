"""The output of `zoo bench`: tables for the terminal and in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.formatting import difference, timing

from .. import options

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zoo.bench.commands import CommandComparison
    from zoo.bench.run import BenchRow, MissingPeer
    from zoo.bench.workloads import Workload

MEGABYTE = 1e6


def growth_table(measurements: dict[str, Any]) -> Iterator[str]:
    """Yield one line per sweep: each size with its time and the exponent of its growth."""
    from zoo.bench import scaling

    points = [scaling.ScalingPoint(**point) for point in measurements.get("growth", ())]
    if points:
        yield "| parameter | time of an epoch at each size, and the exponent of its growth |"
        yield "|---|---|"
    for sweep in dict.fromkeys(point.sweep for point in points):
        first = next(point for point in points if point.sweep == sweep)
        cells = [f"{first.at:,}: {timing(first.seconds)}"]
        for _, other, power in scaling.slopes(points, sweep):
            cells.append(f"{other.at:,}: {timing(other.seconds)} ({power:+.2f})")
        yield f"| {sweep} | {', '.join(cells)} |"
    if points:
        yield ""


def show(
    results: Sequence[BenchRow | MissingPeer], comparisons: Sequence[CommandComparison]
) -> None:
    """Print the comparisons in the terminal."""
    from zoo.bench.run import TITLES, BenchRow

    from . import tables

    rows = [row for row in results if isinstance(row, BenchRow)]
    if rows:
        names = ("workload", "against", "zoo", "peer", "ratio", "range", "accuracy", "")
        table = tables.table(*names, right=names[2:7])
        for row in rows:
            table.add_row(
                row.workload,
                f"{TITLES[row.peer]} {row.version}",
                timing(row.zoo_seconds),
                timing(row.seconds),
                f"[bold]{row.ratio:.2f}[/bold]",
                f"{row.low:.2f} to {row.high:.2f}",
                f"{row.zoo_accuracy:.2%} {row.accuracy:.2%}",
                ", ".join(row.differs) or f"parameters within {difference(row.difference)}",
            )
        options.terminal(table)
        print(_preparation(rows))
    for reason in _reasons(results):
        print(reason)
    if comparisons:
        names = ("command", "against", "zoo", "peer", "ratio", "range", "processor", "memory")
        table = tables.table(*names, right=names[2:])
        for comparison in comparisons:
            table.add_row(
                comparison.workload,
                TITLES.get(comparison.peer, comparison.peer),
                timing(comparison.zoo_seconds),
                timing(comparison.seconds),
                f"[bold]{comparison.ratio:.2f}[/bold]",
                f"{comparison.low:.2f} to {comparison.high:.2f}",
                f"{timing(comparison.zoo_processor)}, {timing(comparison.processor)}",
                f"{comparison.zoo_peak / MEGABYTE:,.0f}, {comparison.peak / MEGABYTE:,.0f} MB",
            )
        options.terminal(table)


def line(result: BenchRow | MissingPeer) -> str:
    """Return the line of one peer and workload, printed as soon as it is measured."""
    from zoo.bench.run import TITLES, BenchRow

    from . import tables

    if isinstance(result, BenchRow):
        return f"zoo:   {TITLES[result.peer]} {_cell(result)}"
    return f"zoo:   {TITLES[result.peer]} is not timed: {tables.plain(result.reason)}"


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
    from zoo.bench.run import TITLES, BenchRow

    from . import tables

    workloads_by_reason: dict[tuple[str, str], list[str]] = {}
    for result in results:
        if not isinstance(result, BenchRow):
            workloads_by_reason.setdefault((result.peer, tables.plain(result.reason)), []).append(
                result.workload
            )
    for (peer, reason), workloads in workloads_by_reason.items():
        yield f"{TITLES[peer]} is not timed at {', '.join(workloads)}: {reason}."


def machine_words(machine: dict[str, Any]) -> str:
    """Return the description of the machine."""
    return (
        f"{machine['processor'] or machine['system']}, {machine['cores']} cores, Python "
        f"{machine['python']}, NumPy {machine['numpy']}, {machine['blas']}, "
        f"{machine['kernel']} kernel; one thread each"
    )


def workloads_table(
    results: Sequence[BenchRow | MissingPeer], workloads: Sequence[Workload]
) -> Iterator[str]:
    """Yield a Markdown table with one row per workload and one column per peer."""
    from zoo.bench.run import TITLES, BenchRow

    rows = [row for row in results if isinstance(row, BenchRow)]
    if not rows:
        yield from (*_reasons(results), "")
        return
    peers = list(dict.fromkeys(row.peer for row in rows))
    yield f"| workload | zoo | {' | '.join(TITLES[peer] for peer in peers)} |"
    yield f"|---|---:|{'---:|' * len(peers)}"
    for workload in workloads:
        by_peer = {row.peer: row for row in rows if row.workload == workload.name}
        zoo = timing(next(iter(by_peer.values())).zoo_seconds) if by_peer else ""
        cells = [_cell(by_peer[peer]) if peer in by_peer else "" for peer in peers]
        yield f"| {workload.name}: {workload.title} | {zoo} | {' | '.join(cells)} |"
    yield ""
    equal = [row for row in rows if not row.differs]
    yield "Each is the peer's time over zoo's, the median of the rounds (minimum and maximum)."
    if equal:
        farthest = max(row.difference for row in equal)
        yield (
            f"Accuracies differ by at most {difference(max(map(_accuracy_difference, equal)))}, "
            f"parameters, or predicted probabilities, by at most {difference(farthest)}."
        )
    differences = dict.fromkeys(
        f"{TITLES[row.peer]} {word}" for row in rows for word in row.differs
    )
    if differences:
        yield f"* is not the same work: {'; '.join(differences)}."
    yield from (_preparation(rows), *_reasons(results), "")


def _accuracy_difference(row: BenchRow) -> float:
    return abs(row.accuracy - row.zoo_accuracy)


def _cell(row: BenchRow) -> str:
    mark = "*" if row.differs else ""
    return f"{row.ratio:.2f}{mark} ({row.low:.2f}-{row.high:.2f})"


def commands_table(comparisons: Sequence[CommandComparison]) -> Iterator[str]:
    """Yield a Markdown table with one row per command and peer."""
    from zoo.bench.run import TITLES

    if comparisons:
        yield "| command | against | zoo | peer | ratio | processor | peak memory |"
        yield "|---|---|---:|---:|---:|---:|---:|"
    for row in comparisons:
        yield (
            f"| {row.workload} | {TITLES.get(row.peer, row.peer)} | {timing(row.zoo_seconds)} "
            f"| {timing(row.seconds)} | {row.ratio:.2f} | {timing(row.zoo_processor)}, "
            f"{timing(row.processor)} | {row.zoo_peak / MEGABYTE:,.0f}, "
            f"{row.peak / MEGABYTE:,.0f} MB |"
        )
    if comparisons:
        yield ""
