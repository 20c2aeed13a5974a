"""What is shown: functions from results to strings and tables; none of them prints."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from zoo.analysis.statistics import mean_words
from zoo.config.dataset_info import SOURCES, describe_size
from zoo.config.packages import folder_of
from zoo.config.plugins import BUILTIN_DISTRIBUTION
from zoo.formatting import difference, percent, rate, setting

if TYPE_CHECKING:  # these bring NumPy along, which `zoo list` must not
    from collections.abc import Iterable, Mapping, Sequence

    from zoo.analysis.statistics import Summary
    from zoo.config.base import ConfigModel
    from zoo.config.catalog import CatalogEntry
    from zoo.config.entry import Claim, Entry, TrainConfig
    from zoo.config.results import Result
    from zoo.training.recorder import TrainingResult
    from zoo.training.run import MetricsRow, Run

WIDE = 100  # columns in which an entry fits on one line


def table(*columns: str, right: Sequence[str] = ()) -> Table:
    """Return an empty table without lines; the columns in `right` hold numbers."""
    made = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name in columns:
        made.add_column(name, justify="right" if name in right else "left", overflow="fold")
    return made


def plain(text: str) -> str:
    """Return the text without what could move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    byte = ord(letter) - 0xDC00  # how Python carries such a byte in a file's name
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else repr(letter)[1:-1]


def claim_words(claim: Claim | None) -> str:
    """Return such as "95.4% test"."""
    return f"{percent(claim.value)} {claim.split}" if claim else "-"


def summary_words(summary: Summary | None) -> str:
    """Return such as "94.9 ± 0.8% (20)", the number of seeds in brackets."""
    return f"{mean_words(summary)} ({summary.n})" if summary else "-"


def length_words(train: TrainConfig) -> str:
    """Return such as "2,000 iterations" or "10 epochs, batch 64"."""
    words = f"{train.length:,} {train.unit}{'' if train.length == 1 else 's'}"
    return f"{words}, batch {train.batch:,}" if train.batch else words


def entries(listed: Iterable[tuple[CatalogEntry, Summary | None]], *, width: int) -> Table:
    """Return the table of `zoo list`; where it is narrow, what belongs together is stacked."""
    rows = list(listed)
    foreign = any(not one.provider.startswith(f"{BUILTIN_DISTRIBUTION} ") for one, _ in rows)
    columns = ["name", "network", "data", "training", "params", "claim", "ours", "from"]
    lines = [_entry_cells(one, reproduced) for one, reproduced in rows]
    if not foreign:
        columns, lines = columns[:-1], [line[:-1] for line in lines]
    if width < WIDE:
        columns, *lines = (_stacked(line) for line in (columns, *lines))
    made = table(*columns, right=("params",))
    made.columns[0].min_width = max((len(one.entry.name) for one, _ in rows), default=0)
    for name, *rest in lines:
        made.add_row(re.sub(r"^\S+", r"[bold]\g<0>[/bold]", name), *rest)
    return made


def _entry_cells(one: CatalogEntry, reproduced: Summary | None) -> list[str]:
    entry = one.entry
    return [
        escape(entry.name),
        entry.architecture,
        entry.data.kind,
        length_words(entry.train),
        entry.describe_parameters,
        claim_words(entry.claim),
        summary_words(reproduced),
        escape(one.provider),
    ]


def _stacked(cells: list[str]) -> list[str]:
    """Return a line of the list for a narrow terminal: two lines, and two columns less."""
    name, network, data, training, params, claim, ours, *provider = cells
    stacked = ["\n".join(words.rsplit(" ", 1)) for words in (claim, ours)]
    return ["\n".join([name, *provider]), f"{network}\n{params}", data, training, *stacked]


def entry_facts(listed: CatalogEntry, reproduced: Summary | None) -> dict[str, Any]:
    """Return the object that `zoo list --json` prints for an entry."""
    entry = listed.entry
    claim = entry.claim and {
        "value": entry.claim.value,
        "split": entry.claim.split,
        "quote": entry.claim.quote,
        "source": entry.origin and (entry.origin.url or entry.origin.title),
    }
    return {
        "name": entry.name,
        "summary": entry.summary,
        "network": entry.architecture,
        "data": entry.data.kind,
        "training": length_words(entry.train),
        "parameters": entry.parameters,
        "claim": claim,
        "reproduced": reproduced
        and {"mean": reproduced.mean, "sd": reproduced.sd, "n": reproduced.n},
        "provider": listed.provider,
    }


