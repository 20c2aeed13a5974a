"""`zoo help` in a pager, on a pseudo-terminal."""

import os
import sys
from pathlib import Path

from tests.helpers.command import environment
from tests.helpers.process import ZOO
from tests.helpers.unix import unix_only

PAGER = """#!{}
import signal, sys
signal.signal(signal.SIGINT, lambda *_: print("INTERRUPTED", flush=True))
terminal = open("/dev/tty")
print(sys.stdin.read()[:10], "READY", flush=True)
terminal.readline()
"""


@unix_only
def test_pager_interrupted(tmp_path: Path) -> None:
    """Ctrl-C belongs to the pager, as in less, where it ends a search; zoo waits for its end."""
    import pty

    program = tmp_path / "pager"
    program.write_text(PAGER.format(sys.executable))
    program.chmod(0o755)
    variables = environment(PAGER=str(program), TERM="xterm")
    process, terminal = pty.fork()
    if process == 0:
        os.execve(ZOO, ["zoo", "help", "core"], variables)  # noqa: S606 - in the terminal of this process
    read_until(b"READY", terminal)
    os.write(terminal, b"\x03")
    read_until(b"INTERRUPTED", terminal)
    os.write(terminal, b"q\n")
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 0


def read_until(word: bytes, terminal: int) -> None:
    """Read what a terminal shows until a word; raise if the program ends before."""
    shown = b""
    while word not in shown:
        shown += os.read(terminal, 1024)
