"""How `zoo bench` shows what it found: tables for a terminal, and in Markdown."""

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
GIGA = 1e9


def more_tables(others: dict[str, Any]) -> Iterator[str]:
    """Yield the tables of what is no comparison."""
    yield from _shares_table(others)
    yield from _limits_table(others)
    yield from _growth_table(others)


def _shares_table(others: dict[str, Any]) -> Iterator[str]:
    if shares := others.get("shares"):
        parts = list(next(iter(shares.values())))
        yield f"| `zoo train` | {' | '.join(parts)} | in all |"
        yield f"|---|{'---:|' * (len(parts) + 1)}"
        for name, seconds in shares.items():
            whole = sum(seconds.values())
            cells = [f"{seconds[part] / whole:.1%}" for part in parts]
            yield f"| {name} | {' | '.join(cells)} | {timing(whole)} |"
        yield ""


def _limits_table(others: dict[str, Any]) -> Iterator[str]:
    from zoo.bench.roofline import Limit

    found = [Limit(**one) for one in others.get("limits", ())]
    if found:
        yield f"A product of 1,500 x 1,500 runs at {found[0].peak / GIGA:.0f} GFLOP/s."
        yield ""
        yield "| a step of | MFLOP | time | GFLOP/s | of that | calls |"
        yield "|---|---:|---:|---:|---:|---:|"
    for one in found:
        yield (
            f"| {one.workload} | {one.operations / 1e6:,.1f} | {timing(one.seconds)} "
            f"| {one.speed / GIGA:.0f} | {one.speed / one.peak:.0%} | {one.calls:,} |"
        )
    if found:
        yield ""


def _growth_table(others: dict[str, Any]) -> Iterator[str]:
    """Yield a line a sweep: each place with its time, and between two the power of growth."""
    from zoo.bench import scaling

    points = [scaling.ScalingPoint(**one) for one in others.get("growth", ())]
    if points:
        yield "| what grows | an epoch at each size, and the power by which it grew from the last |"
        yield "|---|---|"
    for sweep in dict.fromkeys(one.sweep for one in points):
        first = next(one for one in points if one.sweep == sweep)
        said = [f"{first.at:,}: {timing(first.seconds)}"]
        for _, other, power in scaling.slopes(points, sweep):
            said.append(f"{other.at:,}: {timing(other.seconds)} ({power:+.2f})")
        yield f"| {sweep} | {', '.join(said)} |"
    if points:
        yield ""


def show(found: Sequence[BenchRow | MissingPeer], standings: Sequence[CommandComparison]) -> None:
    """Draw the comparisons for a terminal."""
    from zoo.bench.run import TITLES, BenchRow

    from . import tables

    rows = [one for one in found if isinstance(one, BenchRow)]
    if rows:
        names = ("workload", "against", "zoo", "theirs", "ratio", "of rounds", "accuracy", "")
        table = tables.table(*names, right=names[2:7])
        for one in rows:
            table.add_row(
                one.workload,
                f"{TITLES[one.peer]} {one.version}",
                timing(one.zoo_seconds),
                timing(one.seconds),
                f"[bold]{one.ratio:.2f}[/bold]",
                f"{one.low:.2f} to {one.high:.2f}",
                f"{one.zoo_accuracy:.2%} {one.accuracy:.2%}",
                ", ".join(one.differs) or f"parameters within {difference(one.difference)}",
            )
        options.terminal(table)
        print(_ready(rows))
    for reason in _reasons(found):
        print(reason)
    if standings:
        names = ("command", "against", "zoo", "theirs", "ratio", "of rounds", "processor", "memory")
        table = tables.table(*names, right=names[2:])
        for other in standings:
            table.add_row(
                other.workload,
                TITLES.get(other.peer, other.peer),
                timing(other.zoo_seconds),
                timing(other.seconds),
                f"[bold]{other.ratio:.2f}[/bold]",
                f"{other.low:.2f} to {other.high:.2f}",
                f"{timing(other.zoo_processor)}, {timing(other.processor)}",
                f"{other.zoo_peak / MEGABYTE:,.0f}, {other.peak / MEGABYTE:,.0f} MB",
            )
        options.terminal(table)


