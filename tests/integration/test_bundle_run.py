"""Bundles run as programs by a bare Python."""

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.bundles import idx, predictions, run, run_ok
from tests.helpers.command import zoo, zoo_ok
from tests.helpers.models import DEEP, random_model, shipped_model
from tests.helpers.paths import ROOT
from tests.helpers.process import zoo_process
from zoo.bundle import contents, pyz
from zoo.data.dataset import Bytes
from zoo.data.digits import load_digits
from zoo.errors import DisagreementError
from zoo.export.onnx_model import open_onnx
from zoo.export.sample_inputs import enlarged
from zoo.nn.losses import softmax


@cache
def digits() -> Bytes:
    """Return scikit-learn's digits as large as MNIST's, (count, 28, 28)."""
    return enlarged().reshape(-1, 28, 28)


@pytest.mark.parametrize("name", ENTRIES)
def test_bundle_predictions_of_every_model(name: str, tmp_path: Path) -> None:
    """Every model predicts in a bundle as in the core."""
    one = shipped_model(name)
    images = load_digits().train.images if one.source.name == "digits" else enlarged()
    count = 10
    (tmp_path / "images-idx3-ubyte").write_bytes(idx(images[:count].reshape(-1, *one.source.shape)))
    path = tmp_path / "one.pyz"
    pyz.write_pyz([one], path)
    expected = softmax(one.logits(images[:count]))
    labels, probabilities = predictions(run_ok(path, tmp_path / "images-idx3-ubyte", "--json"))
    assert labels == expected.argmax(axis=1).tolist()
    assert np.abs(probabilities - expected).max() < 1e-5


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("mnist-128", ()),
        ("mnist-128", ("--top-k", "3")),
        ("mnist-128", ("--top-k", "99")),  # there are 10 classes
        ("mnist-128", ("--show",)),
        ("mnist-128", ("--json", "--top-k", "2")),
        ("mnist-128", ("--preprocess", "auto")),
        ("digits-10", ("--show", "--top-k", "2")),
        ("digits-10", ("--json",)),
    ],
    ids=str,
)
def test_bundle_prints_as_zoo_predict(
    name: str, options: tuple[str, ...], bundle: Path, bundle_images: Path
) -> None:
    files = [bundle_images / one for one in ("drawn.png", "plain.pgm", "small.bmp", "blank.png")]
    if name == "mnist-128":
        files.append(bundle_images / "few-idx3-ubyte")
    zoos = ["--format" if one == "--json" else one for one in options]
    if "--json" in options:
        zoos.insert(zoos.index("--format") + 1, "json")
    expected = zoo("predict", name, *files, *zoos, COLUMNS=None)
    found = run(bundle, "-m", name, *files, *options)
    assert (found.exit_code, expected.exit_code) == (1, 1)  # one is blank
    assert found.stderr.replace("both.pyz:", "zoo:") == expected.stderr
    if "--json" not in options:
        assert found.stdout == expected.stdout
        return
    rows, expected_rows = json.loads(found.stdout), json.loads(expected.stdout)
    assert [strings(row) for row in rows] == [strings(row) for row in expected_rows]
    assert np.allclose(
        [n for row in rows for n in numbers(row)],
        [n for row in expected_rows for n in numbers(row)],
        atol=1e-5,
    )


def strings(facts: dict[str, Any]) -> list[Any]:
    top = [one["label"] for one in facts.get("top", [])]
    return [*facts, facts["source"], facts["index"], facts["label"], *top]


def numbers(facts: dict[str, Any]) -> list[float]:
    return [*facts["probabilities"], *(one["probability"] for one in facts.get("top", []))]


def test_bundle_reports_preprocessing(bundle: Path, bundle_images: Path) -> None:
    expected = zoo("predict", "mnist-128", bundle_images / "drawn.png")
    found = run(bundle, bundle_images / "drawn.png")
    assert found.stdout == expected.stdout
    assert found.stderr == expected.stderr.replace("zoo:", "both.pyz:")


def test_bundle_reads_stdin(bundle: Path, bundle_images: Path) -> None:
    found = run(bundle, "-", stdin=(bundle_images / "drawn.png").read_bytes())
    assert found.stdout.splitlines()[1].endswith("  -")
    assert "-: dark on light" in found.stderr


