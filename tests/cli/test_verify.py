"""`zoo verify`: unchanged and changed bundles, folders and ONNX files."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.command import zoo, zoo_ok
from tests.helpers.damage import assert_digest_list_refused, assert_refused, flipped
from tests.helpers.models import shipped_model
from tests.helpers.paths import ROOT
from zoo.bundle import contents, verify
from zoo.bundle.app.integrity import SEAL, sealed
from zoo.bundle.pyz import archive, write_pyz
from zoo.errors import CorruptFileError
from zoo.nn.losses import softmax

MODELS = ROOT / "models"
ONNX = (MODELS / "digits-10.onnx").read_bytes()

pytestmark = pytest.mark.usefixtures("required_runtimes")


@pytest.fixture(scope="module")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("verify") / "digits-10.pyz"
    write_pyz([shipped_model("digits-10")], path)
    return path


def test_verify_whole_files(pyz: Path, bundle_folder: Path) -> None:
    onnx = MODELS / "digits-10.onnx"
    lines = zoo_ok("verify", pyz, bundle_folder, onnx).splitlines()
    size = f"{pyz.stat().st_size:,}"
    assert lines[0].startswith(
        f"{pyz}: {size} bytes, unchanged since packing, digits-10: 20 test imag"
    )
    assert lines[1].startswith(f"{bundle_folder}: 50 files, unchanged, digits-10: 20 test images")
    assert lines[2] == f"{onnx}: {len(ONNX):,} bytes, unchanged since the export, digits-10"


def test_verify_json(pyz: Path, tmp_path: Path) -> None:
    """Each file has an object, with its problem if it has one."""
    other = tmp_path / "other.onnx"
    other.write_bytes(ONNX[:-1])
    done = zoo("verify", pyz, other, "--json")
    assert done.exit_code == 5
    good, bad = json.loads(done.stdout)
    assert (good["name"], good["path"], good["problem"]) == (pyz.name, str(pyz), None)
    assert "unchanged since packing, digits-10: 20 test images within" in good["report"]
    assert (bad["name"], bad["report"]) == ("other.onnx", None)
    assert f"zoo: {bad['problem']}" == done.stderr.splitlines()[0]
    markdown = zoo("verify", pyz, other, "--format", "md").stdout.splitlines()
    assert markdown[0] == "| file | result |"
    assert len(markdown) == 4


def test_verify_shipped_onnx() -> None:
    assert (
        zoo_ok("verify", *sorted(MODELS.glob("*.onnx"))).count("unchanged since the export") == 10
    )


def positions(size: int, count: int) -> Iterator[tuple[int, int]]:
    """Yield byte and bit positions: the first and last bytes, and random ones."""
    rng = np.random.default_rng(0)
    ends = [*range(min(size, 200)), *range(max(size - 400, 0), size)]
    for position in ends + rng.integers(0, size, count).tolist():
        yield position, int(rng.integers(8))


def test_verify_bundle_flipped_bit(pyz: Path, tmp_path: Path) -> None:
    content, damaged = pyz.read_bytes(), tmp_path / "damaged.pyz"
    for position, bit in positions(len(content), 200):
        damaged.write_bytes(flipped(content, position, bit))
        assert_refused(damaged)


@pytest.mark.parametrize("name", ["digits-10.pyz", "digits-10.onnx"])
def test_verify_truncated_or_longer(name: str, pyz: Path, tmp_path: Path) -> None:
    content = pyz.read_bytes() if name.endswith(".pyz") else ONNX
    damaged = tmp_path / name
    for other in (content[:-1], content[: len(content) // 2], content + b"\0", b"#" + content, b""):
        damaged.write_bytes(other)
        assert_refused(damaged)


def test_verify_onnx_fields_reordered(tmp_path: Path) -> None:
    """The first field, the IR version, may also be at the end of the file."""
    assert ONNX[:2] == b"\x08\x08"
    damaged = tmp_path / "other.onnx"
    damaged.write_bytes(ONNX[2:] + ONNX[:2])
    with pytest.raises(CorruptFileError, match="is not an export of zoo, or was modified"):
        verify.verify(damaged)


def test_verify_folder_changed_file(bundle_folder: Path, tmp_path: Path) -> None:
    """A changed, longer, missing or additional file in a folder is detected."""
    copy = tmp_path / "copy"
    shutil.copytree(bundle_folder, copy)
    verify.verify(copy)
    rng = np.random.default_rng(0)
    for path in sorted(path for path in copy.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if content:
            position = int(rng.integers(len(content)))
            path.write_bytes(flipped(content, position, int(rng.integers(8))))
            assert_refused(copy)
        path.write_bytes(content + b"\n")
        assert_refused(copy)
        path.unlink()
        assert_refused(copy)
        path.write_bytes(content)
    verify.verify(copy)
    (copy / "models" / "more.txt").write_text("more")
    with pytest.raises(CorruptFileError, match=r"more\.txt does not belong to the bundle"):
        verify.verify(copy)


def test_verify_folder_with_a_link(bundle_folder: Path, tmp_path: Path) -> None:
    """A folder `json` beside run.py would be imported as code."""
    copy = tmp_path / "copy"
    shutil.copytree(bundle_folder, copy)
    (copy / "json").symlink_to(tmp_path)
    with pytest.raises(CorruptFileError, match="json does not belong to the bundle"):
        verify.verify(copy)


@pytest.mark.parametrize(("field", "value"), [(6, 99), (8, 1), (8, 0x20)])
def test_verify_foreign_zip_header(field: int, value: int, pyz: Path, tmp_path: Path) -> None:
    """The fields are the version needed to unpack, and the flags for encryption or patches."""
    content = bytearray(pyz.read_bytes())
    directory = content.index(b"PK\1\2")
    entry = content.rindex(b"PK\1\2", directory, content.index(b"models/index.json", directory))
    content[entry + field] = value
    other = tmp_path / "other.pyz"
    other.write_bytes(sealed(bytes(content)))
    with pytest.raises(CorruptFileError, match="is not a zoo bundle"):
        verify.verify(other)


def test_verify_changed_digest_list(bundle_folder: Path, tmp_path: Path) -> None:
    """A changed byte in the list of digests is detected; tests/integration tests every byte."""
    assert_digest_list_refused(bundle_folder, tmp_path / "copy", step=101)


def test_verify_other_predictions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A valid seal does not prove correct predictions; these are computed again."""
    monkeypatch.setattr(contents, "softmax", lambda logits: softmax(logits) * 0.999)
    wrong = tmp_path / "wrong.pyz"
    wrong.write_bytes(archive(contents.contents([shipped_model("digits-10")])))
    done = zoo("verify", wrong)
    assert done.exit_code == 4
    assert "digits-10 predicts other probabilities than when it was packed" in done.stderr


def test_verify_foreign_or_missing_files(pyz: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pyz"
    other.write_bytes(b"PK\5\6" + bytes(18))
    sly = tmp_path / "sly.pyz"
    sly.write_bytes(sealed(b"no archive" + SEAL + bytes(64)))
    done = zoo("verify", other, sly, tmp_path, pyz)
    assert done.exit_code == 5
    assert done.stdout.count("unchanged since packing") == 1  # the other files are still checked
    assert f"{other} is neither a bundle nor an ONNX file of zoo" in done.stderr
    assert f"{sly} is not a zoo bundle" in done.stderr
    assert "does not have SHA256SUMS" in done.stderr
    missing = zoo("verify", tmp_path / "nowhere.onnx")
    assert missing.exit_code == 3
    assert "does not exist" in missing.stderr


def test_verify_archive_of_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody can seal an archive; its list of files is counted before it is read."""
    monkeypatch.setattr("zipfile.ZipFile", lambda *_: pytest.fail("it was read"))
    path = tmp_path / "bomb.pyz"
    path.write_bytes(sealed(b"PK\x01\x02" * 10_001 + SEAL + bytes(64)))
    with pytest.raises(CorruptFileError, match="has more than 10,000 files"):
        verify.verify(path)
