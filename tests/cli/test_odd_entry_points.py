"""`zoo plugins` beside packages whose entry points are not what they should be."""

from pathlib import Path

import pytest

from tests.helpers.command import zoo

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
