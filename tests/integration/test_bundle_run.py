"""Bundles run as programs by a bare Python."""

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from onnx import load_tensor

from tests.helpers.bundles import answers, idx, run, run_ok
from tests.helpers.command import zoo, zoo_ok
from tests.helpers.models import DEEP, random_model, shipped_model
from tests.helpers.paths import ROOT
from zoo.bundle import contents, pack
from zoo.catalog import read_catalog
from zoo.data.digits import load_digits
from zoo.errors import Disagreement
from zoo.export.probes import enlarged
from zoo.export.reading import open_onnx
from zoo.nn.losses import softmax

DIGITS = enlarged().reshape(-1, 28, 28)
BUILT_IN = [name for name, one in read_catalog().entries.items() if one.entry.weights]


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_model_answers_in_a_bundle_as_in_the_core(name: str, tmp_path: Path) -> None:
    one = shipped_model(name)
    images = load_digits().train.images if one.source.name == "digits" else enlarged()
    count = 10 if one.entry.parameters > 10**5 * 5 else 100
    (tmp_path / "images-idx3-ubyte").write_bytes(idx(images[:count].reshape(-1, *one.source.shape)))
    path = tmp_path / "one.pyz"
    pack.write_pyz([one], path)
    expected = softmax(one.logits(images[:count]))
    labels, probabilities = answers(run_ok(path, tmp_path / "images-idx3-ubyte", "--json"))
    assert labels == expected.argmax(axis=1).tolist()
    assert np.abs(probabilities - expected).max() < 1e-5


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("mnist-128", ()),
        ("mnist-128", ("--top-k", "3")),
        ("mnist-128", ("--top-k", "99")),  # of 10
        ("mnist-128", ("--show",)),
        ("mnist-128", ("--json", "--top-k", "2")),
        ("mnist-128", ("--preprocess", "auto")),
        ("digits-10", ("--show", "--top-k", "2")),
        ("digits-10", ("--json",)),
    ],
    ids=str,
)
def test_it_prints_what_zoo_predict_prints(
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
    ours, theirs = json.loads(found.stdout), json.loads(expected.stdout)
    assert [strings(one) for one in ours] == [strings(one) for one in theirs]
    assert np.allclose(
        [n for one in ours for n in numbers(one)],
        [n for one in theirs for n in numbers(one)],
        atol=1e-5,
    )


def strings(facts: dict[str, Any]) -> list[Any]:
    top = [one["label"] for one in facts.get("top", [])]
    return [*facts, facts["source"], facts["index"], facts["label"], *top]


def numbers(facts: dict[str, Any]) -> list[float]:
    return [*facts["probabilities"], *(one["probability"] for one in facts.get("top", []))]


def test_one_picture_is_told_what_was_done_to_it(bundle: Path, bundle_images: Path) -> None:
    expected = zoo("predict", "mnist-128", bundle_images / "drawn.png")
    found = run(bundle, bundle_images / "drawn.png")
    assert found.stdout == expected.stdout
    assert found.stderr == expected.stderr.replace("zoo:", "both.pyz:")


def test_a_picture_may_come_through_a_pipe(bundle: Path, bundle_images: Path) -> None:
    found = run(bundle, "-", stdin=(bundle_images / "drawn.png").read_bytes())
    assert found.stdout.splitlines()[1].endswith("  -")
    assert "-: dark on light" in found.stderr


def test_kaggles_csv_and_packed_idx_are_read(bundle: Path, tmp_path: Path) -> None:
    import gzip

    header = ",".join(["label", *(f"pixel{number}" for number in range(784))])
    rows = [",".join(["3", *map(str, digit.reshape(-1))]) for digit in DIGITS[:4]]
    (tmp_path / "train.csv").write_text("\n".join([header, *rows]) + "\n")
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(DIGITS[:4])))
    labels, shares = answers(run_ok(bundle, tmp_path / "train.csv", "--json"))
    again, others = answers(run_ok(bundle, tmp_path / "train-images-idx3-ubyte.gz", "--json"))
    expected = softmax(shipped_model("mnist-128").logits(DIGITS[:4].reshape(4, -1)))
    assert labels == again == expected.argmax(axis=1).tolist()
    assert np.array_equal(shares, others)
    assert np.abs(shares - expected).max() < 1e-5


