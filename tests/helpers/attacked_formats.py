"""The formats that zoo reads, each with sound examples and the function that reads them."""

import gzip
import hashlib
import io
import json
import math
import shutil
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple
from unittest.mock import Mock

import numpy as np
from PIL import Image

from tests.helpers.paths import OLD_RUNS, ROOT
from zoo.analysis.baselines.common import version
from zoo.analysis.baselines.jobs import BaselineJob, cached_baseline, train_baselines
from zoo.analysis.baselines.result import BaselineResult
from zoo.analysis.comparison_rows import baseline_rows
from zoo.bundle import contents, pyz, verify
from zoo.bundle.app import decode as app_decode
from zoo.bundle.app import idx as app_idx
from zoo.bundle.app import kaggle_csv as app_csv
from zoo.bundle.app.errors import BundleError
from zoo.bundle.app.integrity import SUMS, format_sums
from zoo.config.catalog import read_entry
from zoo.config.dataset_info import SOURCES
from zoo.config.own_data import CsvData, FileData, IdxData, NpzData
from zoo.data import array_cache, idx, kaggle_csv, mnist
from zoo.data.dataset import LabeledImages
from zoo.data.import_files import import_files
from zoo.data.load import load as load_data
from zoo.data.locations import DataLocations
from zoo.data.own import array_data, csv_data
from zoo.data.own.load import completed
from zoo.data.own.named_rows import named_rows
from zoo.data.pins import MNIST, PinnedFile
from zoo.data.verified_files import check_file
from zoo.errors import ZooError
from zoo.export import write
from zoo.inference import load, partial_results
from zoo.inference.file_groups import Unreadable
from zoo.inference.inputs import Input, InputSpec, read_file
from zoo.inference.predict import Prediction
from zoo.training import build, weights
from zoo.training.jobs import TrainingJob
from zoo.training.resume import check_resume, entry_to_resume
from zoo.training.run import Run

MODELS = ROOT / "models"
IMAGES = np.arange(2 * 784, dtype=np.uint8).reshape(2, 28, 28)


class Attacked(NamedTuple):
    """The files of a format in a folder, and the function that reads one of them."""

    examples: Mapping[Path, bytes]
    read: Callable[[Path], object]


def entries(folder: Path) -> Attacked:
    """TOML files of entries."""
    files = sorted((ROOT / "registry").glob("*.toml"))
    return Attacked({folder / path.name: path.read_bytes() for path in files}, read_entry)


def runs(folder: Path) -> Attacked:
    """The files of a run, which is read, used and resumed."""
    run = folder / "small-s0-1"
    shutil.copytree(OLD_RUNS / "small-s0-1", run)
    return Attacked({path: path.read_bytes() for path in run.iterdir()}, _read_run)


def _read_run(path: Path) -> None:
    run = Run(path.parent)
    run.status(run.metadata)
    run.rows()
    load.find_model(str(run.path), runs=run.path.parent)
    _resume(run)


def _resume(run: Run) -> None:
    data = load_data(run.entry.data, DataLocations(None, None, run.path, offline=True, mirrors=()))
    check_resume(run, data, entry_to_resume(run, 99), clock=float)


def checkpoints(folder: Path) -> Attacked:
    """The text in a checkpoint, whose digest is right."""
    run = Run(folder / "small-s0-1")
    shutil.copytree(OLD_RUNS / "small-s0-1", run.path)
    found = run.checkpoint()
    assert found
    arrays, rest, seconds = found

    def read(path: Path) -> None:
        with suppress(UnicodeError):
            run.write_checkpoint(arrays, path.read_bytes().decode(), seconds=seconds)
            _resume(run)

    return Attacked({folder / "rest": rest.encode()}, read)


def images(folder: Path) -> Attacked:
    """Images of each kind that zoo decodes."""
    examples = {}
    picture = Image.fromarray(np.kron(IMAGES[0], np.ones((2, 2), np.uint8)))
    for kind in ("png", "jpg", "bmp", "gif", "ppm", "tiff", "webp"):
        buffer = io.BytesIO()
        picture.save(buffer, {"jpg": "jpeg"}.get(kind, kind))
        examples[folder / f"a.{kind}"] = buffer.getvalue()
    return Attacked(examples, _read_images)


