"""The reference of all commands in cli/README.md, written from the program.

`python -m tests.helpers.cli_reference` writes it again.
"""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import typer
from zoo.cli.app import app
from zoo.cli.commands import GROUPS, Deferred
from zoo.cli.examples import EXAMPLES

from tests.helpers.paths import ROOT
from tests.helpers.written_parts import between, rewrite

README = ROOT / "cli" / "README.md"
PART = between(
    "<!-- commands: written by `python -m tests.helpers.cli_reference` -->\n",
    "<!-- end of commands -->\n",
)
DEFAULT = re.compile(r" *\[(?:env var: (?P<variable>\w+); )?default: (?P<default>[^\]]*)\]")


def reference() -> str:
    """Return the reference in Markdown."""
    program = typer.main.get_command(app)
    root = program.context_class(program, info_name="zoo", help_option_names=["-h", "--help"])
    common = set(_rows(root, "list")["Output"])
    lines = []
    for title, commands in GROUPS.items():
        lines += [f"## {title}", ""]
        for name in commands:
            lines += _page(root, name, common)
    return "\n".join(lines)


def _loaded(parent: Any, name: str) -> Any:
    """Return the context of a command."""
    command = parent.command.get_command(parent, name)
    command = command.load() if isinstance(command, Deferred) else command
    return command.context_class(command, info_name=name, parent=parent, **command.context_settings)


def _rows(parent: Any, name: str) -> dict[str, list[tuple[str, str]]]:
    context = _loaded(parent, name)
    found: dict[str, list[tuple[str, str]]] = context.command.help_rows(context)
    return found


def _page(parent: Any, name: str, common: set[tuple[str, str]]) -> Iterator[str]:
    context = _loaded(parent, name)
    path = context.command_path.removeprefix("zoo ")
    usage = " ".join(context.command.collect_usage_pieces(context))
    yield from (f"### zoo {path}", "", _escaped(context.command.help), "")
    yield from (f"    zoo {path} {usage}", "")
    subcommands = getattr(context.command, "commands", None)
    if subcommands is None:
        rows = context.command.help_rows(context)
        items = [row for group in rows.values() for row in group if row not in common]
        if items:
            yield from ("| argument or option | meaning | default |", "|---|---|---|")
            yield from map(_line, items)
            yield ""
        yield from (f"Example: `{EXAMPLES[path]}`", "")
        assert shlex.split(EXAMPLES[path])[: len(path.split()) + 1] == ["zoo", *path.split()]
        return
    for subcommand in subcommands:
        yield from _page(context, subcommand, common)


def _line(row: tuple[str, str]) -> str:
    """Return the line of an argument or option; its default has a column."""
    names, text = row
    match = DEFAULT.search(text)
    default = match["default"] if match else ""
    if match and match["variable"]:
        default = f"{match['variable']}, {default}"
    cells = f"`{names}`".replace("|", "\\|"), _escaped(DEFAULT.sub("", text)), _escaped(default)
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def _escaped(text: str) -> str:
    """Return prose with the characters escaped that Markdown would read."""
    parts = re.split(r"(`[^`]*`)", text.replace("|", "\\|"))
    parts[::2] = [re.sub(r"([*_<])", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


def current() -> str:
    """Return the reference in the file."""
    match = PART.search(README.read_text(encoding="utf-8"))
    return match[0] if match else ""


if __name__ == "__main__":
    rewrite(PART, README, f"\n{reference()}")
