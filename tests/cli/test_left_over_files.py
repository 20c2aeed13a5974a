"""What a killed command left in a folder, deleted by the next one that writes there."""

from pathlib import Path

import pytest

from tests.helpers.command import zoo_ok
from tests.helpers.ended_process import path_of_ended_process
from zoo import files


@pytest.mark.usefixtures("required_runtimes")
@pytest.mark.parametrize(
    "command",
    [
        ("list", "-o", "{}/list.txt"),
        ("evaluate", "digits-10", "--html", "{}/page.html"),
        ("predict", "digits-10", "test:0", "--out", "{}/predictions.csv"),
        ("export", "digits-10", "--onnx", "-o", "{}"),
        ("export", "digits-10", "--safetensors", "-o", "{}"),
        ("bundle", "digits-10", "-o", "{}/digits-10.pyz"),
        ("bundle", "digits-10", "--kind", "folder", "-o", "{}/bundle"),
        ("demo", "digits-10", "-o", "{}/demo.html"),
        ("init", "own", "-o", "{}/own.toml"),
        ("data", "sample", "{}"),
    ],
    ids=" ".join,
)
def test_left_over_file_is_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    left = path_of_ended_process(folder)
    left.write_bytes(b"half")
    monkeypatch.setattr(files, "searched_folders", set())
    zoo_ok(*(word.format(folder) for word in command), cwd=tmp_path)
    assert not left.exists()
    assert list(folder.iterdir())


def test_left_over_file_of_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import deletes what a killed one left, which may have 70 MB."""
    pixels = ",".join(f"pixel{number}" for number in range(784))
    (tmp_path / "train.csv").write_text(f"label,{pixels}\n5,{','.join('0' * 784)}\n")
    cache = tmp_path / "cache"
    folders = [cache / "kaggle", cache / "kaggle" / "parsed"]
    left = [path_of_ended_process(folder) for folder in folders]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    monkeypatch.setattr(files, "searched_folders", set())
    zoo_ok("data", "import", tmp_path, ZOO_CACHE_DIR=cache)
    assert not any(path.exists() for path in left)
