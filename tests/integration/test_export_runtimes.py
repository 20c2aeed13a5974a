"""`zoo export` with planted runtimes that disagree, abort or cannot be imported."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.entries import SMALLEST
from tests.helpers.hidden_packages import OTHER_RUNTIMES, hide_in_processes
from tests.helpers.models import DEEP, random_model
from tests.helpers.process import zoo_process

Fake = Callable[..., Path]

# where it sees a test or CI, onnxruntime is silent of itself
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
        # runtimes that a test did not plant are not asked: other tests are about those
        hide_in_processes(site, *(name for name in OTHER_RUNTIMES if name != distribution))
        return site

    return made


def saved(path: Path, changes: dict[str, object] | None = None) -> Path:
    """Write the weights of a small network of random numbers."""
    from zoo.training import weights

    model = random_model(changes)
    weights.write(path, model.network, model.facts)
    return path


def test_export_every_entry(fake: Fake, tmp_path: Path) -> None:
    """Without a name it exports every entry that brings weights, though one cannot be."""
    folder = fake("a-plugin", provides="a_plugin") / "a_plugin"
    folder.mkdir()
    for name in ("net-9", "net-10"):
        file = saved(folder / f"{name}.safetensors", {"name": name})
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest() if name == "net-10" else "0" * 64
        place = f'package = "a_plugin", file = "{file.name}", sha256 = "{sha256}"'
        own = SMALLEST.replace('"smallest"', f'"{name}"')
        (folder / f"{name}.toml").write_text(f"weights = {{ {place} }}\n{own}")
    finished = zoo_process("export", "--onnx", "--json", "--out", tmp_path / "out")
    assert finished.exit_code == 5
    assert "net-9.safetensors does not have the SHA-256 of its entry" in finished.stderr
    for suffix in (".onnx", ".json"):
        written = {path.stem for path in (tmp_path / "out").glob(f"*{suffix}")}
        assert written == {*ENTRIES, "net-10"}
    alone = zoo_process("export", "net-10", "--onnx", "--json", "--out", tmp_path)
    (one,) = json.loads(alone.stdout)
    assert (one["model"], one["entry"]) == ("net-10", "net-10")


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
        ("import os; os.abort()", "tract 9.9 cannot run the export of net: exit code -6"),
        ("raise ValueError('broken')", "cannot run the export of net: ValueError: broken"),
    ],
    ids=["liar", "abort", "error"],
)
def test_export_runtime_disagrees(fake: Fake, tmp_path: Path, module: str, words: str) -> None:
    """A runtime that disagrees or fails ends it with 4 and no file."""
    fake("tract", tract=module)
    file = saved(tmp_path / "net.safetensors")
    finished = zoo_process("export", file, "--onnx", "--out", tmp_path / "out")
    assert finished.exit_code == 4
    assert words in finished.stderr
    assert finished.stdout == ""
    assert not (tmp_path / "out").exists()


def test_export_older_file_stays(fake: Fake, tmp_path: Path) -> None:
    """An export that stays, since the new one is refused, is named as the older one."""
    file = saved(tmp_path / "net.safetensors")
    (tmp_path / "net.onnx").write_bytes(b"older")
    fake("tract", tract=LIAR)
    finished = zoo_process("export", file, "--onnx", "--out", tmp_path)
    assert finished.exit_code == 4
    assert f"{tmp_path / 'net.onnx'} was not replaced." in finished.stderr
    assert (tmp_path / "net.onnx").read_bytes() == b"older"


def test_export_runtime_not_importable(fake: Fake, tmp_path: Path) -> None:
    """A runtime that cannot be imported is skipped, and the reason is printed."""
    fake("tract", tract="import nothing_of_that_name")
    file = saved(tmp_path / "net.safetensors")
    done = zoo_process("export", file, "--onnx", "--out", tmp_path)
    assert done.exit_code == 0, done.stderr
    assert (
        "tract 9.9              skipped: it cannot be imported: "
        "No module named 'nothing_of_that_name'"
    ) in done.stdout


def test_export_leaves_home_alone(fake: Fake, tmp_path: Path) -> None:
    """A runtime in a child writes into a home of its own."""
    leaving = "import pathlib; (pathlib.Path.home() / 'telemetry').write_text('id')\n"
    fake("tract", tract=leaving + LIAR)
    file = saved(tmp_path / "net.safetensors")
    home = tmp_path / "home"
    home.mkdir()
    done = zoo_process("export", file, "--onnx", "--out", tmp_path / "out", HOME=home)
    assert done.exit_code == 4
    assert list(home.iterdir()) == []


def test_export_onnxruntime_telemetry(fake: Fake, tmp_path: Path) -> None:
    """onnxruntime does not store an identifier and does not send telemetry."""
    fake("nothing-at-all")
    file = saved(tmp_path / "net.safetensors")
    home = tmp_path / "home"
    home.mkdir()
    silent = dict.fromkeys((*SILENCING, "ORT_DISABLE_TELEMETRY"))
    done = zoo_process(
        *("export", file, "--onnx", "--out", tmp_path / "out"),
        HOME=home,
        XDG_CACHE_HOME=home / "caches",
        **silent,
    )
    assert done.exit_code == 0, done.stderr
    assert list(home.rglob("*")) == []


def test_export_bytes_of_every_process(fake: Fake, tmp_path: Path) -> None:
    """The same weights give the same files to the byte, in whichever process."""
    from zoo.export import onnx_graph
    from zoo.training.model import load_file

    fake("nothing-at-all")
    file = saved(tmp_path / "net.safetensors", DEEP)
    for seed in ("0", "4711"):
        done = zoo_process("export", file, "--onnx", "--out", tmp_path / seed, PYTHONHASHSEED=seed)
        assert done.exit_code == 0, done.stderr
    one, other = ((tmp_path / seed / "net.onnx").read_bytes() for seed in ("0", "4711"))
    assert one == other == onnx_graph.to_onnx(load_file(file))
    facts = [(tmp_path / seed / "net.json").read_bytes() for seed in ("0", "4711")]
    assert facts[0] == facts[1]