def test_a_folder_is_walked_by_name_and_what_is_no_picture_passed_over(
    bundle: Path, bundle_images: Path
) -> None:
    found = run(bundle, bundle_images)
    names = [line.split("/")[-1] for line in found.stdout.splitlines()[1:]]
    assert names == [
        "drawn.png", "few-idx3-ubyte", "few-idx3-ubyte [1]", "few-idx3-ubyte [2]",
        "plain.pgm", "small.bmp",
    ]  # fmt: skip
    assert "1 picture could not be read" in found.stderr


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


def test_it_writes_nothing_and_opens_no_connection(bundle: Path, bundle_images: Path) -> None:
    """So it does not mind a disk that is read only, or no network."""
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
    """Return what is imported to answer, with packages within reach or not."""
    options = ["-I", "-S"] if bare else ["-I"]
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *options, bundle, file],
        capture_output=True,
        check=True,
        text=True,
    )
    return {line.split("|")[-1].strip() for line in done.stderr.splitlines() if "|" in line}


def test_numpy_is_imported_where_there_are_many_pictures(bundle: Path, tmp_path: Path) -> None:
    few, many = tmp_path / "few-idx3-ubyte", tmp_path / "many-idx3-ubyte"
    few.write_bytes(idx(DIGITS[:70]))
    many.write_bytes(idx(DIGITS[:90]))
    assert "numpy" not in imported(bundle, few, bare=False)
    assert "numpy" in imported(bundle, many, bare=False)


def test_it_imports_nothing_that_is_slow_and_of_its_own_only_what_it_needs(
    bundle: Path, bundle_images: Path
) -> None:
    loaded = imported(bundle, bundle_images / "drawn.png", bare=True)
    assert "app.png" in loaded
    slow = {"typing", "pathlib", "dataclasses", "inspect", "shutil", "zipfile", "subprocess"}
    unneeded = {
        f"app.{name}" for name in ("bmp", "pnm", "counting", "lighting", "drawing", "checking")
    }
    assert not loaded & (slow | unneeded)


def test_it_lists_its_models_and_prints_their_cards(bundle: Path) -> None:
    lines = run_ok(bundle, "--list").splitlines()
    assert [line.split()[0] for line in lines] == ["mnist-128", "digits-10"]
    card = (ROOT / "models" / "digits-10.md").read_text()
    assert run_ok(bundle, "--card", "-m", "digits-10") == card
    assert "--verify" in run_ok(bundle, "--help")


