"""`zoo predict` by chunks: the same bytes for every engine and batch."""

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.command import Result, zoo, zoo_ok
from tests.helpers.image_folders import digit_rows, write_digit, write_mixed
from tests.helpers.noise_folder import write_noise
from zoo.config.catalog import read_catalog
from zoo.inference import distributed, load
from zoo.inference.chunks import Chunk, split_into_chunks
from zoo.inference.inputs import InputSpec
from zoo.inference.partial_results import PartialResults
from zoo.parallel import worker
from zoo.parallel.open_engine import open_engine
from zoo.training import model, weights
from zoo.training.model import Classifier


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Return a folder of 80 images, arrays and four files that cannot be read."""
    return write_mixed(tmp_path / "images", 80)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("out.csv", ("--probabilities", "--top-k", 2)),
        ("out.json", ()),
        ("out.jsonl", ("--skip-bad",)),
        ("out.txt", ()),
    ],
)
def test_predict_chunks_bytes(
    images: Path, tmp_path: Path, name: str, options: tuple[object, ...]
) -> None:
    """Chunks give the same bytes and messages as the serial command."""
    command = ("predict", "digits-10", images, "--preprocess", "none", *options, "--out", name)
    assert_same_bytes(command, tmp_path / name, ("--engine", "serial"))


def assert_same_bytes(
    command: tuple[object, ...], out: Path, by_chunks: tuple[object, ...]
) -> None:
    """Assert that a command gives the same output with additional options."""
    plain = zoo(*command, cwd=out.parent)
    expected = out.read_bytes()
    out.unlink()
    done = zoo(*command, *by_chunks, cwd=out.parent)
    assert out.read_bytes() == expected
    assert done.exit_code == plain.exit_code == (0 if "--skip-bad" in command else 1)
    assert messages(done.stderr) == messages(plain.stderr)
    assert "zoo: 4 images could not be read:" in plain.stderr
    assert {path.name for path in out.parent.iterdir()} == {"images", out.name}


def messages(text: str) -> list[str]:
    """Return the lines of stderr without the progress."""
    return [line for line in text.splitlines() if " left" not in line]


def test_predict_bytes_of_every_option(tmp_path: Path) -> None:
    """Any batch, chunks and --resume after a lost part give the bytes of the serial command.

    With mnist-128 the last bits of a row depend on its position in the product, on some processors.
    """
    folder, target = tmp_path / "noise", tmp_path / "out.json"
    count = write_noise(folder)
    command = (
        "predict", "mnist-128", folder, "--preprocess", "none", "--skip-bad", "--out", target,
    )  # fmt: skip
    zoo_ok(*command)
    expected = target.read_bytes()
    assert expected.count(b'"index"') == count
    serial = ("--engine", "serial")
    for options in (("--batch", 1), ("--batch", 100), serial, (*serial, "--batch", 7)):
        zoo_ok(*command, *options)
        assert target.read_bytes() == expected, options
    job, partial_results = question("mnist-128"), PartialResults(target)
    chunks = split([str(folder)], job, tmp_path)
    with open_engine("serial", jobs=1) as engine:
        for _, failure in distributed.predict_missing(job, chunks, engine, partial_results):
            assert failure is None
    (partial_results.path / f"{chunks[0].key}.part").unlink()
    done = zoo(*command, "--resume", "--jobs", 1)
    assert f"zoo: {len(chunks)}/{len(chunks)} " in done.stderr
    assert f"zoo: {len(chunks) - 1}/{len(chunks)} " not in done.stderr
    assert target.read_bytes() == expected


@pytest.mark.usefixtures("required_runtimes")
def test_predict_chunks_preprocessed_and_onnx(tmp_path: Path) -> None:
    """Preprocessed images and an ONNX graph give the same bytes by chunks."""
    write_mixed(tmp_path / "images", 20)
    zoo_ok("export", "digits-10", "--onnx", "--out", tmp_path)
    for number, question in enumerate(
        [
            ("digits-10", "images", "images"),
            ("digits-10.onnx", "images"),
            ("digits-10", "images", "--runtime", "onnx"),
        ]
    ):
        command = ("predict", *question, "--skip-bad")
        assert zoo(*command, "--out", f"{number}.json", cwd=tmp_path).exit_code == 0
        done = zoo(*command, "--engine", "serial", "--out", f"{number}s.json", cwd=tmp_path)
        assert done.exit_code == 0, done.stderr
        plain, by_chunks = tmp_path / f"{number}.json", tmp_path / f"{number}s.json"
        assert by_chunks.read_bytes() == plain.read_bytes()


def test_predict_submission_by_chunks(images: Path, tmp_path: Path) -> None:
    """A submission is the same by chunks, and keeps its parts if an image is unreadable."""
    command = ("predict", "digits-10", images, "--preprocess", "none", "--submission", "s.csv")
    bad = zoo(*command, "--engine", "serial", cwd=tmp_path)
    assert bad.exit_code == 5
    assert not (tmp_path / "s.csv").exists()
    before = stamps(tmp_path / "s.csv.parts")
    for name in ("007.png", "150x.png", "250.npy", "lost.png"):
        (images / name).unlink()
    zoo_ok(*command, cwd=tmp_path)
    expected = (tmp_path / "s.csv").read_bytes()
    (tmp_path / "s.csv").unlink()
    assert len(before) > 2
    zoo_ok(*command, "--resume", "--jobs", 1, cwd=tmp_path)
    assert (tmp_path / "s.csv").read_bytes() == expected


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Return the inode and modification time of each part."""
    stats = {path.name: path.stat() for path in folder.glob("[!.]*.part")}
    return {name: (status.st_ino, status.st_mtime_ns) for name, status in stats.items()}


