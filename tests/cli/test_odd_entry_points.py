"""`zoo plugins` beside packages whose entry points are not what they should be."""

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
    metadata = tmp_path / f"{name}-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(f"[zoo.kinds]\nschedule.x = {value}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("ZOO_PLUGINS", name)
    listed = zoo("plugins")
    assert "numpy-zoo" in listed.stdout
    assert "Traceback" not in listed.stderr
    assert "\x1b" not in listed.stdout + listed.stderr


def test_plugins_of_many_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands of all plugins are looked for as often for fifty as for one."""
    metadata = tmp_path / "many-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: many\nVersion: 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("ZOO_PLUGINS", "many")
    search = Mock(side_effect=plugins.allowed_entry_points)
    monkeypatch.setattr(plugins, "allowed_entry_points", search)
    counts = []
    for number in (1, 50):
        lines = "".join(f"c{index} = many:app\n" for index in range(number))
        (metadata / "entry_points.txt").write_text(f"[zoo.commands]\n{lines}")
        search.reset_mock()
        zoo("plugins")
        counts.append(search.call_count)
    assert counts[0] == counts[1] > 0
