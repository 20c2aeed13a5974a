"""What is in the wheel: the four folders under one name, with everything they need."""

import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution

import pytest

from tests.helpers.paths import ROOT

SHIPPED = {".py", ".toml", ".csv", ".json", ".md", ".onnx", ".safetensors"}
SHIPPED |= {".css", ".html", ".js"}  # of the page of `zoo demo`
LINKED = "demo.html"  # such a page, for the README alone


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build the wheel from a copy, so that nothing is left lying about in the source."""
    source, built = tmp_path_factory.mktemp("built") / "source", tmp_path_factory.mktemp("wheels")
    left = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "runs", "__pycache__")
    shutil.copytree(ROOT, source, ignore=left)
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", built, source],
        capture_output=True,
        check=True,
    )
    (path,) = built.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_every_module_and_data_file_under_zoo(wheel: zipfile.ZipFile) -> None:
    inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    expected = {"zoo/py.typed"}
    for folder, home in (
        ("zoo", "zoo"),
        *((name, f"zoo/{name}") for name in ("cli", "registry", "models")),
    ):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in SHIPPED and path.name != LINKED:
                expected.add(f"{home}/{path.relative_to(ROOT / folder).as_posix()}")
    assert inside == expected


def test_the_wheel_brings_the_command_and_the_registry(wheel: zipfile.ZipFile) -> None:
    (name,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    lines = wheel.read(name).decode().split()
    assert "zoo.cli:main" in lines
    assert "[zoo.registry]" in lines


def test_what_is_installed_is_called_numpy_zoo_and_needs_no_server() -> None:
    requires = " ".join(distribution("numpy-zoo").requires or []).lower()
    for unwanted in ("grpc", "flask", "fastapi", "uvicorn", "starlette", "django", "werkzeug"):
        assert unwanted not in requires