def test_bundle_reads_csv_and_packed_idx(bundle: Path, tmp_path: Path) -> None:
    """Kaggle's CSV and packed IDX files are read."""
    import gzip

    header = ",".join(["label", *(f"pixel{number}" for number in range(784))])
    rows = [",".join(["3", *map(str, digit.reshape(-1))]) for digit in digits()[:4]]
    (tmp_path / "train.csv").write_text("\n".join([header, *rows]) + "\n")
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(digits()[:4])))
    labels, shares = predictions(run_ok(bundle, tmp_path / "train.csv", "--json"))
    again, others = predictions(run_ok(bundle, tmp_path / "train-images-idx3-ubyte.gz", "--json"))
    expected = softmax(shipped_model("mnist-128").logits(digits()[:4].reshape(4, -1)))
    assert labels == again == expected.argmax(axis=1).tolist()
    assert np.array_equal(shares, others)
    assert np.abs(shares - expected).max() < 1e-5


def test_bundle_reads_folder(bundle: Path, bundle_images: Path) -> None:
    """A folder is read in the order of names, without files that are not images."""
    found = run(bundle, bundle_images)
    names = [line.split("/")[-1] for line in found.stdout.splitlines()[1:]]
    assert names == [
        "drawn.png", "few-idx3-ubyte", "few-idx3-ubyte [1]", "few-idx3-ubyte [2]",
        "plain.pgm", "small.bmp",
    ]  # fmt: skip
    assert "2 images could not be read" in found.stderr


def test_bundle_jpeg_in_a_folder(bundle: Path, bundle_images: Path, tmp_path: Path) -> None:
    """An image in another format is named, not skipped."""
    shutil.copy(bundle_images / "drawn.png", tmp_path)
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    found = run(bundle, tmp_path)
    assert found.exit_code == 1
    assert len(found.stdout.splitlines()) == 2
    assert f"{tmp_path / 'photo.jpg'} is a JPEG; a bundle reads PNG" in found.stderr


GUARD = """
import runpy, sys

def watch(event, given):
    if event.startswith(("socket.", "subprocess.", "os.")) and event not in ALLOWED:
        raise SystemExit(f"{event} {given}")
    if event == "open" and isinstance(given[1], str) and set(given[1]) & set("wax+"):
        raise SystemExit(f"{event} {given}")

ALLOWED = {"os.listdir", "os.scandir", "os.walk", "os.putenv"}
sys.addaudithook(watch)
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""


def test_bundle_writes_nothing(bundle: Path, bundle_images: Path) -> None:
    """It runs on a read-only disk and without a network."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", GUARD, bundle, bundle_images / "drawn.png"],
        env={},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.splitlines()[-1].split())
    assert "app.png" in loaded
    assert not loaded & {"socket", "ssl", "numpy"}


def imported(bundle: Path, file: Path, *, bare: bool) -> set[str]:
    """Return the modules imported for a prediction, with packages installed or without."""
    options = ["-I", "-S"] if bare else ["-I"]
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *options, bundle, file],
        capture_output=True,
        check=True,
        text=True,
    )
    return {line.split("|")[-1].strip() for line in done.stderr.splitlines() if "|" in line}


def test_bundle_imports_numpy_for_many(bundle: Path, tmp_path: Path) -> None:
    few, many = tmp_path / "few-idx3-ubyte", tmp_path / "many-idx3-ubyte"
    few.write_bytes(idx(digits()[:70]))
    many.write_bytes(idx(digits()[:90]))
    assert "numpy" not in imported(bundle, few, bare=False)
    assert "numpy" in imported(bundle, many, bare=False)


def test_bundle_imports(bundle: Path, bundle_images: Path) -> None:
    """It imports no slow modules, and only those of its own that it needs."""
    loaded = imported(bundle, bundle_images / "drawn.png", bare=True)
    assert "app.png" in loaded
    slow = {"typing", "pathlib", "dataclasses", "inspect", "shutil", "zipfile", "subprocess"}
    unneeded = {
        f"app.{name}"
        for name in ("bmp", "pnm", "normalize_digits", "lighting", "terminal", "integrity")
    }
    assert not loaded & (slow | unneeded)


def test_bundle_list_and_cards(bundle: Path) -> None:
    lines = run_ok(bundle, "--list").splitlines()
    assert [line.split()[0] for line in lines] == ["mnist-128", "digits-10"]
    _, metadata, card = (ROOT / "models" / "digits-10.md").read_text().split("---\n", 2)
    assert metadata.startswith("license: ")
    assert run_ok(bundle, "--card", "-m", "digits-10") == card.lstrip()
    assert "--verify" in run_ok(bundle, "--help")


