"""The runtimes that verify an export."""

import os
import site
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from zoo.export import runtime_process
from zoo.export.options import ExportOptions
from zoo.export.runtime_process import Pixels
from zoo.files import temporary_folder

Outputs = dict[str, Pixels]
RunFunction = Callable[[bytes, Pixels, Sequence[str]], Outputs]
LoadFunction = Callable[[bytes, list[str]], tuple[str, runtime_process.RunFunction]]
UnsupportedReason = Callable[[ExportOptions, str], str]

ONNXRUNTIME = ("onnxruntime", "onnxruntime-gpu")  # two packages of one module
TIMEOUT = 600.0  # seconds for ten thousand images, which take one second


class RuntimeNotInstalledError(Exception):
    """An installed runtime that cannot be imported."""


class RuntimeFailedError(Exception):
    """A runtime that did not run the graph."""


def no_limits(_options: ExportOptions, _version: str) -> str:
    """Return no reason to skip."""
    return ""


@dataclass(frozen=True)
class Runtime:
    """A runtime of ONNX, and the options that it does not support."""

    name: str
    version: str
    run: RunFunction
    unsupported_reason: UnsupportedReason = no_limits

    def reason_to_skip(self, options: ExportOptions) -> str:
        """Return why the runtime does not support these options; empty if it does."""
        return self.unsupported_reason(options, self.version)


def installed() -> list[Runtime]:
    """Return every installed runtime, onnx.reference first."""
    opencv = "opencv-python", "opencv-contrib-python"
    runtimes: tuple[tuple[str, tuple[str, ...], RunFunction, UnsupportedReason], ...] = (
        ("onnx.reference", ("onnx",), reference, reference_unsupported),
        ("onnxruntime", ONNXRUNTIME, onnxruntime, no_limits),
        ("OpenVINO", ("openvino",), in_child("openvino"), no_limits),
        (
            "OpenCV",
            (*opencv, *(f"{name}-headless" for name in opencv)),
            in_child("opencv"),
            opencv_unsupported,
        ),
        ("tract", ("tract",), in_child("tract"), texts_unsupported),
    )
    return [
        Runtime(name, number, run, unsupported_reason)
        for name, packages, run, unsupported_reason in runtimes
        if (number := installed_version(*packages))
    ]


def installed_version(*packages: str) -> str | None:
    """Return the version of the first of these packages that is installed."""
    for package in packages:
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return None


def reference_unsupported(options: ExportOptions, _version: str) -> str:
    """Return why onnx.reference does not support the options."""
    first = 19
    if options.int8 and options.opset < first:
        return f"int8 weights need opset {first}"
    return ""


def opencv_unsupported(options: ExportOptions, version: str) -> str:
    """Return why OpenCV does not support the options."""
    if options.input == "image" and version.startswith("4."):
        return "OpenCV 4 takes --input pixels alone"
    return texts_unsupported(options, version)


def texts_unsupported(options: ExportOptions, _version: str) -> str:
    """Return why a runtime without texts does not support the options."""
    return "it has no texts, which --output class needs" if "class" in options.outputs else ""


def in_process(load: LoadFunction) -> RunFunction:
    """Return a function that runs a runtime in this process, with one thread."""

    def run(content: bytes, pixels: Pixels, outputs: Sequence[str]) -> Outputs:
        try:
            _, session = load(content, list(outputs))
        except ImportError as error:
            raise RuntimeNotInstalledError(str(error)) from None
        return dict(zip(outputs, runtime_process.run_tiled(session, pixels), strict=True))

    return run


reference = in_process(runtime_process.reference)
onnxruntime = in_process(runtime_process.onnxruntime)


def in_child(runtime: str, *, python: str = sys.executable) -> RunFunction:
    """Return a function that runs a runtime in a child process with a temporary home folder.

    A crash of the child is an ordinary error, and the files that it writes are deleted.
    """

    def run(content: bytes, pixels: Pixels, outputs: Sequence[str]) -> Outputs:
        with temporary_folder() as folder:
            (folder / "model.onnx").write_bytes(content)
            np.save(folder / "images.npy", pixels)
            _run(
                [python, "-P", runtime_process.__file__, runtime, str(folder), *outputs],
                home=folder,
            )
            return {name: np.load(folder / f"{name}.npy") for name in outputs}

    return run


def _run(command: list[str], *, home: Path) -> None:
    homes = {name: str(home) for name in ("HOME", "USERPROFILE", "XDG_CACHE_HOME")}
    homes["PYTHONUSERBASE"] = site.getuserbase()  # packages of `pip install --user` stay visible
    try:
        process = subprocess.run(  # noqa: S603 - a file of zoo
            command,
            cwd=home,
            env=os.environ | homes,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        raise RuntimeFailedError(f"it took more than {TIMEOUT:.0f} seconds") from None
    message = (process.stderr.strip() or f"exit code {process.returncode}").splitlines()[-1]
    if process.returncode == runtime_process.MISSING:
        raise RuntimeNotInstalledError(message)
    if process.returncode:
        raise RuntimeFailedError(message)
