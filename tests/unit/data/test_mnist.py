"""MNIST: folders, the cache and mirrors."""

import gzip
import hashlib
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.http_server import mirror, sends
from zoo.data.locations import DataLocations
from zoo.data.mnist import Four, MnistMissingError, fetch_mnist, load_mnist
from zoo.data.pins import MNIST, PinnedFile
from zoo.errors import CorruptFileError, DataError

NAMES = tuple(pinned.name for pinned in MNIST)


def images(count: int, side: int = 28) -> bytes:
    pixels = np.arange(count * side * side, dtype=np.uint64).astype(np.uint8)
    return struct.pack(">4i", 0x803, count, side, side) + pixels.tobytes()


def labels(*values: int) -> bytes:
    return struct.pack(">2i", 0x801, len(values)) + bytes(values)


def four(*contents: bytes) -> Four:
    first, second, third, fourth = (
        PinnedFile(name, len(content), hashlib.sha256(content).hexdigest())
        for name, content in zip(NAMES, contents, strict=True)
    )
    return first, second, third, fourth


CONTENTS = (images(3), labels(7, 0, 9), images(2), labels(1, 2))
FILES = four(*CONTENTS)


def put(folder: Path, contents: tuple[bytes, ...] = CONTENTS) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in zip(NAMES, contents, strict=True):
        (folder / name).write_bytes(content)


def test_mnist_load(places: DataLocations) -> None:
    put(places.cache / "mnist")
    mnist = load_mnist(places, files=FILES)
    assert mnist.test is not None
    assert mnist.train.labels is not None
    assert mnist.test.labels is not None
    assert mnist.train.images.shape == (3, 784)
    assert mnist.train.images[1, :3].tolist() == [784 % 256, 785 % 256, 786 % 256]
    assert mnist.train.labels.tolist() == [7, 0, 9]
    assert mnist.test.labels.tolist() == [1, 2]
    assert (mnist.shape, mnist.classes) == ((28, 28), 10)
    assert mnist.source == f"MNIST in {places.cache / 'mnist'}"
    hashes = "\n".join(hashlib.sha256(content).hexdigest() for content in CONTENTS)
    assert mnist.digest == hashlib.sha256(hashes.encode()).hexdigest()


@pytest.mark.parametrize("pattern", ["{}", "{}.gz", "mnist/{}", "mnist/{}.gz"])
def test_mnist_folder(tmp_path: Path, places: DataLocations, pattern: str) -> None:
    folder = tmp_path / "usb"
    for name, content in zip(NAMES, CONTENTS, strict=True):
        path = folder / pattern.format(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content) if pattern.endswith(".gz") else content)
    for locations in (replace(places, folder=folder), replace(places, user_path=folder)):
        mnist = load_mnist(locations, files=FILES)
        assert mnist.source == f"MNIST in {(folder / pattern).parent}"
        assert mnist.digest == load_mnist(locations, files=FILES).digest


def test_mnist_order_of_locations(tmp_path: Path, places: DataLocations) -> None:
    """The folder is searched before the cache, and the cache before the mirrors."""
    folder = tmp_path / "usb"
    put(places.cache / "mnist")
    put(folder)
    for name in NAMES[1:]:
        (folder / name).unlink()
    with mirror(sends(b"")) as unused:
        locations = replace(places, folder=folder, mirrors=(unused.url,))
        assert (
            load_mnist(locations, files=FILES).source
            == f"MNIST in {folder} and {places.cache / 'mnist'}"
        )
        assert unused.asked == []


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (
            (images(3), labels(7, 0, 10), *CONTENTS[2:]),
            "{1} contains the label 10; the maximum is 9.",
        ),
        (
            (images(3), labels(7, 0), *CONTENTS[2:]),
            "{0} contains 3 images, but {1} contains 2 labels.",
        ),
        (
            (*CONTENTS[:2], images(2, 27), labels(1, 2)),
            "{2} contains images of shape (27, 27); expected (28, 28).",
        ),
    ],
)
def test_mnist_files_that_do_not_fit(
    places: DataLocations, contents: tuple[bytes, ...], message: str
) -> None:
    folder = places.cache / "mnist"
    put(folder, contents)
    with pytest.raises(CorruptFileError) as caught:
        load_mnist(places, files=FILES)
    assert str(caught.value) == message.format(*(folder / name for name in NAMES))
    assert "`zoo data fetch mnist`" in caught.value.hint