def _read_images(path: Path) -> None:
    """Read the images of a file; raise the error of the first that is not readable."""
    for preprocess in (None, "auto"):
        spec = InputSpec(SOURCES["mnist"], preprocess, path.parent / "cache")
        for item in read_file(path, spec):
            if isinstance(item, Unreadable):
                raise item.error


def arrays(folder: Path) -> Attacked:
    """Arrays of images: NumPy's formats and IDX."""
    examples = {}
    for name, array in (("bytes", IMAGES), ("floats", IMAGES.astype(np.float32) / 255)):
        buffer = io.BytesIO()
        np.save(buffer, array)
        examples[folder / f"{name}.npy"] = buffer.getvalue()
    for name, save in (("plain", np.savez), ("packed", np.savez_compressed)):
        buffer = io.BytesIO()
        save(buffer, a=IMAGES, b=IMAGES[:1])
        examples[folder / f"{name}.npz"] = buffer.getvalue()
    idx = _idx()
    examples[folder / "images-idx3-ubyte"] = idx
    examples[folder / "images-idx3-ubyte.gz"] = gzip.compress(idx, mtime=0)
    return Attacked(examples, _read_images)


def _idx() -> bytes:
    return struct.pack(">Iiii", 0x803, *IMAGES.shape) + IMAGES.tobytes()


def _csv(*, labelled: bool) -> bytes:
    names = [*(["label"] if labelled else []), *(f"pixel{number}" for number in range(784))]
    rows = np.hstack([np.array([[7], [2]]), IMAGES.reshape(2, -1)])[:, 0 if labelled else 1 :]
    lines = [names, *rows.tolist()]
    return "".join(f"{','.join(map(str, line))}\n" for line in lines).encode()


def tables(folder: Path) -> Attacked:
    """CSV files in Kaggle's form, to predict and to train."""

    def read(path: Path) -> None:
        if path.name == "train.csv":
            kaggle_csv.parse_csv(path, labelled=True)
        else:
            _read_images(path)

    files = {"train.csv": _csv(labelled=True), "test.csv": _csv(labelled=False)}
    return Attacked({folder / name: content for name, content in files.items()}, read)


def weight_files(folder: Path) -> Attacked:
    """Weights that are shipped or written."""
    content = (MODELS / "digits-10.safetensors").read_bytes()
    return Attacked(
        {folder / "a.safetensors": content},
        lambda path: weights.deserialize(path.read_bytes(), where=str(path)),
    )


def onnx_files(folder: Path) -> Attacked:
    """ONNX files, which are checked and predict an image."""

    def read(path: Path) -> None:
        model = load.find(str(path), runs=folder, runtime="numpy")
        model.logits(np.zeros((1, math.prod(model.source.shape)), np.uint8))

    from zoo.export import onnx_graph

    model = load.find_model("digits-10", runs=folder)
    return Attacked({folder / "a.onnx": onnx_graph.to_onnx(model)}, read)


def bundles(folder: Path) -> Attacked:
    """A bundle as one file and as a folder, with its list of digests."""
    files = contents.contents([load.find_model("digits-10", runs=folder)])
    whole = folder / "whole"
    for name, content in files.items():
        (whole / name).parent.mkdir(parents=True, exist_ok=True)
        (whole / name).write_bytes(content)
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    examples = {
        folder / "a.pyz": pyz.archive(files),
        whole / SUMS: format_sums(sums).encode(),
    }

    def read(path: Path) -> None:
        verify.verify(path if path.suffix else path.parent)

    return Attacked(examples, read)


def bundled_inputs(folder: Path) -> Attacked:
    """What the program of a bundle reads."""
    examples: dict[Path, bytes] = {}
    for kind in ("png", "bmp", "ppm"):
        buffer = io.BytesIO()
        Image.fromarray(IMAGES[0]).save(buffer, kind)
        examples[folder / f"a.{kind}"] = buffer.getvalue()
    examples[folder / "a.csv"] = _csv(labelled=False)
    examples[folder / "images-idx3-ubyte"] = _idx()

    def read(path: Path) -> None:
        try:
            if path.suffix == ".csv":
                list(app_csv.read(str(path)))
            elif path.suffix:
                app_decode.decode(path.read_bytes(), where=str(path))
            else:
                list(app_idx.read(str(path))[0])
        except BundleError as error:
            raise ZooError(str(error)) from error

    return Attacked(examples, read)


