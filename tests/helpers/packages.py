"""Packages as strangers write them, built and installed by pip into a folder of their own."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.helpers.optional import optional

PYPROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "{version}"

{points}
[tool.setuptools]
packages = ["{package}"]

[tool.setuptools.package-data]
"*" = ["*.toml"]
"""


def write(
    folder: Path, name: str, files: dict[str, str], *, version: str = "1.2", **groups: str
) -> Path:
    """Write a distribution of one package; `groups` are entry points, `kinds="a = m:x"`."""
    package = name.replace("-", "_")
    inside = folder / name / package
    inside.mkdir(parents=True)
    points = "\n".join(
        f'[project.entry-points."zoo.{group}"]\n{lines}\n' for group, lines in groups.items()
    )
    (inside / "__init__.py").touch()
    for path, text in files.items():
        (inside / path).write_text(text)
    text = PYPROJECT.format(name=name, version=version, points=points, package=package)
    (folder / name / "pyproject.toml").write_text(text)
    return folder / name


def place(site: Path, *folders: Path) -> None:
    """Put distributions into a folder as pip does, in a moment instead of seconds."""
    for folder in folders:
        project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
        package = project["name"].replace("-", "_")
        metadata = site / f"{package}-{project['version']}.dist-info"
        metadata.mkdir(parents=True)
        shutil.copytree(folder / package, site / package)
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        )
        lines = [
            f"[{group}]\n" + "".join(f"{name} = {at}\n" for name, at in points.items())
            for group, points in project.get("entry-points", {}).items()
        ]
        (metadata / "entry_points.txt").write_text("\n".join(lines))


def install(site: Path, *folders: Path) -> None:
    """Build and install distributions into a folder, which PYTHONPATH may name."""
    optional("setuptools")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
            *("--no-build-isolation", "--disable-pip-version-check", "--target"),
            *map(str, (site, *folders)),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
