"""Documents: their code blocks, executed in order in one folder."""

import os
import re
import runpy
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from tests.helpers.command import environment, zoo
from tests.helpers.paths import ROOT

FENCE = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
FILE_NAME = re.compile(r"# ([\w./-]+\.(?:toml|py|txt|csv))\n")
SHELL = re.compile(r"[|&;<>$`*(){}\\]|^(?!zoo )", flags=re.MULTILINE)
DECIMALS = re.compile(r"\d+\.\d+")
ESCAPED_DECIMALS = re.compile(r"(?:\\ )*\d+\\\.\d+")  # in a pattern, with the spaces before it
NUMBER = r" *(\\d+\\.\\d+)"
TOLERANCE = 1.0  # of decimals on another processor, in points of accuracy and the like
PACKAGES = {  # that a block needs, by the word after its language
    "tune": ["optuna"],
    "dask": ["distributed"],
    "torch": ["torch"],
    "interop": ["onnxruntime", "openvino", "cv2", "tract"],
    "pip": ["setuptools"],
}
OTHER_NEEDS = ("mnist", "slow", "clone")
EXIT_CODE = re.compile(r"# exit code (\d+)")


class Block(NamedTuple):
    """A code block of a document."""

    document: Path
    line: int
    language: str
    needs: frozenset[str]  # what it needs beyond the default install, such as "mnist"
    rounds: bool  # whether another processor may print other decimals
    text: str

    def __str__(self) -> str:
        return f"{name(self.document)}:{self.line}"


def documents() -> list[Path]:
    """Return every README of the repository."""
    folders = [ROOT / name for name in ("cli", "registry", "models", "zoo", "tests")]
    inner = [path for folder in folders for path in sorted(folder.rglob("README.md"))]
    return [ROOT / "README.md", *(path for path in inner if "packages" not in path.parts)]


def name(document: Path) -> str:
    """Return the path of a document in the repository."""
    return str(document.relative_to(ROOT))


def blocks(document: Path) -> list[Block]:
    """Return the code blocks of a document, in order."""
    text = document.read_text(encoding="utf-8")
    return [
        Block(
            document,
            text.count("\n", 0, match.start()) + 2,
            match[1],
            frozenset(match[2].split()) - {"rounds"},
            "rounds" in match[2].split(),
            match[3],
        )
        for match in FENCE.finditer(text)
    ]


@dataclass
class Session:
    """A folder in which the blocks of one document are executed."""

    folder: Path
    settings: Mapping[str, object] = field(default_factory=dict)
    in_process: bool = True  # call `zoo` in this process where a line is nothing else
    programs: Path = Path(sys.executable).parent  # the first folder of PATH
    namespace: dict[str, Any] = field(default_factory=dict)
    shells: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(self, block: Block) -> None:
        """Execute a block; raise AssertionError if a command fails or its output differs."""
        named = FILE_NAME.match(block.text) if block.language in {"toml", "python"} else None
        if named:
            path = self.folder / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            path = self.folder / f".{block.line}.py"
            path.write_text("\n" * (block.line - 1) + block.text, encoding="utf-8")
            with (
                patch.dict(os.environ, environment(**self.settings), clear=True),
                chdir(self.folder),
            ):
                self.namespace = runpy.run_path(str(path), self.namespace, "__main__")
            path.unlink()
        elif block.language == "sh":
            is_script = SHELL.search(_commands(block.text))
            for command in [block.text] if is_script else block.text.splitlines():
                self._command(command, block)
        elif block.language == "console":
            for command, expected in _transcript(block.text):
                printed = self._command(command, block)
                assert any(matches(expected, text, rounds=block.rounds) for text in printed), (
                    f"{block}: `{command}` prints\n{printed[0]}\nexpected\n{expected}"
                )

    def _command(self, command: str, block: Block) -> tuple[str, ...]:
        """Run a command; return its stdout, and its stdout followed by its stderr."""
        if not _commands(command):
            return ("",)
        expected = int(match[1]) if (match := EXIT_CODE.search(command)) else 0
        if self.in_process and not SHELL.search(_commands(command)):
            arguments = shlex.split(command, comments=True)[1:]
            exit_code, out, err = zoo(*arguments, cwd=self.folder, COLUMNS=80, **self.settings)
        else:
            exit_code, out, err = self._shell(command)
        assert exit_code == expected, f"{block}: `{command}` exits with {exit_code}:\n{out}{err}"
        return out, out + err

    def _shell(self, command: str) -> tuple[int, str, str]:
        """Run lines in bash; what they leave in the background runs until `close`."""
        paths = [self.folder / f".std{name}{len(self.shells)}" for name in ("out", "err")]
        path = f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        settings = {"COLUMNS": 80, "PATH": path, **self.settings}
        with paths[0].open("wb") as out, paths[1].open("wb") as err:
            shell = subprocess.Popen(
                ["bash", "-eo", "pipefail", "-c", command],  # noqa: S607 - bash from the path
                cwd=self.folder,
                env=environment(**settings),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            self.shells.append(shell)
            exit_code = shell.wait(timeout=600)
        texts = [path.read_text(encoding="utf-8") for path in paths]
        for path_of_output in paths:
            path_of_output.unlink()
        return exit_code, texts[0], texts[1]

    def close(self) -> None:
        """End what the blocks left running."""
        for shell in self.shells:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)


@contextmanager
def session(folder: Path, *, programs: Path | None = None, **settings: object) -> Iterator[Session]:
    """Yield a session; end its processes after the block.

    With `programs`, a folder for the front of PATH, every command is a process.
    """
    running = Session(folder, settings)
    if programs:
        running.in_process, running.programs = False, programs
    try:
        yield running
    finally:
        running.close()


def _commands(text: str) -> str:
    """Return shell lines without comments and empty lines."""
    lines = [re.sub(r"(^|\s+)#.*$", "", line) for line in text.splitlines()]
    return "\n".join(filter(None, lines))


def _transcript(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command after `$ ` with the output below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def matches(expected: str, printed: str, *, rounds: bool = False) -> bool:
    """Whether text is as expected; `...` is any text, and on a line of its own any lines."""
    numbers = [float(text) for text in DECIMALS.findall(expected)] if rounds else []
    lines = []
    for line in expected.rstrip().splitlines():
        if line.strip() == "...":
            lines.append("(?:.*\n)*?")
        else:
            pattern = r".*".join(map(re.escape, line.rstrip().split("...")))
            if rounds:
                pattern = ESCAPED_DECIMALS.sub(NUMBER, pattern)
            lines.append(f"{pattern}\n")
    actual = "".join(f"{line.rstrip()}\n" for line in printed.rstrip().splitlines())
    found = re.fullmatch("".join(lines), actual)
    return found is not None and all(
        abs(float(text) - number) <= TOLERANCE
        for text, number in zip(found.groups(), numbers, strict=True)
    )
