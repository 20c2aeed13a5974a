"""Inputs of `zoo predict`: images, arrays, folders, globs."""

import gzip
import io
import os
import struct
import sys
import traceback
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers.unix import unix_only
from zoo.config.dataset_info import SOURCES
from zoo.errors import CorruptFileError, DataError
from zoo.inference.file_groups import Unreadable
from zoo.inference.inputs import Input, InputSpec, count_images, read_file, streams

RNG = np.random.default_rng(1)
IMAGES = RNG.integers(0, 256, (3, 28, 28), dtype=np.uint8)


def spec_of(tmp_path: Path, *, preprocess: str | None = None, data: str = "mnist") -> InputSpec:
    return InputSpec(SOURCES[data], preprocess, tmp_path / "cache")  # type: ignore[arg-type]


def read(
    tmp_path: Path, *args: object, preprocess: str | None = None, stdin: bytes = b""
) -> list[Input | Unreadable]:
    spec = spec_of(tmp_path, preprocess=preprocess)
    groups = streams([str(arg) for arg in args], spec, stdin=io.BytesIO(stdin))
    return list(chain.from_iterable(groups))


def pixels(items: list[Input | Unreadable]) -> np.ndarray:
    assert all(isinstance(item, Input) for item in items), items
    return np.stack([item.image.reshape(28, 28) for item in items if isinstance(item, Input)])


def png(image: np.ndarray, path: Path) -> Path:
    Image.fromarray(image).save(path)
    return path


def idx(images: np.ndarray) -> bytes:
    return struct.pack(">IIII", 0x803, *images.shape) + images.tobytes()


def test_inputs_png(tmp_path: Path) -> None:
    path = png(IMAGES[0], tmp_path / "one.png")
    (one,) = read(tmp_path, path, preprocess="none")
    assert isinstance(one, Input)
    assert (one.source, one.index) == (str(path), 0)
    np.testing.assert_array_equal(one.image, IMAGES[0].reshape(-1))


def test_inputs_stdin(tmp_path: Path) -> None:
    content = png(IMAGES[0], tmp_path / "one.png").read_bytes()
    items = read(tmp_path, "-", preprocess="none", stdin=content)
    np.testing.assert_array_equal(pixels(items), IMAGES[:1])
    (nothing,) = read(tmp_path, "-", stdin=b"")
    assert isinstance(nothing, Unreadable)


@pytest.mark.parametrize("packed", [False, True])
def test_inputs_idx(tmp_path: Path, packed: bool) -> None:  # noqa: FBT001
    path = tmp_path / ("images-idx3-ubyte.gz" if packed else "images-idx3-ubyte")
    path.write_bytes(gzip.compress(idx(IMAGES)) if packed else idx(IMAGES))
    items = read(tmp_path, path)
    assert [item.index for item in items if isinstance(item, Input)] == [0, 1, 2]
    np.testing.assert_array_equal(pixels(items), IMAGES)


@pytest.mark.parametrize("labelled", [False, True])
def test_inputs_csv(tmp_path: Path, labelled: bool) -> None:  # noqa: FBT001
    names = [f"pixel{number}" for number in range(784)]
    rows = [[str(value) for value in image.reshape(-1)] for image in IMAGES]
    if labelled:
        names, rows = ["label", *names], [["7", *row] for row in rows]
    path = tmp_path / "test.csv"
    path.write_text("\n".join(",".join(row) for row in [names, *rows]))
    np.testing.assert_array_equal(pixels(read(tmp_path, path)), IMAGES)


def test_inputs_npz_names(tmp_path: Path) -> None:
    np.savez(tmp_path / "both.npz", a=IMAGES[:1], b=IMAGES[1:])
    items = read(tmp_path, tmp_path / "both.npz")
    np.testing.assert_array_equal(pixels(items), IMAGES)
    sources = [(item.source, item.index) for item in items if isinstance(item, Input)]
    path = tmp_path / "both.npz"
    assert sources == [(f"{path}:a", 0), (f"{path}:b", 0), (f"{path}:b", 1)]


def test_inputs_folder(tmp_path: Path) -> None:
    """A folder is walked in the order of its names; other files are skipped."""
    folder = tmp_path / "folder"
    (folder / "inner").mkdir(parents=True)
    png(IMAGES[1], folder / "inner" / "b.png")
    png(IMAGES[0], folder / "a.PNG")
    png(IMAGES[2], folder / "z.bmp")
    (folder / "notes.txt").write_text("not an image")
    (folder / ".hidden.png").write_text("hidden")
    (folder / "t10k-labels-idx1-ubyte").write_bytes(b"labels")
    np.testing.assert_array_equal(pixels(read(tmp_path, folder, preprocess="none")), IMAGES)


