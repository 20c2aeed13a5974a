"""The memory that strangers' files can take: at most 512 MB more than the program itself."""

import gzip
import io
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.png_writer import MAGIC, chunk

LIMIT = """
import resource, sys
from pathlib import Path

def limit():
    status = Path("/proc/self/status").read_text()
    size = int(status.split("VmSize:")[1].split()[0]) * 1024 + 512_000_000
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
"""
READ = """
import numpy, pandas, PIL.Image
from zoo.config.dataset_info import SOURCES
from zoo.inference.inputs import InputSpec, read_file
spec = InputSpec(SOURCES["mnist"], None, Path(sys.argv[1]).parent / "cache")
limit()
for number, item in enumerate(read_file(Path(sys.argv[1]), spec)):
    if number == 5_000:
        break
print(getattr(item, "error", "read"))
"""
OWN = """
import numpy, pandas
from zoo.config.own_data import CsvData, IdxData, NpzData
from zoo.data.own import array_data, csv_data
from zoo.errors import ZooError
path = sys.argv[1]
limit()
try:
    if ".csv" in path:
        csv_data.find(CsvData(kind="csv", file=path, label="y"))
    elif path.endswith("npz"):
        array_data.find_npz(NpzData(kind="npz", file=path, x="a", y="a"))
    else:
        array_data.find_idx(IdxData(kind="idx", images=path, labels=path))
except ZooError as error:
    print(error)
"""
BUNDLE = """
from zoo.bundle.app import kaggle_csv
from zoo.bundle.app.decode import decode
from zoo.bundle.app.errors import BundleError
path = sys.argv[1]
limit()
try:
    if path.endswith("csv"):
        print(sum(1 for _ in kaggle_csv.read(path)))
    else:
        print("read", decode(open(path, "rb").read(), where=path).size)
except BundleError as error:
    print(error)
"""
ONNX = """
import onnx.checker, onnx.shape_inference, onnx.reference
from zoo.errors import ZooError
from zoo.export import onnx_safety
limit()
try:
    onnx_safety.read(Path(sys.argv[1]))
except ZooError as error:
    print(error)
"""


def output(script: str, path: Path) -> str:
    """Return what a process prints that may take 512 MB after its imports."""
    if not Path("/proc/self/status").exists():
        pytest.skip("this system does not report the memory of a process")
    done = subprocess.run(
        [sys.executable, "-I", "-c", LIMIT + script, path],
        capture_output=True,
        check=False,
        text=True,
    )
    assert not done.stderr
    return done.stdout


def archive(path: Path, *, fortran: bool, method: int = zipfile.ZIP_DEFLATED) -> None:
    """Write 440 MB of zeros as an .npz."""
    rows = 440_000_000 // 784
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": fortran, "shape": (rows, 784)}
    )
    with zipfile.ZipFile(path, "w", method) as file, file.open("a.npy", "w") as member:
        member.write(header.getvalue())
        for _ in range(784):
            member.write(bytes(rows))


