"""`zoo data`: path, list, fetch, verify and import."""

import gzip
import hashlib
import json
import os
import struct
import sys
import zipfile
from pathlib import Path

import pytest

from tests.helpers.command import zoo
from tests.helpers.http_server import mirror, sends
from tests.helpers.unix import unix_only
from zoo.data.archives import SETS
from zoo.data.locations import digits_file
from zoo.data.pins import MNIST

NAMES = [pinned.name for pinned in MNIST]
PIXELS = ",".join(f"pixel{number}" for number in range(784))
ROW = ",".join("0" * 784)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return the folder that `zoo data path` must print in a test."""
    return tmp_path / "caches" / "zoo"


def test_data_path(cache: Path) -> None:
    assert zoo("data", "path").stdout == f"{cache}\n"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep caches elsewhere")
def test_data_path_default(tmp_path: Path) -> None:
    done = zoo("data", "path", ZOO_CACHE_DIR=None, XDG_CACHE_HOME=tmp_path / "home")
    assert done.stdout == f"{tmp_path}/home/zoo\n"


def test_data_list() -> None:
    done = zoo("data", "list")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["name", "images", "shape", "licence", "location"]
    assert lines[1].split() == [
        "digits",
        "1,797",
        "8",
        "x",
        "8",
        "CC",
        "BY",
        "4.0",
        str(digits_file()),
    ]
    assert "missing: `zoo data fetch mnist`" in lines[2]
    assert "missing: `zoo data import DIR`" in lines[3]
    assert (done.exit_code, done.stderr) == (0, "")


def test_data_list_json(tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name).write_bytes(b"")
    rows = json.loads(zoo("data", "list", "--json", ZOO_DATA=tmp_path).stdout)
    assert [row["name"] for row in rows] == ["digits", "mnist", "kaggle", *SETS]
    assert rows[1] == {
        "name": "mnist",
        "train": 60_000,
        "test": 10_000,
        "shape": [28, 28],
        "classes": 10,
        "licence": "CC BY-SA 3.0",
        "where": str(tmp_path),
    }
    assert rows[2]["where"] == f"stand-in drawn from MNIST in {tmp_path}"


def test_data_list_markup_in_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "[red]usb["
    folder.mkdir()
    (folder / "train.csv").write_bytes(b"")
    assert f"{folder}/train.csv" in zoo("data", "list", ZOO_DATA=folder).stdout


@pytest.mark.parametrize("how", ["option", "setting"])
def test_data_fetch_offline(cache: Path, how: str) -> None:
    """A damaged copy is not called missing, and the hint is not the command that failed."""
    (cache / "mnist").mkdir(parents=True, exist_ok=True)
    (cache / "mnist" / NAMES[0]).write_bytes(b"damaged")
    if how == "option":
        done = zoo("data", "fetch", "mnist", "--offline")
    else:
        done = zoo("data", "fetch", "mnist", ZOO_OFFLINE=1)
    assert done.exit_code == 3
    assert done.stdout == ""
    assert done.stderr == (
        f"zoo: MNIST could not be downloaded: {NAMES[0]} (the copy is damaged), "
        f"{', '.join(NAMES[1:])}; zoo is offline, so no mirror was tried.\n"
        "     Leave out --offline and unset ZOO_OFFLINE, or copy it with `zoo data import DIR`.\n"
    )


def test_data_fetch_bad_mirrors(cache: Path) -> None:
    """The answer of each mirror is reported, and no file is left."""
    with mirror(sends(b"", status=503)) as one, mirror(sends(gzip.compress(b"other"))) as two:
        done = zoo("data", "fetch", "mnist", ZOO_MIRRORS=f"{one.url}, {two.url}")
    other = hashlib.sha256(b"other").hexdigest()[:12]
    size = len(gzip.compress(b"other"))
    assert done.exit_code == 3
    assert done.stderr.startswith(
        f"Downloading {NAMES[0]} ({size} bytes)\nzoo: MNIST could not be downloaded: "
    )
    assert (
        f"; {one.url} answered 503 Service Unavailable; {two.url} sent wrong content "
        f"(expected SHA-256 ba891046e650…, got {other}…).\n"
    ) in done.stderr
    assert not (cache / "mnist").exists()


def test_data_fetch_kaggle_or_unknown() -> None:
    kaggle = zoo("data", "fetch", "kaggle")
    assert (kaggle.exit_code, kaggle.stdout) == (3, "")
    assert "an account" in kaggle.stderr
    assert "`zoo data import DIR`" in kaggle.stderr
    unknown = zoo("data", "fetch", "[red]")
    assert unknown.exit_code == 2
    assert unknown.stderr == (
        "zoo: There is no dataset named '[red]'.\n"
        f"     Choose one of digits, mnist, kaggle, {', '.join(SETS)}.\n"
    )


def test_data_verify_wrong_file(tmp_path: Path) -> None:
    wrong = tmp_path / NAMES[3]
    wrong.write_bytes(struct.pack(">2i", 0x801, 1) + b"\x07")
    done = zoo("data", "verify", ZOO_DATA=tmp_path, COLUMNS=1000)
    got = hashlib.sha256(wrong.read_bytes()).hexdigest()[:12]
    assert done.exit_code == 3
    assert done.stdout == (
        f"ok       {digits_file()}\nDIFFERS  {wrong}\n"
        f"  {wrong} contains wrong content (expected SHA-256 ff7bcfd416de…, got {got}…).\n"
    )
    assert done.stderr == (
        "zoo: 1 file is not as expected.\n"
        "     Remove the wrong files, then run `zoo data fetch mnist`.\n"
    )


def test_data_verify_wrong_csv(tmp_path: Path) -> None:
    """A download of MNIST is no remedy for a file of Kaggle."""
    (tmp_path / "train.csv").write_text("label,pixel0\n1,x\n")
    done = zoo("data", "verify", ZOO_DATA=tmp_path)
    assert done.exit_code == 3
    assert done.stderr == (
        "zoo: 1 file is not as expected.\n"
        "     Download the file again from the competition's page.\n"
    )


def test_data_import_not_mnist(tmp_path: Path, cache: Path) -> None:
    (tmp_path / NAMES[3]).write_bytes(b"something else")
    done = zoo("data", "import", tmp_path)
    assert (done.exit_code, done.stdout) == (3, "")
    assert f"zoo: {tmp_path / NAMES[3]} was not imported: it contains wrong content" in done.stderr
    assert list(cache.rglob("*ubyte*")) == []


def test_data_import_nothing_found(tmp_path: Path) -> None:
    done = zoo("data", "import", tmp_path)
    assert done.exit_code == 3
    assert f"zoo: {tmp_path} contains no file of MNIST or Kaggle; expected " in done.stderr
    missing = zoo("data", "import", tmp_path / "typo")
    assert missing.exit_code == 3
    assert f"zoo: {tmp_path / 'typo'} does not exist" in missing.stderr


def test_data_import_zip(tmp_path: Path, cache: Path) -> None:
    """Kaggle gives one archive; --data says how to import it."""
    archive = tmp_path / "digit-recognizer.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("sample_submission.csv", "ImageId,Label\n1,0\n")
        file.writestr("test.csv", f"{PIXELS}\n{ROW}\n")
        file.writestr("train.csv", f"label,{PIXELS}\n5,{ROW}\n")
    refused = zoo("evaluate", "kaggle-10", "--data", archive)
    assert refused.exit_code == 3
    assert f"zoo: {archive} is a zip archive; expected a folder" in refused.stderr
    assert f"Import it with `zoo data import {archive}`." in refused.stderr
    planned = zoo("data", "import", archive, "--dry-run")
    names = ("train.csv", "test.csv")
    assert planned.stdout.splitlines() == [str(archive / name) for name in names]
    assert not (cache / "kaggle" / "train.csv").exists()
    imported = zoo("data", "import", archive)
    assert imported.stdout.splitlines() == [str(cache / "kaggle" / name) for name in names]
    archive.write_bytes(archive.read_bytes()[:-9])
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as file:
        file.writestr("readme.txt", "")
    other = zoo("data", "import", tmp_path / "other.zip")
    assert other.stderr.startswith(f"zoo: {tmp_path / 'other.zip'} contains no file of MNIST or K")
    damaged = zoo("data", "import", archive)
    assert damaged.exit_code == 5
    assert f"zoo: {archive} is damaged or is not a zip archive" in damaged.stderr


def test_data_import_zip_with_a_wrong_file(tmp_path: Path) -> None:
    """The file is named in the archive, not in the temporary folder."""
    archive = tmp_path / "digit-recognizer.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("folder/train.csv", "label,pixel0\n1,x\n")
    wrong = zoo("data", "import", archive)
    assert wrong.exit_code == 5
    assert wrong.stderr.startswith(
        f"zoo: {archive / 'train.csv'}, line 1, column 3: expected pixel1"
    )
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(NAMES[3], "something else")
    foreign = zoo("data", "import", archive)
    assert foreign.exit_code == 3
    assert foreign.stderr.startswith(f"zoo: {archive / NAMES[3]} was not imported: it contains ")


@unix_only
@pytest.mark.parametrize(
    ("name", "kind"), [("pipe", "pipe"), ("pipe.zip", "pipe"), ("zero.zip", "device")]
)
def test_data_import_what_is_not_a_file(tmp_path: Path, name: str, kind: str) -> None:
    """A pipe is not waited for, an endless device is not read, and both are named."""
    path = tmp_path / name
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    for command in (("data", "import", path), ("evaluate", "kaggle-10", "--data", path)):
        refused = zoo(*command)
        assert (refused.exit_code, refused.stdout) == (3, "")
        assert f"{path} is a {kind}; expected a folder, or Kaggle's train.csv." in refused.stderr


@unix_only
def test_data_import_folder_with_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "train.csv")
    refused = zoo("data", "import", tmp_path)
    assert (refused.exit_code, refused.stdout) == (3, "")
    assert refused.stderr == (
        f"zoo: {tmp_path / 'train.csv'} is a pipe; expected a file.\n"
        "     Replace it, or give another folder.\n"
    )


def test_data_import_kaggle(tmp_path: Path, cache: Path) -> None:
    """Kaggle's files are imported if they are valid."""
    train, test = tmp_path / "train.csv", tmp_path / "test.csv"
    train.write_text(f"label,{PIXELS}\n5,{ROW}\n")
    test.write_text(f"{PIXELS}\n{ROW[:-1]}x\n")
    bad = zoo("data", "import", tmp_path)
    assert bad.exit_code == 5
    assert f"zoo: {test}, line 2, column 784: expected pixel783 as an integer" in bad.stderr
    test.write_text(f"{PIXELS}\n{ROW}\n")
    good = zoo("data", "import", tmp_path)
    assert good.stdout.splitlines() == [
        str(cache / "kaggle" / name) for name in ("train.csv", "test.csv")
    ]
    assert (cache / "kaggle" / "train.csv").read_bytes() == train.read_bytes()
    assert str(cache / "kaggle" / "train.csv") in zoo("data", "list").stdout
    assert f"ok       {cache / 'kaggle' / 'test.csv'}\n" in zoo("data", "verify").stdout
