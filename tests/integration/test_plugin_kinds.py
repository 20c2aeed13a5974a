"""Kinds of plugins that are installed by pip, from the entry to the export."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers import packages
from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.command import Result, environment
from tests.helpers.entries import named
from tests.helpers.plugin_packages import EVERY_ENTRY, install_icons
from tests.helpers.process import ZOO, zoo_process
from tests.helpers.shared import built_once

FLOWERS = "sepal,sepal,petal,petal\n5.1,3.5,1.4,.2\n6.3,3.3,6.0,2.5\n"


Run = Callable[..., Result]


@pytest.fixture
def site(kinds_site: Path) -> Path:
    """Return the folder of the installed plugins."""
    return kinds_site


@pytest.fixture
def run(site: Path, tmp_path: Path) -> Run:
    """Return a function that runs zoo with these plugins."""
    return partial(zoo_process, cwd=tmp_path, PYTHONPATH=site)


@pytest.fixture
def trained(kinds_site: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Copy two runs of each example plugin to the folder of the test."""

    def train(folder: Path) -> None:
        folder.mkdir()
        for name in ("iris-16", "digits-swish"):
            done = zoo_process(
                "train", name, "--seeds", 2, "--quiet", cwd=folder, PYTHONPATH=kinds_site
            )
            assert done.exit_code == 0, done.stderr

    runs = built_once(tmp_path_factory, "kinds-trained", train) / "runs"
    shutil.copytree(runs, tmp_path / "runs")


def test_plugin_entries_without_their_code(run: Run, site: Path, tmp_path: Path) -> None:
    """Entries are listed, shown and described without an import of plugin code."""
    shutil.copytree(site, tmp_path / "bare")
    for code in tmp_path.glob("bare/*/*.py"):
        code.write_text("raise SystemExit('imported')")
    for command in (("list", "-q"), ("plugins",), ("show", "iris-16"), ("schema",), ("--help",)):
        done = run(*command, PYTHONPATH=tmp_path / "bare")
        assert (done.exit_code, done.stderr) == (0, "")
    completion = {
        "_ZOO_COMPLETE": "complete_bash",
        "COMP_WORDS": "zoo\ntrain\niri",
        "COMP_CWORD": 2,
    }
    assert run(PYTHONPATH=tmp_path / "bare", **completion).stdout.split() == ["iris-16"]
    listed = run("list", "-q").stdout.split()
    assert listed == [*ENTRIES, "every-kind", "iris-16", "digits-swish"]


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("name", ["every-kind", "iris-16", "digits-swish"])
def test_plugin_entry_end_to_end(run: Run, tmp_path: Path, name: str) -> None:
    """A plugin's entry can be trained, compared, evaluated and exported."""
    if name == "every-kind":
        assert run("train", name, "--seeds", 2, "--quiet").exit_code == 0
    (compared,) = json.loads(run("compare", name, "--json").stdout)
    assert compared["reproduced"]["mean"] > 0.9
    assert compared["reproduced"]["n"] == 2
    trained = f"runs/{name}-s0-1"
    done = run("export", trained, "--onnx", "--json")
    assert done.exit_code == 0, done.stderr
    evaluations = [
        json.loads(run("evaluate", model, "--json", *options).stdout)
        for model, *options in (
            (trained, "--errors", 2, "--report", "page.html"),
            (f"{name}-s0-1.onnx",),
        )
    ]
    assert evaluations[0]["confusion"] == evaluations[1]["confusion"]
    assert run("check", tmp_path / trained / "entry.toml").exit_code == 0