def entry_page(
    listed: CatalogEntry, results: Sequence[Result], reproduced: Summary | None
) -> Group:
    """Return the page of `zoo show`."""
    entry = listed.entry
    parts: list[Any] = [
        Text.assemble((entry.name, "bold"), f"  {entry.architecture}"),
        entry.summary,
    ]
    if entry.variant_of:
        parts.append(f"The architecture of {entry.variant_of}, trained otherwise.")
    if entry.origin:
        origin = entry.origin
        by = "" if origin.author == "not named" else f" by {origin.author}"
        parts += [_heading("README"), _indent(f"{origin.title}{by}")]
        if origin.url:
            parts.append(_indent(origin.url))
        parts.append(_indent(f"licence: {origin.licence}"))
    if entry.claim:
        claim = entry.claim
        parts.append(_indent(f"“{claim.quote}”"))
        parts.append(
            _indent(
                f"claim: {percent(claim.value)} on the {claim.split} split, "
                f"give or take {percent(claim.tolerance)}"
            )
        )
    parts.append(_heading("Reproduced" if entry.claim else "Reached"))
    if reproduced:
        verdict = f": {entry.claim.verdict(reproduced.mean)}" if entry.claim else ""
        parts.append(
            _indent(f"{summary_words(reproduced)} seeds on {entry.evaluation_split}{verdict}")
        )
        seeds = [result.seed for result in results]
        parts.append(_indent(f"with {results[0].versions}"))
        parts.append(_indent(f"seed {results[0].seed} has the weights {results[0].fingerprint}"))
        parts.append(_indent(f"again: zoo train {entry.name} --seeds {','.join(map(str, seeds))}"))
    else:
        parts.append(_indent(f"nothing on record; zoo train {entry.name}"))
    if entry.weights:
        folder = folder_of(entry.weights.package) or Path(entry.weights.package)
        parts += [
            _heading("Weights"),
            _indent(str(folder / entry.weights.file)),
            _indent(
                f"zoo predict {entry.name} {entry.data.source.example} · zoo evaluate {entry.name}"
            ),
        ]
    parts += [_heading("Network"), Padding(_layers(entry), (0, 0, 0, 2))]
    parts += [_heading("Recipe"), Padding(_recipe(entry), (0, 0, 0, 2))]
    parts += [
        _heading("Data"),
        _indent(f"{entry.data.source.title}; licence: {entry.data.source.licence}"),
        _indent(f"from {listed.provider}: {listed.path}"),
    ]
    return Group(*parts)


def _heading(words: str) -> Padding:
    return Padding(Text(words, style="bold"), (1, 0, 0, 0))


def _indent(words: str) -> Padding:
    return Padding(Text(words), (0, 0, 0, 2))


def _layers(entry: Entry) -> Table:
    made = table("layer", "in", "out", "parameters", right=("in", "out", "parameters"))
    for placed in entry.layers:
        made.add_row(
            _compact(placed.layer),
            str(placed.inputs),
            str(placed.outputs),
            "?" if getattr(placed.layer, "has_parameters", False) else f"{placed.parameters:,}",
        )
    made.add_row("softmax", str(entry.data.source.classes), str(entry.data.source.classes), "0")
    made.add_row("[bold]in all[/bold]", "", "", f"[bold]{entry.describe_parameters}[/bold]")
    return made


def _recipe(entry: Entry) -> Table:
    made = table("key", "value", "from")
    for section in ("data", "preprocess", "network", "train"):
        for key, value in settings(getattr(entry, section), section):
            made.add_row(key, escape(value), "README" if entry.is_explicit(key) else "ours")
    return made


def settings(section: ConfigModel, name: str) -> Iterable[tuple[str, str]]:
    """Yield each key that the entry sets, with its value; a table of one kind stays together."""
    for field in type(section).model_fields:
        value, key = getattr(section, field), f"{name}.{field}"
        if field not in section.model_fields_set:
            continue
        if key == "data.split":
            yield from settings(value, key)
        elif isinstance(value, tuple):
            yield key, ", ".join(map(_compact, value)) or "none"
        else:
            yield key, _compact(value)


