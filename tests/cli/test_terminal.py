"""What a command prints on different terminals, and the arguments of a shell without globs."""

import signal
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
import rich.console
from rich.text import Text
from zoo.cli import app, output_options, terminal

from zoo import system
from zoo.errors import ISSUE_BREAK, ConfigError, Stopped


class Screen(TextIOWrapper):
    """A terminal with an encoding."""

    def isatty(self) -> bool:
        return True


def screen(
    monkeypatch: pytest.MonkeyPatch, *, encoding: str, color: output_options.Color = "auto"
) -> None:
    """Make stdout a terminal that shows 24-bit colours."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdout", Screen(BytesIO(), encoding=encoding))
    output_options.settings.set(output_options.OutputSettings(color=color))


@pytest.mark.parametrize(
    ("encoding", "color", "is_legacy", "expected"),
    [
        ("utf-8", "auto", False, True),
        ("utf-8", "never", False, False),
        ("cp1252", "auto", False, False),  # it has no half blocks
        ("utf-8", "auto", True, False),
        ("utf-8", "always", True, True),
    ],
)
def test_has_colour(
    monkeypatch: pytest.MonkeyPatch,
    encoding: str,
    color: output_options.Color,
    *,
    is_legacy: bool,
    expected: bool,
) -> None:
    """An old console of Windows gets no colours unless they are asked for."""
    screen(monkeypatch, encoding=encoding, color=color)
    monkeypatch.setattr(rich.console, "detect_legacy_windows", lambda: is_legacy)
    assert terminal.has_colour(terminal.console()) is expected


@pytest.mark.parametrize("is_legacy", [True, False])
def test_rendered_escape_codes(monkeypatch: pytest.MonkeyPatch, *, is_legacy: bool) -> None:
    """An old console would print the codes, also those of bold text."""
    screen(monkeypatch, encoding="utf-8")
    monkeypatch.setattr(rich.console, "detect_legacy_windows", lambda: is_legacy)
    text = terminal.rendered(Text("7", style="bold rgb(1,2,3)"))
    assert ("\x1b" in text) is not is_legacy


def run_main(
    monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[list[str], dict[int, object]]:
    """Run the program; return the arguments that its command gets, and its signal handlers."""
    received: list[str] = []
    handlers: dict[int, object] = {}

    def run(words: list[str]) -> int:
        received.extend(words)
        return 0

    monkeypatch.setattr(sys, "argv", ["zoo", *arguments])
    monkeypatch.setattr(app, "run", run)
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    with pytest.raises(SystemExit) as ended:
        app.main()
    assert ended.value.code == 0
    return received, handlers


@pytest.mark.parametrize("is_windows", [True, False])
def test_main_expands_globs_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_windows: bool
) -> None:
    """`zoo predict digits-10 *.png` means the same in cmd and in a Unix shell."""
    monkeypatch.chdir(tmp_path)
    for name in ("b.png", "a.png"):
        (tmp_path / name).write_bytes(b"")
    monkeypatch.setattr(system, "IS_WINDOWS", is_windows)
    received, _ = run_main(monkeypatch, "predict", "digits-10", "*.png")
    images = ["a.png", "b.png"] if is_windows else ["*.png"]
    assert received == ["predict", "digits-10", *images]


def test_main_ends_with_the_console(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM, and Ctrl-Break on Windows, leave with 143 and remove temporary files."""
    monkeypatch.setattr(signal, "SIGBREAK", 21, raising=False)
    _, handlers = run_main(monkeypatch, "list")
    assert set(handlers) == {signal.SIGTERM, 21}
    for number, handler in handlers.items():
        assert callable(handler)
        with pytest.raises(Stopped) as stopped:
            handler(number, None)
        assert stopped.value.code == 143


def test_terminal_width_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rich pads a line to the width, so that this one would take gigabytes."""
    monkeypatch.setenv("COLUMNS", str(10**9))
    assert terminal.console().width == 1000


def test_message_length_is_bounded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line is cut: a file may have a key of a megabyte."""
    monkeypatch.delenv("COLUMNS", raising=False)
    message = ISSUE_BREAK.join(["own.toml has 1 problem:", "x" * 9999])
    terminal.print_error(ConfigError(message, hint="y" * 9999))
    assert list(map(len, capsys.readouterr().err.splitlines())) == [28, 2003, 2003]
