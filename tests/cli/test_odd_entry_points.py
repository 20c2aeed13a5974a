"""`zoo plugins` beside packages whose entry points are not what they should be."""

from importlib.metadata import PathDistribution
from pathlib import Path
from unittest.mock import Mock

import pytest

from tests.helpers.command import zoo
from zoo.config import plugins

VALUES = ["not a module!!:::", "", ":", "..", "x\x1b[31m"]


@pytest.mark.parametrize("value", VALUES)
def test_plugins_odd_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """A package with such an entry point is listed, and hides no other."""
    name = f"odd{VALUES.index(value)}"  # the entry points of each set of plugins are read once
    install(tmp_path, monkeypatch, name, f"[zoo.kinds]\nschedule.x = {value}\n")
    listed = zoo("plugins")
    assert "numpy-zoo" in listed.stdout
    assert "Traceback" not in listed.stderr
    assert "\x1b" not in listed.stdout + listed.stderr


@pytest.mark.parametrize("name", ["--help", "-x", "\x1b[31mred", "a\u202eb", "two words", "ls"])
def test_command_of_plugin_odd_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A command that nobody could call has a fault, and is not on the help page."""
    install(tmp_path, monkeypatch, "oddly", f"[zoo.commands]\n{name} = oddly:app\n")
    page, listed = zoo("--help").stdout, zoo("plugins").stderr
    assert "From oddly" not in page
    assert f"{name!r} cannot be the name" in listed or f"named {name!r} already exists" in listed
    assert zoo("plugins", "check", "oddly").exit_code == 1


def test_help_of_plugin_odd_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The help page escapes what a package says of itself."""
    install(
        tmp_path, monkeypatch, "oddly", "[zoo.commands]\nodd = m:app\n", version="1\x1b[1m\u202e"
    )
    assert r"From oddly 1\x1b[1m\u202e." in zoo("--help").stdout


def install(
    site: Path, monkeypatch: pytest.MonkeyPatch, name: str, points: str, *, version: str = "1"
) -> Path:
    """Put the metadata of a package into a folder, and return the file of its entry points."""
    metadata = site / f"{name}-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8"
    )
    (metadata / "entry_points.txt").write_text(points, encoding="utf-8")
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("ZOO_PLUGINS", name)
    return metadata / "entry_points.txt"


@pytest.mark.parametrize("group", ["zoo.kinds", "zoo.commands"])
def test_metadata_of_many_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: str
) -> None:
    """The metadata of a package is read as often for fifty kinds or commands as for one."""
    file = install(tmp_path, monkeypatch, f"many-{group[4:]}", "")
    read_text, read = PathDistribution.read_text, list[str]()

    def counted(self: PathDistribution, filename: str) -> str | None:
        read.append(filename)
        return read_text(self, filename)

    monkeypatch.setattr(PathDistribution, "read_text", counted)
    counts = []
    for number in (1, 50):
        lines = "".join(f"activation.c{index} = many:app\n" for index in range(number))
        file.write_text(f"[{group}]\n{lines}")
        plugins._kinds.cache_clear()  # noqa: SLF001 - it is filled once per process
        read.clear()
        zoo("plugins")
        counts.append(read.count("METADATA"))
    assert counts[0] == counts[1] > 0


@pytest.mark.parametrize("command", ["plugins", "--help"])
def test_plugins_of_many_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """The commands of all plugins are looked for as often for fifty as for one."""
    file = install(tmp_path, monkeypatch, "many", "")
    search = Mock(side_effect=plugins.allowed_entry_points)
    monkeypatch.setattr(plugins, "allowed_entry_points", search)
    counts = []
    for number in (1, 50):
        lines = "".join(f"c{index} = many:app\n" for index in range(number))
        file.write_text(f"[zoo.commands]\n{lines}")
        search.reset_mock()
        zoo(command)
        counts.append(search.call_count)
    assert counts[0] == counts[1] > 0