def png(path: Path, width: int, height: int, depth: int, colour: int) -> None:
    """Write a black PNG."""
    channels = {0: 1, 6: 4}[colour]
    packer = zlib.compressobj()
    line = bytes(1 + width * channels * depth // 8)
    packed = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    path.write_bytes(MAGIC + chunks)


def commas(path: Path) -> None:
    header = ",".join(f"pixel{number}" for number in range(784))
    path.write_text(f"{header}\n{',' * 40_000_000}\n")


def cells(path: Path) -> None:
    """Write 2,000 lines that are short enough for an image, of 40 million cells."""
    header = ",".join(f"pixel{number}" for number in range(784))
    path.write_text(f"{header}\n" + f"a{',' * 19_980}\n" * 2_000)


def gzipped(path: Path) -> None:
    """Write 800 MB after the two images that a header declares."""
    with gzip.open(path, "wb", 1) as file:
        file.write(struct.pack(">Iiii", 0x803, 2, 28, 28))
        for _ in range(800):
            file.write(bytes(1_000_000))


@pytest.mark.parametrize(
    ("name", "write", "expected"),
    [
        ("a.npz", lambda path: archive(path, fortran=True), "read"),
        ("a.npz", lambda path: archive(path, fortran=False), "read"),
        (
            "a.npz",
            lambda path: archive(path, fortran=False, method=zipfile.ZIP_BZIP2),
            "it is compressed in another way than NumPy does",
        ),
        ("a.csv", commas, "line 2 has more than 20,000 bytes"),
        ("a.csv", cells, "line 2, column 785: expected the end of the line, got ','"),
        ("a.idx3-ubyte.gz", gzipped, "continues after the 1,568 values"),
        ("a.png", lambda path: png(path, 6_000, 6_000, 16, 6), "is blank"),
    ],
    ids=["fortran", "npz", "bzip2", "commas", "cells", "gzip", "png"],
)
def test_bomb_memory_of_images(
    tmp_path: Path, name: str, write: Callable[[Path], None], expected: str
) -> None:
    write(tmp_path / name)
    assert expected in output(READ, tmp_path / name)


def packed(path: Path, first: bytes, line: bytes, count: int) -> None:
    """Write many equal lines after the first, gzipped a thousandfold."""
    with gzip.open(path, "wb", 1) as file:
        file.write(first)
        for _ in range(count):
            file.write(line)


@pytest.mark.parametrize(
    ("name", "write", "expected"),
    [
        (
            "a.csv",
            lambda path: path.write_bytes(b"a,y\n" + b"," * 40_000_000),
            "a line of more than",
        ),
        (
            "a.csv.gz",
            lambda path: packed(path, b"a,y\n", bytes(1_000_000), 800),
            "a line of more than 1,000,000 bytes",
        ),
        (
            "a.csv.gz",
            lambda path: packed(path, b"a,y\n", b"1" + b"," * 900_000 + b"\n", 800),
            "row 1: expected 2 cells, got more",
        ),
        (
            "a.csv.gz",
            lambda path: packed(path, b"a,y\n1,x\n", b"1" + b"," * 900_000 + b"\n", 800),
            "line 3 has 900,001 cells; expected 2",
        ),
        (
            "a.csv.gz",
            lambda path: packed(path, b"a,y\n", b"1,x" + b" " * 900_000 + b"\n", 800),
            "has lines of more than 5,000 bytes",
        ),
        (
            "a.csv.gz",
            lambda path: packed(path, b"a,y\n", b"1,b" + b"a" * 900_000 + b"\n", 800),
            "has lines of more than 5,000 bytes",
        ),
        ("a.gz", gzipped, "continues after the 1,568 values"),
        (
            "a.idx",
            lambda path: path.write_bytes(struct.pack(">Iiii", 0x803, 1_999, 1_000, 1_000)),
            "declares 1,999,000,000 values; the maximum is 100,000,000",
        ),
    ],
    ids=["commas", "line", "first cells", "cells", "spaces", "text", "gzip", "idx"],
)
def test_bomb_memory_of_own_data(
    tmp_path: Path, name: str, write: Callable[[Path], None], expected: str
) -> None:
    write(tmp_path / name)
    assert expected in output(OWN, tmp_path / name)


@pytest.mark.parametrize(
    ("name", "write", "expected"),
    [
        ("a.csv", commas, "line 2 has more than 20,000 bytes"),
        ("a.png", lambda path: png(path, 60_000, 600, 16, 0), "read"),
        ("a.png", lambda path: png(path, 600, 60_000, 8, 0), "read"),
    ],
    ids=["commas", "16-bit", "rows"],
)
def test_bomb_memory_of_a_bundle(
    tmp_path: Path, name: str, write: Callable[[Path], None], expected: str
) -> None:
    write(tmp_path / name)
    assert expected in output(BUNDLE, tmp_path / name)


def test_bomb_memory_of_onnx(tmp_path: Path) -> None:
    """40 MB of empty messages, which are 20 million objects."""
    path = tmp_path / "a.onnx"
    body = b"\x6a\x00" * 20_000_000
    path.write_bytes(b"\x3a\x80\xb4\x89\x13" + body)
    assert "it has more than 100,000 fields" in output(ONNX, path)
