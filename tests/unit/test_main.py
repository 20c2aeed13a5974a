"""`python -m zoo`: the console script, and what is said where there is none."""

from importlib.metadata import EntryPoint, EntryPoints, PackageNotFoundError

import pytest

from zoo import __main__ as module


class Distribution:
    """A distribution with one console script."""

    def __init__(self, script: str) -> None:
        point = EntryPoint("zoo", script, "console_scripts")
        self.entry_points = EntryPoints([point])


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what a failure prints; its exit code is 2."""
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_main_not_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> Distribution:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(module, "distribution", missing)
    assert told(capsys) == (
        "zoo: zoo is not installed in this Python.\n     Run `pip install .` in a clone of zoo.\n"
    )


def test_main_hidden(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In the root of a clone, ./zoo is found before the installed zoo."""
    monkeypatch.setattr(module, "distribution", lambda _name: Distribution("zoo.absent:main"))
    assert told(capsys) == (
        "zoo: The folder ./zoo hides the installed zoo.\n     Run `zoo`, or `python -P -m zoo`.\n"
    )


def test_main_other_missing_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing dependency keeps its own message."""
    monkeypatch.setattr(module, "distribution", lambda _name: Distribution("no_such_module:main"))
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        module.main()
