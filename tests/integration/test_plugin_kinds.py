"""Kinds of things that packages bring, from the entry to the export, with real packages."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from tests.helpers import packages
from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.command import Result, environment
from tests.helpers.entries import named
from tests.helpers.paths import PACKAGES
from tests.helpers.process import ZOO, zoo_process

KINDS = '''\
"""One of every sort that the examples do not bring."""

import numpy as np

from zoo.nn.layers import Layer
from zoo.nn.losses import Loss, margins, softmax


class Scale(Layer):
    """A factor for every feature, learned."""

    def __init__(self, *, start: float = 1.0) -> None:
        self.start = start

    def connect(self, inputs):
        self.parameter_shape = (1, inputs)
        return super().connect(inputs)

    def bind(self, parameters, gradient, statistics):
        super().bind(parameters, gradient, statistics)
        parameters[:] = self.start

    def forward(self, x, *, training):
        self.x = x[:, :-1].copy()
        x[:, :-1] *= self.parameters
        return x

    def backward(self, d_output):
        self.gradient[:] = (d_output * self.x).sum(axis=0)
        d_output *= self.parameters
        return d_output

    def onnx(self, x, nodes):
        return nodes.add("Mul", x, nodes.array(self.parameters[0]))


class Counting(Layer):
    """As it comes; remembers how many batches it has seen, and has learned nothing of it."""

    def connect(self, inputs):
        self.parameter_shape, self.statistics_shape = (1, 1), (1, 1)
        return super().connect(inputs)

    def forward(self, x, *, training):
        if training:
            self.statistics += 1
        return x

    def backward(self, d_output):
        self.gradient[:] = 0
        return d_output


class Squares(Loss):
    """Half the squared distance between the probabilities and the right ones."""

    def __init__(self, classes, *, smoothing: float) -> None:
        self.classes, self.smoothing = classes, smoothing

    def forward(self, logits, labels):
        self.margins = margins(logits, labels)
        self.p = softmax(logits)
        target = np.eye(self.classes)[labels] * (1 - self.smoothing)
        self.away = self.p - (target + self.smoothing / self.classes)
        return (self.away**2).sum(axis=1).astype(logits.dtype) / 2

    def backward(self, examples):
        along = (self.away * self.p).sum(axis=1, keepdims=True)
        return (self.p * (self.away - along) / examples).astype(self.p.dtype)


def triangle(rate, epochs, *, lowest: float = 0.0):
    """Up and down again in a straight line."""
    return lambda epoch: lowest + rate * (1 - abs(2 * epoch / epochs - 1))


def lecun(rng, units, inputs):
    return rng.standard_normal((units, inputs)) / np.sqrt(inputs)


def lecuns():
    """Normal with variance 1 / inputs."""
    return lecun


def squeeze(*, share: float):
    """Make a picture wider by up to this share."""
    def warp(points, rng):
        points[:, 1] *= (1 - rng.uniform(0, share, (len(points), 1, 1))).astype("f4")
    return warp


def specks(shape, *, strength: float = 1.0):
    """Strew noise over a picture."""
    def ink(pictures, rng):
        assert pictures.shape[:2] == shape
        pictures += rng.normal(0, strength, pictures.shape).astype("f4")
    return ink


def pair():
    """Two kinds of pictures, a bright half above or below, with some for the test."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 300)
    pictures = rng.integers(0, 60, (300, 4, 6)).astype("u1")
    pictures[labels == 0, :2] += 150
    pictures[labels == 1, 2:] += 150
    return pictures[:200], labels[:200], pictures[200:], labels[200:]
