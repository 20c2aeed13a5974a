"""Code of plugins, and what stays as it was when it was run."""

from contextlib import chdir, suppress
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from zoo.config import plugins
from zoo.errors import ZooError


@pytest.mark.parametrize("end", ["x = 1", "raise ValueError"])
def test_load_keeps_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    """A module that changes the current folder would move the files that a command writes."""
    name, before = f"moving_{end[0]}", Path.cwd()
    (tmp_path / f"{name}.py").write_text(f"import os\nos.chdir({str(tmp_path)!r})\n{end}\n")
    monkeypatch.syspath_prepend(tmp_path)
    with chdir(before):  # afterwards, too
        with suppress(ZooError):
            plugins.load(EntryPoint("schedule.x", f"{name}:x", plugins.KIND_GROUP))
        assert Path.cwd() == before
