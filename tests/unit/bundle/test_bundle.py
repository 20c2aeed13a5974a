"""A bundle is one file that needs nothing but Python: whole, the same every time, and as zoo is."""

import ast
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

from tests.helpers import drawn_images
from tests.helpers.bundles import PYTHONS, idx, run, run_ok
from tests.helpers.command import zoo, zoo_ok
from tests.helpers.drawn_images import stored
from tests.helpers.mnist import file as mnist_file
from tests.helpers.mnist import needs_mnist
from tests.helpers.models import DEEP, random_model
from tests.helpers.paths import ROOT
from zoo.bundle import app, contents, pack
from zoo.bundle.app.floats import rounded
from zoo.catalog import read_catalog
from zoo.data.digits import load_digits
from zoo.data.idx import read_idx
from zoo.errors import ConfigError, Disagreement
from zoo.export import folding
from zoo.export.probes import enlarged
from zoo.export.reading import open_onnx
from zoo.kinds import BroughtLayer
from zoo.model import Model, shipped
from zoo.nn.losses import softmax

APP = Path(app.__file__).parent
SOURCES = sorted(APP.glob("*.py"))
DIGITS = enlarged().reshape(-1, 28, 28)
BUILT_IN = [name for name, one in read_catalog().entries.items() if one.entry.weights]