@pytest.mark.parametrize("option", ["--help", "--list", "--verify"])
def test_bundle_80_columns(option: str, bundle: Path) -> None:
    """Texts wrap at words in 80 columns; in a pipe a model has one line."""
    narrow, wide = run_ok(bundle, option, COLUMNS="80"), run_ok(bundle, option)
    assert max(map(len, narrow.splitlines())) <= 80
    assert narrow.split() == wide.split()
    assert option == "--help" or len(wide.splitlines()) < len(narrow.splitlines())


def test_bundle_verify(bundle: Path) -> None:
    said = run_ok(bundle, "--verify").splitlines()
    assert said[0] == f"both.pyz: {bundle.stat().st_size:,} bytes, unchanged since packing"
    assert said[1].startswith("mnist-128: 20 test images with equal labels, probabilities within ")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "both.pyz: both.pyz needs a file."),
        (("--nonsense",), 2, "both.pyz: error:"),
        (("nowhere.png",), 3, "both.pyz: nowhere.png does not exist."),
        (("-m", "mnist", "x.png"), 2, "both.pyz: There is no model named 'mnist' in this bundle."),
        (("--top-k", "0", "x.png"), 2, "--top-k: expected a whole number from 1 on, got '0'"),
        (("--top-k", "x", "x.png"), 2, "--top-k: expected a whole number from 1 on, got 'x'"),
    ],
)
def test_bundle_mistakes(arguments: tuple[str, ...], code: int, words: str, bundle: Path) -> None:
    """A user's mistake gives one sentence and an exit code."""
    found = run(bundle, *arguments)
    assert found.exit_code == code
    assert words in found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="the shell makes the redirection")
@pytest.mark.parametrize(
    ("redirect", "code", "words"),
    [
        (">&-", 0, "centred\n"),
        ("2>&-", 0, "drawn.png\n"),
        (">/dev/full", 1, "The output could not be written: No space left on device.\n"),
        ("--help >/dev/full", 1, "The output could not be written: No space left on device.\n"),
    ],
)
def test_bundle_closed_or_full_output(
    redirect: str, code: int, words: str, bundle: Path, bundle_images: Path
) -> None:
    command = f'"$0" -I -S "$1" "$2" {redirect}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, bundle, bundle_images / "drawn.png"],  # noqa: S607 - whichever shell there is
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == code
    assert (done.stdout + done.stderr).endswith(words)
    assert "Traceback" not in done.stderr