def own_files(folder: Path) -> Attacked:
    """Files that zoo writes and reads itself: the cache of arrays, and partial results."""
    cache = folder / "a.arrays"
    array_cache.save_cache(cache, LabeledImages(IMAGES.reshape(2, -1), np.array([7, 2], np.uint8)))
    key = "0" * 64
    results = folder / "out.csv.parts" / f"{key}.part"
    results.parent.mkdir()
    prediction = Prediction(
        Input("a.png", 0, IMAGES[0].reshape(-1), "centred"), np.full(10, 0.1, np.float32)
    )

    def read(path: Path) -> None:
        if path == cache:
            array_cache.load_cache(path, labelled=True)
        else:
            list(partial_results.PartialResults(folder / "out.csv").read(key))

    examples = {
        cache: cache.read_bytes(),
        results: partial_results.serialize(key, [prediction]),
    }
    return Attacked(examples, read)


def mnist_files(folder: Path) -> Attacked:
    """MNIST's four files, two of them gzipped in ZOO_DATA, and two in the cache."""
    labels = struct.pack(">Ii", 0x801, 2) + bytes([7, 2])
    contents = (_idx(), labels, _idx(), labels)
    one, two, three, four = (
        PinnedFile(pinned.name, len(content), hashlib.sha256(content).hexdigest())
        for pinned, content in zip(MNIST, contents, strict=True)
    )
    files = one, two, three, four
    own, cache = folder / "own", folder / "cache"
    own.mkdir()
    (cache / "mnist").mkdir(parents=True)
    paths = {
        pinned: cache / "mnist" / pinned.name
        if "t10k" in pinned.name
        else own / f"{pinned.name}.gz"
        for pinned in files
    }
    examples = {
        path: gzip.compress(content, mtime=0) if path.suffix else content
        for path, content in zip(paths.values(), contents, strict=True)
    }
    for path, content in examples.items():
        path.write_bytes(content)
    pins = {path: pinned for pinned, path in paths.items()}
    locations = DataLocations(None, own, cache, offline=True, mirrors=())
    target = DataLocations(None, None, folder / "target", offline=True, mirrors=())
    originals: list[str] = []

    def read(path: Path) -> None:
        with suppress(ZooError):
            import_files(path.parent, target, files=files)
        with suppress(ZooError):
            idx.idx_count(path, dimensions=3 if "images" in path.name else 1)
        with suppress(ZooError):
            mnist.fetch_mnist(locations, files=files)
        digest = mnist.load_mnist(locations, files=files).digest
        originals.append(digest)
        assert digest == originals[0]
        check_file(path, pins[path])

    return Attacked(examples, read)


MEASURED = ("accuracy", "loss", "seconds", "differs")  # by another library


def results(folder: Path) -> Attacked:
    """The results of other libraries, the record of an export, and other files in JSON."""
    from zoo.parallel.dask_cluster import scheduler_address

    entry = read_entry(ROOT / "registry" / "digits-10.toml").entry
    job = BaselineJob("sklearn", TrainingJob(entry, "0" * 64), float)
    result = BaselineResult(
        "sklearn", version("sklearn"), entry.name, entry.train.seed, "test", 0.95, 0.2, 1.5, ("a",)
    )

    engine = Mock(run=lambda *_, **__: [(0, result)])
    list(train_baselines([job], engine, runs=folder))
    [baseline] = (folder / "contrasts").iterdir()
    record, scheduler = folder / "digits-10.json", folder / "scheduler.json"
    shutil.copy(MODELS / record.name, record)
    scheduler.write_text(json.dumps({"type": "Scheduler", "address": "tcp://127.0.0.1:1"}))

    def read(path: Path) -> None:
        if path == record:
            write.check_record(path)
        elif path == scheduler:
            with suppress(OSError, ValueError):
                scheduler_address(path)
        elif found := cached_baseline(job, folder):
            assert found == replace(result, **{name: getattr(found, name) for name in MEASURED})
            assert 0 <= found.accuracy <= 1
            json.dumps(asdict(found), allow_nan=False).encode()
            baseline_rows({entry.name: [found]})

    return Attacked({path: path.read_bytes() for path in (baseline, record, scheduler)}, read)


