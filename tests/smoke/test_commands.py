"""The installed `zoo`: one process per kind of command."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers import bundles
from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.process import zoo_process
from zoo.data.digits import load_digits


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def output_of(*arguments: object, **settings: Any) -> str:
    """Run the program, assert that it succeeds without stderr, and return its stdout."""
    result = zoo_process(*arguments, **settings)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def test_zoo_help() -> None:
    assert output_of("--help").lstrip().startswith("Usage: zoo ")


def test_zoo_completion() -> None:
    """The program answers a completion request of a shell."""
    request = {
        "_ZOO_COMPLETE": "complete_bash",
        "COMP_WORDS": "zoo\ntrain\ndigits-",
        "COMP_CWORD": 2,
    }
    assert output_of(**request).split() == [name for name in ENTRIES if name.startswith("digits-")]


def test_zoo_train() -> None:
    output_of("train", "digits-10", "--iterations", 60, "--quiet")
    facts = json.loads(Path("runs/digits-10-s0-1/run.json").read_text())
    assert (facts["status"], facts["scores"]["test"]["n"]) == ("done", 360)


def test_zoo_predict() -> None:
    """The first five of scikit-learn's digits, 0 to 4, are read from an array."""
    np.save("digits.npy", load_digits().train.images[:5].reshape(-1, 8, 8))
    result = json.loads(output_of("predict", "digits-10", "digits.npy", "--format", "json"))
    assert [prediction["label"] for prediction in result] == [0, 1, 2, 3, 4]


def test_zoo_evaluate() -> None:
    result = json.loads(output_of("evaluate", "digits-10", "--json"))
    assert (result["n"], result["recorded"]["differs"]) == (360, False)


def test_zoo_export() -> None:
    Path("own").mkdir()
    path = Path("own/digits-10.safetensors")
    assert output_of("export", "digits-10", "--safetensors", "--out", "own") == (
        f"{path}: {path.stat().st_size:,} bytes\n"
    )


def test_zoo_bundle_on_bare_python(tmp_path: Path) -> None:
    """A bundle reads its test images on a Python without any package."""
    path = tmp_path / "digits.pyz"
    assert zoo_process("bundle", "digits-10", "-o", path).exit_code == 0
    assert "digits-10: 20 test images with equal labels" in bundles.run_ok(path, "--verify")


def test_zoo_compare() -> None:
    (result,) = json.loads(output_of("compare", "digits-10", "--json"))
    assert (result["entry"], result["verdict"], result["checked"]) == (
        "digits-10",
        "reproduced",
        True,
    )