def _compact(value: Any) -> str:
    """Return such as "normal (std 0.01)" for a table with a kind, and a number as it is."""
    kind = getattr(value, "kind", None)
    if kind is None:
        return setting(value)
    fields = [name for name in type(value).model_fields if name != "kind"]
    set_here = {name: getattr(value, name) for name in fields if name in value.model_fields_set}
    set_here |= getattr(value, "options", {})
    return _kind_words(kind, set_here)


def _kind_words(kind: str, options: dict[str, Any]) -> str:
    words = ", ".join(f"{name} {setting(value)}" for name, value in options.items())
    return f"{kind} ({words})" if options else kind


def row_line(row: MetricsRow, train: TrainConfig, *, held_out: str | None) -> str:
    """Return the line of an epoch, or of an iteration: always as wide, so that it reads down."""
    of = train.length
    line = (
        f"{train.unit} {row.number:>{len(str(of))}}/{of}  rate {rate(row.rate)}"
        f"  loss {row.train_loss:.4f}  training {100 * row.train_accuracy:5.2f}%"
    )
    if held_out and row.held_out_accuracy is not None:
        line += f"  {held_out} {100 * row.held_out_accuracy:5.2f}%"
    return line


def outcome_lines(entry: Entry, outcome: TrainingResult) -> str:
    """Return the short summary at the end of a training."""
    lines = []
    if outcome.changes:
        lines.append(f"changed  {changes_words(outcome.changes, entry.claim)}")
    if entry.claim:
        lines.append(f"README   {percent(entry.claim.value)} on {entry.claim.split}")
    n = outcome.scores[outcome.split].n
    verdict = f": {outcome.verdict}" if outcome.verdict else ""
    lines.append(
        f"ours     {percent(outcome.accuracy)} on {outcome.split}, "
        f"{n:,} {entry.data.source.noun}s{verdict}"
    )
    others = [
        f"{percent(score.accuracy)} on {name}"
        for name, score in outcome.scores.items()
        if name != outcome.split
    ]
    if others:
        lines.append(f"also     {', '.join(others)}")
    lines.append(f"data     {plain(outcome.source)}")
    lines.append(f"weights  {outcome.fingerprint} after {outcome.seconds:.2f} s")
    lines.append(f"run      {outcome.run.path}")
    path = shlex.quote(str(outcome.run.path))
    lines.append(f"next     zoo evaluate {path} · zoo predict {path} {entry.data.source.example}")
    lines.append(f"         zoo resume {path} --epochs {2 * entry.train.length}")
    return "\n".join(lines)


def changes_words(changes: Mapping[str, object], claim: Claim | None) -> str:
    """Return what was changed of a recipe, and whether a README's claim still speaks of it."""
    words = ", ".join(f"{key} {changed_words(value)}" for key, value in changes.items())
    return f"{words}: this is not the entry's recipe any more" if claim else words


def changed_words(value: object) -> str:
    """Return such as "adamw (decay 0.05)" for a kind, and any other value as it is."""
    if isinstance(value, dict) and "kind" in value:
        return _kind_words(
            value["kind"], {name: option for name, option in value.items() if name != "kind"}
        )
    return "none" if value is None else setting(value)


def seed_line(entry: Entry, outcome: TrainingResult) -> str:
    """Return the line of one of several seeds."""
    return (
        f"{entry.name} seed {entry.train.seed}: {percent(outcome.accuracy)} on {outcome.split}, "
        f"weights {outcome.fingerprint}, {outcome.seconds:.2f} s, {outcome.run.path}"
    )


def seeds_lines(entry: Entry, summary: Summary, split: str) -> str:
    """Return what several seeds come to."""
    lines = [f"{entry.name}: {summary_words(summary)} seeds on {split}"]
    if entry.claim:
        verdict = entry.claim.verdict(summary.mean)
        lines.append(
            f"README: {claim_words(entry.claim)}, give or take "
            f"{percent(entry.claim.tolerance)}: {verdict}"
        )
    return "\n".join(lines)


