"""Prediction with ONNX models, in onnxruntime or onnx.reference."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from zoo.config.dataset_info import SOURCES, Source, describe_size
from zoo.data.dataset import Values
from zoo.errors import CorruptFileError, ZooError
from zoo.export import (
    metadata,
    onnx_graph,
    onnx_graph_cost,
    onnx_safety,
    runtime_process,
    window_memory,
)
from zoo.export.onnx_errors import first_line
from zoo.export.onnx_graph_cost import InferredGraph
from zoo.export.onnx_operators import INT8, SHAPING
from zoo.export.runtimes import LoadFunction
from zoo.nn.buffers import Array
from zoo.training.model import Model
from zoo.training.weights import WeightsMetadata

if TYPE_CHECKING:
    from onnx import ModelProto

RuntimeName = Literal["numpy", "onnx"]
RunFunction = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]

# Operators that do not change the order of the values.
PASS_THROUGH = SHAPING | INT8 | {"Clip"}
TINY = 1e-38  # replaces a probability of 0, whose logarithm is infinite


class Session(NamedTuple):
    """A loaded graph, and how many images it may get at once."""

    run: RunFunction
    max_rows: int


@dataclass(frozen=True)
class OnnxModel:
    """A graph loaded by a runtime, with the metadata of an export of zoo."""

    name: str
    facts: WeightsMetadata | None
    source: Source
    shape: tuple[int, ...]  # the shape of one image in the graph's input
    dtype: npt.DTypeLike
    batch: int  # rows per call
    fixed: bool  # the graph accepts no other batch size
    gives_logits: bool  # else probabilities
    run: RunFunction
    content: bytes  # the bytes of the file

    def logits(self, images: Values) -> Array:
        """Return logits, or logarithms of probabilities, (n, classes), of images (n, features)."""
        starts = range(0, len(images), self.batch)
        tiles = [self._tile(images[start : start + self.batch]) for start in starts]
        outputs = np.concatenate([np.empty((0, self.source.classes), np.float32), *tiles])
        return outputs if self.gives_logits else np.log(np.maximum(outputs, TINY))

    def _tile(self, images: Values) -> npt.NDArray[np.float32]:
        rows = len(images)
        if self.fixed:  # black images fill the last tile
            images = np.pad(images, ((0, self.batch - rows), (0, 0)))
        pixels = images.reshape(-1, *self.shape).astype(self.dtype)
        try:
            outputs = np.asarray(self.run(pixels), np.float32)[:rows]
        except Exception as error:  # noqa: BLE001 - every runtime raises its own kinds
            raise self._incompatible(first_line(error)) from None
        if outputs.shape != (rows, self.source.classes) or not np.isfinite(outputs).all():
            raise self._incompatible("its output is not one finite number per class and image.")
        return outputs

    def _incompatible(self, reason: str) -> CorruptFileError:
        return CorruptFileError(f"{self.name} cannot predict: {reason}")


def open_onnx(path: Path, *, runtime: RuntimeName = "onnx") -> OnnxModel:
    """Return the model in any .onnx file, after the safety checks."""
    return _opened(onnx_safety.read(path), name=path.stem, where=str(path), runtime=runtime)


def from_bytes(content: bytes, *, name: str, runtime: RuntimeName) -> OnnxModel:
    """Return the model in the content of an .onnx file."""
    return _opened(onnx_safety.checked(content, where=name), name=name, where=name, runtime=runtime)


def as_onnx(model: Model) -> OnnxModel:
    """Return the model exported in memory and loaded by a runtime."""
    where = f"The export of {model.name}"
    proto = onnx_safety.checked(onnx_graph.to_onnx(model), where=where)
    return _opened(proto, name=model.name, where=where, runtime="onnx")


def _opened(proto: "ModelProto", *, name: str, where: str, runtime: RuntimeName) -> OnnxModel:
    from onnx import TensorProto

    facts = metadata.read_metadata(proto, where=where)
    kind = onnx_graph_cost.read_shape(proto).type.tensor_type
    first, *rest = kind.shape.dim
    shape = tuple(axis.dim_value for axis in rest)
    sources = [facts.entry.data.source] if facts else [SOURCES["digits"], SOURCES["mnist"]]
    source = _source_of(shape, sources, where=where)
    graph = onnx_graph_cost.infer(proto)
    output, gives_logits = _output(graph, proto, source, where=where)
    content = proto.SerializeToString(deterministic=True)
    session = _session(graph, content, output, runtime=runtime, where=where)
    return OnnxModel(
        name=name,
        facts=facts,
        source=source,
        shape=shape,
        dtype=np.uint8 if kind.elem_type == TensorProto.UINT8 else np.float32,
        batch=first.dim_value or session.max_rows,
        fixed=first.dim_value > 0,
        gives_logits=gives_logits,
        run=session.run,
        content=content,
    )


def _source_of(shape: tuple[int, ...], sources: Sequence[Source], *, where: str) -> Source:
    """Return the source whose images have this shape, flat or not, with a channel or without."""
    axes = tuple(axis for axis in shape if axis != 1)
    for source in sources:
        sides = tuple(side for side in source.shape if side != 1)
        if axes in {sides, (math.prod(source.shape),)}:
            return source
    sizes = " or ".join(describe_size(source.shape) for source in sources)
    raise CorruptFileError(f"{where} takes inputs of {describe_size(shape)}; expected {sizes}.")


def _output(
    graph: InferredGraph, proto: "ModelProto", source: Source, *, where: str
) -> tuple[str, bool]:
    """Return the name of the output to read, and whether it holds logits."""
    producer = {name: node for node in graph.nodes for name in node.output}

    def is_softmax(name: str) -> bool:
        while name in producer and producer[name].op_type in PASS_THROUGH:
            name = producer[name].input[0]
        return name in producer and producer[name].op_type == "Softmax"

    candidates = [
        value.name
        for value in proto.graph.output
        if value.name in producer and (graph.shapes[value.name] or [])[1:] == [source.classes]
    ]
    # Logits are preferred; the output of a softmax is probabilities.
    for name in sorted(candidates, key=lambda name: (is_softmax(name), name != "logits")):
        return name, not is_softmax(name)
    raise CorruptFileError(f"{where} does not have an output of {source.classes} classes.")


def _session(
    graph: InferredGraph, content: bytes, output: str, *, runtime: RuntimeName, where: str
) -> Session:
    """Return the graph in onnxruntime, or in onnx.reference for "numpy" or without onnxruntime."""
    rows = onnx_graph_cost.max_rows(graph)
    try:
        if runtime == "onnx":
            with suppress(ImportError):
                return _loaded(runtime_process.onnxruntime, content, output, rows)
        rows = min(rows, window_memory.max_rows(graph, where=where))
        return _loaded(runtime_process.reference, content, output, rows)
    except ZooError:
        raise
    except Exception as error:  # noqa: BLE001 - every runtime raises its own kinds
        raise CorruptFileError(f"{where} cannot be run: {first_line(error)}") from None


def _loaded(load: LoadFunction, content: bytes, output: str, max_rows: int) -> Session:
    _, run = load(content, [output])
    return Session(lambda pixels: run(pixels)[0], max_rows)
