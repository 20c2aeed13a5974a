"""`zoo export`: files, output and usage errors."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from tests.helpers.command import zoo, zoo_bytes, zoo_ok
from tests.helpers.models import DEEP, MNIST, random_model
from zoo.training import weights
from zoo.training.model import Model

pytestmark = pytest.mark.usefixtures("required_runtimes")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one run of digits-10."""
    folder = tmp_path_factory.mktemp("runs")
    zoo_ok("train", "digits-10", "--iterations", "100", "-q", "--runs", folder)
    return folder


def saved(path: Path, model: Model) -> Path:
    weights.write(path, model.network, model.facts)
    return path


def test_export_run(runs: Path, tmp_path: Path) -> None:
    output = zoo_ok("export", "digits-10-s0-1", "--onnx", "--out", tmp_path, "--runs", runs)
    path = tmp_path / "digits-10-s0-1.onnx"
    lines = output.splitlines()
    assert lines[0] == f"{path}: {path.stat().st_size:,} bytes, opset 17, IR 8"
    assert lines[1] == (
        "  verified on 1,797 images, all of scikit-learn's digits: all labels are equal"
    )
    assert lines[2].startswith("    onnx.reference 1.")
    assert lines[3].startswith("    onnxruntime 1.")
    assert all("largest difference" in line for line in lines[2:4])
    from zoo.export.onnx_model import open_onnx

    facts = json.loads(path.with_suffix(".json").read_text())
    assert facts["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    graph = open_onnx(path)
    assert graph.facts is not None
    assert graph.facts.entry.name == "digits-10"


def test_export_options(runs: Path, tmp_path: Path) -> None:
    """Every option changes the file."""
    output = zoo_ok(
        *("export", runs / "digits-10-s0-1", "--onnx", "--int8", "--opset", "20"),
        *("--input", "pixels", "--output", "label,logits", "--json", "--out", tmp_path),
    )
    (facts,) = json.loads(output)
    assert (facts["opset"], facts["ir"], facts["int8"]) == (20, 9, True)
    assert facts["path"] == str(tmp_path / "digits-10-s0-1.onnx")
    assert facts["inputs"] == [{"name": "pixels", "type": "float32", "shape": ["N", 64]}]
    assert facts["outputs"] == [
        {"name": "logits", "type": "float32", "shape": ["N", 10]},
        {"name": "label", "type": "int64", "shape": ["N"]},
    ]
    assert facts["verified"]["int8_cost"]["difference"] > 0


def test_export_safetensors(runs: Path, tmp_path: Path) -> None:
    output = zoo_ok("export", runs / "digits-10-s0-1", "--safetensors", "--out", tmp_path)
    path = tmp_path / "digits-10-s0-1.safetensors"
    assert output == f"{path}: {path.stat().st_size:,} bytes\n"
    assert path.read_bytes() == (runs / "digits-10-s0-1" / "weights.safetensors").read_bytes()
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_export_both_formats(runs: Path, tmp_path: Path) -> None:
    run = runs / "digits-10-s0-1"
    output = zoo_ok("export", run, "--safetensors", "--onnx", "--out", tmp_path)
    paths = [line.split(":")[0] for line in output.splitlines() if not line.startswith(" ")]
    assert [Path(path).suffix for path in paths] == [".onnx", ".safetensors"]


def test_export_names_and_rows(runs: Path, tmp_path: Path) -> None:
    """-q prints the name of a model once; each file is a row."""
    run, options = runs / "digits-10-s0-1", ("--safetensors", "--onnx", "--out", tmp_path)
    assert zoo_ok("export", run, *options, "-q") == "digits-10-s0-1\n"
    lines = zoo_ok("export", run, *options, "--format", "jsonl").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["name"] for row in rows] == ["digits-10-s0-1"] * 2
    assert [Path(row["path"]).suffix for row in rows] == [".onnx", ".safetensors"]
    markdown = zoo_ok("export", run, *options, "--format", "md").splitlines()
    assert markdown[0] == "| name | file | size | opset | verified in |"
    assert len(markdown) == 4
    assert "onnxruntime 1." in markdown[2]


def test_export_dry_run(runs: Path, tmp_path: Path) -> None:
    run, out = runs / "digits-10-s0-1", tmp_path / "out"
    options = ("--safetensors", "--onnx", "--out", out, "-n")
    suffixes = (".onnx", ".json", ".safetensors")
    assert zoo_ok("export", run, *options).splitlines() == [
        f"{out / 'digits-10-s0-1'}{suffix} would be written" for suffix in suffixes
    ]
    assert zoo_ok("export", run, *options, "-q") == "digits-10-s0-1\n"
    assert not out.exists()


