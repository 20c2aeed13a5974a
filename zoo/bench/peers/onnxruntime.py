"""onnxruntime: the export of the same network, asked as whoever ships it would ask."""

from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from zoo.bench.task import BenchTask

Array = npt.NDArray[Any]


class Peer:
    """One session, one thread; it cannot train."""

    version = onnxruntime.__version__
    differs: tuple[str, ...] = ()

    def __init__(self, task: BenchTask) -> None:
        if not task.facts["answers"]:
            raise NotImplementedError("onnxruntime answers, and does not train")
        self.task = task
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        content = bytes.fromhex(task.facts["onnx"])
        self.session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )
        self.options = onnxruntime.RunOptions()
        self.options.only_execute_path_to_fetches = True  # without the probabilities
        shape = task.facts["shape"]
        self.test = task.test_images.reshape(-1, *shape)
        self.asked = self.test[: task.facts["answers"]]

    def reset(self) -> None:
        """There is nothing to put back."""

    def run(self) -> None:
        """Answer."""
        self.session.run(["logits"], {"image": self.asked}, self.options)

    def learned(self) -> list[Array]:
        """Return the weights as they were given."""
        return [one for pair in self.task.layers for one in pair]

    def logits(self) -> Array:
        """Return the logits of the test rows."""
        return np.asarray(self.session.run(["logits"], {"image": self.test})[0])