def plan_page(entry: Entry, *, seeds: Sequence[int], needed: int) -> Group:
    """Return what `zoo train --dry-run` shows."""
    rows = entry.data.train_rows
    batch = entry.train.batch or rows
    plan = table("plan", "")
    plan.add_row("seeds", ", ".join(map(str, seeds)))
    plan.add_row("examples", f"{rows:,} of {entry.data.source.title}")
    plan.add_row("batch", f"{batch:,}" if entry.train.batch else f"{batch:,}, all at once")
    plan.add_row("steps", f"{entry.train.steps(rows):,} ({length_words(entry.train)})")
    plan.add_row("memory", f"about {needed / 1e6:,.0f} MB")
    parts = [_heading(entry.name), Padding(_layers(entry), (0, 0, 0, 2)), _heading("Recipe")]
    return Group(*parts, Padding(_recipe(entry), (0, 0, 0, 2)), plan, "Nothing was trained.")


def export_facts(path: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the object that `zoo export --json` prints for a file."""
    known = {key: value for key, value in facts.items() if key != "examples"}
    return {"path": str(path), **known}


def export_lines(path: Path, facts: dict[str, Any]) -> str:
    """Return what is said of a file that was written: what it is, and who agreed."""
    lines = [f"{plain(str(path))}: {facts['size']:,} bytes"]
    if "verified" not in facts:
        return lines[0]
    lines[0] += f", opset {facts['opset']}, IR {facts['ir']}"
    verified = facts["verified"]
    count = verified["count"]
    things = "rows" if facts["inputs"][0]["name"] == "rows" else "pictures"
    lines.append(f"  tried on {count:,} {things}, {verified['pictures']}: every label is the same")
    names = [
        f"{one['name']} {one['version']}"
        for key in ("runtimes", "skipped")
        for one in verified[key]
    ]
    found = [
        f"largest difference {difference(one['largest_difference'])}"
        for one in verified["runtimes"]
    ]
    found += [f"not asked, since {one['reason']}" for one in verified["skipped"]]
    width = max(map(len, names))
    lines += [
        f"    {plain(name):<{width}}  {plain(said)}"
        for name, said in zip(names, found, strict=True)
    ]
    if cost := verified["int8_cost"]:
        lines.append(
            f"  int8 changes a probability by at most {difference(cost['difference'])}, "
            f"and {cost['labels']:,} of {count:,} labels"
        )
    return "\n".join(lines)


def data_table(where: dict[str, str | None]) -> Table:
    """Return the table of `zoo data list`: where each dataset is, or how it comes here."""
    made = table("name", "pictures", "shape", "licence", "where", right=("pictures",))
    for source in SOURCES.values():
        made.add_row(
            source.name,
            f"{source.train + source.test:,}",
            describe_size(source.shape),
            source.licence,
            Text(where[source.name] or f"not here: `{source.remedy}`"),
        )
    return made


def run_table(facts: Iterable[tuple[str, str, dict[str, Any]]]) -> Table:
    """Return the table of `zoo runs`: name, status and facts of each."""
    made = table("run", "status", "accuracy", "verdict", "seconds", "started", right=("seconds",))
    rows = list(facts)
    made.columns[0].min_width = max(len(name) for name, _, _ in rows)
    for name, status, one in rows:
        accuracy, seconds = one.get("accuracy"), one.get("seconds")
        made.add_row(
            f"[bold]{escape(name)}[/bold]",
            escape(plain(status)),
            escape(plain(f"{percent(accuracy)} {one['split']}")) if accuracy is not None else "",
            escape(plain(one.get("verdict") or "") + (" (changed)" if one["changes"] else "")),
            f"{seconds:.1f}" if seconds is not None else "",
            escape(plain(one["started"][:16].replace("T", " "))),
        )
    return made


def run_page(run: Run, status: str, facts: dict[str, Any]) -> Group:
    """Return the page of `zoo runs show`."""
    made = table("fact", "value")
    made.add_row("status", escape(plain(status)))
    for key, value in _flatten(facts):
        if key not in {"status", "format"}:
            made.add_row(escape(plain(key)), escape(plain(setting(value))))
    files = ", ".join(sorted(path.name for path in run.path.glob("[!.]*")))
    return Group(Text(run.name, style="bold"), made, Text(f"files: {files}"))


def _flatten(facts: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in facts.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
