"""`zoo predict` as its users run it, from pictures to answers."""

import csv
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tests.helpers.command import environment, zoo, zoo_ok
from tests.helpers.process import ZOO
from zoo import model, weights
from zoo.catalog import read_catalog
from zoo.data.digits import load_digits
from zoo.nn.losses import softmax

DIGITS = load_digits().train.images[:7]


def digits_10() -> model.Model:
    return model.shipped(read_catalog().find("digits-10").entry)


def expected() -> npt.NDArray[np.floating]:
    return softmax(digits_10().logits(DIGITS))


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    path = tmp_path / "digits.npy"
    np.save(path, DIGITS.reshape(-1, 8, 8))
    return path


def write_digit(path: Path, number: int = 0) -> Path:
    """Write a digit as a picture of 8 x 8 pixels with values from 0 to 16."""
    Image.fromarray(DIGITS[number].reshape(8, 8)).save(path)
    return path


def test_json_holds_what_the_network_says(digits: Path) -> None:
    found = json.loads(zoo_ok("predict", "digits-10", digits, "--format", "json"))
    assert [list(one) for one in found] == [["source", "index", "label", "probabilities"]] * 7
    assert [one["index"] for one in found] == list(range(7))
    assert {one["source"] for one in found} == {str(digits)}
    np.testing.assert_allclose(
        [one["probabilities"] for one in found], expected(), rtol=1e-5, atol=1e-7
    )
    assert [one["label"] for one in found] == expected().argmax(axis=1).tolist()


@pytest.mark.parametrize("batch", [1, 3, 7, 100])
def test_any_batch_gives_the_same_answers_in_the_same_order(digits: Path, batch: int) -> None:
    lines = zoo_ok("predict", "digits-10", digits, "--format", "jsonl", "--batch", batch)
    found = [json.loads(line) for line in lines.splitlines()]
    assert [one["label"] for one in found] == expected().argmax(axis=1).tolist()
    assert [one["index"] for one in found] == list(range(7))


def test_csv_holds_the_best_and_all(digits: Path) -> None:
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
def test_there_are_no_columns_for_classes_that_there_are_not(form: str, digits: Path) -> None:
    ten, more = (
        zoo_ok("predict", "digits-10", digits, "--format", form, "--top-k", count)
        for count in (10, 99)
    )
    assert more == ten


def test_the_table_reads_down(tmp_path: Path) -> None:
    for number in (0, 1):
        write_digit(tmp_path / f"{number}.png", number)
    text = zoo_ok("predict", "digits-10", "0.png", "1.png", "--preprocess", "none", cwd=tmp_path)
    zero, one = expected()[:2].max(axis=1)
    assert text.splitlines() == [
        "digit        picture",
        f"0    {100 * zero:5.1f}%  0.png",
        f"1    {100 * one:5.1f}%  1.png",
    ]


def test_the_picture_is_drawn_as_the_network_sees_it(tmp_path: Path) -> None:
    image = np.zeros((8, 8), np.uint8)
    image[1:7, 3] = 16
    image[6, 2:5] = 8
    Image.fromarray(image).save(tmp_path / "one.png")
    text = zoo_ok("predict", "digits-10", "one.png", "--preprocess", "none", "--show", cwd=tmp_path)
    name, said, *lines = text.splitlines()
    assert (name, said) == ("one.png", "as it is")
    drawn = [line[:16].rstrip() for line in lines]
    assert drawn[:8] == ["", *["      @@"] * 5, "    ======", ""]
    assert [line.split()[0] for line in lines[8:]] == ["8", "9"]
    assert all(line.endswith("%") for line in lines)
    assert sum(line.count("█") for line in lines) in range(22, 27)


def test_a_picture_on_stdin(tmp_path: Path) -> None:
    path = write_digit(tmp_path / "digit.png", 3)
    done = subprocess.run(
        [ZOO, "predict", "digits-10", "-", "--preprocess", "none", "--format", "json"],
        input=path.read_bytes(),
        env=environment(),
        capture_output=True,
        check=True,
    )
    (one,) = json.loads(done.stdout)
    assert (one["source"], one["label"]) == ("-", expected()[3].argmax())