def test_bundle_output_that_nobody_reads(bundle: Path, bundle_images: Path) -> None:
    """A reader that has seen enough, such as `head`, is no fault."""
    with subprocess.Popen(
        [sys.executable, "-I", "-S", bundle, bundle_images / "drawn.png"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert b"could not be written" not in process.stderr.read()
        assert process.wait() == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"models": []}', b'{"models": 1}'])
def test_bundle_index_damaged(content: bytes, bundle: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.pyz"
    with zipfile.ZipFile(bundle) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    damaged.write_bytes(pyz.archive(files | {"models/index.json": content}))
    found = run(damaged, "--list")
    assert found.exit_code == 5
    assert found.stderr == "damaged.pyz: models/index.json is damaged.\n"


def test_bundle_unknown_step(bundle: Path, tmp_path: Path) -> None:
    """An unknown step is damage, not a ReLU."""
    damaged = tmp_path / "damaged.pyz"
    content = bundle.read_bytes()
    assert content.count(b'"kind": "relu"') == 2
    damaged.write_bytes(content.replace(b'"kind": "relu"', b'"kind": "rely"'))
    found = run(damaged, "--list")
    assert found.exit_code == 5
    assert found.stderr == "damaged.pyz: models/mnist-128/model.json is damaged.\n"


def test_bundle_single_unreadable_image(bundle: Path, bundle_images: Path) -> None:
    found = run(bundle, bundle_images / "blank.png")
    assert found.exit_code == 5
    assert found.stderr == f"both.pyz: {bundle_images / 'blank.png'} is blank: no ink was found.\n"


def test_bundle_weights_changed(bundle: Path, bundle_images: Path, tmp_path: Path) -> None:
    content = bytearray(bundle.read_bytes())
    place = content.index(b'"W1"') + 5000
    content[place] ^= 1
    damaged = tmp_path / "damaged.pyz"
    damaged.write_bytes(content)
    found = run(damaged, bundle_images / "drawn.png")
    assert (found.exit_code, found.stdout) == (5, "")
    assert "does not have the SHA-256 that it was packed with" in found.stderr


def test_bundle_readme_commands(bundle: Path) -> None:
    """Every option of a bundle in its README exists."""
    readme = (ROOT / "zoo" / "bundle" / "README.md").read_text()
    typed = re.findall(
        r"^(?:\$ )?python3 (?:-I -S )?(?:digits|mnist-128-best)\.pyz (.*)$", readme, re.MULTILINE
    )
    page = run_ok(bundle, "--help")
    assert len(typed) == 8
    for line in typed:
        assert all(word in page for word in line.split() if word.startswith("-")), line


def test_bundle_disagreement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bundle whose test vectors differ slightly from the core is not written."""
    monkeypatch.setattr(contents, "softmax", lambda logits: softmax(logits) * 0.999)
    path = tmp_path / "digits-10.pyz"
    path.write_bytes(b"the older one")
    with pytest.raises(
        DisagreementError, match="predicts other probabilities than when it was packed"
    ) as caught:
        pyz.write_pyz([shipped_model("digits-10")], path)
    assert caught.value.hint == f"{path} was not replaced."
    assert path.read_bytes() == b"the older one"


def test_bundle_of_a_run(tmp_path: Path) -> None:
    """A run is packed under its name, with its own card."""
    zoo_ok("train", "digits-10", "--set", "train.iterations=5", "--hidden", "7", cwd=tmp_path)
    zoo_ok("bundle", "runs/digits-10-s0-1", cwd=tmp_path)
    found = run_ok(tmp_path / "digits-10-s0-1.pyz", "--card")
    assert found.startswith("# digits-10-s0-1\n")
    assert "64-7-10" in found


@pytest.mark.parametrize(
    "block",
    [
        DEEP["network.block"],
        ["dense", "batch_norm", "tanh", {"kind": "dropout", "rate": 0.2}],
        ["dense", "sigmoid"],
        ["relu", "batch_norm", "tanh", {"kind": "leaky_relu", "leak": 0.3}, "dense", "relu"],
    ],
    ids=str,
)
def test_bundle_every_layer(block: list[Any], tmp_path: Path) -> None:
    changes = {"network.block": block, "preprocess": {"divide": 16, "mean": 0.3, "std": 0.5}}
    one = random_model(changes)
    path = tmp_path / "one.pyz"
    said = pyz.write_pyz([one], path)
    assert "20 test images with equal labels" in said


def test_bundle_folder_runs(bundle_folder: Path, bundle_images: Path) -> None:
    before = sorted(bundle_folder.rglob("*"))
    expected = zoo("predict", "digits-10", bundle_images / "drawn.png")
    assert run_ok(bundle_folder / "run.py", bundle_images / "drawn.png") == expected.stdout
    assert "files, unchanged since packing" in run_ok(bundle_folder / "run.py", "--verify")
    assert sorted(bundle_folder.rglob("*")) == before
    usage = run_ok(bundle_folder / "run.py", "--help").split("[", 1)[0]
    assert usage == f"usage: {bundle_folder.name}/run.py "


def test_bundle_folder_sha256sum(bundle_folder: Path) -> None:
    if not (program := shutil.which("sha256sum")):
        pytest.skip("sha256sum is not here")
    done = subprocess.run(
        [program, "-c", "--strict", "SHA256SUMS"],
        cwd=bundle_folder,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0
    files = [path for path in bundle_folder.rglob("*") if path.is_file()]
    assert done.stdout.count(": OK\n") == len(files) - 1


def test_bundle_folder_test_data(bundle_folder: Path) -> None:
    """The test data of the folder have ONNX's format and match its model."""
    inside = bundle_folder / "models" / "digits-10"
    images, probabilities, logits = (
        np.asarray(numpy_of(inside / "test_data_set_0" / name))
        for name in ("input_0.pb", "output_0.pb", "output_1.pb")
    )
    assert images.shape == (20, 8, 8)
    found = open_onnx(inside / "digits-10.onnx").logits(images.reshape(20, -1))
    assert np.abs(found - logits).max() < 1e-4
    assert np.abs(softmax(found) - probabilities).max() < 1e-5


def numpy_of(path: Path) -> npt.NDArray[Any]:
    from onnx import load_tensor, numpy_helper

    return numpy_helper.to_array(load_tensor(io.BytesIO(path.read_bytes())))


@pytest.mark.parametrize("kernels", ["Prescott", "Haswell"])
def test_bundle_bytes(kernels: str, bundle: Path, tmp_path: Path) -> None:
    """The same models give the same bytes with any kernels of the processor."""
    elsewhere = {"PYTHONHASHSEED": 7, "OPENBLAS_CORETYPE": kernels}
    command = ("bundle", "mnist-128", "digits-10", "-o", "other.pyz")
    done = zoo_process(*command, cwd=tmp_path, **elsewhere)
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "other.pyz").read_bytes() == bundle.read_bytes()
