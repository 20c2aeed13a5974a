"""A runtime in a child process: `python -P runtime_process.py RUNTIME FOLDER OUTPUT...`.

FOLDER contains model.onnx and images.npy. The process writes every output there as OUTPUT.npy, and
then the version of the runtime as version.txt. It imports nothing of zoo, so that any Python with
NumPy and the runtime can run this file.
"""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

MISSING = 3  # the exit code if the runtime cannot be imported
FIRST, TILE = 3, 1000  # batches of several sizes, because the batch size is dynamic

Pixels = npt.NDArray[Any]
RunFunction = Callable[[Pixels], list[Pixels]]


def reference(model: str | bytes, outputs: list[str]) -> tuple[str, RunFunction]:
    """Return the version of onnx, and a function from a batch of pixels to the outputs."""
    import onnx
    from onnx.reference import ReferenceEvaluator

    session = ReferenceEvaluator(model)
    # Older files list their weights among the inputs.
    weights = {tensor.name for tensor in session.proto_.graph.initializer}
    (feed,) = (name for name in session.input_names if name not in weights)

    def run(pixels: Pixels) -> list[Pixels]:
        return [np.asarray(array) for array in session.run(outputs, {feed: pixels})]

    return str(onnx.__version__), run


def onnxruntime(model: str | bytes, outputs: list[str]) -> tuple[str, RunFunction]:
    """Return the version, and a function from a batch of pixels to the outputs."""
    # From 1.29 on it sends telemetry and stores an id on disk unless this is set before the import.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)  # errors are raised as exceptions
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feed = session.get_inputs()[0].name
    return str(onnxruntime.__version__), lambda pixels: list(session.run(outputs, {feed: pixels}))


def openvino(path: str, outputs: list[str]) -> tuple[str, RunFunction]:
    """Return the version, and a function from a batch of pixels to the outputs."""
    import openvino

    config = {  # by default it rounds to 16 bits, and to 8 with int8 weights
        "INFERENCE_PRECISION_HINT": "f32",
        "EXECUTION_MODE_HINT": "ACCURACY",
        "INFERENCE_NUM_THREADS": 1,
    }
    compiled = openvino.Core().compile_model(path, "CPU", config)

    def run(pixels: Pixels) -> list[Pixels]:
        results = compiled([pixels])
        return [np.array(results[compiled.output(name)]) for name in outputs]

    return str(openvino.__version__).split("-", maxsplit=1)[0], run


def opencv(path: str, outputs: list[str]) -> tuple[str, RunFunction]:
    """Return the version, and a function from a batch of pixels to the outputs."""
    import cv2

    cv2.setNumThreads(1)
    net = cv2.dnn.readNetFromONNX(path)
    wrapped: Callable[..., Any] = cv2.Mat

    def run(pixels: Pixels) -> list[Pixels]:
        # Without the wrapper OpenCV treats the last of three axes as colours.
        net.setInput(wrapped(pixels, wrap_channels=False))
        return [np.array(output) for output in net.forward(outputs)]

    return str(cv2.__version__), run


def tract(path: str, outputs: list[str]) -> tuple[str, RunFunction]:
    """Return the version, and a function from a batch of pixels to the outputs."""
    import tract

    ready = tract.onnx().load(path).into_model().into_runnable()

    def run(pixels: Pixels) -> list[Pixels]:
        arrays = [array.to_numpy() for array in ready.run([pixels])]
        # tract names outputs by their nodes; their order is that of the graph.
        return [array for _, array in zip(outputs, arrays, strict=True)]

    return str(tract.version()), run


RUNTIMES: dict[str, Callable[[str, list[str]], tuple[str, RunFunction]]] = {
    "onnx.reference": reference,
    "onnxruntime": onnxruntime,
    "openvino": openvino,
    "opencv": opencv,
    "tract": tract,
}


def tiles(pixels: Pixels) -> Iterator[Pixels]:
    """Yield one image, then a few, then batches of many."""
    yield pixels[:1]
    yield pixels[1:FIRST]
    for start in range(FIRST, len(pixels), TILE):
        yield np.ascontiguousarray(pixels[start : start + TILE])


def run_tiled(run: RunFunction, pixels: Pixels) -> list[Pixels]:
    """Return each output for all images."""
    parts = [run(tile) for tile in tiles(pixels)]
    return [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]


def main(name: str, folder: Path, outputs: list[str]) -> None:
    """Write the outputs into the folder."""
    try:
        version, run = RUNTIMES[name](str(folder / "model.onnx"), outputs)
    except ImportError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(MISSING)
    results = run_tiled(run, np.load(folder / "images.npy"))
    for output, array in zip(outputs, results, strict=True):
        np.save(folder / f"{output}.npy", array)
    (folder / "version.txt").write_text(version, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