def test_it_verifies_itself(bundle: Path) -> None:
    said = run_ok(bundle, "--verify").splitlines()
    assert said[0] == f"both.pyz: {bundle.stat().st_size:,} bytes as they were packed"
    assert said[1].startswith("mnist-128: 20 test pictures answered alike, probabilities within ")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "usage: both.pyz"),
        (("--nonsense",), 2, "both.pyz: error:"),
        (("nowhere.png",), 3, "both.pyz: nowhere.png is not there."),
        (("-m", "mnist", "x.png"), 2, "both.pyz: There is no model named 'mnist' in here."),
        (("--top-k", "0", "x.png"), 2, "--top-k: expected a whole number from 1 on, got '0'"),
        (("--top-k", "x", "x.png"), 2, "--top-k: expected a whole number from 1 on, got 'x'"),
    ],
)
def test_what_is_wrong_is_a_sentence_and_an_exit_code(
    arguments: tuple[str, ...], code: int, words: str, bundle: Path
) -> None:
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
def test_an_output_that_is_closed_or_full_brings_no_traceback(
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


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"models": []}', b'{"models": 1}'])
def test_a_bundle_whose_index_is_damaged_says_so(
    content: bytes, bundle: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.pyz"
    with zipfile.ZipFile(bundle) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    damaged.write_bytes(pack.archive(files | {"models/index.json": content}))
    found = run(damaged, "--list")
    assert found.exit_code == 5
    assert found.stderr == "damaged.pyz: models/index.json is damaged.\n"


def test_a_step_that_no_network_has_is_damage_and_no_relu(bundle: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.pyz"
    content = bundle.read_bytes()
    assert content.count(b'"kind": "relu"') == 2
    damaged.write_bytes(content.replace(b'"kind": "relu"', b'"kind": "rely"'))
    found = run(damaged, "--list")
    assert found.exit_code == 5
    assert found.stderr == "damaged.pyz: models/mnist-128/model.json is damaged.\n"


def test_a_picture_that_is_alone_and_unreadable_is_exit_5(
    bundle: Path, bundle_images: Path
) -> None:
    found = run(bundle, bundle_images / "blank.png")
    assert found.exit_code == 5
    assert found.stderr == f"both.pyz: {bundle_images / 'blank.png'} is blank: no ink was found.\n"


def test_weights_that_have_changed_are_refused_when_they_are_loaded(
    bundle: Path, bundle_images: Path, tmp_path: Path
) -> None:
    content = bytearray(bundle.read_bytes())
    place = content.index(b'"W1"') + 5000
    content[place] ^= 1
    damaged = tmp_path / "damaged.pyz"
    damaged.write_bytes(content)
    found = run(damaged, bundle_images / "drawn.png")
    assert (found.exit_code, found.stdout) == (5, "")
    assert "has not the SHA-256 that it was packed with" in found.stderr


README = (ROOT / "README.md").read_text()


TYPED = re.findall(
    r"^python3 (?:-I -S )?(?:mnist-128|digits)\.pyz (.*?)(?:  #.*)?$", README, re.MULTILINE
)


@pytest.mark.parametrize("line", TYPED)
def test_every_command_of_the_readme_is_one_of_a_bundle(line: str, bundle: Path) -> None:
    page = run_ok(bundle, "--help")
    assert all(word in page for word in line.split() if word.startswith("-"))


def test_the_readme_shows_bundles_at_work() -> None:
    assert len(TYPED) == 7


def test_a_bundle_that_answers_otherwise_does_not_take_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test vectors are the core's answers; here they are given to the program a little off."""
    monkeypatch.setattr(contents, "softmax", lambda logits: softmax(logits) * 0.999)
    path = tmp_path / "digits-10.pyz"
    path.write_bytes(b"the older one")
    with pytest.raises(Disagreement, match="answers otherwise than when it was packed") as caught:
        pack.write_pyz([shipped_model("digits-10")], path)
    assert caught.value.hint == f"{path} is still the older one."
    assert path.read_bytes() == b"the older one"


def test_a_run_is_packed_under_its_name_with_a_card_of_its_own(tmp_path: Path) -> None:
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
def test_every_layer_of_ours_is_packed(block: list[Any], tmp_path: Path) -> None:
    changes = {"network.block": block, "preprocess": {"divide": 16, "mean": 0.3, "std": 0.5}}
    one = random_model(changes)
    path = tmp_path / "one.pyz"
    said = pack.write_pyz([one], path)
    assert "20 test pictures answered alike" in said


def test_the_folder_runs_like_the_file_and_stays_as_it_is(
    bundle_folder: Path, bundle_images: Path
) -> None:
    before = sorted(bundle_folder.rglob("*"))
    expected = zoo("predict", "digits-10", bundle_images / "drawn.png")
    assert run_ok(bundle_folder / "run.py", bundle_images / "drawn.png") == expected.stdout
    assert "files as they were packed" in run_ok(bundle_folder / "run.py", "--verify")
    assert sorted(bundle_folder.rglob("*")) == before


def test_sha256sum_takes_the_list_of_the_folder(bundle_folder: Path) -> None:
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


def test_the_folders_tests_lie_as_onnx_keeps_them_and_hold(bundle_folder: Path) -> None:
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
    from onnx import numpy_helper

    return numpy_helper.to_array(load_tensor(io.BytesIO(path.read_bytes())))


@pytest.mark.parametrize("kernels", [None, "Prescott", "Haswell"])
def test_the_same_models_give_the_same_bytes(
    kernels: str | None, bundle: Path, tmp_path: Path
) -> None:
    elsewhere = {"PYTHONHASHSEED": 7, "OPENBLAS_CORETYPE": kernels}
    zoo_ok("bundle", "mnist-128", "digits-10", "-o", "other.pyz", cwd=tmp_path, **elsewhere)
    assert (tmp_path / "other.pyz").read_bytes() == bundle.read_bytes()
