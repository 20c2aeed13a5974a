"""A package to begin a plugin with: it installs and passes its own tests as it is."""

from keyword import iskeyword

from zoo.config.load import check_name
from zoo.config.packages import files_of
from zoo.errors import ConfigError

FILES = {
    "pyproject.toml": """\
[build-system]
requires = ["setuptools>=64"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "0.1.0"
description = "What {name} adds to zoo."
requires-python = ">=3.11"
dependencies = ["numpy-zoo"]

[project.optional-dependencies]
test = ["pytest"]

# A package whose folder holds entries as TOML.
[project.entry-points."zoo.registry"]
{package} = "{package}"

# TYPE.KIND: data, layer, activation, loss, optimizer, schedule, initializer, warp or intensity.
[project.entry-points."zoo.kinds"]
"activation.{package}_swish" = "{package}.kinds:Swish"

[tool.setuptools.package-data]
{package} = ["*.toml", "*.csv", "*.safetensors"]
""",
    "README.md": """\
# {name}

A plugin of zoo: the entry `{name}-net`, and the activation `{package}_swish` that it uses.

```
pip install -e '.[test]'
zoo list                      # {name}-net stands beside the others
zoo train {name}-net
zoo plugins check {name}      # gradients, seeds, states, entries; `pytest` asks the same
```

`zoo schema` and `zoo check FILE.toml` help with entries. What may stand behind a kind is told in
zoo's README, under "A plugin of your own".
""",
    "src/{package}/__init__.py": '''\
"""What {name} adds to zoo."""
''',
    "src/{package}/kinds.py": '''\
"""Kinds that entries may name; zoo imports this file when one does."""

import numpy as np

from zoo.export.graph_builder import NodeWriter
from zoo.nn.buffers import Array


class Swish:
    """z * sigmoid(slope z): almost relu, but smooth.

    What `__init__` takes are the options of the entry: {{ kind = "{package}_swish", slope = 2.0 }}.
    """

    def __init__(self, slope: float = 1.0) -> None:
        self.slope = slope

    def __call__(self, z: Array, derivative: Array) -> None:
        """Write the activation over z, and its derivative into the other array."""
        s = 0.5 * (1 + np.tanh(0.5 * self.slope * z))  # the sigmoid, without an overflow
        np.copyto(derivative, s + self.slope * z * s * (1 - s))
        np.multiply(z, s, out=z)

    def onnx(self, x: str, nodes: NodeWriter) -> str:
        """Add the nodes that do the same to x; return the name of what comes out."""
        steep = nodes.add("Mul", x, nodes.number(self.slope))
        return nodes.add("Mul", x, nodes.add("Sigmoid", steep))
''',
    "src/{package}/{name}-net.toml": """\
name    = "{name}-net"
summary = "scikit-learn's digits, with the activation of {name}."

[data]
kind = "digits"
[data.split]
validation = 200
test       = 360
seed       = 42

[preprocess]
divide = 16

[network]
hidden = [32]
block  = ["dense", {{ kind = "{package}_swish", slope = 1.5 }}]

[train]
epochs    = 30
batch     = 32
rate      = 0.01
optimizer = {{ kind = "adamw", decay = 0.05 }}
schedule  = "cosine"
weights   = "he"
""",
    "tests/test_conformance.py": '''\
"""All that {name} brings to zoo, tried by zoo's own suite."""

from zoo.testing import check_package


def test_what_we_bring_keeps_its_promises() -> None:
    assert check_package("{name}") == []
''',
}


def files(name: str) -> dict[str, str]:
    """Return the files of a package of this name, by their paths."""
    check_name(name)
    package = name.replace("-", "_").replace(".", "_")
    if not package.isidentifier() or iskeyword(package):
        raise ConfigError(f"{name!r} is no name for a package of Python; my-zoo would be one.")
    if files_of(package):
        raise ConfigError(f"{package!r} is the name of a package that is installed already.")
    return {
        path.format(name=name, package=package): text.format(name=name, package=package)
        for path, text in FILES.items()
    }
