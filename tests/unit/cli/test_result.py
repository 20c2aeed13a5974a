"""Tables of results."""

import pytest
from zoo.cli import terminal
from zoo.cli.output import result

CELLS = ["short", "a longer one", "", "界面", "[relu]", "\x1b[1m", "1,000"]


@pytest.mark.parametrize("first", ["name", "a very long name of a column"])
def test_table_of_many_rows(monkeypatch: pytest.MonkeyPatch, first: str) -> None:
    """A long table is laid out without Rich's measurement of every cell, and looks the same."""
    monkeypatch.delenv("COLUMNS", raising=False)
    rows = [(f"run-{number}", CELLS[number % 7], CELLS[number % 3]) for number in range(50)]
    table = result.Table((first, "second column", "n"), rows, right=("n",), notes=["A note."])
    by_rich = terminal.rendered(*table.renderables())
    monkeypatch.setattr(result, "MANY_ROWS", 50)
    assert terminal.rendered(*table.renderables()) == by_rich
    assert len(list(table.renderables())) == 2


def test_table_of_many_rows_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells that have to wrap are left to Rich."""
    monkeypatch.setenv("COLUMNS", "20")
    table = result.Table(("name", "text"), [("a", "word " * 9)] * 9)
    by_rich = terminal.rendered(*table.renderables())
    monkeypatch.setattr(result, "MANY_ROWS", 1)
    assert terminal.rendered(*table.renderables()) == by_rich
