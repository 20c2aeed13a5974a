"""Shell completion of commands, entries and runs."""

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.builtin_entries import ENTRIES
from tests.helpers.command import environment, zoo_ok
from tests.helpers.entries import named
from tests.helpers.process import ZOO

BEST = [name for name in ENTRIES if name.startswith("mnist-1")]


def completion_output(settings: dict[str, object]) -> str:
    """Return the output of zoo for a shell's completion request."""
    done = subprocess.run(
        [ZOO], env=environment(**settings), capture_output=True, check=True, text=True
    )
    return done.stdout


def bash(line: str, **settings: object) -> list[str]:
    """Return the completions of bash for the last word of a line."""
    words = line.split(" ")
    settings |= {"_ZOO_COMPLETE": "complete_bash", "COMP_WORDS": "\n".join(words)}
    return completion_output(settings | {"COMP_CWORD": len(words) - 1}).split()


def zsh(line: str) -> list[str]:
    answer = completion_output({"_ZOO_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": line})
    return re.findall(r'^(?:_arguments[^"]*)?"([^"]*)"', answer, re.MULTILINE)


def fish(line: str) -> list[str]:
    asked = {"_ZOO_COMPLETE": "complete_fish", "_TYPER_COMPLETE_ARGS": line}
    answer = completion_output({**asked, "_TYPER_COMPLETE_FISH_ACTION": "get-args"})
    return [word.split("\t")[0] for word in answer.splitlines()]


