"""The wheel: four folders under one name, with everything they need."""

import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.helpers.optional import optional
from tests.helpers.paths import ROOT
from tests.helpers.shared import built_once

SHIPPED = {".template", ".py", ".toml", ".csv", ".json", ".md", ".onnx", ".safetensors"}
SHIPPED |= {".css", ".html", ".js"}  # the files of the page of `zoo demo`
LINKED = "demo.html"  # such a page, for the README alone


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Return the wheel, built once from a copy: nothing is left lying about in the source."""

    optional("build")

    def build(folder: Path) -> None:
        source = folder / "source"
        left = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "runs", "__pycache__")
        shutil.copytree(ROOT, source, ignore=left)
        subprocess.run(
            [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder, source],
            capture_output=True,
            check=True,
        )

    (path,) = built_once(tmp_path_factory, "wheel", build).glob("*.whl")
    return zipfile.ZipFile(path)


def test_wheel_files(wheel: zipfile.ZipFile) -> None:
    """The wheel holds every module and data file, under zoo."""
    inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    expected = {"zoo/py.typed"}
    for folder, home in (
        ("zoo", "zoo"),
        *((name, f"zoo/{name}") for name in ("cli", "registry", "models")),
    ):
        for path in (ROOT / folder).rglob("*"):
            is_sample = path.parent.name == "sample_files"
            if is_sample or (path.suffix in SHIPPED and path.name != LINKED):
                expected.add(f"{home}/{path.relative_to(ROOT / folder).as_posix()}")
    assert inside == expected


def test_wheel_entry_points(wheel: zipfile.ZipFile) -> None:
    (name,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    lines = wheel.read(name).decode().split()
    assert "zoo.cli:main" in lines
    assert "[zoo.registry]" in lines


def test_wheel_name_and_requirements() -> None:
    """The distribution is numpy-zoo, and needs no server."""
    requires = " ".join(distribution("numpy-zoo").requires or []).lower()
    for unwanted in ("grpc", "flask", "fastapi", "uvicorn", "starlette", "django", "werkzeug"):
        assert unwanted not in requires