def split(sources: list[str], job: distributed.PredictionJob, tmp_path: Path) -> list[Chunk]:
    spec = InputSpec(load_answering(job.name).source, "none", tmp_path / "cache")
    return list(split_into_chunks(sources, spec, model_key=job.cache_key))


def load_answering(name: str = "digits-10") -> Classifier:
    return load.find(name, runs=Path("runs"))


def question(name: str = "digits-10") -> distributed.PredictionJob:
    return distributed.prepare(
        load_answering(name), name, runs=Path("runs"), runtime=None, preprocess="none", batch=64
    )


def test_distributed_file_changes_in_between(images: Path, tmp_path: Path) -> None:
    """A file that changes after the planning fails only its chunk."""
    for name in ("003.npy", "050.npy"):  # an array ends a group of files
        np.save(images / name, digit_rows(2).reshape(-1, 8, 8))
    job = question()
    partial_results = PartialResults(tmp_path / "out.csv")
    failed = {}
    chunks = split([str(images)], job, tmp_path)
    write_digit(images / "005.png", 8)
    np.save(images / "100.npy", digit_rows(9))
    (images / "079.png").unlink()
    with open_engine("serial", jobs=1) as engine:
        for chunk, failure in distributed.predict_missing(job, chunks, engine, partial_results):
            assert partial_results.has(chunk.key) == (failure is None)
            if failure:
                failed[chunk.label] = failure
    reasons = {label: failure.reason for label, failure in failed.items()}
    changed = "has changed since the command started."
    assert f"{images / '005.png'} {changed}" in reasons.values()
    assert f"{images / '100.npy'} {changed}" in reasons.values()
    gone = f"{images / '079.png'} could not be read by a worker: No such file or directory."
    assert gone in reasons.values()
    assert len(reasons) == 3 < len(stamps(partial_results.path))
    assert all("under the same path on every worker" in failure.hint for failure in failed.values())