def own_tables(folder: Path) -> Attacked:
    """Tables of the user's, to train and to predict."""
    header = "a,b,colour,kind\n"
    text = header + "".join(
        f"{n},{n / 7:.3f},{'red' if n % 3 else 'blue'},{n % 2}\n" for n in range(20)
    )
    quoted = '"a","b","colour","kind"\r\n1,NA,"red, dark",x\r\n3,1e5,"blue",y\r\n'
    examples = {
        folder / "plain.csv": text.encode(),
        folder / "quoted.csv": quoted.encode(),
        folder / "packed.csv.gz": gzip.compress(text.encode(), mtime=0),
    }

    def read(path: Path) -> None:
        keys = {"label": "kind", "categories": ["colour"], "missing": "mean"}
        data = CsvData.model_validate({"kind": "csv", "file": str(path), **keys})
        form = data.model_copy(
            update={"columns": ("a", "b", "colour"), "categories": {"colour": ("blue", "red")}}
        ).source.table
        assert form
        with suppress(ZooError):
            list(named_rows(path, replace(form, means=(0.0,) * 4)))
        csv_data.find(data)

    return Attacked(examples, read)


def own_arrays(folder: Path) -> Attacked:
    """Arrays and IDX files of the user's, to train."""
    labels = np.array([3, 7])
    arrays = {
        "images": {"x": IMAGES, "y": labels},
        "rows": {"x": IMAGES.reshape(2, -1)[:, :9] / 7, "y": np.array(["cat", "dog"])},
    }
    examples = {}
    for name, members in arrays.items():
        for save in (np.savez, np.savez_compressed):
            buffer = io.BytesIO()
            save(buffer, **members)  # type: ignore[arg-type]  # the arrays by their names
            examples[folder / f"{name}-{save.__name__}.npz"] = buffer.getvalue()
    examples[folder / "images"] = _idx()
    examples[folder / "images.gz"] = gzip.compress(_idx(), mtime=0)
    examples[folder / "labels"] = struct.pack(">Ii", 0x801, 2) + bytes([3, 7])

    (folder / "labels").write_bytes(examples[folder / "labels"])  # each example is read with it

    def read(path: Path) -> None:
        if path.suffix == ".npz":
            array_data.find_npz(NpzData(kind="npz", file=str(path)))
            return
        images = folder / "images" if path.name == "labels" else path
        array_data.find_idx(IdxData(kind="idx", images=str(images), labels=str(folder / "labels")))

    return Attacked(examples, read)


def own_entries(folder: Path) -> Attacked:
    """Entries that name files of the user's, which are completed and loaded."""
    from tests.helpers.own_data import write_digits, write_entry, write_iris, write_shapes

    grouped = 'kind = "csv"\nfile = "iris.csv"\nlabel = 5\ncategories = ["petal width"]\n'
    paths = [write_iris(folder), write_shapes(folder, 2), write_digits(folder)]
    paths.append(write_entry(folder, "grouped", grouped + 'split.group = "petal length"'))
    paths[1].write_text(paths[1].read_text().replace("batch = 16", "batch = 4"))
    locations = DataLocations(None, None, folder, offline=True, mirrors=())

    def read(path: Path) -> None:
        entry = completed(read_entry(path)).entry
        if isinstance(entry.data, FileData):
            build.splits(entry, load_data(entry.data, locations), seed=0)

    return Attacked({path: path.read_bytes() for path in paths}, read)


FORMATS: dict[str, Callable[[Path], Attacked]] = {
    "entries": entries,
    "runs": runs,
    "checkpoints": checkpoints,
    "images": images,
    "arrays": arrays,
    "tables": tables,
    "weights": weight_files,
    "onnx": onnx_files,
    "bundles": bundles,
    "bundled inputs": bundled_inputs,
    "own files": own_files,
    "mnist": mnist_files,
    "results": results,
    "own tables": own_tables,
    "own arrays": own_arrays,
    "own entries": own_entries,
}
