"""`zoo export` with planted runtimes that disagree, abort or cannot be imported."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_export import saved
from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.command import zoo, zoo_ok
from tests.helpers.entries import SMALLEST
from tests.helpers.models import DEEP, random_model
from zoo import weights
from zoo.export import graph
from zoo.model import of_file

Fake = Callable[..., Path]


SILENCING = ("CI", "GITHUB_ACTIONS", "TF_BUILD", "PYTEST_CURRENT_TEST")


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Return a function that puts a distribution with files of its own on the program's path."""
    site = tmp_path / "site"
    monkeypatch.setenv("PYTHONPATH", str(site))

    def made(distribution: str, *, provides: str = "", **files: str) -> Path:
        metadata = site / f"{distribution}-9.9.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 9.9\n"
        )
        if provides:
            (metadata / "entry_points.txt").write_text(f"[zoo.registry]\n{provides} = {provides}\n")
        for name, text in files.items():
            (site / f"{name}.py").write_text(text)
        return site

    return made


def test_alone_it_exports_every_entry_that_brings_weights(fake: Fake, tmp_path: Path) -> None:
    site = fake("a-plugin", provides="a_plugin")
    folder = site / "a_plugin"
    folder.mkdir()
    names = ["net-9", "net-10"]
    for name in names:
        file = saved(folder / f"{name}.safetensors", random_model({"name": name}))
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        own = SMALLEST.replace('"smallest"', f'"{name}"')
        place = f'package = "a_plugin", file = "{file.name}", sha256 = "{sha256}"'
        (folder / f"{name}.toml").write_text(f"weights = {{ {place} }}\n{own}")
    found = json.loads(zoo_ok("export", "--onnx", "--json", "--out", tmp_path / "out"))
    exported = [one["model"] for one in found]
    assert [name for name in exported if name in names] == names
    for name in names:
        assert {path.suffix for path in (tmp_path / "out").glob(f"{name}.*")} == {".onnx", ".json"}
    (one,) = json.loads(zoo_ok("export", "net-9", "--onnx", "--json", "--out", tmp_path))
    assert (one["model"], one["entry"]) == ("net-9", "net-9")


LIAR = """
import numpy

class Answer:
    def __init__(self, array): self.array = array
    def to_numpy(self): return self.array

class Model:
    def load(self, path): return self
    def into_model(self): return self
    def into_runnable(self): return self
    def run(self, inputs): return [Answer(numpy.full((len(inputs[0]), 10), 0.1, "f4"))] * 2

def onnx(): return Model()
def version(): return "9.9"
"""


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (LIAR, "tract 9.9 and net differ by 0."),
        ("import os; os.abort()", "tract 9.9 does not run the export of net: exit code -6"),
        ("raise ValueError('broken')", "does not run the export of net: ValueError: broken"),
    ],
)
def test_a_runtime_that_disagrees_ends_it_with_four_and_no_file(
    fake: Fake, tmp_path: Path, module: str, words: str
) -> None:
    fake("tract", tract=module)
    file = saved(tmp_path / "net.safetensors", random_model())
    finished = zoo("export", file, "--onnx", "--out", tmp_path / "out")
    assert finished.exit_code == 4
    assert words in finished.stderr
    assert finished.stdout == ""
    assert not (tmp_path / "out").exists()


def test_the_others_are_exported_if_one_cannot_be(fake: Fake, tmp_path: Path) -> None:
    folder = fake("a-plugin", provides="a_plugin") / "a_plugin"
    folder.mkdir()
    file = saved(folder / "net-9.safetensors", random_model({"name": "net-9"}))
    place = f'package = "a_plugin", file = "{file.name}", sha256 = "{"0" * 64}"'
    own = SMALLEST.replace('"smallest"', '"net-9"')
    (folder / "net-9.toml").write_text(f"weights = {{ {place} }}\n{own}")
    finished = zoo("export", "--onnx", "--out", tmp_path / "out")
    assert finished.exit_code == 5
    assert "net-9.safetensors has not the SHA-256 that its entry names" in finished.stderr
    written = {path.stem for path in (tmp_path / "out").glob("*.onnx")}
    assert written == set(ENTRIES)


