"""Which names are paths, and which no system may use."""

import os

import pytest

from zoo.config.catalog import UnknownEntryError
from zoo.system import names


@pytest.mark.parametrize(
    ("name", "windows", "linux"),
    [
        ("digits-10", False, False),
        ("runs/digits-10-s0-1", True, True),
        ("runs\\digits-10-s0-1", True, False),
        ("C:digits-10-s0-1", True, False),
        ("x.toml", False, False),
    ],
)
@pytest.mark.parametrize("here", ["windows", "linux"])
def test_is_path(
    request: pytest.FixtureRequest, here: str, name: str, *, windows: bool, linux: bool
) -> None:
    request.getfixturevalue(f"on_{here}")
    assert names.is_path(name) is (windows if here == "windows" else linux)


@pytest.mark.parametrize("name", ["con", "NUL", "aux", "prn", "com1", "lpt9", "nul.v2", "con .x"])
def test_is_reserved(name: str) -> None:
    assert names.is_reserved(name)


@pytest.mark.parametrize("name", ["console", "com0", "com10", "null", "my-con", "v2.nul", "digits"])
def test_is_reserved_other_names(name: str) -> None:
    assert not names.is_reserved(name)


@pytest.mark.parametrize(
    ("home", "expected"),
    [("/home/me/", "/home/me"), ("/", ""), ("~", ""), ("//", "")],
)
@pytest.mark.usefixtures("on_linux")
def test_home_folder(monkeypatch: pytest.MonkeyPatch, home: str, expected: str) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda _: home)
    assert names.home_folder() == expected


@pytest.mark.parametrize(
    ("home", "expected"), [("C:\\Users\\me\\", "C:\\Users\\me"), ("C:\\", ""), ("C:", "")]
)
@pytest.mark.usefixtures("on_windows")
def test_home_folder_on_windows(monkeypatch: pytest.MonkeyPatch, home: str, expected: str) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda _: home)
    assert names.home_folder() == expected


@pytest.mark.usefixtures("on_windows")
def test_unknown_entry_on_windows() -> None:
    r"""The problem of a skipped file is found by its path with \."""
    problem = "zoo.d: zoo.d\\my-net.toml is not valid."
    assert UnknownEntryError("my-net", [], [problem]).hint == problem