'''
POINTS = """\
"layer.scale_each" = "every_kind.kinds:Scale"
"layer.counting" = "every_kind.kinds:Counting"
"loss.squares" = "every_kind.kinds:Squares"
"schedule.triangle" = "every_kind.kinds:triangle"
"initializer.lecun" = "every_kind.kinds:lecuns"
"warp.squeeze" = "every_kind.kinds:squeeze"
"ink.specks" = "every_kind.kinds:specks"
"data.halves" = "every_kind.kinds:pair"
"""
ENTRY = """\
name = "every-kind"
summary = "One of every sort."
[data]
kind = "halves"
shape = [4, 6]
highest = 255
classes = 2
labels = ["above", "below"]
rows = 200
test_rows = 100
[preprocess]
divide = 255
[network]
hidden = [8]
block = ["dense", { kind = "scale_each", start = 0.9 }, "tanh"]
[train]
epochs = 6
batch = 20
rate = 0.5
loss = "squares"
label_smoothing = 0.1
schedule = { kind = "triangle", lowest = 0.01, warm_up = 0.1 }
weights = "lecun"
biases = "zeros"
augment = [{ kind = "specks", strength = 2.0 }, { kind = "squeeze", share = 0.2 }]
together = 1
"""
FLOWERS = "sepal,sepal,petal,petal\n5.1,3.5,1.4,.2\n6.3,3.3,6.0,2.5\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder into which pip has installed the two examples, and one of every sort."""
    here = tmp_path_factory.mktemp("kinds")
    shutil.copytree(PACKAGES, here / "examples")  # pip builds in place
    every = packages.write(
        here,
        "every-kind",
        {"kinds.py": KINDS, "every.toml": ENTRY},
        registry="every = 'every_kind'",
        kinds=POINTS,
    )
    packages.install(here / "site", *sorted((here / "examples").iterdir()), every)
    return here / "site"


Run = Callable[..., Result]


@pytest.fixture
def run(site: Path, tmp_path: Path) -> Run:
    """Return what runs zoo where they are installed."""
    return partial(zoo_process, cwd=tmp_path, PYTHONPATH=site)


def test_their_entries_are_listed_shown_and_described_without_their_code(
    run: Run, site: Path, tmp_path: Path
) -> None:
    shutil.copytree(site, tmp_path / "bare")
    for code in tmp_path.glob("bare/*/*.py"):
        code.write_text("raise SystemExit('imported')")
    for command in (("list", "-q"), ("plugins",), ("show", "iris-16"), ("schema",), ("--help",)):
        done = run(*command, PYTHONPATH=tmp_path / "bare")
        assert (done.exit_code, done.stderr) == (0, "")
    asked = {"_ZOO_COMPLETE": "complete_bash", "COMP_WORDS": "zoo\ntrain\niri", "COMP_CWORD": 2}
    assert run(PYTHONPATH=tmp_path / "bare", **asked).stdout.split() == ["iris-16"]
    listed = run("list", "-q").stdout.split()
    assert listed == [*ENTRIES, "every-kind", "iris-16", "digits-swish"]


@pytest.mark.parametrize("name", ["every-kind", "iris-16", "digits-swish"])
def test_an_entry_of_theirs_trains_compares_evaluates_and_exports(
    run: Run, tmp_path: Path, name: str
) -> None:
    assert run("train", name, "--seeds", 2, "--quiet").exit_code == 0
    (compared,) = json.loads(run("compare", name, "--json").stdout)
    assert compared["reproduced"]["mean"] > 0.9
    assert compared["reproduced"]["n"] == 2
    trained = f"runs/{name}-s0-1"
    assert run("evaluate", trained, "--errors", 2, "--report", "page.html").exit_code == 0
    done = run("export", trained, "--onnx", "--json")
    assert done.exit_code == 0, done.stderr
    judged = [
        json.loads(run("evaluate", one, "--json").stdout) for one in (trained, f"{name}-s0-1.onnx")
    ]
    assert judged[0]["confusion"] == judged[1]["confusion"]
    assert run("check", tmp_path / trained / "entry.toml").exit_code == 0


def test_rows_of_a_table_are_read_from_csv_numpy_and_stdin(
    run: Run, site: Path, tmp_path: Path
) -> None:
    run("train", "iris-16", "--quiet")
    rows = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]])
    (tmp_path / "plain.csv").write_text("5.1,3.5,1.4,.2\n\n6.3,3.3,6.0,2.5\n")
    (tmp_path / "labelled.csv").write_text("label,a,b,c,d\n0,5.1,3.5,1.4,.2\n2,6.3,3.3,6,2.5\n")
    (tmp_path / "named.csv").write_text(FLOWERS)
    np.save(tmp_path / "rows.npy", rows)
    np.savez(tmp_path / "rows.npz", some=rows, others=np.zeros((2, 3)))
    answers = []
    for name in ("plain.csv", "labelled.csv", "named.csv", "rows.npy", "rows.npz"):
        done = run("predict", "runs/iris-16-s0-1", name, "--format", "json")
        assert done.exit_code == 0, done.stderr
        answers.append([one["label"] for one in json.loads(done.stdout)])
    assert answers == [["setosa", "virginica"]] * 5
    piped = subprocess.run(
        [ZOO, "predict", "runs/iris-16-s0-1", "-", "--format", "csv"],
        env=environment(PYTHONPATH=site),
        cwd=tmp_path,
        input=FLOWERS,
        capture_output=True,
        check=True,
        text=True,
    )
    assert [line.split(",")[2] for line in piped.stdout.splitlines()[1:]] == ["setosa", "virginica"]
    (tmp_path / "x.png").write_bytes(b"")
    assert "holds no rows of a table" in run("predict", "runs/iris-16-s0-1", "x.png").stderr
    table = run("predict", "runs/iris-16-s0-1", "plain.csv", "--probabilities").stdout
    assert table.splitlines()[0].split() == ["class", "setos", "versi", "virgi", "row"]
    assert "setosa" in table.splitlines()[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2,3\n", "line 1: expected 4 numbers, got 3."),
        ("a,b,c\n1,2,3\n", "line 1: expected 4 numbers, got 3 columns."),
        ("1,2,3,4\n1,x,3,4\n", "line 2, column 2: expected a number, got 'x'."),
        ("1,2,3,4\n1,inf,3,4\n", "line 2, column 2: expected a number, got 'inf'."),
        ("1,2,3,4\n1,1e39,3,4\n", "line 2, column 2: expected a number, got '1e39'."),
        ("1,2,3,4\n1,2,3\n", "line 2: expected 4 numbers, got 3."),
        ("\xff\xfe\n", "line 1: expected 4 numbers, got 1"),
        ("1;2;3;4\n", "line 1: expected 4 numbers, got 1"),
        ("1,2,3,4\n1_0,2,3,4\n", "line 2, column 1: expected a number, got '1_0'."),
    ],
)
def test_a_csv_that_holds_no_rows_is_told_by_line_and_column(
    run: Run, tmp_path: Path, text: str, words: str
) -> None:
    run("train", "iris-16", "--quiet")
    (tmp_path / "rows.csv").write_text(text)
    done = run("predict", "runs/iris-16-s0-1", "rows.csv")
    assert done.exit_code != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_options_of_theirs_are_checked_like_ours(run: Run, tmp_path: Path) -> None:
    text = ENTRY.replace("start = 0.9", "strat = 0.9").replace("lowest = 0.01", 'lowest = "low"')
    (tmp_path / "bad.toml").write_text(text)
    done = run("check", "bad.toml")
    assert done.exit_code == 2
    assert done.stdout.splitlines() == [
        "bad.toml:15: network.block.1.strat: unknown key. Did you mean 'start'?",
        "bad.toml:22: train.schedule.lowest: expected a valid number, got 'low'.",
    ]
    trained = run("train", "bad.toml")
    assert trained.exit_code == 2
    assert "train.schedule.lowest" in trained.stderr
    missing = run("train", "every-kind", "--set", "train.augment=[{kind = 'squeeze'}]")
    assert missing.exit_code == 2
    assert "train.augment.0.share: missing." in missing.stderr


def test_a_value_that_their_code_refuses_is_a_sentence(run: Run) -> None:
    done = run(
        "train", "digits-swish", "--set", "network.block=['dense', {kind='swish', slope=-1}]"
    )
    assert done.exit_code == 2
    assert done.stderr == "zoo: swish: slope must be above 0.\n"


def test_the_page_to_draw_on_names_what_it_does_not_know(run: Run) -> None:
    why = {
        "digits-swish": "has 'swish' in it, a package's kind that the page does not know",
        "iris-16": "reads iris; on the page one draws digits",
    }
    for name, words in why.items():
        run("train", name, "--quiet")
        done = run("demo", f"runs/{name}-s0-1")
        assert done.exit_code == 2
        assert done.stderr.startswith(f"zoo: {name}-s0-1 {words}.\n     The page shows models of ")


def test_without_the_package_its_entry_and_its_runs_are_told_apart(
    run: Run, site: Path, tmp_path: Path
) -> None:
    (tmp_path / "own.toml").write_text((site / "zoo_swish" / "digits-swish.toml").read_text())
    run("train", "digits-swish", "--quiet")
    done = run("train", "own.toml", ZOO_PLUGINS="none")
    assert done.exit_code == 2
    assert "network.block.1.kind: there is no 'swish'." in done.stderr
    trained = "runs/digits-swish-s0-1"
    for words in (["predict", trained, "x.png"], ["resume", trained], ["compare", trained]):
        ended = run(*words, ZOO_PLUGINS="none")
        first, hint = ended.stderr.splitlines()
        assert ended.exit_code == 2
        assert " needs zoo-swish 0.1, which is not here: " in first
        assert hint == "     `pip install zoo-swish` ZOO_PLUGINS=none says whom zoo listens to."
    for command in (("runs",), ("list",)):
        assert run(*command, ZOO_PLUGINS="none").exit_code == 0
    assert run("list", "-q", ZOO_PLUGINS="none").stdout.split() == ENTRIES


def test_a_training_is_made_longer_bit_for_bit_with_their_optimizer(
    run: Run, tmp_path: Path
) -> None:
    constant = "train.schedule='constant'"
    run("train", "digits-swish", "--quiet", "--set", constant, "--runs", "whole")
    run("train", "digits-swish", "--quiet", "--set", constant, "--epochs", 15, "--runs", "half")
    (half,) = tmp_path.glob("half/*")
    run("resume", half, "--epochs", 30, "--quiet")
    (whole,) = tmp_path.glob("whole/*")
    found = [json.loads((one / "run.json").read_text())["fingerprint"] for one in (whole, half)]
    assert found[0] == found[1]


def test_what_they_change_in_their_code_makes_other_trainings(
    run: Run, site: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    run("train", "digits-swish", "--quiet", PYTHONPATH=copy)

    def counted() -> int:
        (one,) = json.loads(run("compare", "digits-swish", "--json", PYTHONPATH=copy).stdout)
        return one["reproduced"]["n"] if one["reproduced"] else 0

    assert counted() == 1
    code = copy / "zoo_swish" / "kinds.py"
    code.write_text(code.read_text().replace("np.sign", "np.tanh"))
    assert counted() == 0


def test_layers_of_theirs_keep_what_each_has_learned(run: Run) -> None:
    both = "network.block=['dense', {kind='scale_each', start=0.5}, 'tanh', 'scale_each']"
    two = ("--set", both, "--set", "network.input=['counting']", "--set", "network.hidden=[8, 6]")
    trained = run("train", "every-kind", *two, "--quiet")
    assert trained.exit_code == 0, trained.stderr
    done = run("evaluate", "runs/every-kind-s0-1")
    assert done.exit_code == 0, done.stderr
    assert "as recorded" in done.stdout
    assert "?" in run("show", "runs/every-kind-s0-1/entry.toml").stdout


def test_entries_that_number_the_same_rows_otherwise_are_trained_apart(
    run: Run, site: Path, tmp_path: Path
) -> None:
    iris = (site / "zoo_iris" / "iris-16.toml").read_text()
    (tmp_path / "zoo.d").mkdir()
    turned = iris.replace(
        '"setosa", "versicolor", "virginica"', '"virginica", "versicolor", "setosa"'
    )
    (tmp_path / "zoo.d" / "turned.toml").write_text(turned.replace("iris-16", "turned"))
    done = run("compare", "iris-16", "turned", "--train", "--seeds", 1, "--json")
    found = json.loads(done.stdout)
    assert [one["reproduced"]["mean"] > 0.9 for one in found] == [True, True]
    for name in ("iris-16", "turned"):
        assert "as recorded" in run("evaluate", f"runs/{name}-s0-1").stdout


def test_tables_are_paired_and_told_by_class(run: Run) -> None:
    run("train", "iris-16", "--quiet", "--seeds", 2)
    pair = ("--pair", "runs/iris-16-s0-1", "runs/iris-16-s1-1")
    done = run("compare", *pair, "--per-class", "--html", "page.html")
    assert (done.exit_code, "Warning" in done.stderr) == (0, False), done.stderr
    assert "rows of Fisher's irises" in done.stdout
    assert [name in done.stdout for name in ("setosa", "versicolor", "virginica")] == [True] * 3


def test_a_peer_is_not_asked_for_what_only_a_package_has(run: Run) -> None:
    done = run("compare", "digits-swish", "--against", "sklearn", "--seeds", 1)
    assert "scikit-learn has no 'swish', which a package brings." in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_that_goes_on_with_other_code_of_theirs_says_so(
    run: Run, site: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    run("train", "digits-swish", "--quiet", PYTHONPATH=copy)
    code = copy / "zoo_swish" / "kinds.py"
    code.write_text(code.read_text().replace("np.sign", "np.tanh"))
    done = run("resume", "runs/digits-swish-s0-1", "--epochs", 31, "--quiet", PYTHONPATH=copy)
    assert "zoo-swish 0.1 " in done.stderr
    assert "the bits may differ" in done.stderr
    record = json.loads((tmp_path / "runs" / "digits-swish-s0-1" / "run.json").read_text())
    assert record["code"] is None


def test_an_entry_that_says_nothing_of_its_rows_breaks_no_other(tmp_path: Path, site: Path) -> None:
    bad = """
        name = "bad"
        summary = "No columns."
        data = { kind = "iris", classes = 3, rows = 150 }
        preprocess = { divide = 1 }
        network = { hidden = [] }
        train = { epochs = 1, rate = 0.1, weights = "he" }
    """
    shape = bad.replace("classes", "shape = [2, 2], classes").replace("bad", "worse")
    folder = packages.write(
        tmp_path, "unsaid", {"a.toml": bad, "b.toml": shape}, registry="a = 'unsaid'"
    )
    packages.install(tmp_path / "more", folder)
    both = f"{site}{os.pathsep}{tmp_path / 'more'}"
    done = zoo_process("list", "-q", cwd=tmp_path, PYTHONPATH=both)
    assert done.exit_code == 0
    assert done.stderr.count("give either columns, or the shape") == 2
    assert "iris-16" in done.stdout


def test_data_that_is_not_what_the_entry_says_is_not_trained_on(run: Run) -> None:
    for change, words in {
        "data.rows=149": "data.rows is 149, and iris has 150.",
        "data.columns=5": "it is not rows of 5 numbers",
        "data.classes=4": "data.classes is 4, and iris has no row of 3.",
    }.items():
        more = () if "classes" not in change else ("--set", "data.labels=[]")
        plain = ("--set", "preprocess={divide=1}", *more)
        done = run("train", "iris-16", "--set", change, *plain)
        assert done.exit_code == 3, done.stderr
        assert words in done.stderr


def test_of_two_packages_with_one_kind_the_first_is_used_and_said(
    tmp_path: Path, site: Path
) -> None:
    folder = packages.write(
        tmp_path,
        "another",
        {"kinds.py": "import numpy as np\n\n\ndef swish(slope=1.0):\n    return np.tanh\n"},
        kinds="'activation.swish' = 'another.kinds:swish'",
    )
    packages.install(tmp_path / "more", folder)
    both = f"{site}{os.pathsep}{tmp_path / 'more'}"
    done = zoo_process("train", "digits-swish", "--quiet", cwd=tmp_path, PYTHONPATH=both)
    assert "'activation.swish' is that of another 1.2; zoo-swish 0.1 brings one too" in done.stderr
    only = zoo_process(
        "train", "digits-swish", "--quiet", cwd=tmp_path, PYTHONPATH=both, ZOO_PLUGINS="zoo-swish"
    )
    assert (only.exit_code, only.stderr) == (0, "")
    pictures = tmp_path / "p.npy"
    np.save(pictures, np.zeros((1, 8, 8), np.uint8))
    asked = ("predict", "runs/digits-swish-s0-2", pictures)
    alike = zoo_process(*asked, cwd=tmp_path, PYTHONPATH=site)
    assert (alike.exit_code, alike.stderr) == (0, "")
    other = zoo_process(*asked, cwd=tmp_path, PYTHONPATH=both)
    assert "was trained with zoo-swish 0.1 " in other.stderr
    assert "here is another 1.2 " in other.stderr


def test_the_schema_takes_their_entries(run: Run, site: Path) -> None:
    import tomllib

    known = json.loads(run("schema").stdout)
    for path in site.glob("*/*.toml"):
        jsonschema.validate(tomllib.loads(path.read_text()), known)
    bare = json.loads(run("schema", ZOO_PLUGINS="none").stdout)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(ENTRY), bare)


def test_a_kind_of_ours_cannot_be_taken(tmp_path: Path) -> None:
    relu = packages.write(
        tmp_path,
        "taking-relu",
        {"app.py": "raise ValueError", "net.toml": named("net")},
        registry="a = 'taking_relu'",
        kinds="'activation.relu' = 'taking_relu.app:x'\n'shape.x' = 'taking_relu.app:x'",
    )
    packages.install(tmp_path / "site", relu)
    done = zoo_process("train", "net", "--quiet", cwd=tmp_path, PYTHONPATH=tmp_path / "site")
    assert done.exit_code == 0, done.stderr
    told = zoo_process("plugins", cwd=tmp_path, PYTHONPATH=tmp_path / "site").stderr
    assert "there is a kind named 'relu' already." in told
    assert "'shape.x' is not SORT.KIND" in told
