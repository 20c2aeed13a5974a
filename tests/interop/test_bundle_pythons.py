"""Bundles on the oldest and the newest Python of this machine."""

from pathlib import Path

from tests.helpers.bundles import pythons, run_ok


def version(python: str) -> tuple[int, ...]:
    """Return the version of a Python."""
    import subprocess

    code = "import sys; print(*sys.version_info[:2])"
    process = subprocess.run([python, "-I", "-S", "-c", code], capture_output=True, check=True)
    return tuple(map(int, process.stdout.split()))


def test_bundle_on_other_pythons(bundle: Path, bundle_images: Path) -> None:
    """The oldest and the newest Python print what this one prints, and verify the bundle."""
    found = sorted(pythons(), key=version)
    files = [bundle_images / name for name in ("drawn.png", "small.bmp", "few-idx3-ubyte")]
    expected = run_ok(bundle, *files)
    for python in (found[0], found[-1]):
        assert run_ok(bundle, *files, python=python) == expected
        assert "probabilities within" in run_ok(bundle, "--verify", python=python)
