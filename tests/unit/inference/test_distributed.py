"""Rows of images in chunked predictions."""

import io
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.config.dataset_info import SOURCES
from zoo.data.dataset import Bytes
from zoo.inference import chunks, distributed, inputs, load
from zoo.inference.chunks import ChunkIndex, split_into_chunks
from zoo.inference.inputs import InputSpec, Unreadable, streams
from zoo.inference.partial_results import Answer, PartialResults
from zoo.inference.predict import predict
from zoo.nn.buffers import Array
from zoo.parallel.open import open_engine

Row = tuple[str, int, int]  # an image's file, its number in it and its row in the product
UNREADABLE = -1


class Rows:
    """Takes every image for the number of its row in the product."""

    name = "rows"
    facts = None
    source = SOURCES["digits"]

    def logits(self, images: Bytes) -> Array:
        return np.eye(len(images), dtype=np.float32) * 9


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of 150 images, unreadable ones among them, and four arrays."""
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(150):
        Image.fromarray(np.full((8, 8), number % 17, np.uint8)).save(folder / f"{number:03}.png")
    (folder / "007.png").write_bytes(b"")
    (folder / "070.png").write_bytes(b"")
    np.save(folder / "100.npy", np.zeros((300, 8, 8), np.uint8))
    np.savez(folder / "120.npz", one=np.zeros((70, 8, 8)), two=np.zeros((3, 8, 8)))
    np.save(folder / "130.npy", np.zeros((3, 8, 8), np.uint8))
    (folder / "140.npy").write_bytes(b"no array")
    return folder


def wanted(tmp_path: Path) -> InputSpec:
    return InputSpec(Rows.source, "none", tmp_path / "cache")


def rows(several: Sequence[Answer]) -> list[Row]:
    return [
        (one.source, 0, UNREADABLE)
        if isinstance(one, Unreadable)
        else (one.of.source, one.of.index, one.label)
        for one in several
    ]


def plain(words: list[str], tmp_path: Path, batch: int = 64, stdin: bytes = b"") -> list[Row]:
    groups = streams(words, wanted(tmp_path), stdin=io.BytesIO(stdin))
    return rows([one for group in groups for one in predict(Rows(), group, batch=batch)])


# groups of three files, and of as many as lie between two arrays
@pytest.mark.parametrize("files", [3, 10**18])
def test_spread_rows_of_the_plain_path(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int
) -> None:
    """Every image has one row: plain, by chunks, in any batch, and after a part was lost."""
    monkeypatch.setattr(inputs, "FILES_PER_GROUP", files)
    monkeypatch.setattr(chunks, "ROWS_PER_RANGE", 100)
    monkeypatch.setattr(load, "serialize", lambda _: b"the same for every row")
    words = [str(folder / "149.png"), str(folder)]
    expected = plain(words, tmp_path)
    assert len(expected) == 1 + 150 + 300 + 73 + 3 + 1
    assert plain(words, tmp_path, batch=7) == plain(words, tmp_path, batch=100) == expected
    asked = distributed.prepare(
        Rows(), "rows", runs=Path("runs"), runtime=None, preprocess="none", batch=64
    )
    kept = PartialResults(tmp_path / "out.csv")
    with ChunkIndex() as found, open_engine("serial", jobs=1) as engine:
        for chunk in split_into_chunks(words, wanted(tmp_path), depends=asked.cache_key):
            found.add(chunk)
        everything = range(len(found))
        assert not any(
            failed
            for _, failed in distributed.predict_missing(asked, found, everything, engine, kept)
        )
        assert rows(list(distributed.collect(found, kept))) == expected
        for chunk in found:
            first = next(iter(rows(list(kept.answers(chunk.key)))))
            assert first[2] in {0, UNREADABLE}
        lost = len(found) // 2
        (kept.path / f"{found[lost].key}.part").unlink()
        list(distributed.predict_missing(asked, found, [lost], engine, kept))
        assert rows(list(distributed.collect(found, kept))) == expected


def test_spread_rows_in_a_long_group(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files and images of an array take rows 0 to 63 again and again, unreadable ones too."""
    monkeypatch.setattr(inputs, "FILES_PER_GROUP", 10**18)
    found = plain([str(folder)], tmp_path)
    for number in range(100):
        row = UNREADABLE if number in {7, 70} else number % 64
        assert (str(folder / f"{number:03}.png"), 0, row) in found
    assert (str(folder / "100.png"), 0, 0) in found  # the first behind an array
    assert [row for source, _, row in found if source == f"{folder / '100.npy'}"] == [
        number % 64 for number in range(300)
    ]
    assert [row for source, _, row in found if "120.npz" in source] == [
        number % 64 for number in range(73)
    ]


def test_spread_rows_beside_a_new_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is made readable moves no image, and a new one moves those of its group alone."""
    monkeypatch.setattr(inputs, "FILES_PER_GROUP", 10**18)
    before = plain([str(folder)], tmp_path)
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(folder / "007.png")
    after = plain([str(folder)], tmp_path)
    assert set(after) - set(before) == {(str(folder / "007.png"), 0, 7)}
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(folder / "125.png.png")
    moved = {Path(source).name for source, _, _ in {*plain([str(folder)], tmp_path)} - {*after}}
    assert moved == {"125.png.png", *(f"{number}.png" for number in range(126, 130))}


def test_spread_rows_with_stdin(folder: Path, tmp_path: Path) -> None:
    """An image on stdin stands at row 0, and the files around it stand as if it were not there."""
    content = (folder / "003.png").read_bytes()
    alone = [plain([str(folder / name)], tmp_path) for name in ("001.png", "002.png")]
    words = [str(folder / "001.png"), "-", str(folder / "002.png")]
    assert plain(words, tmp_path, stdin=content) == [*alone[0], ("-", 0, 0), *alone[1]]
    assert [row for _, _, row in chain(*alone)] == [0, 0]
