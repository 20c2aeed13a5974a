"""`zoo plugins check`: packages that keep their promises, and one that breaks each of them."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.helpers import packages
from tests.helpers.command import Result, environment
from tests.helpers.paths import PACKAGES
from tests.helpers.process import ZOO, zoo_process
from tests.integration.test_plugin_kinds import ENTRY, KINDS, POINTS

BREAKING = '''\
"""Kinds that each break a promise."""

import itertools

import numpy as np

from zoo.nn.layers import Layer
from zoo.nn.losses import SoftmaxCrossEntropy
from zoo.nn.optimizers import Optimizer

count = itertools.count()


class Slope:
    def __call__(self, z, slope):
        np.multiply(z, z, out=z)
        slope[:] = z


class Late:
    def __call__(self, z, slope):
        raise RuntimeError("too late")


class Wider(Layer):
    def connect(self, inputs):
        super().connect(inputs)
        return inputs + 1

    def forward(self, x, *, training):
        return x

    def backward(self, d_output):
        return d_output


class Narrow(Layer):
    def forward(self, x, *, training):
        return x[:, 1:]

    def backward(self, d_output):
        return d_output


class Short(Layer):
    def forward(self, x, *, training):
        return x

    def backward(self, d_output):
        return d_output[:, 1:]


class Neutral(Layer):
    """A factor that begins at 1, where it does not show that the way down lacks it."""

    def connect(self, inputs):
        self.parameter_shape = (1, 1)
        return super().connect(inputs)

    def initialize(self, rng, weights, biases):
        self.parameters[:] = 1

    def forward(self, x, *, training):
        self.x = x[:, :-1].copy()
        x[:, :-1] *= self.parameters
        return x

    def backward(self, d_output):
        self.gradient[:] = (d_output * self.x).sum()
        return d_output


class Gradient(Layer):
    def forward(self, x, *, training):
        x[:, :-1] *= 2
        return x

    def backward(self, d_output):
        return d_output


class Half(SoftmaxCrossEntropy):
    def backward(self, examples):
        return super().backward(examples) * 0.5


class Nan(SoftmaxCrossEntropy):
    def backward(self, examples):
        return super().backward(examples) * np.nan


class Mixing(Layer):
    def forward(self, x, *, training):
        x[:, :-1] -= x[:, :-1].mean(axis=0)
        return x

    def backward(self, d_output):
        d_output -= d_output.mean(axis=0)
        return d_output


class Hidden(Optimizer):
    def __init__(self, parameters):
        super().__init__(parameters)
        self.secret = np.zeros_like(parameters)

    def move(self, at, g, *, rate, number):
        self.secret[at] += g
        self.parameters[at] -= rate * self.secret[at]


class Random(Optimizer):
    def move(self, at, g, *, rate, number):
        self.parameters[at] -= rate * g * np.random.default_rng().random()


def drifting(rate):
    return lambda epoch: rate + next(count)


def fresh():
    return lambda rng, units, inputs: np.random.default_rng().normal(size=(units, inputs))


def nan():
    def ink(pictures, rng):
        pictures *= np.nan
    return ink


def never():
    rng = np.random.default_rng(abs(hash("another in every Python")))
    return rng.normal(size=(20, 2)), rng.integers(0, 2, 20)


def fails():
    raise RuntimeError("not today")
'''
BROKEN = {
    "activation.slope": ("Slope", "its slope is not its derivative: off by"),
    "activation.gone": ("nothing_of_this_name", "cannot be loaded: AttributeError"),
    "activation.late": ("Late", "RuntimeError: too late."),
    "layer.wider": ("Wider", "of 7 values that come in it lets 8 out."),
    "layer.narrow": (
        "Narrow",
        "of 4 rows with 7 values and a column of ones it makes 4 rows with 7.",
    ),
    "layer.short": ("Short", "of a gradient of 4 rows with 7 values it makes 4 rows with 6."),
    "layer.neutral": ("Neutral", "its gradient is off by"),
    "layer.gradient": ("Gradient", "its gradient is off by"),
    "loss.half": ("Half", "its gradient is off by"),
    "loss.nan": ("Nan", "its gradient is off by NaN"),
    "layer.mixing": ("Mixing", "what it makes of a row depends on the others"),
    "optimizer.hidden": ("Hidden", "it is not resumable: what it remembers is not all in"),
    "optimizer.random": ("Random", "the same steps lead elsewhere the second time."),
    "schedule.drifting": ("drifting", "its rate depends on more than the epochs done"),
    "initializer.fresh": ("fresh", "it draws something else from the same seed."),
    "ink.nan": ("nan", "it makes pixels that are no finite numbers."),
    "data.never": ("never", "it gives other rows the second time"),
    "warp.fails": ("fails", "'fails' of breaking 1.2 failed: RuntimeError: not today."),
    "warp.rotate": ("fails", "there is a kind named 'rotate' already."),
    "shape.round": ("fails", "'shape.round' is not SORT.KIND, where a SORT is"),
}
NEVER = """\
name = "never"
summary = "Other rows each time."
data = { kind = "never", columns = 2, classes = 2, rows = 20 }
preprocess = { divide = 1 }
network = { hidden = [] }
train = { epochs = 1, rate = 0.1, weights = "he" }
"""
HANGS = "import time\n\nprint('sleeping')\ntime.sleep(600)\n"

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder into which pip has installed packages that conform, and ones that do not."""
    here = tmp_path_factory.mktemp("conforming")
    shutil.copytree(PACKAGES, here / "examples")
    points = "\n".join(f'"{name}" = "breaking.kinds:{at}"' for name, (at, _) in BROKEN.items())
    folders = [
        packages.write(
            here,
            "every-kind",
            {"kinds.py": KINDS, "every.toml": ENTRY},
            registry="every = 'every_kind'",
            kinds=POINTS,
        ),
        packages.write(
            here,
            "breaking",
            {"kinds.py": BREAKING, "never.toml": NEVER, "bad.toml": "name = 1"},
            registry="breaking = 'breaking'",
            kinds=points,
        ),
        packages.write(here, "hanging", {"app.py": HANGS}, commands="hanging = 'hanging.app:app'"),
        *(
            packages.write(
                here,
                f"ending-{code}",
                {"kinds.py": f"import os\nos._exit({code})\n"},
                kinds=f"'activation.ending{code}' = 'ending_{code}.kinds:x'",
            )
            for code in (0, 7)
        ),
    ]
    packages.install(here / "site", *sorted((here / "examples").iterdir()), *folders)
    return here / "site"


