"""A cheap invocation of every command, and the folder that it needs."""

from collections.abc import Callable
from pathlib import Path
from shutil import copy, copytree
from typing import Any

import pytest

from tests.helpers.command import Result, zoo, zoo_ok
from tests.helpers.drawn_images import enlarged, stored
from tests.helpers.entries import SMALLEST
from tests.helpers.measurements import replace_measurements
from tests.helpers.paths import ROOT
from zoo.data.cache import cache_folder
from zoo.data.digits import load_digits
from zoo.files import write_atomically
from zoo.testing import isolated
from zoo.testing.suite import CheckResult

RUN = "digits-10-s0-1"
SHORT = ("--set", "train.iterations=50")
COMMANDS: dict[str, tuple[object, ...]] = {  # the arguments of each command
    "list": ("digits-*",),
    "show": ("digits-10",),
    "train": ("digits-10", "--iterations", 50),
    "resume": (f"runs/{RUN}", "--iterations", 100),
    "predict": ("digits-10", "three.png", "four.png"),
    "evaluate": ("digits-10", "--errors", 2),
    "export": ("digits-10", "--safetensors"),
    "bundle": ("digits-10",),
    "verify": ("digits-10.onnx",),
    "demo": ("digits-10",),
    "compare": ("digits-10", RUN),
    "ablate": ("own.toml", "--seeds", 2, "--jobs", 1),
    "tune": (
        "digits-10",
        "--space",
        "train.rate=0.1,0.2",
        "--sampler",
        "grid",
        *SHORT,
        "--jobs",
        1,
    ),
    "init": ("my-net",),
    "check": ("own.toml", "bad.toml"),
    "schema": (),
    "env": (),
    "bench": ("W1", "start", "train", "growth"),
    "help": (),
    "runs list": (),
    "runs show": (RUN,),
    "runs path": (RUN,),
    "runs rm": (RUN, "--dry-run"),
    "runs gc": ("--dry-run",),
    "data list": (),
    "data show": ("digits-10",),
    "data fetch": ("mnist", "--dry-run"),
    "data verify": (),
    "data path": (),
    "data import": ("downloads", "--dry-run"),
    "data clear": ("--dry-run",),
    "data sample": (),
    "plugins list": (),
    "plugins check": ("numpy-zoo",),
}
FAILING = {"check": 2}  # the exit code, if it is not 0


def prepare(folder: Path) -> None:
    """Write the files that the commands read: a run, images, entries, an ONNX file, a download."""
    zoo_ok("train", "digits-10", "--iterations", 50, "-q", cwd=folder)
    (folder / "runs" / "digits-10-s9-1").mkdir()  # what a killed command left, for `zoo runs gc`
    digits = load_digits().train.images.reshape(-1, 8, 8)
    for number, name in ((3, "three"), (4, "four")):
        image = 255 - enlarged(digits[number] * 15, 80)
        (folder / f"{name}.png").write_bytes(stored(image))
    (folder / "own.toml").write_text(SMALLEST.replace('"he"', '"he", l2 = 0.01'))
    (folder / "bad.toml").write_text('name = "bad"\ndata = "digits"\n')
    copy(ROOT / "models" / "digits-10.onnx", folder)
    (folder / "downloads").mkdir()
    pixels = ",".join(f"pixel{number}" for number in range(784))
    row = ",".join("0" * 784)
    (folder / "downloads" / "train.csv").write_text(f"label,{pixels}\n5,{row}\n")


def replace_slow(patch: pytest.MonkeyPatch) -> None:
    """Replace measurements and the checks of a plugin by given results."""
    replace_measurements(patch)
    checks = [CheckResult("numpy-zoo digits-10"), CheckResult("numpy-zoo mnist-10", "it is wrong")]
    patch.setattr(isolated, "checks_in_child", lambda *_, timeout: iter(checks[:1]))  # noqa: ARG005


def runner(prepared: Path, tmp_path: Path) -> Callable[..., Result]:
    """Return a function that runs a command by its name, each time in a new folder."""
    write_atomically(cache_folder() / "names.json", b"{}")  # a file that `zoo data clear` lists
    count = 0

    def run(name: str, *options: object, **settings: Any) -> Result:
        nonlocal count
        count += 1
        folder = tmp_path / str(count)
        copytree(prepared, folder)
        done = zoo(*name.split(), *COMMANDS[name], *options, cwd=folder, **settings)
        assert done.exit_code == FAILING.get(name, 0), done.stderr
        return done

    return run
