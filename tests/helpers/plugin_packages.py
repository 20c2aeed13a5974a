"""Plugin packages: the examples, one with all plugin types, and broken ones."""

import shutil
from pathlib import Path

from tests.helpers import packages
from tests.helpers.entries import named
from tests.helpers.paths import PACKAGES

EVERY_KIND = '''\
"""A kind of each plugin type that the examples do not provide."""

import numpy as np

from zoo.nn.layers import Layer
from zoo.nn.losses import Loss, margins, softmax


class Scale(Layer):
    """A learned factor for each feature."""

    def __init__(self, inputs, *, start: float = 1.0) -> None:
        self.parameters = np.full(inputs, start)

    def forward(self, x, *, training):
        self.x = x
        return x * self.parameters

    def backward(self, d_output):
        self.gradient[:] = (d_output * self.x).sum(axis=0)
        return d_output * self.parameters

    def onnx(self, x, nodes):
        return nodes.add("Mul", x, nodes.array(self.parameters))


class Counting(Layer):
    """The identity; counts the batches, and has a parameter without effect."""

    def __init__(self):
        self.parameters, self.statistics = np.zeros(1), np.zeros(1)

    def forward(self, x, *, training):
        if training:
            self.statistics += 1
        return x

    def backward(self, d_output):
        self.gradient[:] = 0
        return d_output


class Squares(Loss):
    """Half the squared distance between the probabilities and their targets."""

    def __init__(self, classes, *, smoothing: float) -> None:
        self.classes, self.smoothing = classes, smoothing

    def forward(self, logits, labels):
        self.margins = margins(logits, labels)
        self.p = softmax(logits)
        target = np.eye(self.classes)[labels] * (1 - self.smoothing)
        self.difference = self.p - (target + self.smoothing / self.classes)
        return (self.difference**2).sum(axis=1).astype(logits.dtype) / 2

    def backward(self, examples):
        weighted = (self.difference * self.p).sum(axis=1, keepdims=True)
        return (self.p * (self.difference - weighted) / examples).astype(self.p.dtype)


def triangle(rate, epochs, *, lowest: float = 0.0):
    """A linear increase, then a linear decrease."""
    return lambda epoch: lowest + rate * (1 - abs(2 * epoch / epochs - 1))


def lecun(rng, units, inputs):
    return rng.standard_normal((units, inputs)) / np.sqrt(inputs)


def lecuns():
    """The normal distribution with variance 1 / inputs."""
    return lecun


def squeeze(*, share: float):
    """Widen an image by up to `share`."""
    def warp(points, rng):
        points[:, 1] *= (1 - rng.uniform(0, share, (len(points), 1, 1))).astype("f4")
    return warp


def specks(shape, *, strength: float = 1.0):
    """Add noise to an image."""
    def add_noise(images, rng):
        assert images.shape[:2] == shape
        images += rng.normal(0, strength, images.shape).astype("f4")
    return add_noise


def halves():
    """Two classes of images, bright in the upper or lower half, with a test split."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 300)
    images = rng.integers(0, 60, (300, 4, 6)).astype("u1")
    images[labels == 0, :2] += 150
    images[labels == 1, 2:] += 150
    return images[:200], labels[:200], images[200:], labels[200:]
'''
EVERY_ENTRY_POINT = """\
"layer.scale_each" = "every_kind.kinds:Scale"
"layer.counting" = "every_kind.kinds:Counting"
"loss.squares" = "every_kind.kinds:Squares"
"schedule.triangle" = "every_kind.kinds:triangle"
"initializer.lecun" = "every_kind.kinds:lecuns"
"warp.squeeze" = "every_kind.kinds:squeeze"
"intensity.specks" = "every_kind.kinds:specks"
"data.halves" = "every_kind.kinds:halves"
"""
EVERY_ENTRY = """\
name = "every-kind"
summary = "A kind of each plugin type."
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
ICONS = '''\
"""Icons of 12 x 12 pixels, light on black."""

import numpy as np


def icons():
    rng = np.random.default_rng(0)
    images, labels = np.zeros((120, 12, 12), "u1"), np.arange(120) % 3
    for image, label in zip(images, labels):
        top, left = rng.integers(1, 4, 2)
        if label == 0:
            image[top : top + 7, left : left + 7] = 200
            image[top + 2 : top + 5, left + 2 : left + 5] = 0
        elif label == 1:
            image[top + 3, left : left + 7] = image[top : top + 7, left + 3] = 200
        else:
            image[top : top + 7, left : left + 2] = 200
    return images, labels
'''
ICONS_ENTRY = """\
name = "icons-9"
summary = "Rings, crosses and bars."
preprocess = { divide = 200 }
network = { hidden = [9] }
train = { epochs = 30, batch = 8, rate = 0.1, weights = "he" }
[data]
kind = "icons"
shape = [12, 12]
highest = 200
classes = 3
labels = ["ring", "cross", "bar"]
rows = 120
split = { test = 0.25, stratify = true }
"""
BROKEN_MODULE = '''\
"""Kinds that each violate one requirement."""

import itertools

import numpy as np

from zoo.nn.layers import Layer
from zoo.nn.losses import SoftmaxCrossEntropy
from zoo.nn.optimizers import Optimizer

count = itertools.count()


class Slope:
    def __call__(self, z, derivative):
        np.multiply(z, z, out=z)
        derivative[:] = z


class Late:
    def __call__(self, z, derivative):
        raise RuntimeError("too late")


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
    """A factor with initial value 1, which hides that backward does not multiply by it."""

    def __init__(self):
        self.parameters = np.ones(1)

    def forward(self, x, *, training):
        self.x = x
        return x * self.parameters

    def backward(self, d_output):
        self.gradient[:] = (d_output * self.x).sum()
        return d_output


class Gradient(Layer):
    def forward(self, x, *, training):
        x *= 2
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
        x -= x.mean(axis=0)
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
    def multiply(images, rng):
        images *= np.nan
    return multiply


def never():
    rng = np.random.default_rng(abs(hash("another in every Python")))
    return rng.normal(size=(20, 2)), rng.integers(0, 2, 20)


def fails():
    raise RuntimeError("not today")
'''
BROKEN_KINDS = {
    "activation.slope": ("Slope", "its derivative is off by"),
    "activation.gone": ("nothing_of_this_name", "cannot be loaded: AttributeError"),
    "activation.late": ("Late", "RuntimeError: too late."),
    "layer.narrow": ("Narrow", "forward: expected 4 rows with 7 values, got 4 rows with 6."),
    "layer.short": ("Short", "backward: expected 4 rows with 7 values, got 4 rows with 6."),
    "layer.neutral": ("Neutral", "its gradient is off by"),
    "layer.gradient": ("Gradient", "its gradient is off by"),
    "loss.half": ("Half", "its gradient is off by"),
    "loss.nan": ("Nan", "its gradient is off by NaN"),
    "layer.mixing": ("Mixing", "its output for a row depends on other rows"),
    "optimizer.hidden": ("Hidden", "it is not resumable: `state` does not hold everything"),
    "optimizer.random": ("Random", "the same steps lead to other parameters the second time."),
    "schedule.drifting": ("drifting", "its rate depends on more than the epoch, so"),
    "initializer.fresh": ("fresh", "it draws other values from the same seed."),
    "intensity.nan": ("nan", "it returns NaN or infinite pixels."),
    "data.never": ("never", "it returns other rows the second time"),
    "warp.fails": ("fails", "'fails' of breaking 1.2 failed: RuntimeError: not today."),
    "warp.rotate": ("fails", "a kind named 'rotate' already exists."),
    "shape.round": ("fails", "'shape.round' is not TYPE.KIND; expected one of the types data, "),
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
    """Install the two example packages, and one with a kind of each plugin type."""
    sources = site.with_name(f"{site.name}-sources")
    shutil.copytree(PACKAGES, sources)  # pip builds in place
    every = packages.write(
        sources,
        "every-kind",
        {"kinds.py": EVERY_KIND, "every.toml": EVERY_ENTRY},
        registry="every = 'every_kind'",
        kinds=EVERY_ENTRY_POINT,
    )
    packages.install(site, sources / "zoo-iris", sources / "zoo-swish", every)


def install_icons(site: Path) -> None:
    """Install a package whose kind of data gives icons, with an entry for them."""
    package = packages.write(
        site.with_name(f"{site.name}-sources"),
        "zoo-icons",
        {"kinds.py": ICONS, "icons.toml": ICONS_ENTRY},
        registry="icons = 'zoo_icons'",
        kinds="'data.icons' = 'zoo_icons.kinds:icons'",
    )
    packages.place(site, package)


def install_broken(site: Path) -> None:
    """Install packages that violate each requirement, hang, or end the process."""
    sources = site.with_name(f"{site.name}-sources")
    entry_points = "\n".join(
        f'"{name}" = "breaking.kinds:{attribute}"' for name, (attribute, _) in BROKEN_KINDS.items()
    )
    breaking = packages.write(
        sources,
        "breaking",
        {"kinds.py": BROKEN_MODULE, "never.toml": NEVER_ENTRY, "bad.toml": "name = 1"},
        registry="breaking = 'breaking'",
        kinds=entry_points,
    )
    hanging = packages.write(
        sources, "hanging", {"app.py": HANGING}, commands="hanging = 'hanging.app:app'"
    )
    ending = [
        packages.write(
            sources,
            f"ending-{code}",
            {"kinds.py": f"import os\nos._exit({code})\n"},
            kinds=f"'activation.ending{code}' = 'ending_{code}.kinds:x'",
        )
        for code in (0, 7)
    ]
    interrupting = packages.write(
        sources,
        "interrupting",
        {"kinds.py": "raise KeyboardInterrupt\n"},
        kinds="'activation.interrupting' = 'interrupting.kinds:x'",
    )
    packages.place(site, breaking, hanging, *ending, interrupting)


def install_packages(site: Path) -> None:
    """Install a valid package, and one invalid package of each sort."""
    sources = site.with_name(f"{site.name}-sources")

    def write(name: str, app: str, command: str, **entries: str) -> Path:
        files = {"app.py": app} | {f"{entry}.toml": text for entry, text in entries.items()}
        package = name.replace("-", "_")
        entry_points = {"commands": f"{command} = '{package}.app:app'"}
        if entries:
            entry_points["registry"] = f"{name} = '{package}'"
        return packages.write(sources, name, files, **entry_points)

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
    shutil.rmtree(site / "gone")  # the state after an interrupted uninstallation
