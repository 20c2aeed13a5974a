"""Predictions over many processes or machines: each chunk is answered by a worker, and kept."""

import contextlib
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import overload

from zoo.config import cache_key as keys
from zoo.data.images.decode import MAX_BYTES
from zoo.data.images.normalize import Preprocess
from zoo.data.locations import locations_from_environment
from zoo.errors import DataError, ZooError
from zoo.export.onnx_model import OnnxModel, RuntimeName
from zoo.inference import inputs, load, partial_results
from zoo.inference.chunks import Chunk, ChunkIndex, ChunkItem, digest, error_of
from zoo.inference.inputs import Input, InputSpec, Unreadable
from zoo.inference.partial_results import PartialResults
from zoo.inference.predict import Prediction, predict
from zoo.parallel import worker
from zoo.parallel.engine import Engine
from zoo.parallel.worker import Failure
from zoo.training.model import Classifier

# all that stands between a picture with a model and its answer
PREDICTION_SOURCES = (
    "nn",
    "data",
    "data/images",
    "config/base.py",
    "config/datasets.py",
    "config/layers.py",
    "config/optimization.py",
    "config/augmentation.py",
    "config/entry.py",
    "config/load.py",
    "config/plugin_call.py",
    "training/plugin_kinds.py",
    "training/build.py",
    "training/memory.py",
    "training/weights.py",
    "training/model.py",
    "export",
    "inference/predict.py",
    "inference/chunks.py",
    "inference/inputs.py",
    "inference/partial_results.py",
)
PACKAGES = ("numpy", "onnx", "onnxruntime", "pandas", "pillow")
SHARED_PATH_NOTE = "Pictures must lie under the same path on every worker, and stay as they are."


@dataclass(frozen=True)
class PredictionJob:
    """What is asked about every picture, and where the model may be found that answers."""

    name_or_path: str
    runs: Path
    runtime: RuntimeName | None
    preprocess: Preprocess | None
    batch: int
    folder: Path  # that names of files start from
    name: str  # of the model
    sha256: str  # of the model's content
    is_onnx: bool  # whether it is ONNX
    plugin_versions: str  # the versions of the packages that it needs

    @property
    def cache_key(self) -> str:
        """What an answer depends on, beside the picture."""
        versions = {name: metadata.version(name) for name in PACKAGES}
        return json.dumps(
            [
                *(partial_results.FORMAT, self.sha256, self._runtime, self.preprocess),
                *(versions, keys.source_digest(PREDICTION_SOURCES), self.plugin_versions),
            ]
        )

    @property
    def _runtime(self) -> RuntimeName:
        return self.runtime or ("onnx" if self.is_onnx else "numpy")

    def load_model(self, content: bytes) -> Classifier:
        """Return the model that has this content."""
        return load.deserialize(content, name=self.name, graph=self.is_onnx, runtime=self._runtime)


def prepare(
    answering: Classifier,
    word: str,
    *,
    runs: Path,
    runtime: RuntimeName | None,
    preprocess: Preprocess | None,
    batch: int,
) -> PredictionJob:
    """Return the question to a model that is held for the chunks that this process answers."""
    sha256 = _sha256(answering)
    graph = isinstance(answering, OnnxModel)
    theirs = keys.plugin_versions(answering.facts.entry) if answering.facts else ""
    question = PredictionJob(
        word, runs, runtime, preprocess, batch, Path.cwd(), answering.name, sha256, graph, theirs
    )
    _cache_model(question, answering)
    return question


@dataclass(frozen=True)
class PredictionTask:
    """A chunk as a worker gets it."""

    job: PredictionJob
    chunk: Chunk


class _Tasks(Sequence[PredictionTask]):
    """The chunks of a plan that are yet to be answered."""

    def __init__(self, question: PredictionJob, plan: ChunkIndex, missing: Sequence[int]) -> None:
        self.question, self.plan, self.missing = question, plan, missing

    def __len__(self) -> int:
        return len(self.missing)

    @overload
    def __getitem__(self, index: int) -> PredictionTask: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[PredictionTask]: ...
    def __getitem__(self, index: int | slice) -> PredictionTask | Sequence[PredictionTask]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        return PredictionTask(self.question, self.plan[self.missing[index]])


