"""Distributed prediction: workers predict chunks of inputs, and each result is saved to disk."""

import contextlib
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from zoo.config import cache_key
from zoo.data.images.constants import MAX_BYTES
from zoo.data.images.fit import Preprocess
from zoo.data.locations import locations_from_environment
from zoo.errors import DataError, ZooError
from zoo.export import runtimes
from zoo.export.onnx_model import OnnxModel, RuntimeName
from zoo.inference import inputs, load, partial_results
from zoo.inference.chunks import Chunk, Item, digest
from zoo.inference.file_groups import Unreadable, is_array
from zoo.inference.inputs import Input, InputSpec
from zoo.inference.partial_results import PartialResults
from zoo.inference.predict import Prediction, predict
from zoo.parallel import worker
from zoo.parallel.engine import Engine
from zoo.parallel.worker import Failure
from zoo.system.files import file_id, read_regular
from zoo.training.model import Classifier

# the source code that a prediction depends on
PREDICTION_SOURCES = (
    *cache_key.NETWORK_SOURCES,
    "data",
    "data/images",
    "data/own",
    "config/dataset_info.py",
    "training/weights.py",
    "training/model.py",
    "export",
    "inference/predict.py",
    "inference/chunks.py",
    "inference/file_groups.py",
    "inference/inputs.py",
    "inference/partial_results.py",
)
PACKAGES = (("numpy",), ("onnx",), runtimes.ONNXRUNTIME, ("pandas",), ("pillow",))
SHARED_PATH_NOTE = (
    "Make the images available under the same path on every worker, and do not change them."
)


@dataclass(frozen=True)
class PredictionJob:
    """The model, its runtime and preprocessing, and the name under which workers may find it."""

    name_or_path: str
    runs: Path
    runtime: RuntimeName | None
    preprocess: Preprocess | None
    batch: int
    working_folder: Path  # relative paths start from it
    name: str  # the model's name
    sha256: str  # the digest of the model's content
    is_onnx: bool
    plugin_versions: str  # the versions of the plugins that it needs

    @property
    def cache_key(self) -> str:
        """Everything except the image that a prediction depends on."""
        versions = {names[0]: runtimes.installed_version(*names) for names in PACKAGES}
        return json.dumps(
            [
                *(partial_results.FORMAT, self.sha256, self._runtime, self.preprocess),
                *(versions, cache_key.source_digest(PREDICTION_SOURCES), self.plugin_versions),
            ]
        )

    @property
    def _runtime(self) -> RuntimeName:
        return self.runtime or ("onnx" if self.is_onnx else "numpy")

    def load_model(self, content: bytes) -> Classifier:
        """Return the model with this content."""
        return load.deserialize(content, name=self.name, graph=self.is_onnx, runtime=self._runtime)


def prepare(
    classifier: Classifier,
    name_or_path: str,
    *,
    runs: Path,
    runtime: RuntimeName | None,
    preprocess: Preprocess | None,
    batch: int,
) -> PredictionJob:
    """Return a prediction job; the model is cached for the chunks that this process predicts."""
    facts = classifier.facts
    job = PredictionJob(
        name_or_path=name_or_path,
        runs=runs,
        runtime=runtime,
        preprocess=preprocess,
        batch=batch,
        working_folder=Path.cwd(),
        name=classifier.name,
        sha256=_sha256(classifier),
        is_onnx=isinstance(classifier, OnnxModel),
        plugin_versions=cache_key.plugin_versions(facts.entry) if facts else "",
    )
    _cache_model(job, classifier)
    return job


@dataclass(frozen=True)
class PredictionTask:
    """One chunk to predict, sent to a worker."""

    job: PredictionJob
    chunk: Chunk


def predict_missing(
    job: PredictionJob, chunks: Sequence[Chunk], engine: Engine, results: PartialResults
) -> Iterator[tuple[Chunk, Failure | None]]:
    """Predict chunks; yield each when its result is saved, or with its failure."""
    tasks = [PredictionTask(job, chunk) for chunk in chunks]
    for index, content in engine.run(
        predict_chunk, tasks, supply=lambda _: load.serialize(_cached_model(job))
    ):
        if isinstance(content, Failure):
            yield chunks[index], content
        else:
            results.save(chunks[index].key, content)
            yield chunks[index], None