def model(name: str) -> Model:
    return shipped(read_catalog().find(name).entry)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a bundle of two models, in which mnist-128 answers if no other is asked for."""
    path = tmp_path_factory.mktemp("bundle") / "both.pyz"
    zoo_ok("bundle", "mnist-128", "digits-10", "-o", path)
    return path


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder of pictures as people make them."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "drawn.png").write_bytes(stored(255 - drawn_images.enlarged(DIGITS[3], 80)))
    (folder / "plain.pgm").write_bytes(stored(DIGITS[4], "PPM"))
    (folder / "small.bmp").write_bytes(stored(drawn_images.enlarged(DIGITS[5], 40), "BMP"))
    (folder / "blank.png").write_bytes(stored(np.zeros((9, 9))))
    (folder / "scan.jpg").write_bytes(stored(DIGITS[6], "JPEG"))  # which a bundle passes over
    (folder / "few-idx3-ubyte").write_bytes(idx(DIGITS[:3]))
    return folder


# --- what is inside


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_program_inside_is_python_of_3_9_and_its_standard_library(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(), feature_version=(3, 9))):
        assert not isinstance(node, ast.Match)
        if isinstance(node, ast.Import):
            known = sys.stdlib_module_names | ({"numpy"} if path.stem == "answers" else set())
            assert {one.name.split(".")[0] for one in node.names} <= known
        if isinstance(node, ast.ImportFrom) and not node.level:
            assert node.module is not None
            assert node.module.split(".")[0] in sys.stdlib_module_names | {"app"}


@pytest.mark.parametrize("kernels", [None, "Prescott", "Haswell"])
def test_the_same_models_give_the_same_bytes(
    kernels: str | None, bundle: Path, tmp_path: Path
) -> None:
    elsewhere = {"PYTHONHASHSEED": 7, "OPENBLAS_CORETYPE": kernels}
    zoo_ok("bundle", "mnist-128", "digits-10", "-o", "other.pyz", cwd=tmp_path, **elsewhere)
    assert (tmp_path / "other.pyz").read_bytes() == bundle.read_bytes()


def test_the_archive_tells_nothing_of_the_day_and_the_machine(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as packed:
        assert packed.testzip() is None
        for one in packed.infolist():
            assert (one.date_time, one.compress_type) == ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED)
            assert (one.create_system, one.external_attr >> 16) == (3, 0o100644)
        assert packed.namelist()[0] == "__main__.py"
        assert packed.read("LICENSE").decode().startswith("MIT License")
        assert "licence" in packed.read("LICENSE").decode().splitlines()[-1]


def test_the_weights_are_float32_little_endian_as_safetensors(bundle: Path) -> None:
    from safetensors.numpy import load

    with zipfile.ZipFile(bundle) as packed:
        arrays = load(packed.read("models/mnist-128/weights.safetensors"))
    dense = model("mnist-128").network.layers[0]
    assert arrays["W1"].dtype == np.dtype("<f4")
    assert np.array_equal(arrays["W1"], dense.named_arrays()["W"].T)


# --- what it answers


def answers(text: str) -> tuple[list[int], npt.NDArray[np.float64]]:
    found = json.loads(text)
    return [one["label"] for one in found], np.array([one["probabilities"] for one in found])


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_model_answers_in_a_bundle_as_in_the_core(name: str, tmp_path: Path) -> None:
    one = model(name)
    images = load_digits().train.images if one.source.name == "digits" else enlarged()
    count = 10 if one.entry.parameters > 10**5 * 5 else 100
    (tmp_path / "images-idx3-ubyte").write_bytes(idx(images[:count].reshape(-1, *one.source.shape)))
    path = tmp_path / "one.pyz"
    pack.write_pyz([one], path)
    expected = softmax(one.logits(images[:count]))
    labels, probabilities = answers(run_ok(path, tmp_path / "images-idx3-ubyte", "--json"))
    assert labels == expected.argmax(axis=1).tolist()
    assert np.abs(probabilities - expected).max() < 1e-5


@needs_mnist
@pytest.mark.parametrize(
    ("name", "bare", "count"),
    [
        ("mnist-128", False, 10_000),
        ("mnist-128", True, 300),
        pytest.param("mnist-deep-best", False, 10_000, marks=pytest.mark.slow),
        pytest.param("mnist-128", True, 10_000, marks=pytest.mark.slow),
        pytest.param("mnist-800-best", True, 10_000, marks=pytest.mark.slow),
    ],
)
def test_mnists_test_pictures_are_answered_as_in_the_core(
    *, name: str, bare: bool, count: int, tmp_path: Path
) -> None:
    """With packages there is NumPy, and it is used; without, plain Python reads them all."""
    one = model(name)
    images = read_idx(mnist_file("t10k-images"), dimensions=3)[0][:count]
    path, file = tmp_path / "one.pyz", tmp_path / "images-idx3-ubyte"
    path.write_bytes(pack.archive(contents.contents([one])))
    file.write_bytes(idx(images))
    expected = softmax(one.logits(images.reshape(count, -1)))
    labels, probabilities = answers(run_ok(path, file, "--json", bare=bare))
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
    name: str, options: tuple[str, ...], bundle: Path, pictures: Path
) -> None:
    files = [pictures / one for one in ("drawn.png", "plain.pgm", "small.bmp", "blank.png")]
    if name == "mnist-128":
        files.append(pictures / "few-idx3-ubyte")
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


def test_one_picture_is_told_what_was_done_to_it(bundle: Path, pictures: Path) -> None:
    expected = zoo("predict", "mnist-128", pictures / "drawn.png")
    found = run(bundle, pictures / "drawn.png")
    assert found.stdout == expected.stdout
    assert found.stderr == expected.stderr.replace("zoo:", "both.pyz:")


def test_a_picture_may_come_through_a_pipe(bundle: Path, pictures: Path) -> None:
    found = run(bundle, "-", stdin=(pictures / "drawn.png").read_bytes())
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
    expected = softmax(model("mnist-128").logits(DIGITS[:4].reshape(4, -1)))
    assert labels == again == expected.argmax(axis=1).tolist()
    assert np.array_equal(shares, others)
    assert np.abs(shares - expected).max() < 1e-5


def test_a_folder_is_walked_by_name_and_what_is_no_picture_passed_over(
    bundle: Path, pictures: Path
) -> None:
    found = run(bundle, pictures)
    names = [line.split("/")[-1] for line in found.stdout.splitlines()[1:]]
    assert names == [
        "drawn.png", "few-idx3-ubyte", "few-idx3-ubyte [1]", "few-idx3-ubyte [2]",
        "plain.pgm", "small.bmp",
    ]  # fmt: skip
    assert "1 picture could not be read" in found.stderr


# --- where it runs


@pytest.mark.parametrize("python", PYTHONS)
def test_it_runs_on_every_python_there_is(python: str, bundle: Path, pictures: Path) -> None:
    files = [pictures / "drawn.png", pictures / "small.bmp", pictures / "few-idx3-ubyte"]
    for name in ("mnist-128", "digits-10"):
        some = files if name == "mnist-128" else files[:2]
        assert run_ok(bundle, *some, "-m", name, python=python) == run_ok(bundle, *some, "-m", name)
    assert "probabilities within" in run_ok(bundle, "--verify", python=python)


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


def test_it_writes_nothing_and_opens_no_connection(bundle: Path, pictures: Path) -> None:
    """So it does not mind a disk that is read only, or no network."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", GUARD, bundle, pictures / "drawn.png"],
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
    bundle: Path, pictures: Path
) -> None:
    loaded = imported(bundle, pictures / "drawn.png", bare=True)
    assert "app.png" in loaded
    slow = {"typing", "pathlib", "dataclasses", "inspect", "shutil", "zipfile", "subprocess"}
    unneeded = {
        f"app.{name}" for name in ("bmp", "pnm", "counting", "lighting", "drawing", "checking")
    }
    assert not loaded & (slow | unneeded)


