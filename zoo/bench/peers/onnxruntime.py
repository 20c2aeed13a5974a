"""onnxruntime: inference with the ONNX export of the same network."""

from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from zoo.bench.task import BenchTask

Array = npt.NDArray[Any]


class Peer:
    """One session with one thread; it cannot train."""

    version = onnxruntime.__version__
    differs: tuple[str, ...] = ()

    def __init__(self, task: BenchTask) -> None:
        if not task.facts["answers"]:
            raise NotImplementedError("onnxruntime cannot train")
        self.task = task
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        content = bytes.fromhex(task.facts["onnx"])
        self.session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )
        self.options = onnxruntime.RunOptions()
        self.options.only_execute_path_to_fetches = True  # the probabilities are not computed
        shape = task.facts["shape"]
        self.test = task.test_images.reshape(-1, *shape)
        self.queries = self.test[: task.facts["answers"]]

    def reset(self) -> None:
        """Do nothing: inference does not change the weights."""

    def run(self) -> None:
        """Predict."""
        self.session.run(["logits"], {"image": self.queries}, self.options)

    def weights(self) -> list[Array]:
        """Return the weights of the task."""
        return [array for pair in self.task.layers for array in pair]

    def logits(self) -> Array:
        """Return the logits of the test rows."""
        return np.asarray(self.session.run(["logits"], {"image": self.test})[0])