def test_a_run_its_weights_and_its_entry_answer_alike(digits: Path, tmp_path: Path) -> None:
    zoo_ok("train", "digits-10", "--seed", digits_10().facts.seed, cwd=tmp_path)
    (run,) = (tmp_path / "runs").iterdir()
    options = ("--format", "json")
    by_entry = zoo_ok("predict", "digits-10", digits, *options)
    by_name = zoo_ok("predict", run.name, digits, *options, cwd=tmp_path)
    by_path = zoo_ok("predict", run, digits, *options)
    by_file = zoo_ok("predict", run / "weights.safetensors", digits, *options)
    assert by_name == by_path == by_file
    several = zip(json.loads(by_entry), json.loads(by_name), strict=True)
    for one, other in several:  # another kernel may have trained the entry's
        np.testing.assert_allclose(one["probabilities"], other["probabilities"], atol=0.01)


def test_onnxruntime_answers_as_the_core_does(digits: Path, tmp_path: Path) -> None:
    zoo_ok("export", "digits-10", "--onnx", "--out", tmp_path)
    for name, *options in (
        ("digits-10", "--runtime", "onnx"),
        (tmp_path / "digits-10.onnx",),
        (tmp_path / "digits-10.onnx", "--runtime", "numpy"),
    ):
        found = json.loads(zoo_ok("predict", name, digits, "--format", "json", *options))
        np.testing.assert_allclose([one["probabilities"] for one in found], expected(), atol=1e-5)


def test_a_submission_is_counted_from_one(digits: Path, tmp_path: Path) -> None:
    path = tmp_path / "submission.csv"
    done = zoo("predict", "digits-10", digits, "--submission", path)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"zoo: answers in {path}: 7\n"
    labels = expected().argmax(axis=1)
    rows = [f"{number},{label}" for number, label in enumerate(labels, start=1)]
    assert path.read_text().splitlines() == ["ImageId,Label", *rows]