def test_plugin_icons(tmp_path: Path) -> None:
    """Images of a form that zoo does not know are shown, trained, predicted, exported and drawn."""
    install_icons(tmp_path / "site")
    run = partial(zoo_process, cwd=tmp_path, PYTHONPATH=tmp_path / "site")
    for arguments in (
        ("data", "show", "icons-9", "--sheet", "icons.png"),
        ("train", "icons-9", "-q"),
        ("evaluate", "runs/icons-9-s0-1"),
        ("export", "runs/icons-9-s0-1", "--onnx", "--output", "probabilities,class"),
        ("demo", "runs/icons-9-s0-1"),
    ):
        done = run(*arguments)
        assert done.exit_code == 0, done.stderr
        assert "warning" not in done.stderr
    with Image.open(tmp_path / "icons.png") as sheet:
        assert min(sheet.size) > 12
    image = np.zeros((12, 12), np.uint8)
    image[2:9, 3:5] = 200
    Image.fromarray(image).save(tmp_path / "bar.png")
    np.save(tmp_path / "bar.npy", image[None])
    for model in ("runs/icons-9-s0-1", "icons-9-s0-1.onnx"):
        done = run("predict", model, "bar.png", "bar.npy", "test:2", "--quiet")
        assert done.stdout.split()[:2] == ["bar", "bar"]
        assert done.stdout.split()[2] in {"ring", "cross", "bar"}
    Image.fromarray(image[:11]).save(tmp_path / "small.png")
    done = run("predict", "runs/icons-9-s0-1", "small.png")
    assert done.exit_code == 5
    assert "small.png has the wrong size; expected 12 x 12 pixels, got 12 x 11." in done.stderr
    page = (tmp_path / "demo.html").read_text()
    assert '"form":{"fit":"none","shape":[12,12],"highest":200,"on_black":true}' in page
    assert '"classes":["ring","cross","bar"]' in page
    assert '"pools":[{' in page


def test_plugin_icons_in_estimator(tmp_path: Path) -> None:
    """ZooClassifier trains on images in the form of a plugin's, with other labels, too."""
    install_icons(tmp_path / "site")
    script = """
import zoo
from zoo_icons.kinds import icons
images, labels = icons()
for targets in (labels, labels.astype("U") + "!"):
    trained = zoo.ZooClassifier("icons-9", epochs=30).fit(images.reshape(120, 144), targets)
    print(trained.score(images.reshape(120, 144), targets) > 0.9, *trained.model_.source.names)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(PYTHONPATH=tmp_path / "site"),
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.splitlines() == ["True ring cross bar", "True 0! 1! 2!"]


@pytest.mark.usefixtures("trained")
def test_plugin_table_rows(run: Run, site: Path, tmp_path: Path) -> None:
    """Rows of a table are read from CSV, NumPy files and stdin."""
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
        answers.append([prediction["label"] for prediction in json.loads(done.stdout)])
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
    assert "does not contain table rows" in run("predict", "runs/iris-16-s0-1", "x.png").stderr
    table = run("predict", "runs/iris-16-s0-1", "plain.csv", "--probabilities").stdout
    assert table.splitlines()[0].split() == ["class", "setosa", "versicolor", "virginica", "row"]
    assert "setosa" in table.splitlines()[1]


MISTAKES = (
    ("1,2,3\n", "line 1: expected 4 numbers, got 3."),
    ("a,b,c\n1,2,3\n", "line 1: expected 4 numbers, got 3 columns."),
    ("1,2,3,4\n1,x,3,4\n", "row 2, column 2: expected a number, got 'x'."),
    ("1,2,3,4\n1,inf,3,4\n", "row 2, column 2: expected a number, got 'inf'."),
    ("1,2,3,4\n1,1e39,3,4\n", "row 2, column 2: expected a number, got '1e39'."),
    ("1,2,3,4\n1,2,3\n", "line 2: expected 4 numbers, got 3."),
    ("\xff\xfe\n", "line 1: expected 4 numbers, got 1"),
    ("1;2;3;4\n", "line 1: expected 4 numbers, got 1"),
    ("1,2,3,4\n1_0,2,3,4\n", "row 2, column 1: expected a number, got '1_0'."),
)


@pytest.mark.usefixtures("trained")
def test_plugin_table_mistakes(run: Run, tmp_path: Path) -> None:
    """The error for an invalid CSV names the line and the column."""
    for number, (text, message) in enumerate(MISTAKES):
        (tmp_path / f"{number}.csv").write_text(text)
        done = run("predict", "runs/iris-16-s0-1", f"{number}.csv")
        assert done.exit_code != 0
        assert message in done.stderr
        assert "Traceback" not in done.stderr


def test_plugin_options_checked(run: Run, tmp_path: Path) -> None:
    """Options of a plugin's kind are checked like built-in ones."""
    text = EVERY_ENTRY.replace("start = 0.9", "strat = 0.9").replace(
        "lowest = 0.01", 'lowest = "low"'
    )
    (tmp_path / "bad.toml").write_text(text)
    done = run("check", "bad.toml")
    assert done.exit_code == 2
    assert done.stdout.splitlines() == [
        "bad.toml:15: network.block.1.strat: unknown key. Did you mean 'network.block.1.start'?",
        "bad.toml:22: train.schedule.lowest: expected a valid number, got 'low'.",
    ]
    trained = run("train", "bad.toml")
    assert trained.exit_code == 2
    assert "train.schedule.lowest" in trained.stderr
    missing = run("train", "every-kind", "--set", "train.augment=[{kind = 'squeeze'}]")
    assert missing.exit_code == 2
    assert "train.augment.0.share: missing." in missing.stderr