@pytest.mark.parametrize("option", ["--onnx", "--safetensors"])
def test_export_to_stdout(option: str, runs: Path, tmp_path: Path) -> None:
    """`-o -` writes the bytes that the file would have, if it is one file."""
    run = runs / "digits-10-s0-1"
    zoo_ok("export", run, option, "--out", tmp_path)
    path = tmp_path / f"digits-10-s0-1.{option.removeprefix('--')}"
    assert zoo_bytes("export", run, option, "-o", "-") == path.read_bytes()
    two = zoo("export", run, "--onnx", "--safetensors", "-o", "-")
    assert (two.exit_code, two.stdout) == (2, "")
    assert two.stderr.startswith("zoo: -o - writes one file to stdout; expected one model in ")


@pytest.mark.parametrize("content", ['{"model": "digits-10"}', "[" * 100_000, "\0"])
@pytest.mark.parametrize("dry_run", [False, True])
def test_export_foreign_json(runs: Path, tmp_path: Path, content: str, *, dry_run: bool) -> None:
    """A .json that zoo did not write is not replaced, and no .onnx is written beside it."""
    foreign = tmp_path / "digits-10-s0-1.json"
    foreign.write_text(content)
    options = ("--onnx", "--out", tmp_path, *(["-n"] if dry_run else []))
    done = zoo("export", runs / "digits-10-s0-1", *options)
    assert done.exit_code == 2
    assert f"{foreign} was not written by `zoo export`, so it is not replaced." in done.stderr
    assert [path.read_text() for path in tmp_path.iterdir()] == [content]


def test_export_again(runs: Path, tmp_path: Path) -> None:
    """The .json of an export is replaced by that of the next one."""
    for opset in (17, 18):
        zoo_ok("export", runs / "digits-10-s0-1", "--onnx", "-o", tmp_path, "--opset", opset)
        record = json.loads((tmp_path / "digits-10-s0-1.json").read_text())
        assert record["opset"] == opset


def test_export_failure_among_others(runs: Path, tmp_path: Path) -> None:
    """The JSON holds the files that were written; the exit code is that of the error."""
    run = runs / "digits-10-s0-1"
    done = zoo("export", "none.safetensors", run, "--safetensors", "--out", tmp_path, "--json")
    assert done.exit_code == 3
    assert [file["name"] for file in json.loads(done.stdout)] == ["digits-10-s0-1"]


def test_export_probes_without_mnist(tmp_path: Path) -> None:
    """Without MNIST an export is verified on enlarged digits."""
    file = saved(tmp_path / "net.safetensors", random_model({**DEEP, **MNIST}))
    output = zoo_ok("export", file, "--onnx", "--out", tmp_path, ZOO_OFFLINE="1")
    assert "verified on 1,797 images, scikit-learn's digits enlarged to 28 x 28" in output


def test_export_two_of_a_name(tmp_path: Path) -> None:
    file = saved(tmp_path / "net.safetensors", random_model())
    finished = zoo("export", file, file, "--onnx", "--out", tmp_path / "out")
    assert finished.exit_code == 2
    assert "Two models have the name 'net'; only the first was written." in finished.stderr
    assert (tmp_path / "out" / "net.onnx").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("net.safetensors",), 2, "Expected --onnx or --safetensors."),
        (("net.safetensors", "--onnx", "--opset", "12"), 2, "expected 13 to 21, got 12"),
        (
            ("net.safetensors", "--onnx", "--input", "png"),
            2,
            "--input: expected image, pixels",
        ),
        (("net.safetensors", "--safetensors", "--int8"), 2, "apply to ONNX files only"),
        (("net.safetensors", "--onnx", "--output", "x"), 2, "There is no output 'x'"),
        (("net.onnx", "--onnx"), 2, "is an ONNX graph"),
        (("nothing-s0-1", "--onnx"), 2, "There is no run named"),
        (("mnist-182", "--onnx"), 2, "Did you mean 'mnist-128'?"),
        (("none.safetensors", "--onnx"), 3, "does not exist"),
        (("net.pkl", "--onnx"), 5, "may run code when it is opened"),
    ],
)
def test_export_mistakes(
    tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    saved(tmp_path / "net.safetensors", random_model())
    finished = zoo("export", *arguments, cwd=tmp_path)
    assert finished.exit_code == code
    assert message in finished.stderr
    assert "Traceback" not in finished.stderr
    assert [path.name for path in tmp_path.glob("net*")] == ["net.safetensors"]


def test_export_out_is_a_file(tmp_path: Path) -> None:
    file = saved(tmp_path / "net.safetensors", random_model())
    (tmp_path / "taken").write_text("")
    finished = zoo("export", file, "--onnx", "--out", tmp_path / "taken")
    assert finished.exit_code == 1
    assert f"{os.sep}taken" in finished.stderr
    assert "could not be written" in finished.stderr


def test_export_to_the_name_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """-o names a folder; a folder called mine.onnx is nobody's wish."""
    monkeypatch.chdir(tmp_path)
    done = zoo("export", "digits-10", "--onnx", "-o", "models/mine.onnx")
    assert done.exit_code == 2
    assert done.stderr.splitlines() == [
        "zoo: -o names the folder of the files, and models/mine.onnx is the name of a file.",
        "     Give the folder: `-o models`.",
    ]
    assert list(tmp_path.iterdir()) == []