def test_distributed_file_grows_in_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker does not hash a file that has become larger than any of its type."""
    path = tmp_path / "a.npy"
    np.save(path, digit_rows(2))
    job = question()
    chunks = split([str(path)], job, tmp_path)
    monkeypatch.setattr("zoo.data.npy.MAX_FILE_BYTES", path.stat().st_size)
    monkeypatch.setattr(distributed, "digest", lambda _: pytest.fail("it was read"))
    np.save(path, digit_rows(9))
    with open_engine("serial", jobs=1) as engine:
        ((_, failure),) = distributed.predict_missing(
            job, chunks, engine, PartialResults(tmp_path / "out.csv")
        )
    assert failure is not None
    assert failure.reason == f"{path} has changed since the command started."


def test_predict_failed_chunk(tmp_path: Path) -> None:
    """A failed chunk is listed, and the others are saved."""
    changed_model = load.find_model("digits-10", runs=Path("runs"))
    changed_model.network.parameters[:] = 0
    first, last = (array for name, array in changed_model.network.named_arrays() if name[0] == "W")
    first[:, 0] = last[:] = 3e38  # only an image with ink in its first pixel overflows
    path = tmp_path / "huge.safetensors"
    facts = changed_model.facts.model_copy(update={"digest": weights.digest(changed_model.network)})
    weights.write(path, changed_model.network, facts)
    black = np.zeros((3, 8, 8), np.uint8)
    corner = black.copy()
    corner[0, 0, 0] = 16
    np.save(tmp_path / "black.npy", black)
    np.save(tmp_path / "corner.npy", corner)
    command = (
        "predict", path, tmp_path / "black.npy", tmp_path / "corner.npy",
        "--out", tmp_path / "out.csv", "--jobs", 1,
    )  # fmt: skip
    done = zoo(*command)
    assert done.exit_code == 1
    lines = done.stderr.splitlines()
    assert f"zoo: {tmp_path / 'corner.npy'}: huge returns NaN or infinite logits." in lines
    assert lines[-2].startswith("zoo: 1 of 2 chunks failed, so ")
    assert lines[-2].endswith("out.csv was not written; the other chunks are saved.")
    assert lines[-1] == "     Run the same command with --resume to continue."
    assert not (tmp_path / "out.csv").exists()
    assert len(stamps(tmp_path / "out.csv.parts")) == 1


def test_distributed_worker_on_another_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker on another host receives the model, and resolves relative names."""
    monkeypatch.chdir(tmp_path)
    write_digit(Path("digit.png"))
    job = question()
    (chunk,) = split(["digit.png"], job, tmp_path)
    expected = distributed.predict_chunk(distributed.PredictionTask(job, chunk))
    content = load.serialize(load_answering())
    monkeypatch.setattr(distributed, "_models", {})
    monkeypatch.setattr(load, "find", lambda *_, **__: load_other())
    monkeypatch.chdir("/")
    with pytest.raises(worker.MissingDataError, match=job.sha256):
        distributed.predict_chunk(distributed.PredictionTask(job, chunk))
    monkeypatch.setattr(worker, "received_data", {job.sha256: content})
    assert distributed.predict_chunk(distributed.PredictionTask(job, chunk)) == expected
    assert Path.cwd() == Path("/")


def load_other() -> Classifier:
    return model.load_shipped(read_catalog().find("mnist-10-sgd").entry)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("images", "--jobs", 2), "need an output file"),
        (("images", "--resume"), "Add --out FILE or --submission FILE."),
        (("-", "--engine", "serial", "--out", "a.csv"), "stdin cannot be split into chunks"),
        (("images", "--engine", "fast", "--out", "a.csv"), "There is no engine 'fast'"),
    ],
)
def test_predict_jobs_mistakes(images: Path, arguments: tuple[object, ...], message: str) -> None:
    """A usage error is one sentence, and no file is written."""
    done = zoo("predict", "digits-10", *arguments, cwd=images.parent)
    assert done.exit_code == 2
    assert message in done.stderr
    assert {path.name for path in images.parent.iterdir()} == {"images"}


def test_predict_chunks_to_one_file_at_once(images: Path, tmp_path: Path) -> None:
    """While a command writes a file by chunks, another is refused, and the first one succeeds."""
    command = (
        "predict",
        "digits-10",
        images,
        "--preprocess",
        "none",
        "--skip-bad",
        "-o",
        "out.csv",
    )
    zoo_ok(*command, cwd=tmp_path)
    expected = (tmp_path / "out.csv").read_bytes()
    serial = (*command, "--engine", "serial")
    refused: list[Result] = []

    def save(parts: PartialResults, key: str, content: bytes) -> None:
        save_part(parts, key, content)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(PartialResults, "save", save_part)
            refused.extend([zoo(*serial, cwd=tmp_path), zoo(*serial, "--resume", cwd=tmp_path)])

    save_part = PartialResults.save
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PartialResults, "save", save)
        first = zoo(*serial, cwd=tmp_path)
    assert first.exit_code == 0, first.stderr
    assert (tmp_path / "out.csv").read_bytes() == expected
    assert {path.name for path in tmp_path.iterdir()} == {"images", "out.csv"}
    assert {result.exit_code for result in refused} == {1}
    assert {result.stderr for result in refused} == {
        "zoo: Another command is writing out.csv.\n     Wait for its end, or choose another file.\n"
    }
