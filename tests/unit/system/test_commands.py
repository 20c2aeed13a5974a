"""Commands to type again, and globs that no shell expands."""

from pathlib import Path

import pytest

from zoo.errors import install_hint
from zoo.system import commands


@pytest.mark.parametrize(
    ("word", "linux", "windows"),
    [
        ("digits-10", "digits-10", "digits-10"),
        ("my run", "'my run'", '"my run"'),
        ("", "''", '""'),
        (".[tune]", "'.[tune]'", ".[tune]"),
        ("C:\\my runs\\", "'C:\\my runs\\'", '"C:\\my runs\\\\"'),
        ("C:\\runs\\a", "'C:\\runs\\a'", "C:\\runs\\a"),
        ("a&b", "'a&b'", '"a&b"'),  # in cmd two commands
        ("4,7", "4,7", '"4,7"'),  # in PowerShell two arguments
        ("it's", "'it'\"'\"'s'", '"it\'s"'),
        ('a "b"', "'a \"b\"'", '"a \\"b\\""'),
    ],
)
@pytest.mark.parametrize("here", ["windows", "linux"])
def test_quote(
    request: pytest.FixtureRequest, here: str, word: str, linux: str, windows: str
) -> None:
    request.getfixturevalue(f"on_{here}")
    assert commands.quote(word) == (windows if here == "windows" else linux)


@pytest.mark.usefixtures("on_windows")
def test_join_on_windows() -> None:
    assert commands.join(["zoo", "evaluate", "my run"]) == 'zoo evaluate "my run"'
    assert install_hint("tune") == "Run `pip install .[tune]` in a clone of zoo."


@pytest.mark.usefixtures("on_linux")
def test_join_elsewhere() -> None:
    assert commands.join(["zoo", "evaluate", "my run"]) == "zoo evaluate 'my run'"
    assert install_hint("tune") == "Run `pip install '.[tune]'` in a clone of zoo."


@pytest.mark.usefixtures("on_windows")
def test_split_on_windows() -> None:
    assert commands.split('"C:\\Program Files\\less.exe" -R') == [
        "C:\\Program Files\\less.exe",
        "-R",
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("b.png", "a.png", "c.txt", "[1].png", "deep/d.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("*.png", ["[1].png", "a.png", "b.png"]),
        ("?.png", ["a.png", "b.png"]),
        ("**/d.png", [str(Path("deep", "d.png"))]),
        ("*.jpg", ["*.jpg"]),
        ("mnist-*", ["mnist-*"]),
        ("[1].png", ["[1].png"]),
        ("--set=*.png", ["--set=*.png"]),
        ("a.png", ["a.png"]),
        ("-", ["-"]),
    ],
)
@pytest.mark.usefixtures("on_windows", "folder")
def test_expanded_on_windows(argument: str, expected: list[str]) -> None:
    """Files are sorted, and what matches no file stays as it is."""
    assert commands.expanded(["predict", argument]) == ["predict", *expected]


@pytest.mark.usefixtures("on_windows")
def test_expanded_home_on_windows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    found = commands.expanded(["~/?.png", "~/runs"])
    assert list(map(Path, found)) == [folder / "a.png", folder / "b.png", folder / "runs"]


@pytest.mark.usefixtures("on_linux", "folder")
def test_expanded_elsewhere() -> None:
    """The shell has done it; a quoted glob is an argument as it is."""
    assert commands.expanded(["*.png", "~"]) == ["*.png", "~"]