def test_plugin_value_refused(run: Run) -> None:
    """A value that plugin code refuses is reported without a traceback."""
    done = run(
        "train", "digits-swish", "--set", "network.block=['dense', {kind='swish', slope=-1}]"
    )
    assert done.exit_code == 2
    assert done.stderr == "zoo: swish: slope must be above 0.\n"


@pytest.mark.usefixtures("trained")
def test_plugin_kind_on_demo_page(run: Run) -> None:
    """The error of `zoo demo` names an unsupported layer; a plugin's table has a page."""
    done = run("demo", "runs/digits-swish-s0-1")
    assert done.exit_code == 2
    words = "has the plugin layer 'swish', which the page does not support"
    assert done.stderr.startswith(f"zoo: digits-swish-s0-1 {words}.\n     Choose a model with ")
    table = run("demo", "runs/iris-16-s0-1")
    assert (table.exit_code, table.stderr) == (0, "")


@pytest.mark.usefixtures("trained")
def test_plugin_missing(run: Run, site: Path, tmp_path: Path) -> None:
    """Without the plugin its entry is invalid, and its runs name the plugin."""
    (tmp_path / "own.toml").write_text((site / "zoo_swish" / "digits-swish.toml").read_text())
    done = run("train", "own.toml", ZOO_PLUGINS="none")
    assert done.exit_code == 2
    assert "network.block.1.kind: there is no 'swish'." in done.stderr
    trained = "runs/digits-swish-s0-1"
    for words in (["predict", trained, "x.png"], ["resume", trained], ["compare", trained]):
        ended = run(*words, ZOO_PLUGINS="none")
        first, hint = ended.stderr.splitlines()
        assert ended.exit_code == 2
        assert " needs zoo-swish 0.1, which is not available: " in first
        assert hint == "     Run `pip install zoo-swish`. ZOO_PLUGINS=none restricts the plugins."
    for command in (("runs",), ("list",)):
        assert run(*command, ZOO_PLUGINS="none").exit_code == 0
    assert run("list", "-q", ZOO_PLUGINS="none").stdout.split() == ENTRIES


