"""`zoo verify`: a byte that has changed anywhere in what zoo made is found."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.command import zoo, zoo_ok
from tests.helpers.paths import ROOT
from zoo.bundle import contents, verifying
from zoo.bundle.app.checking import SEAL, sealed
from zoo.bundle.folder import write_folder
from zoo.bundle.pack import archive, write_pyz
from zoo.catalog import read_catalog
from zoo.errors import CorruptFile
from zoo.model import shipped
from zoo.nn.losses import softmax

MODELS = ROOT / "models"
DIGITS = shipped(read_catalog().find("digits-10").entry)
ONNX = (MODELS / "digits-10.onnx").read_bytes()


@pytest.fixture(scope="module")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("verify") / "digits-10.pyz"
    write_pyz([DIGITS], path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("verify") / "digits-10"
    write_folder([DIGITS], path)
    return path


def flipped(content: bytes, place: int, bit: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]


def assert_refused(path: Path) -> None:
    with pytest.raises(CorruptFile):
        verifying.verify(path)


def test_what_is_whole_is_told_with_what_was_looked_at(pyz: Path, folder: Path) -> None:
    onnx = MODELS / "digits-10.onnx"
    lines = zoo_ok("verify", pyz, folder, onnx).splitlines()
    size = f"{pyz.stat().st_size:,}"
    assert lines[0].startswith(f"{pyz}: {size} bytes as they were packed, digits-10: 20 test pict")
    assert lines[1].startswith(f"{folder}: 42 files as they were made, digits-10: 20 test pictures")
    assert lines[2] == f"{onnx}: {len(ONNX):,} bytes as they were exported, digits-10"


def test_every_onnx_that_ships_is_whole() -> None:
    assert zoo_ok("verify", *sorted(MODELS.glob("*.onnx"))).count("as they were exported") == 10


def places(size: int, count: int) -> Iterator[tuple[int, int]]:
    """Yield places and bits: the first and last bytes, and others by chance."""
    rng = np.random.default_rng(0)
    ends = [*range(min(size, 200)), *range(max(size - 400, 0), size)]
    for place in ends + rng.integers(0, size, count).tolist():
        yield place, int(rng.integers(8))


def test_a_bit_that_flips_in_a_bundle_is_found(pyz: Path, tmp_path: Path) -> None:
    content, damaged = pyz.read_bytes(), tmp_path / "damaged.pyz"
    for place, bit in places(len(content), 400):
        damaged.write_bytes(flipped(content, place, bit))
        assert_refused(damaged)


@pytest.mark.parametrize("name", ["digits-10.pyz", "digits-10.onnx"])
def test_what_is_cut_short_or_goes_on_is_refused(name: str, pyz: Path, tmp_path: Path) -> None:
    content = pyz.read_bytes() if name.endswith(".pyz") else ONNX
    damaged = tmp_path / name
    for other in (content[:-1], content[: len(content) // 2], content + b"\0", b"#" + content, b""):
        damaged.write_bytes(other)
        assert_refused(damaged)


def test_the_same_graph_in_other_bytes_is_refused(tmp_path: Path) -> None:
    """The first field, the IR version, means the same at the end of the file."""
    assert ONNX[:2] == b"\x08\x08"
    damaged = tmp_path / "other.onnx"
    damaged.write_bytes(ONNX[2:] + ONNX[:2])
    with pytest.raises(CorruptFile, match="has changed since it was made"):
        verifying.verify(damaged)


def test_a_byte_that_changes_in_any_file_of_a_folder_is_found(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    verifying.verify(copy)
    rng = np.random.default_rng(0)
    for path in sorted(one for one in copy.rglob("*") if one.is_file()):
        content = path.read_bytes()
        for place in {0, len(content) - 1, int(rng.integers(len(content)))} if content else ():
            path.write_bytes(flipped(content, place, int(rng.integers(8))))
            assert_refused(copy)
        for more in (b"\n", b"x"):
            path.write_bytes(content + more)
            assert_refused(copy)
        path.unlink()
        assert_refused(copy)
        path.write_bytes(content)
    verifying.verify(copy)
    (copy / "models" / "more.txt").write_text("more")
    with pytest.raises(CorruptFile, match=r"more\.txt does not belong to the bundle"):
        verifying.verify(copy)


def test_a_linked_folder_that_was_not_packed_is_refused(folder: Path, tmp_path: Path) -> None:
    """Of a folder `json` beside it, run.py would import code."""
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "json").symlink_to(tmp_path)
    with pytest.raises(CorruptFile, match="json does not belong to the bundle"):
        verifying.verify(copy)


@pytest.mark.parametrize(("field", "value"), [(6, 99), (8, 1), (8, 0x20)])
def test_an_archive_that_wants_what_zip_files_of_ours_do_not_is_refused(
    field: int, value: int, pyz: Path, tmp_path: Path
) -> None:
    """The version that unpacks the first file, and whether it is encrypted, or patched data."""
    content = bytearray(pyz.read_bytes())
    directory = content.index(b"PK\1\2")
    entry = content.rindex(b"PK\1\2", directory, content.index(b"models/index.json", directory))
    content[entry + field] = value
    other = tmp_path / "other.pyz"
    other.write_bytes(sealed(bytes(content)))
    with pytest.raises(CorruptFile, match="is no bundle of zoo's"):
        verifying.verify(other)


def test_every_byte_of_the_list_of_digests_counts(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    content = (copy / "SHA256SUMS").read_bytes()
    rng = np.random.default_rng(0)
    for place in range(0, len(content), 7):
        (copy / "SHA256SUMS").write_bytes(flipped(content, place, int(rng.integers(8))))
        assert_refused(copy)


def test_answers_that_are_not_those_of_the_day_are_exit_4(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A seal says that nothing has changed; whether it was right, the arithmetic says."""
    monkeypatch.setattr(contents, "softmax", lambda logits: softmax(logits) * 0.999)
    wrong = tmp_path / "wrong.pyz"
    wrong.write_bytes(archive(contents.contents([DIGITS])))
    done = zoo("verify", wrong)
    assert done.exit_code == 4
    assert "digits-10 answers otherwise than when it was packed" in done.stderr


def test_what_zoo_did_not_make_is_exit_5_and_what_is_not_there_exit_3(
    pyz: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.pyz"
    other.write_bytes(b"PK\5\6" + bytes(18))
    sly = tmp_path / "sly.pyz"
    sly.write_bytes(sealed(b"no archive" + SEAL + bytes(64)))
    done = zoo("verify", other, sly, tmp_path, pyz)
    assert done.exit_code == 5
    assert done.stdout.count("as they were packed") == 1  # the others are looked at all the same
    assert f"{other} is no bundle of zoo's" in done.stderr
    assert f"{sly} is no bundle of zoo's" in done.stderr
    assert "has no SHA256SUMS" in done.stderr
    missing = zoo("verify", tmp_path / "nowhere.onnx")
    assert missing.exit_code == 3
    assert "could not be read" in missing.stderr
