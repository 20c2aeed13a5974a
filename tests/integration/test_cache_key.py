"""The digest of the sources in a training's cache key, in fresh processes."""

import shutil
import subprocess
import sys
from pathlib import Path

import zoo
from zoo.config import cache_key

PACKAGE = Path(zoo.__file__).parent


# what a training loads and takes no number from
NO_ARITHMETIC = {
    "config",
    "config.dataset_info",
    "config.issues",
    "config.packages",
    "config.plugins",
    "data.dataset",  # a key names the data by its digest
    "errors",
    "formatting",  # of what is printed
    "html",
    "training",
}


def test_cache_key_covers_training_code() -> None:
    """The digest covers all that a training loads, but what it takes no number from."""
    script = (
        "import sys, zoo.training.prepare; print(*(n for n in sys.modules if n.startswith('zoo.')))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, check=True, text=True
    )
    loaded = {name.removeprefix("zoo.") for name in done.stdout.split()}
    covered = {
        name
        for name in loaded
        if any(
            name == place.removesuffix(".py").replace("/", ".") or name.split(".")[0] == place
            for place in cache_key.TRAINING_SOURCES
        )
    }
    assert loaded - covered - {"data"} == NO_ARITHMETIC
    assert {"nn.losses", "training.loop", "training.prepare", "data.splits"} <= covered


def test_cache_key_changed_letter(tmp_path: Path) -> None:
    """A changed letter of the arithmetic is another code, and one elsewhere is not."""
    shutil.copytree(PACKAGE, tmp_path / "zoo", ignore=shutil.ignore_patterns("__pycache__"))

    def code() -> str:
        script = "from zoo.config import cache_key as k; print(k.__file__, k.source_digest())"
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            capture_output=True,
            check=True,
            text=True,
        )
        path, found = done.stdout.split()
        assert Path(path) == tmp_path / "zoo" / "config" / "cache_key.py"
        return found

    assert code() == cache_key.source_digest()
    (tmp_path / "zoo" / "files.py").write_text("# changed\n" + (PACKAGE / "files.py").read_text())
    assert code() == cache_key.source_digest()
    losses = tmp_path / "zoo" / "nn" / "losses.py"
    losses.write_text(losses.read_text() + "#\n")
    assert code() != cache_key.source_digest()