def predict_chunk(task: PredictionTask) -> bytes:
    """Return the serialized results of a chunk: a pure function of the model and the files."""
    job = task.job
    with _working_in(job.working_folder):
        classifier = _resolve_model(job)
        cache = locations_from_environment(offline=True).cache
        spec = InputSpec(classifier.source, job.preprocess, cache)
        images = (image for item in task.chunk.items for image in _read(item, spec))
        return partial_results.serialize(
            task.chunk.key, predict(classifier, images, batch=job.batch)
        )


def collect(chunks: Sequence[Chunk], results: PartialResults) -> Iterator[Prediction | Unreadable]:
    """Yield all predictions, in the order of the inputs."""
    for chunk in chunks:
        yield from results.read(chunk.key)


@contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    """Resolve relative paths from that folder, as in the parent process."""
    if not folder.is_dir():
        raise DataError(f"{folder} does not exist on this worker.", hint=SHARED_PATH_NOTE)
    with contextlib.chdir(folder):
        yield


def _read(item: Item, spec: InputSpec) -> Iterator[Input | Unreadable]:
    """Yield the images of an item, if its content has not changed since the chunks were made."""
    if isinstance(item, Unreadable):
        yield item
        return
    path, content = Path(item.source), None
    try:
        if path.stat().st_size > inputs.max_bytes(path, spec):
            raise _changed(path)
        if is_array(path):
            before = _stamp(path)
            sha256 = _digest_at(path, before)
        else:
            before, content = None, read_regular(path, MAX_BYTES)
            sha256 = hashlib.sha256(content).digest()
        if sha256 != item.sha256:
            raise _changed(path)
        yield from inputs.read_file(path, spec, first=item.first, end=item.end, content=content)
        if before and _stamp(path) != before:
            raise _changed(path)
    except OSError as error:
        raise DataError(
            f"{path} could not be read by a worker: {error.strerror}.", hint=SHARED_PATH_NOTE
        ) from None


def _changed(path: Path) -> ZooError:
    return DataError(f"{path} has changed since the command started.", hint=SHARED_PATH_NOTE)


Stamp = tuple[int | str, ...]
_digests: dict[tuple[Path, Stamp], bytes] = {}  # holds only the large file that was read last


def _stamp(path: Path) -> Stamp:
    stat = path.stat()
    return *file_id(path), stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def _digest_at(path: Path, stamp: Stamp) -> bytes:
    """Return the SHA-256 of a large file, computed once for all of its ranges."""
    key = path.absolute(), stamp
    if key not in _digests:
        _digests.clear()
        _digests[key] = digest(path)
    return _digests[key]


_models: dict[tuple[str, RuntimeName | None], Classifier] = {}  # holds only the last one


def _cache_model(job: PredictionJob, classifier: Classifier) -> Classifier:
    _models.clear()
    _models[job.sha256, job.runtime] = classifier
    return classifier


def _cached_model(job: PredictionJob) -> Classifier:
    return _models[job.sha256, job.runtime]


def _sha256(classifier: Classifier) -> str:
    return hashlib.sha256(load.serialize(classifier)).hexdigest()


def _resolve_model(job: PredictionJob) -> Classifier:
    """Return the model: cached, found by its name on this machine, or sent by the parent."""
    if (job.sha256, job.runtime) in _models:
        return _cached_model(job)
    # on another machine the name may be unknown, or that of another model
    with contextlib.suppress(ZooError):
        classifier = load.find(job.name_or_path, runs=job.runs, runtime=job.runtime)
        if _sha256(classifier) == job.sha256:
            return _cache_model(job, classifier)
    if job.sha256 in worker.received_data:
        return _cache_model(job, job.load_model(worker.received_data[job.sha256]))
    raise worker.MissingDataError(job.sha256)
