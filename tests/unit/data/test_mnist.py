"""MNIST from folders, the cache and mirrors."""

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


@pytest.mark.parametrize("spot", ["{}", "{}.gz", "mnist/{}", "mnist/{}.gz"])
def test_mnist_folder(tmp_path: Path, places: DataLocations, spot: str) -> None:
    folder = tmp_path / "usb"
    for name, content in zip(NAMES, CONTENTS, strict=True):
        path = folder / spot.format(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content) if spot.endswith(".gz") else content)
    for here in (replace(places, folder=folder), replace(places, user_path=folder)):
        mnist = load_mnist(here, files=FILES)
        assert mnist.source == f"MNIST in {(folder / spot).parent}"
        assert mnist.digest == load_mnist(here, files=FILES).digest


def test_mnist_order_of_places(tmp_path: Path, places: DataLocations) -> None:
    """The folder comes before the cache, and the cache before the mirrors."""
    folder = tmp_path / "usb"
    put(places.cache / "mnist")
    put(folder)
    for name in NAMES[1:]:
        (folder / name).unlink()
    with mirror(sends(b"")) as never:
        here = replace(places, folder=folder, mirrors=(never.url,))
        assert (
            load_mnist(here, files=FILES).source
            == f"MNIST in {folder} and {places.cache / 'mnist'}"
        )
        assert never.asked == []


@pytest.mark.parametrize(
    ("contents", "sentence"),
    [
        ((images(3), labels(7, 0, 10), *CONTENTS[2:]), "{1} holds the label 10; the highest is 9."),
        ((images(3), labels(7, 0), *CONTENTS[2:]), "{0} holds 3 pictures and {1} 2 labels."),
        (
            (*CONTENTS[:2], images(2, 27), labels(1, 2)),
            "{2} holds pictures of (27, 27) pixels, not (28, 28).",
        ),
    ],
)
def test_mnist_files_that_do_not_fit(
    places: DataLocations, contents: tuple[bytes, ...], sentence: str
) -> None:
    folder = places.cache / "mnist"
    put(folder, contents)
    with pytest.raises(CorruptFileError) as caught:
        load_mnist(places, files=FILES)
    assert str(caught.value) == sentence.format(*(folder / name for name in NAMES))
    assert "`zoo data fetch mnist`" in caught.value.hint


def test_mnist_other_hash(places: DataLocations) -> None:
    other = (images(3), labels(7, 0, 8), *CONTENTS[2:])
    put(places.cache / "mnist", other)
    with pytest.raises(DataError) as caught:
        load_mnist(places, files=FILES)
    got, expected = (hashlib.sha256(content[1]).hexdigest()[:12] for content in (other, CONTENTS))
    assert str(caught.value) == (
        f"{places.cache / 'mnist' / NAMES[1]} holds content with the SHA-256 {got}… "
        f"where {expected}… was expected."
    )
    assert caught.value.exit_code == 3


def test_mnist_missing(tmp_path: Path, places: DataLocations) -> None:
    """The error names every folder searched and what each mirror answered."""
    put(tmp_path)
    for name in NAMES[2:]:
        (tmp_path / name).unlink()
    with mirror(sends(b"", status=403)) as one, mirror(sends(b"<html>")) as two:
        here = replace(places, folder=tmp_path, mirrors=(one.url, two.url))
        with pytest.raises(MnistMissingError) as caught:
            load_mnist(here, files=FILES)
    cache = places.cache
    assert str(caught.value) == (
        f"MNIST is missing: {NAMES[2]}, {NAMES[3]} (plain or .gz) were looked for in "
        f"{tmp_path} and {tmp_path / 'mnist'} and {cache} and {cache / 'mnist'}; "
        f"{one.url} answered 403 Forbidden; {two.url} sent no gzip file, perhaps an HTML page."
    )
    assert caught.value.hint == (
        "`zoo data fetch mnist` downloads it, `zoo data import DIR` copies it from a folder; "
        "ZOO_DATA=DIR or --data DIR reads a folder as it is."
    )
    assert (one.asked, two.asked) == ([f"/{NAMES[2]}.gz"], [f"/{NAMES[2]}.gz"])


def test_mnist_given_folder(tmp_path: Path, places: DataLocations) -> None:
    put(places.cache / "mnist")
    with mirror(sends(b"")) as never:
        here = replace(places, user_path=tmp_path, mirrors=(never.url,))
        with pytest.raises(MnistMissingError, match="a place given by --data is searched alone"):
            load_mnist(here, files=FILES)
        assert never.asked == []


def test_mnist_folder_missing(tmp_path: Path, places: DataLocations) -> None:
    with pytest.raises(DataError) as caught:
        load_mnist(replace(places, folder=tmp_path / "typo"), files=FILES)
    assert (
        str(caught.value)
        == f"{tmp_path / 'typo'} does not exist; {NAMES[0]} was to be looked for there."
    )


def test_mnist_offline(places: DataLocations, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("socket.socket", refuse)
    here = replace(places, offline=True, mirrors=("http://127.0.0.1:9/",))
    for function in (load_mnist, fetch_mnist):
        with pytest.raises(MnistMissingError, match="no mirror was asked, because zoo is offline"):
            function(here, files=FILES)
    put(places.cache / "mnist")
    assert len(load_mnist(here, files=FILES).train) == 3


def test_mnist_fetch_damaged(places: DataLocations) -> None:
    """Fetching replaces a damaged file and touches no sound one."""
    folder = places.cache / "mnist"
    put(folder, (CONTENTS[0], b"damaged", *CONTENTS[2:]))
    before = (folder / NAMES[0]).stat()
    with mirror(sends(gzip.compress(CONTENTS[1]))) as good:
        here = replace(places, mirrors=(good.url,))
        assert fetch_mnist(here, files=FILES) == [folder / name for name in NAMES]
        assert fetch_mnist(here, files=FILES) == [folder / name for name in NAMES]
        assert good.asked == [f"/{NAMES[1]}.gz"]
    assert (folder / NAMES[1]).read_bytes() == CONTENTS[1]
    assert (folder / NAMES[0]).stat() == before


def test_mnist_download_once(places: DataLocations) -> None:
    same = four(*[CONTENTS[0]] * 4)  # one answer serves four requests; the last step sees the joke
    with mirror(sends(gzip.compress(CONTENTS[0]))) as good:
        here = replace(places, mirrors=(good.url,))
        for _ in range(2):
            with pytest.raises(CorruptFileError, match="begins with 0x00000803"):
                load_mnist(here, files=same)
        assert good.asked == [f"/{name}.gz" for name in NAMES]
