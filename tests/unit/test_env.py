"""The environment for an issue, which contains no secret."""

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from zoo import env
from zoo.data.archives import SETS


def test_settings_of_zoo_and_openblas(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other variable is shown, and of these no secret."""
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("ZOO_LAB_TOKEN", "hunter2")
    monkeypatch.setenv("ZOO_MIRRORS", "https://ann:hunter2@a.org/m?sign=hunter2, https://b.org")
    monkeypatch.setenv("MY_ZOO_DATA", "hunter2")
    for name in ("ZOO_CACHE_DIR", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    assert env.settings() == {
        "OPENBLAS_CORETYPE": "Haswell",
        "ZOO_LAB_TOKEN": "***",
        "ZOO_MIRRORS": "https://***@a.org/m?***, https://b.org",
        "ZOO_OFFLINE": "1",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/ann", "~"),
        ("/home/ann/data:/home/ann/more", "~/data:~/more"),
        ("MNIST in /home/ann/a and /home/ann/b", "MNIST in ~/a and ~/b"),
        ("/home/anna/data", "/home/anna/data"),
        ("runs", "runs"),
    ],
)
def test_without_secrets_home(text: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setenv("USERPROFILE", "/home/ann")
    assert env.without_secrets(text) == expected


def test_packages_from_the_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing dependency is shown, a missing extra is not, and tools of tests never are."""

    class Distribution:
        requires = (
            "numpy>=2.0",
            "gone<2,>=1",
            "elsewhere; sys_platform == 'no such system'",
            'optuna>=4.2; extra == "tune"',
            'absent[all]>=1; extra == "bench"',
            'pytest>=8.2; extra == "test"',
            'numpy-zoo[onnxruntime]; extra == "bench"',
        )

    def version(name: str) -> str:
        if name in {"gone", "elsewhere", "absent"}:
            raise PackageNotFoundError(name)
        return f"{len(name)}.0"

    monkeypatch.setattr(env, "distribution", lambda _name: Distribution)
    monkeypatch.setattr(env, "version", version)
    assert env.packages() == {"numpy": "5.0", "gone": None, "optuna": "6.0"}


def test_environment_sections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOO_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("ZOO_PATH", str(tmp_path / "mine"))
    facts = env.environment(tmp_path / "runs")
    assert list(facts) == ["system", "settings", "packages", "folders", "plugins", "data"]
    assert facts["system"]["cores"] >= 1
    assert {"zoo", "python", "platform", "blas", "kernel"} <= facts["system"].keys()
    assert facts["packages"]["numpy"]
    folders = {name: folder["exists"] for name, folder in facts["folders"].items()}
    assert folders == {"zoo": True, "cache": True, "runs": False, "entries": False}
    assert facts["data"].keys() == {"digits", "mnist", "kaggle", *SETS}


def test_environment_missing_zoo_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that is wrong is shown, not raised."""
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "gone"))
    facts = env.environment(tmp_path)
    assert facts["folders"]["data"]["exists"] is False
    assert "gone, which does not exist" in facts["data"]["problem"]
