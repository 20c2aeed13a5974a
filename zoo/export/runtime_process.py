"""One runtime's answers, in a process of its own: `python -P child.py RUNTIME FOLDER OUTPUT...`.

FOLDER holds model.onnx and images.npy. Every output is left there as OUTPUT.npy, and last what the
runtime calls its version as version.txt. Nothing of zoo is imported here, so that any Python that
has NumPy and the runtime can run this file.
"""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

MISSING = 3  # the exit code where the runtime cannot be imported
FIRST, TILE = 3, 1000  # batches of several sizes, since the batch has no fixed one

Pixels = npt.NDArray[Any]
Ask = Callable[[Pixels], list[Pixels]]


def onnxruntime(model: str | bytes, outputs: list[str]) -> tuple[str, Ask]:
    """Return the version, and a function from pixels to outputs."""
    # from 1.29 on it reports to its makers and keeps an id on disk, unless told not to beforehand
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)  # what is wrong comes as an exception
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feed = session.get_inputs()[0].name
    return str(onnxruntime.__version__), lambda pixels: list(session.run(outputs, {feed: pixels}))


def openvino(path: str, outputs: list[str]) -> tuple[str, Ask]:
    """Return the version, and a function from pixels to outputs."""
    import openvino

    exact = {  # in its own way it would round to 16 bits, and to 8 beside weights of 8
        "INFERENCE_PRECISION_HINT": "f32",
        "EXECUTION_MODE_HINT": "ACCURACY",
        "INFERENCE_NUM_THREADS": 1,
    }
    compiled = openvino.Core().compile_model(path, "CPU", exact)

    def ask(pixels: Pixels) -> list[Pixels]:
        found = compiled([pixels])
        return [np.array(found[compiled.output(name)]) for name in outputs]

    return str(openvino.__version__).split("-", maxsplit=1)[0], ask


def opencv(path: str, outputs: list[str]) -> tuple[str, Ask]:
    """Return the version, and a function from pixels to outputs."""
    import cv2

    cv2.setNumThreads(1)
    net = cv2.dnn.readNetFromONNX(path)
    wrapped: Callable[..., Any] = cv2.Mat

    def ask(pixels: Pixels) -> list[Pixels]:
        # without the wrapper, the last axis of three would be taken for colours
        net.setInput(wrapped(pixels, wrap_channels=False))
        return [np.array(found) for found in net.forward(outputs)]

    return str(cv2.__version__), ask


def tract(path: str, outputs: list[str]) -> tuple[str, Ask]:
    """Return the version, and a function from pixels to outputs."""
    import tract

    ready = tract.onnx().load(path).into_model().into_runnable()

    def ask(pixels: Pixels) -> list[Pixels]:
        found = [array.to_numpy() for array in ready.run([pixels])]
        # tract calls outputs by their nodes; their order is the graph's
        return [array for _, array in zip(outputs, found, strict=True)]

    return str(tract.version()), ask


RUNTIMES: dict[str, Callable[[str, list[str]], tuple[str, Ask]]] = {
    "onnxruntime": onnxruntime,
    "openvino": openvino,
    "opencv": opencv,
    "tract": tract,
}


def tiles(pixels: Pixels) -> Iterator[Pixels]:
    """Yield one picture, then a few, then many at a time."""
    yield pixels[:1]
    yield pixels[1:FIRST]
    for start in range(FIRST, len(pixels), TILE):
        yield np.ascontiguousarray(pixels[start : start + TILE])


def joined(ask: Ask, pixels: Pixels) -> list[Pixels]:
    """Return each output for all pictures."""
    parts = [ask(tile) for tile in tiles(pixels)]
    return [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]


def main(name: str, folder: Path, outputs: list[str]) -> None:
    """Leave the answers in the folder."""
    try:
        version, ask = RUNTIMES[name](str(folder / "model.onnx"), outputs)
    except ImportError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(MISSING)
    found = joined(ask, np.load(folder / "images.npy"))
    for output, array in zip(outputs, found, strict=True):
        np.save(folder / f"{output}.npy", array)
    (folder / "version.txt").write_text(version, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
