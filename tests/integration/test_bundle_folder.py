"""`zoo bundle --kind folder` in the place of an existing bundle."""

from pathlib import Path

from tests.helpers.command import zoo


def test_bundle_folder_over_a_bundle(bundle_folder: Path) -> None:
    """An existing bundle is not changed."""
    before = {path: path.stat().st_mtime_ns for path in bundle_folder.rglob("*")}
    done = zoo("bundle", "digits-10", "--kind", "folder", "-o", bundle_folder)
    assert done.exit_code == 2
    assert "already exists" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in bundle_folder.rglob("*")} == before


def test_bundle_folder_linked_as_its_entry(bundle_folder: Path, tmp_path: Path) -> None:
    """A bundle in the place of the new one is not read as a model."""
    (tmp_path / "digits-10").symlink_to(bundle_folder)
    done = zoo("bundle", "digits-10", "--kind", "folder", cwd=tmp_path)
    assert done.exit_code == 2
    assert done.stderr.startswith("zoo: digits-10 already exists; nothing was written.")
