"""`zoo plugins check` and `zoo init --plugin`, with packages that are installed by pip."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.helpers import packages
from tests.helpers.command import Result, environment
from tests.helpers.plugin_packages import BROKEN_KINDS, NEVER_ENTRY
from tests.helpers.process import ZOO, zoo_process

Run = Callable[..., Result]


@pytest.fixture
def site(kinds_site: Path, broken_site: Path) -> str:
    """Return the folders of both groups of packages, for PYTHONPATH."""
    return f"{kinds_site}{os.pathsep}{broken_site}"


@pytest.fixture
def run(site: str, tmp_path: Path) -> Run:
    """Return a function that runs zoo with these packages."""
    return partial(zoo_process, cwd=tmp_path, PYTHONPATH=site)


@pytest.mark.parametrize("name", ["zoo-iris", "zoo_swish", "Every.Kind"])
def test_plugins_check_conforming(run: Run, name: str) -> None:
    done = run("plugins", "check", name)
    assert (done.exit_code, done.stderr) == (0, "")
    assert all(line.startswith("ok     ") for line in done.stdout.splitlines())
    assert len(done.stdout.splitlines()) >= 2


def test_plugins_check_every_fault(run: Run) -> None:
    """Every broken kind has its fault."""
    done = run("plugins", "check", "breaking", "--json")
    assert (done.exit_code, done.stderr) == (1, "")
    faults: dict[str, str] = {}
    for result in json.loads(done.stdout):
        faults[result["subject"]] = faults.get(result["subject"], "") + result["fault"]
    for name, (_, message) in BROKEN_KINDS.items():
        assert message in faults.pop(name), name
    assert "bad.toml has" in faults.pop("entries")
    assert faults == {"entry never": ""}


def test_plugins_check_hanging_or_ending(run: Run) -> None:
    """A package that hangs or ends the process has a fault."""
    done = run("plugins", "check", "hanging", "--timeout", 3)
    assert done.exit_code == 1
    assert done.stdout == "FAILED zoo hanging: it hangs: no answer within 3 seconds.\n"
    for code in (0, 7):
        done = run("plugins", "check", f"ending-{code}")
        assert done.exit_code == 1
        subject = f"activation.ending{code}"
        fault = f"it ended the whole process with exit code {code}."
        assert done.stdout == f"FAILED {subject}: {fault}\n"
    assert run("list", "-q").exit_code == 0


def test_plugins_check_interrupting(run: Run) -> None:
    """A package that raises KeyboardInterrupt has a fault, and prints no traceback."""
    done = run("plugins", "check", "interrupting")
    fault = "it ended the whole process with exit code 130."
    assert done.stdout == f"FAILED activation.interrupting: {fault}\n"
    assert (done.exit_code, done.stderr) == (1, "")


def test_plugin_failure_in_training(run: Run) -> None:
    """An error in the code of a plugin names the plugin."""
    done = run("train", "digits-10", "--set", "network.block=['dense', 'late']")
    assert done.exit_code == 1
    first, hint = done.stderr.splitlines()[-2:]
    assert first == "zoo: breaking 1.2 failed: RuntimeError: too late."
    assert "kinds.py, line " in hint
    assert "`zoo plugins check breaking`" in hint


def test_plugin_layer_of_wrong_shape(run: Run) -> None:
    """A layer of the wrong shape is refused before the training."""
    for kind, message in (
        ("narrow", "forward: expected 4 rows with 10 values, got 4 rows with 9."),
        ("short", "backward: expected 4 rows with 10 values, got 4 rows with 9."),
    ):
        done = run("train", "digits-10", "--set", f"network.block=['dense', '{kind}']")
        assert done.exit_code == 1
        assert done.stderr == f"zoo: '{kind}' of breaking 1.2: {message}\n"


def test_plugin_kind_not_loadable(run: Run, tmp_path: Path) -> None:
    """A kind that cannot be loaded is reported with its line."""
    kinds = "block = ['dense', 'gone', { kind = 'hidden' }]\n"
    text = NEVER_ENTRY.replace("{ hidden = [] }", "{ hidden = [4], " + kinds.strip() + " }")
    (tmp_path / "bad.toml").write_text(text.replace("rate = 0.1", "rate = 'x'"))
    done = run("check", "bad.toml")
    assert done.exit_code == 2
    lines = done.stdout.splitlines()
    assert lines[0].startswith(
        "bad.toml:5: network.block.1.kind: breaking 1.2 provides 'activation.g"
    )
    assert lines[1].startswith("bad.toml:5: network.block.2.kind: there is no 'hidden'.")
    assert lines[2].startswith("bad.toml:6: train.rate: expected a valid number, got 'x'.")


def test_plugin_import_terminated(site: str, tmp_path: Path) -> None:
    """SIGTERM during the import of a plugin is not reported as the plugin's error."""
    with subprocess.Popen(
        [ZOO, "hanging"],
        env=environment(PYTHONPATH=site),
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        assert process.stderr.readline() == "sleeping\n"
        process.terminate()
        assert (process.wait(60), process.stderr.read()) == (143, "")


def test_plugin_entry_left_out(run: Run) -> None:
    """The error for an invalid entry says how to see its problems."""
    for command in (("predict", "bad", "x.png"), ("show", "bad"), ("train", "bad")):
        done = run(*command)
        assert done.exit_code == 2
        first, hint = done.stderr.splitlines()
        assert first == "zoo: There is no entry named 'bad'."
        assert "bad.toml has 6 problems: run `zoo check /" in hint


def test_plugins_check_ignores_cwd(run: Run, tmp_path: Path) -> None:
    """Modules of the current folder are not imported."""
    (tmp_path / "typer.py").write_text("raise SystemExit(3)\n")
    assert run("plugins", "check", "zoo-swish").exit_code == 0


def test_plugins_check_unknown(run: Run) -> None:
    done = run("plugins", "check", "missing")
    assert done.exit_code == 2
    assert done.stderr.startswith("zoo: There is no plugin named 'missing'.\n")


def test_init_plugin_installs(tmp_path: Path) -> None:
    """A package from `zoo init` installs, passes its own tests and trains."""
    done = zoo_process("init", "--plugin", "my-zoo", cwd=tmp_path)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "next     pip install -e 'my-zoo[test]'" in done.stdout
    packages.install(tmp_path / "site", tmp_path / "my-zoo")
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=tmp_path / "my-zoo",
        env=environment(PYTHONPATH=tmp_path / "site"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout
    assert "1 passed" in tested.stdout
    trained = zoo_process(
        "train", "my-zoo-net", "--quiet", cwd=tmp_path, PYTHONPATH=tmp_path / "site"
    )
    assert trained.exit_code == 0, trained.stderr


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("2-zoo", "Invalid package name; expected a name such as my-zoo, got"),
        ("class", "Invalid package name"),
        ("My Zoo", "Invalid entry name; expected"),
        ("numpy", "A package named 'numpy' is already installed."),
    ],
)
def test_init_plugin_bad_name(tmp_path: Path, name: str, message: str) -> None:
    done = zoo_process("init", "--plugin", name, cwd=tmp_path)
    assert done.exit_code == 2
    assert message in done.stderr
    assert not list(tmp_path.iterdir())


def test_init_plugin_folder_exists(tmp_path: Path) -> None:
    (tmp_path / "my-zoo").mkdir()
    done = zoo_process("init", "--plugin", "my-zoo", cwd=tmp_path)
    assert done.exit_code == 2
    assert [path.name for path in tmp_path.rglob("*")] == ["my-zoo"]