def line(one: BenchRow | MissingPeer) -> str:
    """Return what came of one peer at one workload, as it is told at once."""
    from zoo.bench.run import TITLES, BenchRow

    from . import tables

    if isinstance(one, BenchRow):
        return f"zoo:   {TITLES[one.peer]} {_cell(one)}"
    return f"zoo:   {TITLES[one.peer]} is not timed: {tables.plain(one.reason)}"


def _ready(rows: Sequence[BenchRow]) -> str:
    """Return what lay outside the clock: reading the rows in, compiling, a first round."""
    from zoo.bench.run import TITLES

    most = {"zoo": max(one.zoo_prepared + one.zoo_first for one in rows)}
    for one in rows:
        title = TITLES[one.peer]
        most[title] = max(most.get(title, 0), one.prepared + one.first)
    told = ", ".join(f"{title} {timing(seconds)}" for title, seconds in most.items())
    return f"Outside the clock, getting ready and a first round took at most: {told}."


def _reasons(found: Sequence[BenchRow | MissingPeer]) -> Iterator[str]:
    """Yield a sentence for each reason why some are not timed."""
    from zoo.bench.run import TITLES, BenchRow

    from . import tables

    where: dict[tuple[str, str], list[str]] = {}
    for one in found:
        if not isinstance(one, BenchRow):
            where.setdefault((one.peer, tables.plain(one.reason)), []).append(one.workload)
    for (peer, reason), workloads in where.items():
        yield f"{TITLES[peer]} is not timed at {', '.join(workloads)}: {reason}."


def machine_words(known: dict[str, Any]) -> str:
    """Return what the numbers were taken on."""
    return (
        f"{known['processor'] or known['system']}, {known['cores']} cores, Python "
        f"{known['python']}, NumPy {known['numpy']}, {known['blas']}, {known['kernel']} kernel; "
        "one thread each"
    )


def workloads_table(
    found: Sequence[BenchRow | MissingPeer], workloads: Sequence[Workload]
) -> Iterator[str]:
    """Yield a table with a line a workload and a column a peer."""
    from zoo.bench.run import TITLES, BenchRow

    rows = [one for one in found if isinstance(one, BenchRow)]
    if not rows:
        yield from (*_reasons(found), "")
        return
    peers = list(dict.fromkeys(one.peer for one in rows))
    yield f"| workload | zoo | {' | '.join(TITLES[peer] for peer in peers)} |"
    yield f"|---|---:|{'---:|' * len(peers)}"
    for workload in workloads:
        here = {one.peer: one for one in rows if one.workload == workload.name}
        zoo = timing(next(iter(here.values())).zoo_seconds) if here else ""
        cells = [_cell(here[peer]) if peer in here else "" for peer in peers]
        yield f"| {workload.name}: {workload.title} | {zoo} | {' | '.join(cells)} |"
    yield ""
    same = [one for one in rows if not one.differs]
    yield "Each is the peer's time over zoo's, the median of the rounds (the least and the most)."
    if same:
        farthest = max(one.difference for one in same)
        yield (
            f"Accuracies differ by at most {difference(max(map(_apart, same)))}, parameters, or "
            f"probabilities of answers, by at most {difference(farthest)}."
        )
    marked = dict.fromkeys(f"{TITLES[one.peer]} {word}" for one in rows for word in one.differs)
    if marked:
        yield f"* is not the same work: {'; '.join(marked)}."
    yield from (_ready(rows), *_reasons(found), "")


def _apart(one: BenchRow) -> float:
    return abs(one.accuracy - one.zoo_accuracy)


def _cell(one: BenchRow) -> str:
    mark = "*" if one.differs else ""
    return f"{one.ratio:.2f}{mark} ({one.low:.2f}-{one.high:.2f})"


def commands_table(standings: Sequence[CommandComparison]) -> Iterator[str]:
    """Yield a line a command and peer."""
    from zoo.bench.run import TITLES

    if standings:
        yield "| command | against | zoo | theirs | ratio | processor | peak memory |"
        yield "|---|---|---:|---:|---:|---:|---:|"
    for one in standings:
        yield (
            f"| {one.workload} | {TITLES.get(one.peer, one.peer)} | {timing(one.zoo_seconds)} "
            f"| {timing(one.seconds)} | {one.ratio:.2f} | {timing(one.zoo_processor)}, "
            f"{timing(one.processor)} | {one.zoo_peak / MEGABYTE:,.0f}, "
            f"{one.peak / MEGABYTE:,.0f} MB |"
        )
    if standings:
        yield ""