def test_an_older_export_that_stays_is_named(fake: Fake, tmp_path: Path) -> None:
    file = saved(tmp_path / "net.safetensors", random_model())
    zoo_ok("export", file, "--onnx", "--out", tmp_path)
    before = (tmp_path / "net.onnx").read_bytes()
    fake("tract", tract=LIAR)
    finished = zoo("export", file, "--onnx", "--out", tmp_path)
    assert finished.exit_code == 4
    assert f"{tmp_path / 'net.onnx'} is still the older one." in finished.stderr
    assert (tmp_path / "net.onnx").read_bytes() == before


def test_a_runtime_that_cannot_be_imported_is_skipped_and_says_why(
    fake: Fake, tmp_path: Path
) -> None:
    fake("tract", tract="import nothing_of_that_name")
    file = saved(tmp_path / "net.safetensors", random_model())
    said = zoo_ok("export", file, "--onnx", "--out", tmp_path)
    assert (
        "tract 9.9              not asked, since it cannot be imported: "
        "No module named 'nothing_of_that_name'"
    ) in said


def test_nothing_is_left_in_the_home_of_its_user(fake: Fake, tmp_path: Path) -> None:
    leaving = "import pathlib; (pathlib.Path.home() / 'telemetry').write_text('id')\n"
    fake("tract", tract=leaving + LIAR)
    file = saved(tmp_path / "net.safetensors", random_model())
    home = tmp_path / "home"
    home.mkdir()
    assert zoo("export", file, "--onnx", "--out", tmp_path / "out", HOME=home).exit_code == 4
    assert list(home.iterdir()) == []


def test_onnxruntime_keeps_no_id_and_reports_to_nobody(tmp_path: Path) -> None:
    file = saved(tmp_path / "net.safetensors", random_model())
    home = tmp_path / "home"
    home.mkdir()
    # where it sees a test or CI it is silent of itself
    silent = dict.fromkeys((*SILENCING, "ORT_DISABLE_TELEMETRY"))
    folders = {"HOME": home, "XDG_CACHE_HOME": home / "caches"}
    zoo_ok("export", file, "--onnx", "--out", tmp_path / "out", **folders, **silent)
    assert list(home.rglob("*")) == []


def test_the_help_loads_nothing_heavy() -> None:
    from tests.helpers.process import HEAVY, loaded_by

    assert not loaded_by("export", "--help") & set(HEAVY)


def test_an_export_again_is_the_same_to_the_byte(runs: Path, tmp_path: Path) -> None:
    run = runs / "digits-10-s0-1"
    for seed, folder in (("1", "one"), ("2", "two")):
        zoo_ok("export", run, "--onnx", "--out", tmp_path / folder, PYTHONHASHSEED=seed)
    for name in ("digits-10-s0-1.onnx", "digits-10-s0-1.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_same_weights_give_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    model = random_model(DEEP)
    path = tmp_path / "a-model.safetensors"
    weights.write(path, model.network, model.facts)
    content = graph.to_onnx(of_file(path))
    assert content == graph.to_onnx(model)
    script = (
        "import hashlib, pathlib, sys\n"
        "from zoo.export.graph import to_onnx\n"
        "from zoo.model import of_file\n"
        "print(hashlib.sha256(to_onnx(of_file(pathlib.Path(sys.argv[1])))).hexdigest())\n"
    )
    for seed in ("0", "4711"):
        done = subprocess.run(
            [sys.executable, "-c", script, path],
            capture_output=True,
            check=True,
            text=True,
            cwd=tmp_path,
            env={"PYTHONHASHSEED": seed},
        )
        assert done.stdout.strip() == hashlib.sha256(content).hexdigest()
