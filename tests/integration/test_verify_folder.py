"""`zoo verify` of a folder: every byte of SHA256SUMS, and the ends of each file."""

import shutil
from pathlib import Path

from tests.helpers.damage import assert_digest_list_refused, assert_refused, flipped


def test_verify_each_byte_of_the_digest_list(bundle_folder: Path, tmp_path: Path) -> None:
    assert_digest_list_refused(bundle_folder, tmp_path / "copy", step=1)


def test_verify_ends_of_each_file(bundle_folder: Path, tmp_path: Path) -> None:
    """A change of the first or last byte of a file, and an additional byte, are found."""
    copy = tmp_path / "copy"
    shutil.copytree(bundle_folder, copy)
    for path in sorted(file for file in copy.rglob("*") if file.is_file()):
        content = path.read_bytes()
        for place in {0, len(content) - 1} if content else ():
            path.write_bytes(flipped(content, place, 3))
            assert_refused(copy)
        path.write_bytes(content + b"x")
        assert_refused(copy)
        path.write_bytes(content)
