"""The digest of source files in a training's cache key, in new processes."""

import shutil
import subprocess
import sys
from pathlib import Path

import zoo
from zoo.config import cache_key

PACKAGE = Path(zoo.__file__).parent


# modules that a training imports, but that do not affect its numbers
NO_ARITHMETIC = {
    "config",
    "config.dataset_info",
    "config.issues",
    "config.packages",
    "config.plugins",
    "config.toml",
    "data.dataset",  # the key has the digest of the data
    "errors",
    "formatting",  # formats printed text only
    "html",
    "svg",  # the colours of pages
    "svg.style",
    "system",  # only raises: too little memory, a name that Windows does not allow
    "system.commands",
    "system.machine",
    "system.names",
    "system.windows",
    "training",
}


def test_cache_key_covers_training_code() -> None:
    """The digest covers all imported modules that affect the numbers of a training."""
    script = (
        "import sys, zoo.training.prepare; print(*(n for n in sys.modules if n.startswith('zoo.')))"
    )
    finished = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, check=True, text=True
    )
    loaded = {name.removeprefix("zoo.") for name in finished.stdout.split()}
    covered = {
        name
        for name in loaded
        if any(
            name == path.removesuffix(".py").replace("/", ".") or name.split(".")[0] == path
            for path in cache_key.TRAINING_SOURCES
        )
    }
    assert loaded - covered - {"data"} == NO_ARITHMETIC
    assert {"nn.losses", "training.loop", "training.prepare", "data.splits"} <= covered


def test_cache_key_changed_letter(tmp_path: Path) -> None:
    """A change of the training code changes the digest; a change elsewhere does not."""
    shutil.copytree(PACKAGE, tmp_path / "zoo", ignore=shutil.ignore_patterns("__pycache__"))

    def digest() -> str:
        script = "from zoo.config import cache_key as k; print(k.__file__, k.source_digest())"
        finished = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            capture_output=True,
            check=True,
            text=True,
        )
        path, result = finished.stdout.split()
        assert Path(path) == tmp_path / "zoo" / "config" / "cache_key.py"
        return result

    assert digest() == cache_key.source_digest()
    (tmp_path / "zoo" / "files.py").write_text("# changed\n" + (PACKAGE / "files.py").read_text())
    assert digest() == cache_key.source_digest()
    losses = tmp_path / "zoo" / "nn" / "losses.py"
    losses.write_text(losses.read_text() + "#\n")
    assert digest() != cache_key.source_digest()
