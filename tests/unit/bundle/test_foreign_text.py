"""Text of an entry's author in what a bundle prints."""

import sys
from types import SimpleNamespace

import pytest

from zoo.bundle.app import cli, resources

HOSTILE = "[/] \x1b[31m\x7f\x9b\u202e"
SHOWN = r"[/] \x1b[31m\x7f\x9b\u202e"


@pytest.mark.parametrize(
    ("option", "printed"),
    [("--list", f"net  {SHOWN}\n"), ("--card", f"# net\n\n{SHOWN}\n")],
)
def test_foreign_text_of_a_bundle(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    option: str,
    printed: str,
) -> None:
    """Control characters in a summary and in a card are escaped, lines stay lines."""
    monkeypatch.setattr(sys, "argv", ["net.pyz", option])
    monkeypatch.setattr(resources, "read", lambda _: f"# net\n\n{HOSTILE}\n".encode())
    monkeypatch.setattr(cli, "names", lambda _: ["net"])
    monkeypatch.setattr(cli, "Model", lambda *_: SimpleNamespace(summary=HOSTILE))
    assert cli.main() == 0
    assert capsys.readouterr().out == printed
