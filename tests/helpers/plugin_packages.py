"""Plugin packages: the examples, one of every kind, broken ones."""

import shutil
from pathlib import Path

from tests.helpers import packages
from tests.helpers.entries import named
from tests.helpers.paths import PACKAGES

EVERY_KIND = '''\
"""One of every sort that the examples do not bring."""

import numpy as np

from zoo.nn.layers import Layer
from zoo.nn.losses import Loss, margins, softmax


class Scale(Layer):
    """A factor for every feature, learned."""

    def __init__(self, *, start: float = 1.0) -> None:
        self.start = start

    def build(self, inputs):
        self.parameter_shape = (1, inputs)
        return super().build(inputs)

    def attach(self, parameters, gradient, statistics):
        super().attach(parameters, gradient, statistics)
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

    def build(self, inputs):
        self.parameter_shape, self.statistics_shape = (1, 1), (1, 1)
        return super().build(inputs)

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
EVERY_POINT = """\
"layer.scale_each" = "every_kind.kinds:Scale"
"layer.counting" = "every_kind.kinds:Counting"
"loss.squares" = "every_kind.kinds:Squares"
"schedule.triangle" = "every_kind.kinds:triangle"
"initializer.lecun" = "every_kind.kinds:lecuns"
"warp.squeeze" = "every_kind.kinds:squeeze"
"intensity.specks" = "every_kind.kinds:specks"
"data.halves" = "every_kind.kinds:pair"
"""
EVERY_ENTRY = """\
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
BROKEN_MODULE = '''\
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
    def build(self, inputs):
        super().build(inputs)
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

    def build(self, inputs):
        self.parameter_shape = (1, 1)
        return super().build(inputs)

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

    def update_block(self, block, gradient, *, learning_rate, step):
        self.secret[block] += gradient
        self.parameters[block] -= learning_rate * self.secret[block]


class Random(Optimizer):
    def update_block(self, block, gradient, *, learning_rate, step):
        self.parameters[block] -= learning_rate * gradient * np.random.default_rng().random()


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
BROKEN_KINDS = {
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
    "layer.mixing": ("Mixing", "its output for a row depends on other rows"),
    "optimizer.hidden": ("Hidden", "it is not resumable: `memory` does not have"),
    "optimizer.random": ("Random", "the same steps lead to other parameters the second time."),
    "schedule.drifting": ("drifting", "its rate depends on more than the epoch, so"),
    "initializer.fresh": ("fresh", "it draws other values from the same seed."),
    "intensity.nan": ("nan", "it returns NaN or infinite pixels."),
    "data.never": ("never", "it returns other rows the second time"),
    "warp.fails": ("fails", "'fails' of breaking 1.2 failed: RuntimeError: not today."),
    "warp.rotate": ("fails", "there is a kind named 'rotate' already."),
    "shape.round": ("fails", "'shape.round' is not SORT.KIND, where a SORT is"),
}
NEVER_ENTRY = """\
name = "never"
summary = "Other rows each time."
data = { kind = "never", columns = 2, classes = 2, rows = 20 }
preprocess = { divide = 1 }
network = { hidden = [] }
train = { epochs = 1, rate = 0.1, weights = "he" }
"""
HANGING = "import time\n\nprint('sleeping')\ntime.sleep(600)\n"

HELLO = """\
import typer

app = typer.Typer()


@app.command()
def hello(name: str, times: int = 1) -> None:
    '''Greet somebody.'''
    print(times * f"hello {name} ")
    if name == "nobody":
        raise typer.Exit(7)
"""


def install_kinds(site: Path) -> None:
    """Install the two example packages, and one with a kind of every sort."""
    here = site.with_name(f"{site.name}-sources")
    shutil.copytree(PACKAGES, here)  # pip builds in place
    every = packages.write(
        here,
        "every-kind",
        {"kinds.py": EVERY_KIND, "every.toml": EVERY_ENTRY},
        registry="every = 'every_kind'",
        kinds=EVERY_POINT,
    )
    packages.install(site, here / "zoo-iris", here / "zoo-swish", every)


def install_broken(site: Path) -> None:
    """Install packages that break every promise, hang, or end the process."""
    here = site.with_name(f"{site.name}-sources")
    points = "\n".join(
        f'"{name}" = "breaking.kinds:{at}"' for name, (at, _) in BROKEN_KINDS.items()
    )
    breaking = packages.write(
        here,
        "breaking",
        {"kinds.py": BROKEN_MODULE, "never.toml": NEVER_ENTRY, "bad.toml": "name = 1"},
        registry="breaking = 'breaking'",
        kinds=points,
    )
    hanging = packages.write(
        here, "hanging", {"app.py": HANGING}, commands="hanging = 'hanging.app:app'"
    )
    ending = [
        packages.write(
            here,
            f"ending-{code}",
            {"kinds.py": f"import os\nos._exit({code})\n"},
            kinds=f"'activation.ending{code}' = 'ending_{code}.kinds:x'",
        )
        for code in (0, 7)
    ]
    packages.place(site, breaking, hanging, *ending)


def install_packages(site: Path) -> None:
    """Install a sound package, and one of every kind of unsound ones."""
    here = site.with_name(f"{site.name}-sources")

    def write(name: str, app: str, command: str, **entries: str) -> Path:
        files = {"app.py": app} | {f"{entry}.toml": text for entry, text in entries.items()}
        package = name.replace("-", "_")
        points = {"commands": f"{command} = '{package}.app:app'"}
        if entries:
            points["registry"] = f"{name} = '{package}'"
        return packages.write(here, name, files, **points)

    newer = named("newer").replace("name =", "format = 2\nname =", 1)
    packages.place(
        site,
        write("good-plugin", HELLO, "hello", net=named("good-net")),
        write("raising", "raise ValueError('not today')", "raising"),
        write("leaving", "raise SystemExit(3)", "leaving"),
        write("lacking", "import a_package_that_nobody_has", "lacking"),
        write("no-typer", "app = print", "no-typer"),
        write("talking", "print('I am here')\n" + HELLO, "talking"),
        write("taking", HELLO, "train", digits=named("digits-10"), fine=named("taking-net")),
        write("newer", HELLO, "newer", newer=newer),
        write("gone", HELLO, "gone", net=named("gone-net")),
    )
    shutil.rmtree(site / "gone")  # as an uninstallation that was cut off leaves it
