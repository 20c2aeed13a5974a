"""Packages as strangers write them, built and installed by pip into a folder of their own."""

import subprocess
import sys
from pathlib import Path

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


def install(site: Path, *folders: Path) -> None:
    """Build and install distributions into a folder, which PYTHONPATH may name."""
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