def test_a_submission_with_a_gap_is_none(tmp_path: Path) -> None:
    write_digit(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    done = zoo(
        "predict", "digits-10", tmp_path / "a.png", tmp_path / "b.png",
        "--preprocess", "none", "--submission", tmp_path / "submission.csv",
    )  # fmt: skip
    assert done.exit_code == 5
    assert "A submission answers for every picture, and" in done.stderr
    assert not (tmp_path / "submission.csv").exists()


def test_a_file_appears_whole_and_its_ending_says_how(digits: Path, tmp_path: Path) -> None:
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
    (folder / "b.png").write_bytes(b"PK\x03\x04 a zip, whatever its name says")
    return folder


def test_unreadable_files_are_listed_at_the_end(mixed: Path) -> None:
    done = zoo("predict", "digits-10", mixed, "--preprocess", "none", "--format", "csv")
    assert done.exit_code == 1
    assert [row["source"] for row in csv.DictReader(io.StringIO(done.stdout))] == [
        str(mixed / "a.png"),
        str(mixed / "c.png"),
    ]
    first, second, last = done.stderr.splitlines()
    assert first == "zoo: 1 picture could not be read:"
    assert str(mixed / "b.png") in second
    assert last == "     answered: 2"


def test_unreadable_files_may_be_skipped(mixed: Path) -> None:
    done = zoo("predict", "digits-10", mixed, "--preprocess", "none", "--skip-bad")
    assert done.exit_code == 0
    assert "1 picture could not be read" in done.stderr


def test_a_single_unreadable_file_is_a_corrupt_one(mixed: Path) -> None:
    done = zoo("predict", "digits-10", mixed / "b.png")
    assert (done.exit_code, done.stdout) == (5, "")
    assert done.stderr.startswith(f"zoo: {mixed / 'b.png'}")
    assert "zip" in done.stderr


def test_a_folder_of_one_bad_file_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    assert zoo("predict", "digits-10", tmp_path).exit_code == 1
    assert zoo_ok("predict", "digits-10", tmp_path, "--skip-bad", "--format", "json") == "[]\n"


def test_every_unreadable_file_is_named_however_many_there_are(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number:03}.png").write_bytes(b"")
    done = zoo("predict", "digits-10", tmp_path)
    assert done.stderr.count(".png is empty") == 300


def test_what_was_done_to_a_lone_picture_is_told_where_it_is_not_drawn(tmp_path: Path) -> None:
    path = write_digit(tmp_path / "digit.png")
    done = zoo("predict", "digits-10", path, "--preprocess", "none", "--format", "json")
    assert (done.exit_code, done.stderr) == (0, f"zoo: {path}: as it is\n")


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    done = zoo("predict", "digits-10", tmp_path, "--format", "json")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == "zoo: There is no picture in what was named.\n"


def test_a_file_that_is_being_written_is_gone_when_zoo_is_told_to_stop(tmp_path: Path) -> None:
    np.save(tmp_path / "many.npy", np.tile(DIGITS, (100_000, 1)))
    with subprocess.Popen(
        [ZOO, "predict", "digits-10", "many.npy", "--out", "out.csv"],
        env=environment(),
        cwd=tmp_path,
        stderr=subprocess.PIPE,
    ) as process:
        while not list(tmp_path.glob(".out.csv.*")):
            assert process.poll() is None
            time.sleep(0.01)
        process.terminate()
    assert process.returncode == 143
    assert [path.name for path in tmp_path.iterdir()] == ["many.npy"]


def test_weights_that_overflow_answer_nothing(digits: Path, tmp_path: Path) -> None:
    found = digits_10()
    found.network.parameters[:] = 1e38
    path = tmp_path / "huge.safetensors"
    facts = found.facts.model_copy(update={"digest": weights.digest(found.network)})
    weights.write(path, found.network, facts)
    done = zoo("predict", path, digits, "--format", "json")
    assert (done.exit_code, done.stdout) == (5, "")
    assert done.stderr == "zoo: huge answers with numbers that are not finite.\n"


@pytest.mark.parametrize("option", ["--out", "--submission"])
def test_what_is_read_is_not_written_over(tmp_path: Path, option: str) -> None:
    path = write_digit(tmp_path / "digit.png")
    before = path.read_bytes()
    (tmp_path / "alias").symlink_to(path)
    done = zoo("predict", "digits-10", path, option, tmp_path / "alias")
    assert done.exit_code == 2
    assert "alias is what is read; it is not written to." in done.stderr
    assert path.read_bytes() == before
    assert zoo("predict", "digits-10", path, option, "model.onnx", cwd=tmp_path).exit_code == 2


def test_nothing_in_a_folder_or_behind_a_glob_that_is_read_is_written_over(tmp_path: Path) -> None:
    write_digit(tmp_path / "digit.png")
    (tmp_path / "test.csv").write_text("kept")
    for word in (tmp_path, tmp_path / "*.csv"):
        done = zoo("predict", "digits-10", word, "--out", tmp_path / "test.csv")
        assert done.exit_code == 2
        assert "test.csv is what is read; it is not written to." in done.stderr
    assert (tmp_path / "test.csv").read_text() == "kept"


def test_a_line_break_in_a_name_makes_no_line(tmp_path: Path) -> None:
    done = zoo("predict", "digits-10", "gone\nzoo: all is well.png", cwd=tmp_path)
    assert done.stderr.splitlines()[0] == r"zoo: gone\nzoo: all is well.png is not there."


@pytest.mark.parametrize("form", ["table", "csv"])
def test_a_name_cannot_move_the_cursor_or_colour_the_line(tmp_path: Path, form: str) -> None:
    name = "[red]\x1b[2J\n.png"
    write_digit(tmp_path / name)
    write_digit(tmp_path / "other.png")
    text = zoo_ok("predict", "digits-10", tmp_path, "--preprocess", "none", "--format", form)
    assert r"[red]\x1b[2J\n.png" in text
    assert "\x1b" not in text


def test_a_pipe_that_closes_is_no_traceback(digits: Path) -> None:
    np.save(digits, np.tile(DIGITS, (20_000, 1)))
    with subprocess.Popen(
        [ZOO, "predict", "digits-10", digits, "--format", "jsonl"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()
    assert process.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("nothing-10", "x.png"), 2, "There is no entry named 'nothing-10'"),
        (("model.pkl", "x.png"), 5, "may run code when it is opened"),
        (("digits-10", "nowhere.png"), 3, "nowhere.png is not there"),
        (("digits-10", "*.nothing"), 3, "No file fits *.nothing"),
        (("digits-10", "x.png", "--show", "--format", "csv"), 2, "--show draws in the terminal"),
        (("digits-10", "x.png", "--submission", "a", "--out", "b"), 2, "a format of its own"),
        (("nowhere.safetensors", "x.png"), 3, "nowhere.safetensors could not be read"),
        (("runs/digits-10-s0-1", "x.png"), 2, "There is no run named"),
    ],
)
def test_a_mistake_is_one_sentence_and_a_code(
    tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = zoo("predict", *arguments, cwd=tmp_path)
    assert (done.exit_code, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def swapped(run: Path) -> None:
    """Exchange two weights: every number in the file is still a sane one."""
    content = bytearray((run / "weights.safetensors").read_bytes())
    content[-8:] = content[-4:] + content[-8:-4]
    (run / "weights.safetensors").write_bytes(content)


def cut(run: Path) -> None:
    content = (run / "weights.safetensors").read_bytes()
    (run / "weights.safetensors").write_bytes(content[:-4])


@pytest.mark.parametrize("damage", [swapped, cut])
def test_weights_that_were_changed_answer_nothing(
    digits: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    zoo_ok("train", "digits-10", "--epochs", 1, cwd=tmp_path)
    run = tmp_path / "runs/digits-10-s0-1"
    damage(run)
    done = zoo("predict", run, digits)
    assert done.exit_code == 5
    assert "weights.safetensors holds no network of zoo" in done.stderr


def test_a_run_that_is_not_done_says_how_to_go_on(digits: Path, tmp_path: Path) -> None:
    zoo_ok("train", "digits-10", "--epochs", 1, cwd=tmp_path)
    run = tmp_path / "runs/digits-10-s0-1"
    (run / "weights.safetensors").unlink()
    done = zoo("predict", run, digits)
    assert done.exit_code == 2
    assert f"zoo resume {run}" in done.stderr


@pytest.mark.parametrize(
    "settings",
    [{"COLUMNS": "20"}, {"TERM": "dumb"}, {"NO_COLOR": "1"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}],
    ids=str,
)
def test_a_poor_terminal_gets_a_poor_picture(tmp_path: Path, settings: dict[str, str]) -> None:
    path = write_digit(tmp_path / "digit.png")
    done = subprocess.run(
        [ZOO, "predict", "digits-10", path, "--preprocess", "none", "--show"],
        env=environment(**settings),
        capture_output=True,
        check=True,
    )
    text = done.stdout.decode()
    assert "\x1b" not in text
    assert "%%" in text
    assert all(len(line) <= int(settings.get("COLUMNS", 200)) for line in text.splitlines())


def peak(count: int, tmp_path: Path) -> tuple[str, int]:
    """Answer a folder of so many images; return its stderr and its peak of memory in kB."""
    folder = tmp_path / f"{count}"
    folder.mkdir()
    first = write_digit(folder / "0.png")
    for number in range(1, count):
        os.link(first, folder / f"{number}.png")
    script = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    command = [ZOO, "predict", "digits-10", folder, "--preprocess", "none", "--format", "json"]
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, command)],
        env=environment(),
        capture_output=True,
        check=True,
        text=True,
    )
    code, kilobytes = map(int, done.stdout.split())
    assert code == 0
    return done.stderr, kilobytes


@pytest.mark.slow
def test_a_folder_of_any_size_takes_the_same_memory_and_tells_how_far_it_is(
    tmp_path: Path,
) -> None:
    _, few = peak(300, tmp_path)
    said, many = peak(30_000, tmp_path)
    assert many - few < 15_000
    assert said.splitlines() == [f"zoo: {n}0,000 pictures so far" for n in (1, 2, 3)]