def test_plugin_optimizer_resume_bits(run: Run, tmp_path: Path) -> None:
    """A resumed training with a plugin's optimizer has the same bits as an uninterrupted one."""
    constant = "train.schedule='constant'"
    run("train", "digits-swish", "--quiet", "--set", constant, "--runs", "whole")
    run("train", "digits-swish", "--quiet", "--set", constant, "--epochs", 15, "--runs", "half")
    (half,) = tmp_path.glob("half/*")
    run("resume", half, "--epochs", 30, "--quiet")
    (whole,) = tmp_path.glob("whole/*")
    fingerprints = [
        json.loads((path / "run.json").read_text())["fingerprint"] for path in (whole, half)
    ]
    assert fingerprints[0] == fingerprints[1]


def test_plugin_code_in_cache_key(run: Run, site: Path, tmp_path: Path) -> None:
    """Runs of changed plugin code do not count."""
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    run("train", "digits-swish", "--quiet", PYTHONPATH=copy)

    def counted() -> int:
        (row,) = json.loads(run("compare", "digits-swish", "--json", PYTHONPATH=copy).stdout)
        return row["reproduced"]["n"] if row["reproduced"] else 0

    assert counted() == 1
    code = copy / "zoo_swish" / "kinds.py"
    code.write_text(code.read_text().replace("np.sign", "np.tanh"))
    assert counted() == 0


def test_plugin_layers_keep_parameters(run: Run) -> None:
    """Each plugin layer keeps its trained parameters."""
    both = "network.block=['dense', {kind='scale_each', start=0.5}, 'tanh', 'scale_each']"
    two = ("--set", both, "--set", "network.input=['counting']", "--set", "network.hidden=[8, 6]")
    trained = run("train", "every-kind", *two, "--quiet")
    assert trained.exit_code == 0, trained.stderr
    done = run("evaluate", "runs/every-kind-s0-1")
    assert done.exit_code == 0, done.stderr
    assert "as recorded" in done.stdout
    assert "?" in run("show", "runs/every-kind-s0-1/entry.toml").stdout


def test_plugin_labels_renumbered(run: Run, site: Path, tmp_path: Path) -> None:
    """Entries with other class numbers for the same rows have separate runs."""
    iris = (site / "zoo_iris" / "iris-16.toml").read_text()
    (tmp_path / "zoo.d").mkdir()
    turned = iris.replace(
        '"setosa", "versicolor", "virginica"', '"virginica", "versicolor", "setosa"'
    )
    (tmp_path / "zoo.d" / "turned.toml").write_text(turned.replace("iris-16", "turned"))
    done = run("compare", "iris-16", "turned", "--train", "--seeds", 1, "--jobs", 1, "--json")
    found = json.loads(done.stdout)
    assert [row["reproduced"]["mean"] > 0.9 for row in found] == [True, True]
    for name in ("iris-16", "turned"):
        first = next(tmp_path.glob(f"runs/**/{name}-s0-1"))
        assert "as recorded" in run("evaluate", first).stdout


@pytest.mark.usefixtures("trained")
def test_plugin_tables_paired(run: Run) -> None:
    """Models of tables can be paired, with results by class."""
    pair = ("--pair", "runs/iris-16-s0-1,runs/iris-16-s1-1")
    done = run("compare", *pair, "--per-class", "--html", "page.html")
    assert (done.exit_code, "Warning" in done.stderr) == (0, False), done.stderr
    assert "rows of Fisher's irises" in done.stdout
    assert [name in done.stdout for name in ("setosa", "versicolor", "virginica")] == [True] * 3


def test_plugin_kind_and_baselines(run: Run) -> None:
    """A baseline does not train an entry with a plugin's kind."""
    done = run("compare", "digits-swish", "--against", "sklearn", "--seeds", 1)
    assert (
        "scikit-learn does not have 'swish', which a plugin provides." in done.stdout + done.stderr
    )
    assert "Traceback" not in done.stderr


def test_plugin_resume_with_other_code(run: Run, site: Path, tmp_path: Path) -> None:
    """Resuming with changed plugin code causes a warning."""
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