# --- what it says of itself


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
    redirect: str, code: int, words: str, bundle: Path, pictures: Path
) -> None:
    command = f'"$0" -I -S "$1" "$2" {redirect}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, bundle, pictures / "drawn.png"],  # noqa: S607 - whichever shell there is
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


def test_a_picture_that_is_alone_and_unreadable_is_exit_5(bundle: Path, pictures: Path) -> None:
    found = run(bundle, pictures / "blank.png")
    assert found.exit_code == 5
    assert found.stderr == f"both.pyz: {pictures / 'blank.png'} is blank: no ink was found.\n"


def test_weights_that_have_changed_are_refused_when_they_are_loaded(
    bundle: Path, pictures: Path, tmp_path: Path
) -> None:
    content = bytearray(bundle.read_bytes())
    place = content.index(b'"W1"') + 5000
    content[place] ^= 1
    damaged = tmp_path / "damaged.pyz"
    damaged.write_bytes(content)
    found = run(damaged, pictures / "drawn.png")
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


# --- how it is made


def test_a_bundle_that_answers_otherwise_does_not_take_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test vectors are the core's answers; here they are given to the program a little off."""
    monkeypatch.setattr(contents, "softmax", lambda logits: softmax(logits) * 0.999)
    path = tmp_path / "digits-10.pyz"
    path.write_bytes(b"the older one")
    with pytest.raises(Disagreement, match="answers otherwise than when it was packed") as caught:
        pack.write_pyz([model("digits-10")], path)
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


def test_two_models_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="Two models are named 'digits-10'"):
        contents.contents([model("digits-10"), model("digits-10")])


def test_a_model_of_tables_is_refused() -> None:
    table = {"kind": "table", "columns": 4, "classes": 3, "rows": 50}
    with pytest.raises(ConfigError, match="a-model answers for rows of a table"):
        contents.contents([random_model({"data": table})])


def test_a_layer_that_a_package_brings_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    own = folding.Own(BroughtLayer.model_construct(kind="swish"), np.tanh)
    monkeypatch.setattr(folding, "steps", lambda _: [own])
    with pytest.raises(ConfigError, match="digits-10 has the layer 'swish', which a package"):
        contents.contents([model("digits-10")])


def test_several_models_need_a_name(tmp_path: Path) -> None:
    done = zoo("bundle", "digits-10", "mnist-128", cwd=tmp_path)
    assert done.exit_code == 2
    assert "A bundle of several models needs a name." in done.stderr


# --- the folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("folder") / "digits-10"
    zoo_ok("bundle", "digits-10", "--kind", "folder", "-o", path)
    return path


def test_the_folder_runs_like_the_file_and_stays_as_it_is(folder: Path, pictures: Path) -> None:
    before = sorted(folder.rglob("*"))
    expected = zoo("predict", "digits-10", pictures / "drawn.png")
    assert run_ok(folder / "run.py", pictures / "drawn.png") == expected.stdout
    assert "files as they were packed" in run_ok(folder / "run.py", "--verify")
    assert sorted(folder.rglob("*")) == before


def test_sha256sum_takes_the_list_of_the_folder(folder: Path) -> None:
    if not (program := shutil.which("sha256sum")):
        pytest.skip("sha256sum is not here")
    done = subprocess.run(
        [program, "-c", "--strict", "SHA256SUMS"],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert done.stdout.count(": OK\n") == len(files) - 1


def test_the_folders_tests_lie_as_onnx_keeps_them_and_hold(folder: Path) -> None:
    inside = folder / "models" / "digits-10"
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


def test_a_folder_that_is_there_is_left_alone(folder: Path) -> None:
    done = zoo("bundle", "digits-10", "--kind", "folder", "-o", folder)
    assert done.exit_code == 2
    assert "is there already" in done.stderr


def test_a_folder_that_is_called_like_its_entry_is_there_already_and_not_read(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "digits-10").symlink_to(folder)
    done = zoo("bundle", "digits-10", "--kind", "folder", cwd=tmp_path)
    assert done.exit_code == 2
    assert done.stderr.startswith("zoo: digits-10 is there already; nothing was written.")


def test_float32_is_rounded_as_numpy_rounds() -> None:
    values = np.random.default_rng(0).random(100)
    assert rounded(values.tolist()) == values.astype(np.float32).tolist()