def test_inputs_linked_folders(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "abcdef"]
    for one in folders:
        one.mkdir()
        png(IMAGES[0], one / "x.png")
    for one in folders:
        for other in folders:
            if one != other:
                (one / f"to-{other.name}").symlink_to(other, target_is_directory=True)
    assert len(read(tmp_path, tmp_path, preprocess="none")) == 6


def test_inputs_deep_folder(tmp_path: Path) -> None:
    """A folder may be nested deeper than Python's recursion limit."""
    top = str(tmp_path)
    (tmp_path / "stays.txt").touch()
    deep = top
    for _ in range(400):
        deep += "/d"
        os.mkdir(deep)  # noqa: PTH102 - os.makedirs is recursive
    png(IMAGES[0], Path(deep) / "x.png")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(traceback.extract_stack()) + 300)
    try:
        items = read(tmp_path, top, preprocess="none")
    finally:
        sys.setrecursionlimit(limit)
    (Path(deep) / "x.png").unlink()
    os.removedirs(deep)  # pytest's own cleanup is recursive
    np.testing.assert_array_equal(pixels(items), IMAGES[:1])


@unix_only
def test_inputs_unreadable_folder(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    png(IMAGES[0], tmp_path / "open.png")
    items = read(tmp_path, tmp_path, preprocess="none")
    if os.geteuid():  # root may read it
        assert [type(item) for item in items] == [Unreadable, Input]
    (tmp_path / "closed").chmod(0o700)


def test_inputs_blank_image_of_an_array(tmp_path: Path) -> None:
    array = np.repeat(IMAGES[:1] * 0, 4, axis=0)
    array[[0, 2, 3], 4:24, 12:15] = 255
    np.save(tmp_path / "mid.npy", array)
    one, blank, *others = read(tmp_path, tmp_path / "mid.npy", preprocess="auto")
    assert isinstance(blank, Unreadable)
    assert f"{tmp_path / 'mid.npy'} [1] is blank" in str(blank.error)
    assert [item.index for item in (one, *others) if isinstance(item, Input)] == [0, 2, 3]


def test_inputs_large_array(tmp_path: Path) -> None:
    large = np.zeros((5000, 3000), np.uint8)
    large[1000:4000, 1450:1550] = 255
    np.save(tmp_path / "large.npy", large)
    (one,) = read(tmp_path, tmp_path / "large.npy", preprocess="auto")
    assert isinstance(one, Input)
    assert one.steps.startswith("shrunk from 3000 x 5000 to 600 x 1000; light on dark")


def test_inputs_thin_array(tmp_path: Path) -> None:
    thin = np.zeros((2, 1, 9000), np.uint8)
    thin[0, 0, 100:5000] = 255
    np.save(tmp_path / "thin.npy", thin)
    line, blank = read(tmp_path, tmp_path / "thin.npy", preprocess="auto")
    assert isinstance(line, Input)
    assert "shrunk from 9000 x 1 to 1125 x 1" in line.steps
    assert isinstance(blank, Unreadable)


def test_inputs_empty_array(tmp_path: Path) -> None:
    (tmp_path / "idx3-ubyte").write_bytes(idx(np.zeros((0, 28, 28), np.uint8)))
    assert read(tmp_path, tmp_path / "idx3-ubyte") == []


@unix_only
def test_inputs_pipe_in_a_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    png(IMAGES[0], tmp_path / "b.png")
    assert len(read(tmp_path, tmp_path, preprocess="none")) == 1


def test_inputs_folder_linked_to_itself(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    png(IMAGES[0], folder / "a.png")
    (folder / "again").symlink_to(folder, target_is_directory=True)
    assert len(read(tmp_path, folder, preprocess="none")) == 1


def test_inputs_glob(tmp_path: Path) -> None:
    for name, image in zip("abc", IMAGES, strict=True):
        png(image, tmp_path / f"{name}.png")
    items = read(tmp_path, tmp_path / "*.png", preprocess="none")
    np.testing.assert_array_equal(pixels(items), IMAGES)


def test_inputs_file_named_like_a_glob(tmp_path: Path) -> None:
    path = png(IMAGES[0], tmp_path / "[ab].png")
    png(IMAGES[1], tmp_path / "a.png")
    np.testing.assert_array_equal(pixels(read(tmp_path, path, preprocess="none")), IMAGES[:1])


@pytest.mark.parametrize(
    ("arg", "message"),
    [
        ("nowhere.png", "nowhere.png does not exist"),
        ("no*.png", "No file matches no*.png"),
        ("", 'The name of a file is empty: "".'),
    ],
)
def test_inputs_missing(tmp_path: Path, arg: str, message: str) -> None:
    """A missing file raises an error before anything is read."""
    png(IMAGES[0], tmp_path / "one.png")
    stream = streams([str(tmp_path / "one.png"), arg], spec_of(tmp_path), stdin=io.BytesIO())
    with pytest.raises(DataError, match=message.replace("*", r"\*")):
        next(stream)


def test_inputs_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nand nothing more")
    (tmp_path / "b.pkl").write_bytes(b"\x80\x04")
    os.symlink(tmp_path / "nowhere", tmp_path / "c.png")  # noqa: PTH211
    png(IMAGES[0], tmp_path / "d.png")
    names = [tmp_path / name for name in ("a.png", "b.pkl", "c.png", "d.png")]
    first, second, third, fourth = read(tmp_path, *names, preprocess="none")
    for item, message in ((first, "a.png"), (second, "may run code"), (third, "c.png")):
        assert isinstance(item, Unreadable)
        assert message in str(item.error)
    assert isinstance(fourth, Input)


def test_inputs_wrong_size(tmp_path: Path) -> None:
    path = tmp_path / "idx3-ubyte"
    path.write_bytes(idx(np.zeros((2, 20, 30), np.uint8)))
    (one,) = read(tmp_path, path)
    assert isinstance(one, Unreadable)
    assert isinstance(one.error, CorruptFileError)
    assert "contains images of 20 x 30 pixels, but MNIST has 28 x 28" in str(one.error)
    assert one.error.hint == "To convert images of any size, use --preprocess auto."


def test_inputs_wrong_size_of_a_plugin(tmp_path: Path) -> None:
    """`--preprocess auto` converts digits alone, and `zoo predict` refuses it for other images."""
    (tmp_path / "own-idx3-ubyte").write_bytes(idx(np.zeros((2, 20, 30), np.uint8)))
    png(np.zeros((20, 30), np.uint8), tmp_path / "own.png")
    source = replace(SOURCES["mnist"], shape=(12, 12), title="letters", fit="none")
    for name in ("own-idx3-ubyte", "own.png"):
        spec = InputSpec(source, "none", tmp_path / "cache")
        (one,) = read_file(tmp_path / name, spec)
        assert isinstance(one, Unreadable)
        assert "20" in str(one.error)
        assert isinstance(one.error, CorruptFileError)
        assert one.error.hint == "Images for letters are taken as they are."


def test_inputs_rows_that_may_run_code(tmp_path: Path) -> None:
    """The hint speaks of rows where the model takes rows."""
    source = replace(SOURCES["digits"], highest=0)
    path = tmp_path / "rows.pkl"
    path.touch()
    (one,) = read_file(path, InputSpec(source, None, tmp_path / "cache"))
    assert isinstance(one, Unreadable)
    assert isinstance(one.error, CorruptFileError)
    assert one.error.hint == "Save the rows as .npy or .csv."


def test_inputs_value_too_high(tmp_path: Path) -> None:
    path = tmp_path / "idx3-ubyte"
    path.write_bytes(idx(np.full((2, 8, 8), 17, np.uint8)))
    spec = spec_of(tmp_path, data="digits")
    (one,) = chain.from_iterable(streams([str(path)], spec, stdin=io.BytesIO()))
    assert isinstance(one, Unreadable)
    assert "contains the value 17; the maximum of a pixel is 16" in str(one.error)


def test_inputs_array_of_any_size(tmp_path: Path) -> None:
    large = np.zeros((2, 100, 60), np.uint8)
    large[:, 20:80, 25:32] = 255  # a one
    np.save(tmp_path / "large.npy", large)
    items = read(tmp_path, tmp_path / "large.npy", preprocess="auto")
    image = pixels(items)[1]
    rows = np.flatnonzero(image.max(axis=1))
    assert rows[-1] - rows[0] + 1 in {20, 21}
    (tmp_path / "idx3-ubyte").write_bytes(idx(large))
    np.testing.assert_array_equal(
        pixels(read(tmp_path, tmp_path / "idx3-ubyte", preprocess="auto"))[1], image
    )


def test_inputs_ranges(tmp_path: Path) -> None:
    """The ranges of a file together contain the same images as the file."""
    np.save(tmp_path / "three.npy", IMAGES)
    (tmp_path / "three-idx3-ubyte").write_bytes(idx(IMAGES))
    spec = spec_of(tmp_path)
    for name in ("three.npy", "three-idx3-ubyte"):
        path = tmp_path / name
        assert count_images(path, spec) == 3
        expected = read(tmp_path, path)
        ranges = [read_file(path, spec, first=0, end=2), read_file(path, spec, first=2)]
        indices = [item.index for part in ranges for item in part if isinstance(item, Input)]
        assert indices == [0, 1, 2]
        result = [item for end in (1, 3) for item in read_file(path, spec, first=end - 1, end=end)]
        np.testing.assert_array_equal(pixels(result), pixels([expected[0], expected[2]]))


def test_inputs_error_in_one_range(tmp_path: Path) -> None:
    path = tmp_path / "two.npz"
    np.savez(path, first=IMAGES, second=IMAGES)
    content = bytearray(path.read_bytes())
    content[content.rindex(IMAGES[2].tobytes()) + 5] ^= 1  # the archive's checksum detects it
    path.write_bytes(content)
    spec = spec_of(tmp_path)
    expected = read(tmp_path, path)
    assert [type(item) for item in expected] == [Input] * 3 + [Unreadable]
    for cut in range(6):
        items = [*read_file(path, spec, end=cut), *read_file(path, spec, first=cut)]
        assert [type(item) for item in items] == [Input] * 3 + [Unreadable], cut


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a-idx3-ubyte", "a.pkl"])
@pytest.mark.parametrize("content", [b"\x1f\x8b damaged", b"", b"damaged" * 5])
def test_inputs_count_of_a_damaged_file(tmp_path: Path, name: str, content: bytes) -> None:
    """The error of a damaged file is that of reading it."""
    path, spec = tmp_path / name, spec_of(tmp_path)
    path.write_bytes(content)
    with pytest.raises(CorruptFileError) as caught:
        count_images(path, spec)
    (item,) = read_file(path, spec)
    assert isinstance(item, Unreadable)
    assert str(item.error) == str(caught.value)


def test_inputs_count_up_to_damage(tmp_path: Path) -> None:
    """The images before a damaged header count, because they are read."""
    path = tmp_path / "two.npz"
    np.savez(path, first=IMAGES, second=IMAGES)
    content = bytearray(path.read_bytes())
    content[content.rindex(b"PK\x03\x04")] ^= 1
    path.write_bytes(content)
    spec = spec_of(tmp_path)
    assert count_images(path, spec) == 3
    assert [type(item) for item in read_file(path, spec)] == [Input] * 3 + [Unreadable]


def test_inputs_count_of_a_packed_csv(tmp_path: Path) -> None:
    """A .csv file is read as it is, so it is not unpacked to count its lines."""
    path = tmp_path / "a.csv"
    path.write_bytes(gzip.compress(b"\n" * 1_000) + b"\n" * 9)
    assert count_images(path, spec_of(tmp_path)) == path.read_bytes().count(b"\n") < 100


@pytest.mark.parametrize("shape", [(12, 12), (28, 28)])
def test_inputs_of_other_images(tmp_path: Path, shape: tuple[int, int]) -> None:
    """Images of a plugin are not digits: none is thickened or centred, and none is resized."""
    source = replace(SOURCES["mnist"], title="letters", shape=shape, highest=200, fit="none")
    spec = InputSpec(source, None, tmp_path / "cache")
    image = RNG.integers(0, 200, shape, dtype=np.uint8)
    (item,) = read_file(png(image, tmp_path / "right.png"), spec)
    assert isinstance(item, Input)
    np.testing.assert_array_equal(item.image.reshape(shape), image)
    assert item.steps == "as it is"
    (wrong,) = read_file(png(np.zeros((9, 9), np.uint8), tmp_path / "wrong.png"), spec)
    assert isinstance(wrong, Unreadable)
    assert wrong.error.hint == "Images for letters are taken as they are."
    (bright,) = read_file(png(np.full(shape, 201, np.uint8), tmp_path / "bright.png"), spec)
    assert isinstance(bright, Unreadable)
    assert "contains the value 201; the maximum of a pixel is 200." in str(bright.error)