def test_plugin_entry_without_row_shape(tmp_path: Path, site: Path) -> None:
    """An entry without the shape of its rows does not affect the others."""
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
    packages.place(tmp_path / "more", folder)
    both = f"{site}{os.pathsep}{tmp_path / 'more'}"
    done = zoo_process("list", "-q", cwd=tmp_path, PYTHONPATH=both)
    assert done.exit_code == 0
    assert done.stderr.count("expected either columns, or both shape and highest") == 2
    assert "iris-16" in done.stdout


def test_plugin_data_disagrees(run: Run) -> None:
    """Data that disagrees with the entry is refused."""
    for change, message in {
        "data.rows=149": "data.rows: expected 149, got 150 from iris.",
        "data.columns=5": "expected rows of 5 numbers, got float64 (150, 4).",
        "data.classes=4": "data.classes is 4, but iris has no row of class 3.",
    }.items():
        more = () if "classes" not in change else ("--set", "data.labels=[]")
        plain = ("--set", "preprocess={divide=1}", *more)
        done = run("train", "iris-16", "--set", change, *plain)
        assert done.exit_code == 3, done.stderr
        assert message in done.stderr


def test_plugin_kind_twice(tmp_path: Path, site: Path) -> None:
    """If two plugins provide a kind, the first is used, with a warning."""
    folder = packages.write(
        tmp_path,
        "another",
        {"kinds.py": "import numpy as np\n\n\ndef swish(slope=1.0):\n    return np.tanh\n"},
        kinds="'activation.swish' = 'another.kinds:swish'",
    )
    packages.place(tmp_path / "more", folder)
    both = f"{site}{os.pathsep}{tmp_path / 'more'}"
    done = zoo_process("train", "digits-swish", "--quiet", cwd=tmp_path, PYTHONPATH=both)
    assert (
        "Using 'activation.swish' of another 1.2 and ignoring that of zoo-swish 0.1" in done.stderr
    )
    only = zoo_process(
        "train", "digits-swish", "--quiet", cwd=tmp_path, PYTHONPATH=both, ZOO_PLUGINS="zoo-swish"
    )
    assert (only.exit_code, only.stderr) == (0, "")
    images = tmp_path / "p.npy"
    np.save(images, np.zeros((1, 8, 8), np.uint8))
    command = ("predict", "runs/digits-swish-s0-2", images)
    same = zoo_process(*command, cwd=tmp_path, PYTHONPATH=site)
    assert (same.exit_code, same.stderr) == (0, "")
    other = zoo_process(*command, cwd=tmp_path, PYTHONPATH=both)
    assert "was trained with zoo-swish 0.1 " in other.stderr
    assert ", and another 1.2 " in other.stderr


def test_plugin_entries_in_schema(run: Run, site: Path) -> None:
    """The schema accepts the entries of plugins."""
    import tomllib

    import jsonschema

    schema = json.loads(run("schema").stdout)
    for path in site.glob("*/*.toml"):
        jsonschema.validate(tomllib.loads(path.read_text()), schema)
    bare = json.loads(run("schema", ZOO_PLUGINS="none").stdout)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(EVERY_ENTRY), bare)


def test_plugin_builtin_kind_taken(tmp_path: Path) -> None:
    """A built-in kind cannot be replaced."""
    relu = packages.write(
        tmp_path,
        "taking-relu",
        {"app.py": "raise ValueError", "net.toml": named("net")},
        registry="a = 'taking_relu'",
        kinds="'activation.relu' = 'taking_relu.app:x'\n'shape.x' = 'taking_relu.app:x'",
    )
    packages.place(tmp_path / "site", relu)
    done = zoo_process("train", "net", "--quiet", cwd=tmp_path, PYTHONPATH=tmp_path / "site")
    assert done.exit_code == 0, done.stderr
    warnings = zoo_process("plugins", cwd=tmp_path, PYTHONPATH=tmp_path / "site").stderr
    assert "a kind named 'relu' already exists." in warnings
    assert "'shape.x' is not TYPE.KIND" in warnings
