"""`zoo bundle`: its output, and mistakes; tests/integration runs the bundles."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.helpers.command import zoo, zoo_bytes, zoo_ok
from tests.helpers.own_data import write_shapes
from zoo.bundle import folder
from zoo.bundle.verify import verify


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_bundle_output() -> None:
    """The path is on stdout, and what was verified on stderr, wrapped at words."""
    done = zoo("bundle", "digits-10", COLUMNS=80)
    size = Path("digits-10.pyz").stat().st_size
    assert done.stdout == "digits-10.pyz\n"
    lines = done.stderr.splitlines()
    assert lines[0] == "zoo: verified without installed packages or settings:"
    assert lines[1] == f"     digits-10.pyz: {size:,} bytes, unchanged since packing"
    assert lines[2].startswith("     digits-10: 20 test images with equal labels, ")
    assert max(map(len, lines)) <= 80
    data = json.loads(zoo_ok("bundle", "digits-10", "--json"))
    assert data == {
        "name": "digits-10.pyz",
        "path": "digits-10.pyz",
        "kind": "pyz",
        "bytes": size,
        "models": ["digits-10"],
    }


def test_bundle_of_jpegs(tmp_path: Path) -> None:
    """A model of JPEGs is packed with one warning, because a bundle does not read them."""
    entry = write_shapes(tmp_path, count=8)
    for number, path in enumerate(sorted(Path("shapes").rglob("*.png"))):
        if number % 2:
            Image.open(path).save(path.with_suffix(".JPG" if number % 3 else ".jpeg"), "JPEG")
            path.unlink()
    zoo_ok("train", entry, "--epochs", 1)
    done = zoo("bundle", "runs/drawings-s0-1", COLUMNS=200)
    assert (done.exit_code, done.stdout) == (0, "drawings-s0-1.pyz\n")
    (warning,) = [line for line in done.stderr.splitlines() if "warning" in line]
    assert warning == (
        "zoo: warning: drawings-s0-1 was trained on JPEG images, and a bundle does not read them: "
        "save what it is to predict as PNG."
    )
    shutil.rmtree("shapes")
    assert "warning" not in zoo("bundle", "runs/drawings-s0-1").stderr


def test_bundle_dry_run() -> None:
    done = zoo("bundle", "mnist-128", "digits-10", "-o", "two.pyz", "-n")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "two.pyz would be written: mnist-128, digits-10\n"
    assert list(Path().iterdir()) == []
    Path("digits-10").mkdir()
    taken = zoo("bundle", "digits-10", "--kind", "folder", "-n")
    assert taken.exit_code == 2
    assert taken.stderr.startswith("zoo: digits-10 already exists; nothing was written.")


def test_bundle_to_stdout() -> None:
    """`-o -` writes the verified bytes of the file."""
    zoo_ok("bundle", "digits-10")
    done = zoo_bytes("bundle", "digits-10", "-o", "-")
    assert done == Path("digits-10.pyz").read_bytes()
    assert "digits-10" in verify(Path("digits-10.pyz"))
    refused = zoo("bundle", "digits-10", "--kind", "folder", "-o", "-")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("zoo: A folder cannot be written to stdout.")


def test_bundle_folder_exists_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An existing folder is refused before anything is packed or verified."""
    monkeypatch.setattr(folder, "contents", lambda _: pytest.fail("it was packed"))
    Path("taken").mkdir()
    done = zoo("bundle", "digits-10", "--kind", "folder", "-o", "taken")
    assert done.exit_code == 2
    assert done.stderr.startswith("zoo: taken already exists; nothing was written.")


def test_bundle_of_several_models_needs_a_name() -> None:
    done = zoo("bundle", "digits-10", "mnist-128")
    assert done.exit_code == 2
    assert done.stderr == (
        "zoo: A bundle of several models needs a file name.\n     Add -o FILE.\n"
    )
