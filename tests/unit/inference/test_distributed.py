"""Distributed predictions: the row of each image in its matrix product."""

import io
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.config.dataset_info import SOURCES
from zoo.data.dataset import Bytes
from zoo.inference import chunks, distributed, file_groups, load
from zoo.inference.chunks import split_into_chunks
from zoo.inference.file_groups import Unreadable
from zoo.inference.inputs import InputSpec, streams
from zoo.inference.partial_results import PartialResults, Result
from zoo.inference.predict import predict
from zoo.nn.buffers import Array
from zoo.parallel.open_engine import open_engine

Row = tuple[str, int, int]  # an image's file, its number in the file and its row in the product
UNREADABLE = -1


class Rows:
    """Predicts the number of the image's row in the product."""

    name = "rows"
    facts = None
    source = SOURCES["digits"]

    def logits(self, images: Bytes) -> Array:
        return np.eye(len(images), dtype=np.float32) * 9


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of 150 images, some of them unreadable, and four arrays."""
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


def spec(tmp_path: Path) -> InputSpec:
    return InputSpec(Rows.source, "none", tmp_path / "cache")


def rows(results: Sequence[Result]) -> list[Row]:
    return [
        (result.source, 0, UNREADABLE)
        if isinstance(result, Unreadable)
        else (result.input.source, result.input.index, result.label)
        for result in results
    ]


def local_rows(args: list[str], tmp_path: Path, batch: int = 64, stdin: bytes = b"") -> list[Row]:
    groups = streams(args, spec(tmp_path), stdin=io.BytesIO(stdin))
    return rows([result for group in groups for result in predict(Rows(), group, batch=batch)])


# groups of three files, and of all files between two arrays
@pytest.mark.parametrize("files", [3, 10**18])
def test_spread_rows_of_the_plain_path(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int
) -> None:
    """Each image has one row: local, distributed, in any batch, and after a lost part."""
    monkeypatch.setattr(file_groups, "FILES_PER_GROUP", files)
    monkeypatch.setattr(chunks, "MIN_ROWS_PER_RANGE", 100)
    monkeypatch.setattr(load, "serialize", lambda _: b"the same for every row")
    args = [str(folder / "149.png"), str(folder)]
    expected = local_rows(args, tmp_path)
    assert len(expected) == 1 + 150 + 300 + 73 + 3 + 1
    assert local_rows(args, tmp_path, batch=7) == local_rows(args, tmp_path, batch=100) == expected
    job = distributed.prepare(
        Rows(), "rows", runs=Path("runs"), runtime=None, preprocess="none", batch=64
    )
    results = PartialResults(tmp_path / "out.csv")
    all_chunks = list(split_into_chunks(args, spec(tmp_path), model_key=job.cache_key))
    with open_engine("serial", jobs=1) as engine:
        outcomes = list(distributed.predict_missing(job, all_chunks, engine, results))
        assert outcomes == [(chunk, None) for chunk in all_chunks]
        assert rows(list(distributed.collect(all_chunks, results))) == expected
        for chunk in all_chunks:
            first = next(iter(rows(list(results.read(chunk.key)))))
            assert first[2] in {0, UNREADABLE}
        lost = all_chunks[len(all_chunks) // 2]
        (results.path / f"{lost.key}.part").unlink()
        list(distributed.predict_missing(job, [lost], engine, results))
        assert rows(list(distributed.collect(all_chunks, results))) == expected


def test_spread_rows_in_a_long_group(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files and images of an array take rows 0 to 63 in turn, including unreadable ones."""
    monkeypatch.setattr(file_groups, "FILES_PER_GROUP", 10**18)
    result = local_rows([str(folder)], tmp_path)
    for number in range(100):
        row = UNREADABLE if number in {7, 70} else number % 64
        assert (str(folder / f"{number:03}.png"), 0, row) in result
    assert (str(folder / "100.png"), 0, 0) in result  # the first after an array
    assert [row for source, _, row in result if source == f"{folder / '100.npy'}"] == [
        number % 64 for number in range(300)
    ]
    assert [row for source, _, row in result if "120.npz" in source] == [
        number % 64 for number in range(73)
    ]


def test_spread_rows_beside_a_new_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Repairing a file changes no row, and a new file changes only the rows of its group."""
    monkeypatch.setattr(file_groups, "FILES_PER_GROUP", 10**18)
    before = local_rows([str(folder)], tmp_path)
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(folder / "007.png")
    after = local_rows([str(folder)], tmp_path)
    assert set(after) - set(before) == {(str(folder / "007.png"), 0, 7)}
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(folder / "125.png.png")
    moved = {
        Path(source).name for source, _, _ in {*local_rows([str(folder)], tmp_path)} - {*after}
    }
    assert moved == {"125.png.png", *(f"{number}.png" for number in range(126, 130))}


def test_spread_rows_with_stdin(folder: Path, tmp_path: Path) -> None:
    """An image on stdin has row 0 and does not change the rows of the files around it."""
    content = (folder / "003.png").read_bytes()
    alone = [local_rows([str(folder / name)], tmp_path) for name in ("001.png", "002.png")]
    args = [str(folder / "001.png"), "-", str(folder / "002.png")]
    assert local_rows(args, tmp_path, stdin=content) == [*alone[0], ("-", 0, 0), *alone[1]]
    assert [row for _, _, row in chain(*alone)] == [0, 0]