def test_mnist_other_hash(places: DataLocations) -> None:
    other = (images(3), labels(7, 0, 8), *CONTENTS[2:])
    put(places.cache / "mnist", other)
    with pytest.raises(DataError) as caught:
        load_mnist(places, files=FILES)
    got, expected = (hashlib.sha256(content[1]).hexdigest()[:12] for content in (other, CONTENTS))
    assert str(caught.value) == (
        f"{places.cache / 'mnist' / NAMES[1]} contains wrong content "
        f"(expected SHA-256 {expected}…, got {got}…)."
    )
    assert caught.value.exit_code == 3


def test_mnist_missing(tmp_path: Path, places: DataLocations) -> None:
    """The error names every searched folder and the answer of each mirror."""
    put(tmp_path)
    for name in NAMES[2:]:
        (tmp_path / name).unlink()
    with mirror(sends(b"", status=403)) as one, mirror(sends(b"<html>")) as two:
        locations = replace(places, folder=tmp_path, mirrors=(one.url, two.url))
        with pytest.raises(MnistMissingError) as caught:
            load_mnist(locations, files=FILES)
    cache = places.cache
    assert str(caught.value) == (
        f"MNIST is missing: {NAMES[2]}, {NAMES[3]} (plain or .gz) not found in "
        f"{tmp_path} and {tmp_path / 'mnist'} and {cache} and {cache / 'mnist'}; "
        f"{one.url} answered 403 Forbidden; "
        f"{two.url} sent something other than gzip, perhaps an HTML page."
    )
    assert caught.value.hint == (
        "Try again later, or copy it with `zoo data import DIR`, "
        "or use a folder directly with ZOO_DATA=DIR or --data DIR."
    )
    assert (one.asked, two.asked) == ([f"/{NAMES[2]}.gz"], [f"/{NAMES[2]}.gz"])


def test_mnist_given_folder(tmp_path: Path, places: DataLocations) -> None:
    put(places.cache / "mnist")
    with mirror(sends(b"")) as unused:
        locations = replace(places, user_path=tmp_path, mirrors=(unused.url,))
        with pytest.raises(
            MnistMissingError, match="with --data, no other folder is searched"
        ) as caught:
            load_mnist(locations, files=FILES)
        assert caught.value.hint.startswith("Give --data a folder with these files, or leave it")
        assert unused.asked == []


def test_mnist_folder_missing(tmp_path: Path, places: DataLocations) -> None:
    """ZOO_DATA names it, so that no option is the remedy."""
    with pytest.raises(DataError) as caught:
        load_mnist(replace(places, folder=tmp_path / "typo"), files=FILES)
    assert str(caught.value) == f"ZOO_DATA is {tmp_path / 'typo'}, which does not exist."
    assert (
        caught.value.hint == "Set it to a folder with data or to Kaggle's train.csv, or unset it."
    )


def test_mnist_offline(places: DataLocations, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("socket.socket", refuse)
    locations = replace(places, offline=True, mirrors=("http://127.0.0.1:9/",))
    for function in (load_mnist, fetch_mnist):
        with pytest.raises(DataError, match="zoo is offline, so no mirror was tried"):
            function(locations, files=FILES)
    put(places.cache / "mnist")
    assert len(load_mnist(locations, files=FILES).train) == 3


def test_mnist_fetch_damaged(places: DataLocations) -> None:
    """Fetching replaces a damaged file and leaves valid ones unchanged."""
    folder = places.cache / "mnist"
    put(folder, (CONTENTS[0], b"damaged", *CONTENTS[2:]))
    before = (folder / NAMES[0]).stat()  # reading it may change its time of access
    with mirror(sends(gzip.compress(CONTENTS[1]))) as good:
        locations = replace(places, mirrors=(good.url,))
        assert fetch_mnist(locations, files=FILES) == [folder / name for name in NAMES]
        assert fetch_mnist(locations, files=FILES) == [folder / name for name in NAMES]
        assert good.asked == [f"/{NAMES[1]}.gz"]
    assert (folder / NAMES[1]).read_bytes() == CONTENTS[1]
    after = (folder / NAMES[0]).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_mnist_download_once(places: DataLocations) -> None:
    same = four(*[CONTENTS[0]] * 4)  # one answer for four requests; reading the labels then fails
    with mirror(sends(gzip.compress(CONTENTS[0]))) as good:
        locations = replace(places, mirrors=(good.url,))
        for _ in range(2):
            with pytest.raises(CorruptFileError, match="at its start, got 0x00000803"):
                load_mnist(locations, files=same)
        assert good.asked == [f"/{name}.gz" for name in NAMES]