@pytest.fixture
def run(site: Path, tmp_path: Path) -> Run:
    """Return what runs zoo where they are installed."""
    return partial(zoo_process, cwd=tmp_path, PYTHONPATH=site)


@pytest.mark.parametrize("name", ["zoo-iris", "zoo_swish", "Every.Kind"])
def test_a_package_that_keeps_its_promises_conforms(run: Run, name: str) -> None:
    done = run("plugins", "check", name)
    assert (done.exit_code, done.stderr) == (0, "")
    assert all(line.startswith("fine  ") for line in done.stdout.splitlines())
    assert len(done.stdout.splitlines()) >= 2


def test_every_promise_that_is_broken_is_told(run: Run) -> None:
    done = run("plugins", "check", "breaking", "--json")
    assert (done.exit_code, done.stderr) == (1, "")
    found: dict[str, str] = {}
    for one in json.loads(done.stdout):
        found[one["subject"]] = found.get(one["subject"], "") + one["fault"]
    for name, (_, words) in BROKEN.items():
        assert words in found.pop(name), name
    assert "bad.toml has" in found.pop("entries")
    assert found == {"entry never": ""}


def test_what_hangs_or_ends_the_process_is_a_finding(run: Run) -> None:
    done = run("plugins", "check", "hanging", "--timeout", 3)
    assert done.exit_code == 1
    assert done.stdout == "FAULT zoo hanging: it hangs: nothing came back in 3 seconds.\n"
    for code in (0, 7):
        done = run("plugins", "check", f"ending-{code}")
        assert done.exit_code == 1
        what = f"activation.ending{code}"
        assert done.stdout == f"FAULT {what}: it ended the whole process, with {code}.\n"
    assert run("list", "-q").exit_code == 0


