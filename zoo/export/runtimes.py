"""The runtimes that check an export: each with its name, its version and its answers."""

import os
import site
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from zoo.export import runtime_process
from zoo.export.options import ExportOptions
from zoo.export.runtime_process import Pixels

Answers = dict[str, Pixels]
Ask = Callable[[bytes, Pixels, Sequence[str]], Answers]
Lacks = Callable[[ExportOptions, str], str]

TIMEOUT = 600.0  # seconds for ten thousand pictures; it takes one


class RuntimeNotInstalledError(Exception):
    """A runtime that is installed and cannot be imported."""


class RuntimeFailedError(Exception):
    """A runtime that did not run the graph."""


def no_limits(_form: ExportOptions, _version: str) -> str:
    """Return no reason against any form."""
    return ""


@dataclass(frozen=True)
class Runtime:
    """One program that runs ONNX, and what it is known not to run."""

    name: str
    version: str
    ask: Ask
    unsupported_reason: Lacks = no_limits

    def reason_to_skip(self, form: ExportOptions) -> str:
        """Return why it cannot run such a graph, or nothing if it can."""
        return self.unsupported_reason(form, self.version)


def installed() -> list[Runtime]:
    """Return every runtime that is here, onnx's own reference first."""
    opencv = "opencv-python", "opencv-contrib-python"
    known: tuple[tuple[str, tuple[str, ...], Ask, Lacks], ...] = (
        ("onnx.reference", ("onnx",), reference, reference_unsupported),
        ("onnxruntime", ("onnxruntime", "onnxruntime-gpu"), onnxruntime, no_limits),
        ("OpenVINO", ("openvino",), in_child("openvino"), no_limits),
        (
            "OpenCV",
            (*opencv, *(f"{name}-headless" for name in opencv)),
            in_child("opencv"),
            opencv_unsupported,
        ),
        ("tract", ("tract",), in_child("tract"), no_limits),
    )
    return [
        Runtime(name, number, ask, lacks)
        for name, packages, ask, lacks in known
        if (number := _version(packages))
    ]


def _version(packages: Sequence[str]) -> str | None:
    for package in packages:
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return None


def reference_unsupported(form: ExportOptions, _version: str) -> str:
    """Return why onnx.reference cannot run a form."""
    first = 19
    if form.int8 and form.opset < first:
        return f"it knows no int8 weights before opset {first}"
    return ""


def opencv_unsupported(form: ExportOptions, version: str) -> str:
    """Return why OpenCV cannot run a form."""
    if form.input == "image" and version.startswith("4."):
        return "OpenCV 4 takes --input pixels alone"
    return ""


def reference(content: bytes, pixels: Pixels, outputs: Sequence[str]) -> Answers:
    """Return the answers of onnx.reference, which is NumPy and written for clarity."""
    from onnx import load_model_from_string
    from onnx.reference import ReferenceEvaluator

    session = ReferenceEvaluator(load_model_from_string(content))
    (feed,) = session.input_names

    def ask(tile: Pixels) -> list[Pixels]:
        return [np.asarray(array) for array in session.run(list(outputs), {feed: tile})]

    return dict(zip(outputs, runtime_process.joined(ask, pixels), strict=True))


def onnxruntime(content: bytes, pixels: Pixels, outputs: Sequence[str]) -> Answers:
    """Return the answers of onnxruntime on the CPU, with one thread."""
    _, ask = runtime_process.onnxruntime(content, list(outputs))
    return dict(zip(outputs, runtime_process.joined(ask, pixels), strict=True))


def in_child(runtime: str, *, python: str = sys.executable) -> Ask:
    """Return a function that asks a runtime in a process of its own, with a home of its own.

    A crash there is an answer like any other, and what a runtime leaves in the home is gone.
    """

    def ask(content: bytes, pixels: Pixels, outputs: Sequence[str]) -> Answers:
        with tempfile.TemporaryDirectory(prefix="zoo-") as home:
            folder = Path(home)
            (folder / "model.onnx").write_bytes(content)
            np.save(folder / "images.npy", pixels)
            _run([python, "-P", runtime_process.__file__, runtime, home, *outputs], home=folder)
            return {name: np.load(folder / f"{name}.npy") for name in outputs}

    return ask


def _run(command: list[str], *, home: Path) -> None:
    homes = {name: str(home) for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME")}
    homes["PYTHONUSERBASE"] = site.getuserbase()  # what `pip install --user` put there stays
    try:
        done = subprocess.run(  # noqa: S603 - our own file
            command,
            cwd=home,
            env=os.environ | homes,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            errors="replace",
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        raise RuntimeFailedError(f"it took more than {TIMEOUT:.0f} seconds") from None
    said = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]
    if done.returncode == runtime_process.MISSING:
        raise RuntimeNotInstalledError(said)
    if done.returncode:
        raise RuntimeFailedError(said)