def predict_missing(
    question: PredictionJob,
    plan: ChunkIndex,
    missing: Sequence[int],
    engine: Engine,
    kept: PartialResults,
) -> Iterator[tuple[Chunk, Failure | None]]:
    """Answer the chunks of these numbers; yield each when its part is kept, or why it is not."""
    tasks = _Tasks(question, plan, missing)
    for index, content in engine.run(
        predict_chunk, tasks, supply=lambda _: load.serialize(_cached_model(question))
    ):
        chunk = tasks[index].chunk
        if isinstance(content, Failure):
            yield chunk, content
        else:
            kept.save(chunk.key, content)
            yield chunk, None


def predict_chunk(task: PredictionTask) -> bytes:
    """Return the part of a chunk: a pure function of the model and the files."""
    question = task.job
    with _working_in(question.folder):
        answering = _resolve_model(question)
        cache = locations_from_environment(offline=True).cache
        wanted = InputSpec(answering.source, question.preprocess, cache)
        several = (one for item in task.chunk.items for one in _read(item, wanted))
        return partial_results.serialize(
            task.chunk.key, predict(answering, several, batch=question.batch)
        )


def collect(plan: ChunkIndex, kept: PartialResults) -> Iterator[Prediction | Unreadable]:
    """Yield all answers, in the order of the inputs."""
    for chunk in plan:
        yield from kept.answers(chunk.key)


@contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    """Let names of files start from that folder, as they did where they were given."""
    if not folder.is_dir():
        raise DataError(f"{folder} is not there.", hint=SHARED_PATH_NOTE)
    with contextlib.chdir(folder):
        yield


def _read(item: ChunkItem, wanted: InputSpec) -> Iterator[Input | Unreadable]:
    """Yield the pictures of an item, if its content is what was planned."""
    if item.error:
        yield Unreadable(item.source, error_of(item.code, item.error, item.hint))
        return
    path, content = Path(item.source), None
    try:
        if inputs.is_array(path) or path.stat().st_size > MAX_BYTES:
            before = _stamp(path)
            found = _digest_at(path, before)
        else:
            before, content = None, path.read_bytes()
            found = hashlib.sha256(content).hexdigest()
        if found != item.sha256:
            raise _changed(path)
        yield from inputs.read_file(path, wanted, first=item.first, end=item.end, content=content)
        if before and _stamp(path) != before:
            raise _changed(path)
    except OSError as error:
        raise DataError(
            f"{path} could not be read by a worker: {error.strerror}.", hint=SHARED_PATH_NOTE
        ) from None


def _changed(path: Path) -> ZooError:
    return DataError(f"{path} is not what it was when the work was planned.", hint=SHARED_PATH_NOTE)


Stamp = tuple[int, ...]
_digests: dict[tuple[Path, Stamp], str] = {}  # of the long file that was read last


def _stamp(path: Path) -> Stamp:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _digest_at(path: Path, stamp: Stamp) -> str:
    """Return the SHA-256 of a long file, which is computed once for all of its ranges."""
    place = path.absolute(), stamp
    if place not in _digests:
        _digests.clear()
        _digests[place] = digest(path)
    return _digests[place]


_models: dict[tuple[str, RuntimeName | None], Classifier] = {}  # the one that answered last


def _cache_model(question: PredictionJob, answering: Classifier) -> Classifier:
    _models.clear()
    _models[question.sha256, question.runtime] = answering
    return answering


def _cached_model(question: PredictionJob) -> Classifier:
    return _models[question.sha256, question.runtime]


def _sha256(answering: Classifier) -> str:
    return hashlib.sha256(load.serialize(answering)).hexdigest()


def _resolve_model(question: PredictionJob) -> Classifier:
    """Return the model: held, as this machine has it under that word, or as it was sent."""
    if (question.sha256, question.runtime) in _models:
        return _cached_model(question)
    with contextlib.suppress(ZooError):  # elsewhere the word may name another one, or none
        found = load.find(question.name_or_path, runs=question.runs, runtime=question.runtime)
        if _sha256(found) == question.sha256:
            return _cache_model(question, found)
    if question.sha256 in worker.received_data:
        return _cache_model(question, question.load_model(worker.received_data[question.sha256]))
    raise worker.MissingDataError(question.sha256)
