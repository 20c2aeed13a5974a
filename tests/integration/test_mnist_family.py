"""Sets in MNIST's form: made archives from a server on this machine, and damaged ones."""

import gzip
import hashlib
import io
import struct
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.helpers.http_server import mirror
from zoo.config import dataset_info
from zoo.config.dataset_info import SOURCES
from zoo.config.datasets import data_config
from zoo.data import archives, mnist_family
from zoo.data.archives import SETS, Archive, ArchivedSet
from zoo.data.load import fetch, load
from zoo.data.locations import locations_from_environment
from zoo.errors import CorruptFileError, DataError

ROWS = {"train": 30, "test": 20}
Bytes = npt.NDArray[np.uint8]


def idx(array: npt.NDArray[np.generic], kind: int = 8) -> bytes:
    """Return a gzipped IDX file."""
    header = struct.pack(f">I{array.ndim}I", kind << 8 | array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes())


class MadeSet:
    """A set with few images, and the content of its archives."""

    def __init__(self, name: str) -> None:
        rng = np.random.default_rng(1)
        self.set = SETS[name]
        source = SOURCES[name]
        files: dict[str, bytes] = {}
        self.images: list[Bytes] = []
        self.labels: list[npt.NDArray[np.intp]] = []
        for pool, (images, labels) in zip(
            ROWS, (self.set.members[:2], self.set.members[2:]), strict=True
        ):
            pixels = rng.integers(0, 256, (ROWS[pool], 28, 28), dtype=np.uint8)
            numbers = np.resize(np.arange(source.classes), ROWS[pool])
            stored = pixels.transpose(0, 2, 1) if self.set.is_transposed else pixels
            files[images] = idx(np.ascontiguousarray(stored))
            given = numbers + self.set.first_label
            if "int" in labels:
                rows = np.zeros((ROWS[pool], 8), ">i4")
                rows[:, 0] = given
                files[labels] = idx(rows, kind=0x0C)
            else:
                files[labels] = idx(given.astype(np.uint8))
            self.images.append(pixels.reshape(ROWS[pool], -1))
            self.labels.append(numbers)
        self.content = files if len(self.set.archives) > 1 else {"gzip.zip": packed(files)}

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let zoo take these archives for the published ones."""
        made = tuple(
            Archive(name, hashlib.md5(content, usedforsecurity=False).hexdigest(), 10**6)
            for name, content in self.content.items()
        )
        one: ArchivedSet = replace(self.set, archives=made)
        name = self.set.name
        monkeypatch.setitem(archives.SETS, name, one)
        few = replace(SOURCES[name], train=ROWS["train"], test=ROWS["test"])
        monkeypatch.setitem(dataset_info.SOURCES, name, few)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Send an archive."""
        folder, _, name = handler.path.strip("/").partition("/")
        content = self.content.get(name) if folder == self.set.folder else None
        handler.send_response(200 if content else 404)
        handler.end_headers()
        handler.wfile.write(content or b"")


def packed(files: dict[str, bytes]) -> bytes:
    """Return a zip archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, file in files.items():
            archive.writestr(name, file)
    return content.getvalue()


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOO_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("ZOO_DATA", raising=False)
    monkeypatch.delenv("ZOO_OFFLINE", raising=False)


@pytest.mark.parametrize("name", sorted(SETS))
def test_archived_set(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set is downloaded once, checked, and has the images and labels of its archives."""
    made = MadeSet(name)
    made.install(monkeypatch)
    with mirror(made.answer) as server:
        monkeypatch.setenv("ZOO_MIRRORS", server.url)
        fetch(name, locations_from_environment())
        asked = list(server.asked)
        dataset = load(data_config(name), locations_from_environment())
    assert server.asked == asked
    assert len(asked) == len(made.set.archives)
    assert dataset.test is not None
    for pool, images, labels in zip(
        (dataset.train, dataset.test), made.images, made.labels, strict=True
    ):
        np.testing.assert_array_equal(pool.images, images)
        np.testing.assert_array_equal(pool.labels, labels)
    again = load(data_config(name), locations_from_environment(offline=True))
    assert again.digest == dataset.digest


def test_archived_set_of_another_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mirror with another file is refused, and so is a damaged copy; a new fetch replaces it."""
    made = MadeSet("kmnist")
    made.install(monkeypatch)
    other = MadeSet("kmnist")
    other.content = dict.fromkeys(made.content, b"another file")
    with mirror(other.answer) as server:
        monkeypatch.setenv("ZOO_MIRRORS", server.url)
        with pytest.raises(DataError) as caught:
            fetch("kmnist", locations_from_environment())
    assert "sent another file, with the MD5" in str(caught.value)
    assert not list((tmp_path / "cache").rglob("*.gz"))
    with mirror(made.answer) as server:
        monkeypatch.setenv("ZOO_MIRRORS", server.url)
        paths = fetch("kmnist", locations_from_environment())
        paths[0].write_bytes(b"damaged")
        with pytest.raises(CorruptFileError) as damaged:
            load(data_config("kmnist"), locations_from_environment())
        assert "is not the published file" in str(damaged.value)
        fetch("kmnist", locations_from_environment())
        assert load(data_config("kmnist"), locations_from_environment()).train.images.shape[0] == 30


def test_archived_set_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load(data_config("fashion-mnist"), locations_from_environment(offline=True))
    assert "Fashion-MNIST is missing: train-images-idx3-ubyte.gz was not found" in str(caught.value)
    assert "zoo data fetch fashion-mnist" in caught.value.hint
    with pytest.raises(DataError) as caught:
        load(data_config("fashion-mnist"), locations_from_environment(tmp_path))
    assert "with --data, no other folder is searched" in str(caught.value)


@pytest.mark.parametrize("name", sorted(SETS))
def test_archived_set_facts(name: str) -> None:
    """The mirrors are addresses, and the MD5s have the length of one."""
    one = SETS[name]
    assert all(address.startswith("http") and address.endswith("/") for address in one.mirrors)
    assert all(len(archive.md5) == 32 for archive in one.archives)
    assert mnist_family.mirrors(one, locations_from_environment()) == one.mirrors