@pytest.mark.parametrize("ask", [bash, zsh, fish])
def test_completion_of_every_shell(
    ask: Callable[..., list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every shell is offered commands, entries and runs."""
    monkeypatch.chdir(tmp_path)
    zoo_ok("train", "digits-10", "--set", "train.iterations=1")
    assert "predict" in ask("zoo p")
    assert "train" not in ask("zoo p")
    assert ask("zoo train mnist-1") == BEST
    assert ask("zoo predict digits-10") == ["digits-10", "digits-10-best"]
    assert ask("zoo resume r") == ["runs/digits-10-s0-1"]
    assert ask("zoo evaluate run") == ["runs/digits-10-s0-1"]


def test_completion_of_new_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new entry is offered at once."""
    monkeypatch.chdir(tmp_path)
    assert bash("zoo train ow") == []
    Path("zoo.d").mkdir()
    Path("zoo.d/a.toml").write_text(named("own-1"))
    assert bash("zoo train ow") == ["own-1"]
    Path("zoo.d/b.toml").write_text("name = 'own-2'")  # `zoo list` reports the missing keys
    assert bash("zoo train ow") == ["own-1", "own-2"]
    Path("zoo.d/a.toml").write_text(named("owned"))
    assert bash("zoo train ow") == ["owned", "own-2"]
    assert bash("zoo train ow", ZOO_PATH="") == []


@pytest.mark.parametrize("ask", [bash, zsh, fish])
def test_completion_unsafe_names(
    ask: Callable[..., list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No name is offered that a shell would run."""
    monkeypatch.chdir(tmp_path)
    Path("zoo.d").mkdir()
    names = (
        "zz$(touch x)",
        "zz\\$(touch x)",
        "zz`id`",
        "zz;id",
        "zz id",
        "zz\nid",
        'zz"',
        "zz-fine",
    )
    for number, name in enumerate(names):
        Path(f"zoo.d/{number}.toml").write_text(f"name = {json.dumps(name)}")
    Path("zoo.d/deep.toml").write_text(f"name = {'[' * 5000}")
    assert ask("zoo train zz") == ["zz-fine"]
    for name in ("a$(id)", "fine"):
        (Path("runs") / name).mkdir(parents=True)
        (Path("runs") / name / "run.json").touch()
    assert ask("zoo resume runs/") == ["runs/fine"]


def test_completion_cache(tmp_path: Path) -> None:
    """The second time the names come from the cache, unless it is damaged."""
    assert bash("zoo train mnist-1") == BEST
    cache = tmp_path / "caches" / "zoo" / "names.json"
    kept = json.loads(cache.read_text())
    cache.write_text(json.dumps(kept | {"names": ["mnist-1-kept"]}))
    assert bash("zoo train mnist-1") == ["mnist-1-kept"]
    for damaged in ("", "[]", "{}", '{"seen": 1, "folders": 2}', "[" * 100_000):
        cache.write_text(damaged)
        assert bash("zoo train mnist-1") == BEST
    cache.unlink()
    cache.mkdir()  # without a cache, the names are read each time
    assert bash("zoo train mnist-1") == BEST


def test_completion_imports(tmp_path: Path) -> None:
    """Completion loads nothing heavy and says nothing."""
    script = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
        "from zoo.cli import main; sys.argv[0] = 'zoo'; main()"
    )
    asked = {"_ZOO_COMPLETE": "complete_bash", "COMP_WORDS": "zoo\ntrain\nmn", "COMP_CWORD": 2}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=environment(**asked),
            cwd=tmp_path,
            capture_output=True,
            check=False,
            text=True,
        )
        loaded = set(done.stderr.split())
        assert "zoo.cli.completion" in loaded
        assert not loaded & {"numpy", "rich", "onnx", "zoo.config.entry"}


def path() -> str:
    """Return a PATH on which the zoo under test comes first."""
    return f"{ZOO.parent}{os.pathsep}{os.environ['PATH']}"


def shell(name: str) -> str:
    """Return the path of a shell; skip the test if it is missing, except in CI."""
    found = shutil.which(name)
    if found is None and "CI" not in os.environ:
        pytest.skip(f"{name} is not installed")
    assert found
    return found


def scripted(name: str, script: str, cwd: Path) -> list[str]:
    """Return the words that a script prints in a real shell."""
    done = subprocess.run(
        [shell(name), "-c", script],
        env=environment(PATH=path()),
        cwd=cwd,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stdout, done.stderr
    return done.stdout.split()


def test_completion_in_bash(tmp_path: Path) -> None:
    script = """
        eval "$(_ZOO_COMPLETE=source_bash zoo)"
        COMP_WORDS=(zoo train mnist-12) COMP_CWORD=2
        _zoo_completion zoo
        printf '%s\n' "${COMPREPLY[@]}"
    """
    assert scripted("bash", script, tmp_path) == ["mnist-128", "mnist-128-best"]


def test_completion_in_fish(tmp_path: Path) -> None:
    script = """
        _ZOO_COMPLETE=source_fish zoo | source
        complete -C "zoo train mnist-12"
    """
    assert scripted("fish", script, tmp_path) == ["mnist-128", "mnist-128-best"]


def test_completion_in_zsh(tmp_path: Path) -> None:
    terminal, shell_end = pty.openpty()
    with subprocess.Popen(
        [shell("zsh"), "-f", "-i"],
        env=environment(PATH=path(), TERM="dumb", PS1="> "),
        cwd=tmp_path,
        stdin=shell_end,
        stdout=shell_end,
        stderr=shell_end,
        start_new_session=True,
    ) as process:
        os.close(shell_end)
        os.write(terminal, b"autoload -Uz compinit; compinit -u -d dump\n")
        os.write(terminal, b'eval "$(_ZOO_COMPLETE=source_zsh zoo)"; echo rea""dy\n')
        until(terminal, "ready")
        os.write(terminal, b"zoo train mnist-10-de\t")
        seen = until(terminal, "mnist-10-decay")
        process.kill()
    os.close(terminal)
    assert "mnist-10-decay" in seen


def until(terminal: int, words: str) -> str:
    """Return the output of a terminal up to these words, or until it pauses for 20 seconds."""
    seen = ""
    while words not in seen and select.select([terminal], [], [], 20)[0]:
        seen += os.read(terminal, 4096).decode(errors="replace")
    return seen
