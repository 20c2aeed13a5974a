"""Running processes, ended processes, and reused process ids."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.unix import unix_only
from zoo.parallel import process_identity
from zoo.system import processes


def test_identity_is_alive() -> None:
    """This process has not ended, and its identity is constant."""
    host, process, start = process_identity.identity()
    assert process == os.getpid()
    assert process_identity.identity() == (host, process, start)
    assert not process_identity.has_ended([host, process, start])


def test_has_ended_finished_child() -> None:
    """A child that was waited for has ended, with a start time and without one."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    host, _, start = process_identity.identity()
    assert process_identity.has_ended([host, child.pid])
    assert process_identity.has_ended([host, child.pid, start])


def test_has_ended_id_used_again() -> None:
    """The id of this process with another start time names an earlier process."""
    host, process, start = process_identity.identity()
    if start is None:
        pytest.skip("start times are not available")
    assert process_identity.has_ended([host, process, start + "0"])
    assert not process_identity.has_ended([host, process])  # older studies have no start time
    assert not process_identity.has_ended([host, process, None])


@unix_only
def test_has_ended_zombie() -> None:
    """A child that ended and was not waited for still has its id."""
    host, *_ = process_identity.identity()
    child = subprocess.Popen([sys.executable, "-c", ""])
    try:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it stays a zombie
        os.kill(child.pid, 0)
        assert process_identity.has_ended([host, child.pid])
    finally:
        child.wait()


def test_has_ended_other_host() -> None:
    """A process on another host never counts as ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert not process_identity.has_ended(["elsewhere", child.pid, "then"])


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")
def test_state_and_start_of_odd_name(tmp_path: Path) -> None:
    """A program name with a bracket and a state is parsed correctly."""
    program = tmp_path / "a) Z 1 ("
    program.symlink_to(shutil.which("cat") or "cat")
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(b"ready\n")
        child.stdin.flush()
        assert child.stdout.readline() == b"ready\n"  # the process is `cat` now
        assert b"(a) Z 1 ()" in Path(f"/proc/{child.pid}/stat").read_bytes()
        state_and_start = processes.state_and_start(child.pid)
        assert state_and_start is not None
        assert state_and_start[0] in "RS"
        boot, ticks = state_and_start[1].split()
        own_start = process_identity.identity()[2]
        assert own_start is not None
        assert boot == own_start.split()[0]
        assert int(ticks) >= int(own_start.split()[1])  # it started after this process


@unix_only
@pytest.mark.skipif(not shutil.which("ps"), reason="there is no ps")
def test_has_ended_by_ps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without /proc, as on macOS, `ps` shows running processes and zombies."""
    by_ps = processes.state_and_start_by_ps
    monkeypatch.setattr(processes, "state_and_start", by_ps)
    host, process, start = process_identity.identity()
    assert start is not None
    assert len(start.split()) == 5  # such as Fri Nov 27 16:30:00 2026
    assert process_identity.has_ended([host, process, "Thu Jan  1 00:00:00 1970"])
    child = subprocess.Popen([sys.executable, "-c", ""])
    try:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert process_identity.has_ended([host, child.pid])
    finally:
        child.wait()
    assert processes.state_and_start_by_ps(child.pid) is None
