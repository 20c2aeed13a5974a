"""What is shown: functions from results to strings and tables; none of them prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from zoo.analysis.statistics import mean_words
from zoo.formatting import percent, setting

if TYPE_CHECKING:  # these bring NumPy along, which `zoo list` must not
    from collections.abc import Iterable, Mapping, Sequence

    from zoo.analysis.statistics import Summary
    from zoo.config.entry import Claim, Entry, TrainConfig
    from zoo.config.kinds import ConfigModel


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


def heading(words: str) -> Padding:
    """Return a bold line with an empty line before it."""
    return Padding(Text(words, style="bold"), (1, 0, 0, 0))


def indent(words: str) -> Padding:
    """Return an indented text."""
    return Padding(Text(words), (0, 0, 0, 2))


def layers_table(entry: Entry) -> Table:
    """Return the layers of a network with their sizes and numbers of parameters."""
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


def recipe_table(entry: Entry) -> Table:
    """Return the settings of an entry, and whether its README states each."""
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
