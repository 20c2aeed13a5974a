"""`zoo predict`: formats, inputs, unreadable files and mistakes."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.helpers.command import zoo, zoo_ok, zoo_reading
from tests.helpers.image_folders import digit_rows, write_digit
from tests.helpers.models import shipped_model
from tests.helpers.unix import unix_only
from zoo.data.digits import load_digits
from zoo.nn.losses import softmax
from zoo.training import weights


def expected() -> npt.NDArray[np.floating]:
    return softmax(shipped_model("digits-10").logits(digit_rows(7)))


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    path = tmp_path / "digits.npy"
    np.save(path, digit_rows(7).reshape(-1, 8, 8))
    return path


def test_predict_json(digits: Path) -> None:
    """JSON contains the probabilities of every image."""
    predictions = json.loads(zoo_ok("predict", "digits-10", digits, "--format", "json"))
    assert [list(prediction) for prediction in predictions] == [
        ["source", "index", "label", "probabilities"]
    ] * 7
    assert [prediction["index"] for prediction in predictions] == list(range(7))
    assert {prediction["source"] for prediction in predictions} == {str(digits)}
    np.testing.assert_allclose(
        [prediction["probabilities"] for prediction in predictions],
        expected(),
        rtol=1e-5,
        atol=1e-7,
    )
    assert [prediction["label"] for prediction in predictions] == expected().argmax(axis=1).tolist()


@pytest.mark.parametrize("batch", [1, 3, 7, 100])
def test_predict_any_batch(digits: Path, batch: int) -> None:
    """Any batch gives the same predictions in the same order."""
    command = ("predict", "digits-10", digits, "--format", "jsonl")
    lines = zoo_ok(*command, "--batch", batch)
    assert lines == zoo_ok(*command)
    predictions = [json.loads(line) for line in lines.splitlines()]
    assert [prediction["label"] for prediction in predictions] == expected().argmax(axis=1).tolist()
    assert [prediction["index"] for prediction in predictions] == list(range(7))


def test_predict_csv(digits: Path) -> None:
    """CSV contains the best classes and the probabilities of all classes."""
    text = zoo_ok(
        "predict", "digits-10", digits, "--format", "csv", "--top-k", 2, "--probabilities"
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 7
    order = np.argsort(-expected(), axis=1)
    for row, probabilities, best in zip(rows, expected(), order, strict=True):
        assert (row["label"], row["label2"]) == (str(best[0]), str(best[1]))
        assert float(row["probability2"]) == pytest.approx(probabilities[best[1]], rel=1e-4)
        assert float(row["p9"]) == pytest.approx(probabilities[9], rel=1e-4)


@pytest.mark.parametrize("form", ["csv", "table"])
def test_predict_top_k_above_the_classes(form: str, digits: Path) -> None:
    """A --top-k above the number of classes adds no columns."""
    ten, more = (
        zoo_ok("predict", "digits-10", digits, "--format", form, "--top-k", count)
        for count in (10, 99)
    )
    assert more == ten


def test_predict_table(tmp_path: Path) -> None:
    """The columns of the table have a fixed width."""
    for number in (0, 1):
        write_digit(tmp_path / f"{number}.png", number)
    text = zoo_ok("predict", "digits-10", "0.png", "1.png", "--preprocess", "none", cwd=tmp_path)
    zero, one = expected()[:2].max(axis=1)
    assert text.splitlines() == [
        "digit        image",
        f"0    {100 * zero:5.1f}%  0.png",
        f"1    {100 * one:5.1f}%  1.png",
    ]


def test_predict_show(tmp_path: Path) -> None:
    """The preprocessed image is drawn, with its probabilities."""
    from PIL import Image

    image = np.zeros((8, 8), np.uint8)
    image[1:7, 3] = 16
    image[6, 2:5] = 8
    Image.fromarray(image).save(tmp_path / "one.png")
    text = zoo_ok("predict", "digits-10", "one.png", "--preprocess", "none", "--show", cwd=tmp_path)
    name, preprocessing, *lines = text.splitlines()
    assert (name, preprocessing) == ("one.png", "as it is")
    image_lines = [line[:16].rstrip() for line in lines]
    assert image_lines[:8] == ["", *["      @@"] * 5, "    ======", ""]
    assert [line.split()[0] for line in lines[8:]] == ["8", "9"]
    assert all(line.endswith("%") for line in lines)
    assert sum(line.count("█") for line in lines) in range(22, 27)


def test_predict_example_of_the_data() -> None:
    """test:0 is the first image of the test split, with its true label."""
    head, line = zoo_ok("predict", "digits-10", "test:0").splitlines()
    assert head.split() == ["digit", "true", "digit", "image"]
    assert re.fullmatch(r"6 +98\.\d% +6 +test:0", line)
    text = zoo_ok("predict", "digits-10", "test:0", "--show")
    assert text.splitlines()[:2] == ["test:0", "true digit: 6"]


def test_predict_mistake_of_an_evaluation() -> None:
    """`zoo predict` has the same name for an example as `zoo evaluate --errors`."""
    evaluated = json.loads(zoo_ok("evaluate", "digits-10", "--errors", 3, "--json"))
    mistakes = evaluated["mistakes"]
    names = [mistake["example"] for mistake in mistakes]
    predictions = json.loads(zoo_ok("predict", "digits-10", *names, "--json"))
    assert len(predictions) == 3
    for mistake, prediction in zip(mistakes, predictions, strict=True):
        assert prediction["source"] == mistake["example"]
        assert (prediction["label"], prediction["true_label"]) == (
            mistake["answer"],
            mistake["label"],
        )


@pytest.mark.parametrize("form", ["csv", "md", "json", "jsonl", "table"])
def test_predict_true_label_of_a_file(form: str, digits: Path) -> None:
    """A column of true labels is empty for files."""
    text = zoo_ok("predict", "digits-10", "test:1", digits, "--format", form)
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(text)))
        assert [row["true_label"] for row in rows] == ["9", *[""] * 7]
    elif form == "md":
        assert [line.split(" | ")[-1] for line in text.splitlines()[2:4]] == ["9 |", "|"]
    elif form == "table":
        assert [len(line.split()) for line in text.splitlines()[1:3]] == [4, 3]
    else:
        rows = json.loads(text) if form == "json" else list(map(json.loads, text.splitlines()))
        assert [row["true_label"] for row in rows] == [9, *[None] * 7]


def test_predict_example_of_given_data(tmp_path: Path) -> None:
    """--data is the folder of the data, and only examples need data."""
    done = zoo("predict", "mnist-128", "test:0", "--data", tmp_path, "--offline")
    assert done.exit_code == 3
    assert f"not found in {tmp_path}" in done.stderr


def test_predict_stdin(tmp_path: Path) -> None:
    """An image on stdin is read."""
    path = write_digit(tmp_path / "digit.png", 3)
    command = ("predict", "digits-10", "-", "--preprocess", "none", "--format", "json")
    done = zoo_reading(path.read_bytes(), *command)
    (prediction,) = json.loads(done.stdout)
    assert (prediction["source"], prediction["label"]) == ("-", expected()[3].argmax())


def test_predict_by_run_weights_or_entry(digits: Path, tmp_path: Path) -> None:
    """A run, its folder, its weights and its entry give equal predictions."""
    zoo_ok("train", "digits-10", "--seed", shipped_model("digits-10").facts.seed, cwd=tmp_path)
    (run,) = (tmp_path / "runs").iterdir()
    options = ("--format", "json")
    by_entry = zoo_ok("predict", "digits-10", digits, *options)
    by_name = zoo_ok("predict", run.name, digits, *options, cwd=tmp_path)
    by_path = zoo_ok("predict", run, digits, *options)
    by_file = zoo_ok("predict", run / "weights.safetensors", digits, *options)
    assert by_name == by_path == by_file
    pairs = zip(json.loads(by_entry), json.loads(by_name), strict=True)
    for first, second in pairs:  # the entry may have been trained with another kernel
        np.testing.assert_allclose(first["probabilities"], second["probabilities"], atol=0.01)


@pytest.mark.usefixtures("required_runtimes")
def test_predict_onnx(digits: Path, tmp_path: Path) -> None:
    """onnxruntime predicts as the core does."""
    zoo_ok("export", "digits-10", "--onnx", "--out", tmp_path)
    for name, *options in (
        ("digits-10", "--runtime", "onnx"),
        (tmp_path / "digits-10.onnx",),
        (tmp_path / "digits-10.onnx", "--runtime", "numpy"),
    ):
        predictions = json.loads(zoo_ok("predict", name, digits, "--format", "json", *options))
        np.testing.assert_allclose(
            [prediction["probabilities"] for prediction in predictions], expected(), atol=1e-5
        )


def test_predict_submission(digits: Path, tmp_path: Path) -> None:
    """A submission counts its images from 1."""
    path = tmp_path / "submission.csv"
    done = zoo("predict", "digits-10", digits, "--submission", path)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"zoo: wrote 7 predictions to {path}\n"
    labels = expected().argmax(axis=1)
    rows = [f"{number},{label}" for number, label in enumerate(labels, start=1)]
    assert path.read_text().splitlines() == ["ImageId,Label", *rows]


def test_predict_submission_on_stdout(digits: Path, tmp_path: Path) -> None:
    zoo_ok("predict", "digits-10", digits, "--submission", tmp_path / "submission.csv")
    done = zoo_ok("predict", "digits-10", digits, "--submission", "-")
    assert done == (tmp_path / "submission.csv").read_text()


@unix_only
def test_predict_chunks_to_a_device(digits: Path) -> None:
    """The chunks are saved beside the output, which must not be in /dev."""
    done = zoo("predict", "digits-10", digits, "--out", "/dev/null", "--jobs", 2)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("zoo: /dev/null is not a regular file; chunks are saved beside")


def test_predict_submission_with_a_gap(tmp_path: Path) -> None:
    """A submission with an unreadable image is not written."""
    write_digit(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no image")
    done = zoo(
        "predict", "digits-10", tmp_path / "a.png", tmp_path / "b.png",
        "--preprocess", "none", "--submission", tmp_path / "submission.csv",
    )  # fmt: skip
    assert done.exit_code == 5
    assert "A submission needs a prediction for every image. " in done.stderr
    assert not (tmp_path / "submission.csv").exists()


def test_predict_out(digits: Path, tmp_path: Path) -> None:
    """An output file has the format of its suffix."""
    path = tmp_path / "answers.json"
    assert zoo_ok("predict", "digits-10", digits, "--out", path) == ""
    assert path.read_text() == zoo_ok("predict", "digits-10", digits, "--format", "json")
    assert len(list(tmp_path.glob(".*"))) == 0


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    folder = tmp_path / "mixed"
    folder.mkdir()
    for name in ("a.png", "c.png"):
        write_digit(folder / name)
    (folder / "b.png").write_bytes(b"PK\x03\x04 a zip with the name of a PNG")
    return folder


def test_predict_unreadable(mixed: Path) -> None:
    """Unreadable files are listed at the end, and the exit code is 1."""
    done = zoo("predict", "digits-10", mixed, "--preprocess", "none", "--format", "csv")
    assert done.exit_code == 1
    assert [row["source"] for row in csv.DictReader(io.StringIO(done.stdout))] == [
        str(mixed / "a.png"),
        str(mixed / "c.png"),
    ]
    first, second, last = done.stderr.splitlines()
    assert first == "zoo: 1 image could not be read:"
    assert str(mixed / "b.png") in second
    assert last == "     predicted: 2"


def test_predict_skip_bad(mixed: Path) -> None:
    """Unreadable files may be skipped, and the exit code is 0."""
    done = zoo("predict", "digits-10", mixed, "--preprocess", "none", "--skip-bad")
    assert done.exit_code == 0
    assert "1 image could not be read" in done.stderr


def test_predict_single_unreadable(mixed: Path) -> None:
    """A single unreadable file is a corrupt one."""
    done = zoo("predict", "digits-10", mixed / "b.png")
    assert (done.exit_code, done.stdout) == (5, "")
    assert done.stderr.startswith(f"zoo: {mixed / 'b.png'}")
    assert "zip" in done.stderr


def test_predict_folder_of_one_unreadable(tmp_path: Path) -> None:
    """A folder of one unreadable file is treated as a folder."""
    (tmp_path / "empty.png").write_bytes(b"")
    assert zoo("predict", "digits-10", tmp_path).exit_code == 1
    assert zoo_ok("predict", "digits-10", tmp_path, "--skip-bad", "--format", "json") == "[]\n"


def test_predict_unreadable_all_named(tmp_path: Path) -> None:
    """Every unreadable file is listed, for any number of files."""
    for number in range(300):
        (tmp_path / f"{number:03}.png").write_bytes(b"")
    done = zoo("predict", "digits-10", tmp_path)
    assert done.stderr.count(".png is empty") == 300


def test_predict_lone_image_preprocessing(tmp_path: Path) -> None:
    """The preprocessing of a single image is printed if the image is not drawn."""
    path = write_digit(tmp_path / "digit.png")
    done = zoo("predict", "digits-10", path, "--preprocess", "none", "--format", "json")
    assert (done.exit_code, done.stderr) == (0, f"zoo: {path}: as it is\n")


def test_predict_empty_folder(tmp_path: Path) -> None:
    """An empty folder is an error."""
    done = zoo("predict", "digits-10", tmp_path, "--format", "json")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == "zoo: No images found in the given paths.\n"


def test_predict_overflow(digits: Path, tmp_path: Path) -> None:
    """Weights that overflow give no predictions."""
    model = shipped_model("digits-10")
    model.network.parameters[:] = 1e38
    path = tmp_path / "huge.safetensors"
    facts = model.facts.model_copy(update={"digest": weights.digest(model.network)})
    weights.write(path, model.network, facts)
    done = zoo("predict", path, digits, "--format", "json")
    assert (done.exit_code, done.stdout) == (5, "")
    assert done.stderr == "zoo: huge returns NaN or infinite logits.\n"


@pytest.mark.parametrize("option", ["--out", "--submission"])
def test_predict_out_is_an_input(tmp_path: Path, option: str) -> None:
    """An input file is not overwritten."""
    path = write_digit(tmp_path / "digit.png")
    before = path.read_bytes()
    (tmp_path / "alias").symlink_to(path)
    done = zoo("predict", "digits-10", path, option, tmp_path / "alias")
    assert done.exit_code == 2
    assert "alias is an input file; it was not overwritten." in done.stderr
    assert path.read_bytes() == before
    assert zoo("predict", "digits-10", path, option, "model.onnx", cwd=tmp_path).exit_code == 2


def test_predict_out_in_a_folder_of_inputs(tmp_path: Path) -> None:
    """No file in an input folder or glob is overwritten."""
    write_digit(tmp_path / "digit.png")
    (tmp_path / "test.csv").write_text("kept")
    for source in (tmp_path, tmp_path / "*.csv"):
        done = zoo("predict", "digits-10", source, "--out", tmp_path / "test.csv")
        assert done.exit_code == 2
        assert "test.csv is an input file; it was not overwritten." in done.stderr
    assert (tmp_path / "test.csv").read_text() == "kept"


def test_predict_line_break_in_a_name(tmp_path: Path) -> None:
    """A line break in a name is escaped."""
    done = zoo("predict", "digits-10", "gone\nzoo: all is well.png", cwd=tmp_path)
    assert done.stderr.splitlines()[0] == r"zoo: gone\nzoo: all is well.png does not exist."


@pytest.mark.parametrize("form", ["table", "csv"])
def test_predict_control_characters_in_a_name(tmp_path: Path, form: str) -> None:
    """A name with control characters or markup is escaped."""
    name = "[red]\x1b[2J\n.png"
    write_digit(tmp_path / name)
    write_digit(tmp_path / "other.png")
    text = zoo_ok("predict", "digits-10", tmp_path, "--preprocess", "none", "--format", form)
    assert r"[red]\x1b[2J\n.png" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("nothing-10", "x.png"), 2, "There is no entry named 'nothing-10'"),
        (("model.pkl", "x.png"), 5, "may run code when it is opened"),
        (("digits-10", "nowhere.png"), 3, "nowhere.png does not exist"),
        (("digits-10", "*.nothing"), 3, "No file matches *.nothing"),
        (("digits-10", "x.png", "--show", "--format", "csv"), 2, "--show draws in the terminal"),
        (
            ("digits-10", "x.png", "--submission", "a", "--out", "b"),
            2,
            "--submission excludes --format",
        ),
        (("digits-10", "test:360"), 2, "expected test:0 to test:359"),
        (("digits-10", "test:0", "--jobs", "2", "-o", "a.csv"), 2, "cannot be split into chunks"),
        (("digits-10", "x.png", "--data", "."), 2, "--data is for examples of the data"),
        (("x.png", "digits-10"), 2, "x.png is an image or a table; expected a model."),
        (("nowhere.safetensors", "x.png"), 3, "nowhere.safetensors does not exist"),
        (("runs/digits-10-s0-1", "x.png"), 2, "There is no run named"),
    ],
)
def test_predict_mistakes(
    tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    """A usage error is one sentence and an exit code."""
    done = zoo("predict", *arguments, cwd=tmp_path)
    assert (done.exit_code, done.stdout) == (code, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def swapped(run: Path) -> None:
    """Swap two weights; every number in the file stays finite."""
    content = bytearray((run / "weights.safetensors").read_bytes())
    content[-8:] = content[-4:] + content[-8:-4]
    (run / "weights.safetensors").write_bytes(content)


def cut(run: Path) -> None:
    content = (run / "weights.safetensors").read_bytes()
    (run / "weights.safetensors").write_bytes(content[:-4])


@pytest.mark.parametrize("damage", [swapped, cut])
def test_predict_damaged_weights(
    digits: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """Weights that were changed give no predictions."""
    zoo_ok("train", "digits-10", "--iterations", 1, cwd=tmp_path)
    run = tmp_path / "runs/digits-10-s0-1"
    damage(run)
    done = zoo("predict", run, digits)
    assert done.exit_code == 5
    assert "weights.safetensors is not a weights file of zoo" in done.stderr


def test_predict_unfinished_run(digits: Path, tmp_path: Path) -> None:
    """An unfinished run prints the command to resume it."""
    zoo_ok("train", "digits-10", "--iterations", 1, cwd=tmp_path)
    run = tmp_path / "runs/digits-10-s0-1"
    (run / "weights.safetensors").unlink()
    done = zoo("predict", run, digits)
    assert done.exit_code == 2
    assert f"zoo resume {run}" in done.stderr


def test_predict_wide_table(tmp_path: Path) -> None:
    """In a terminal of 80 columns the line of an image wraps between its classes."""
    np.save(tmp_path / "three.npy", load_digits().train.images[3].reshape(1, 8, 8))
    lines = zoo_ok(
        "predict", "digits-10", "three.npy", "--top-k", 10, cwd=tmp_path, COLUMNS=80
    ).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[-2].startswith("3 ")
    assert lines[-1].endswith("  three.npy")
