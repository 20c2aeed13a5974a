"""An .onnx that answers for pictures, in onnxruntime or in onnx's own reference."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from zoo.config.dataset_info import SOURCES, Source, describe_size
from zoo.data.dataset import Values
from zoo.errors import CorruptFileError
from zoo.export import metadata, onnx_graph, onnx_safety, runtime_process
from zoo.nn.buffers import Array
from zoo.training.model import Model
from zoo.training.weights import WeightsMetadata

if TYPE_CHECKING:
    from onnx import ModelProto

RuntimeName = Literal["numpy", "onnx"]
Ask = Callable[[npt.NDArray[Any]], npt.NDArray[Any]]

TILE = onnx_safety.MAX_ROWS
SAME_NUMBERS = (
    onnx_safety.SHAPING | onnx_safety.INT8 | {"Clip"}
)  # operators that only bring them into another form
TINY = 1e-38  # the probability that stands for 0, which has no logarithm


@dataclass(frozen=True)
class OnnxModel:
    """A graph in a runtime, with the facts that an export of ours brings along."""

    name: str
    facts: WeightsMetadata | None
    source: Source
    shape: tuple[int, ...]  # of one picture, as the graph takes it
    dtype: npt.DTypeLike
    batch: int  # rows that go in at a time
    fixed: bool  # whether no other number of rows may
    gives_logits: bool  # and not probabilities
    ask: Ask
    content: bytes  # of the file

    def logits(self, images: Values) -> Array:
        """Return the logits of pictures in rows, or the logarithms of their probabilities."""
        starts = range(0, len(images), self.batch)
        tiles = [self._tile(images[start : start + self.batch]) for start in starts]
        answers = np.concatenate([np.empty((0, self.source.classes), np.float32), *tiles])
        return answers if self.gives_logits else np.log(np.maximum(answers, TINY))

    def _tile(self, images: Values) -> npt.NDArray[np.float32]:
        rows = len(images)
        if self.fixed:  # what is missing in the last tile is black
            images = np.pad(images, ((0, self.batch - rows), (0, 0)))
        pixels = images.reshape(-1, *self.shape).astype(self.dtype)
        try:
            answers = np.asarray(self.ask(pixels), np.float32)[:rows]
        except Exception as error:  # noqa: BLE001 - every runtime raises its own kinds
            raise self._incompatible(onnx_safety.first_line(error)) from None
        if answers.shape != (rows, self.source.classes) or not np.isfinite(answers).all():
            raise self._incompatible("its answer is not ten finite numbers a picture.")
        return answers

    def _incompatible(self, reason: str) -> CorruptFileError:
        return CorruptFileError(f"{self.name} does not answer: {reason}")


def open_onnx(path: Path, *, runtime: RuntimeName = "onnx") -> OnnxModel:
    """Return the model in an .onnx, ours or anybody's, once it has been checked."""
    return _opened(onnx_safety.read(path), name=path.stem, where=str(path), runtime=runtime)


def from_bytes(content: bytes, *, name: str, runtime: RuntimeName) -> OnnxModel:
    """Return the model in an .onnx that has this content."""
    return _opened(onnx_safety.checked(content, where=name), name=name, where=name, runtime=runtime)


def as_onnx(model: Model) -> OnnxModel:
    """Return the model as its own export, in memory and in onnxruntime."""
    where = f"The export of {model.name}"
    proto = onnx_safety.checked(onnx_graph.to_onnx(model), where=where)
    return _opened(proto, name=model.name, where=where, runtime="onnx")


def _opened(proto: "ModelProto", *, name: str, where: str, runtime: RuntimeName) -> OnnxModel:
    from onnx import TensorProto

    facts = metadata.read_metadata(proto, where=where)
    kind = onnx_safety.read_shape(proto).type.tensor_type
    first, *rest = kind.shape.dim
    shape = tuple(axis.dim_value for axis in rest)
    known = [facts.entry.data.source] if facts else [SOURCES["digits"], SOURCES["mnist"]]
    source = _source_of(shape, known, where=where)
    output, gives_logits = _output(proto, source, where=where)
    return OnnxModel(
        name=name,
        facts=facts,
        source=source,
        shape=shape,
        dtype=np.uint8 if kind.elem_type == TensorProto.UINT8 else np.float32,
        batch=first.dim_value or TILE,
        fixed=first.dim_value > 0,
        gives_logits=gives_logits,
        ask=_session(proto, output, runtime=runtime, where=where),
        content=proto.SerializeToString(deterministic=True),
    )


def _source_of(shape: tuple[int, ...], known: Sequence[Source], *, where: str) -> Source:
    """Return the data whose rows have this shape, flat or not, with a channel or without."""
    axes = tuple(axis for axis in shape if axis != 1)
    for source in known:
        sides = tuple(side for side in source.shape if side != 1)
        if axes in {sides, (math.prod(source.shape),)}:
            return source
    sizes = " or ".join(describe_size(source.shape) for source in known)
    raise CorruptFileError(
        f"{where} takes {describe_size(shape)} numbers, and zoo's pictures have {sizes}."
    )


def _output(proto: "ModelProto", source: Source, *, where: str) -> tuple[str, bool]:
    """Return the name of the output to read, and whether it holds logits."""
    from onnx import shape_inference

    known = shape_inference.infer_shapes(proto, data_prop=True)
    maker = {name: node for node in known.graph.node for name in node.output}

    def is_softmax(name: str) -> bool:
        while name in maker and maker[name].op_type in SAME_NUMBERS:
            name = maker[name].input[0]
        return name in maker and maker[name].op_type == "Softmax"

    fitting = [
        value.name
        for value in known.graph.output
        if value.name in maker
        and [axis.dim_value for axis in value.type.tensor_type.shape.dim][1:] == [source.classes]
    ]
    # logits first; what a softmax made are probabilities
    for name in sorted(fitting, key=lambda name: (is_softmax(name), name != "logits")):
        return name, not is_softmax(name)
    raise CorruptFileError(f"{where} has no output of {source.classes} numbers a picture.")


def _session(proto: "ModelProto", output: str, *, runtime: RuntimeName, where: str) -> Ask:
    try:
        if runtime == "onnx":
            _, ask = runtime_process.onnxruntime(proto.SerializeToString(), [output])
            return lambda pixels: ask(pixels)[0]
        from onnx.reference import ReferenceEvaluator

        session = ReferenceEvaluator(proto)
    except Exception as error:  # noqa: BLE001 - every runtime raises its own kinds
        raise CorruptFileError(f"{where} cannot be run: {onnx_safety.first_line(error)}") from None
    feed = onnx_safety.read_shape(proto).name

    def answer(pixels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        found: Any = session.run([output], {feed: pixels})
        return np.asarray(found[0])

    return answer