def test_what_fails_while_it_is_used_is_said_to_be_theirs(run: Run) -> None:
    done = run("train", "digits-10", "--set", "network.block=['dense', 'late']")
    assert done.exit_code == 1
    first, hint = done.stderr.splitlines()[-2:]
    assert first == "zoo: breaking 1.2 failed: RuntimeError: too late."
    assert "kinds.py, line " in hint
    assert "`zoo plugins check breaking`" in hint


def test_a_layer_of_the_wrong_shape_is_told_before_it_trains(run: Run) -> None:
    for kind, words in (("wider", "lets 11 out"), ("narrow", "makes 4 rows with 10")):
        done = run("train", "digits-10", "--set", f"network.block=['dense', '{kind}']")
        assert done.exit_code == 1
        assert done.stderr.startswith(f"zoo: '{kind}' of breaking 1.2: of ")
        assert words in done.stderr


def test_what_cannot_be_loaded_is_a_fault_with_its_line(run: Run, tmp_path: Path) -> None:
    kinds = "block = ['dense', 'gone', { kind = 'hidden' }]\n"
    text = NEVER.replace("{ hidden = [] }", "{ hidden = [4], " + kinds.strip() + " }")
    (tmp_path / "bad.toml").write_text(text.replace("rate = 0.1", "rate = 'x'"))
    done = run("check", "bad.toml")
    assert done.exit_code == 2
    said = done.stdout.splitlines()
    assert said[0].startswith("bad.toml:5: network.block.1.kind: breaking 1.2 brings 'activation.g")
    assert said[1].startswith("bad.toml:5: network.block.2.kind: there is no 'hidden'.")
    assert said[2].startswith("bad.toml:6: train.rate: expected a valid number, got 'x'.")


def test_sigterm_while_a_package_is_imported_is_not_its_fault(site: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [ZOO, "hanging"],
        env=environment(PYTHONPATH=site),
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    ) as asked:
        assert asked.stderr
        assert asked.stderr.readline() == "sleeping\n"
        asked.terminate()
        assert (asked.wait(60), asked.stderr.read()) == (143, "")


def test_an_entry_that_is_left_out_is_explained_to_whoever_asks_for_it(run: Run) -> None:
    for command in (("predict", "bad", "x.png"), ("show", "bad"), ("train", "bad")):
        done = run(*command)
        assert done.exit_code == 2
        first, hint = done.stderr.splitlines()
        assert first == "zoo: There is no entry named 'bad'."
        assert "bad.toml has 6 faults: name: expected a valid string, got 1. " in hint


def test_modules_of_the_folder_where_it_is_run_are_not_tried(run: Run, tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise SystemExit(3)\n")
    assert run("plugins", "check", "zoo-swish").exit_code == 0


def test_a_name_that_brings_nothing_is_told(run: Run) -> None:
    done = run("plugins", "check", "nobody")
    assert done.exit_code == 2
    assert done.stderr.startswith("zoo: No package named 'nobody' brings anything to zoo.\n")


def test_a_package_from_init_installs_and_passes_its_own_tests(tmp_path: Path) -> None:
    done = zoo_process("init", "--plugin", "my-zoo", cwd=tmp_path)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "next     pip install -e 'my-zoo[test]'" in done.stdout
    packages.install(tmp_path / "site", tmp_path / "my-zoo")
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=tmp_path / "my-zoo",
        env=environment(PYTHONPATH=tmp_path / "site"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout
    assert "1 passed" in tested.stdout
    trained = zoo_process(
        "train", "my-zoo-net", "--quiet", cwd=tmp_path, PYTHONPATH=tmp_path / "site"
    )
    assert trained.exit_code == 0, trained.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("2-zoo", "is no name for a package"),
        ("class", "is no name"),
        ("My Zoo", "has a name such"),
        ("numpy", "is the name of a package that is installed already"),
    ],
)
def test_a_name_that_no_package_can_have_is_refused(tmp_path: Path, name: str, words: str) -> None:
    done = zoo_process("init", "--plugin", name, cwd=tmp_path)
    assert done.exit_code == 2
    assert words in done.stderr
    assert not list(tmp_path.iterdir())


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "my-zoo").mkdir()
    done = zoo_process("init", "--plugin", "my-zoo", cwd=tmp_path)
    assert done.exit_code == 2
    assert [path.name for path in tmp_path.rglob("*")] == ["my-zoo"]
