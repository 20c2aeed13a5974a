"""Processes that are alive, have ended, or have an id that was used before."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from zoo.parallel import processes


def test_identity_is_alive() -> None:
    """This process has not ended, and its identity stays the same."""
    host, process, start = processes.identity()
    assert process == os.getpid()
    assert processes.identity() == (host, process, start)
    assert not processes.has_ended([host, process, start])


def test_has_ended_finished_child() -> None:
    """A child that was waited for has ended, with a start time and without one."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    host, _, start = processes.identity()
    assert processes.has_ended([host, child.pid])
    assert processes.has_ended([host, child.pid, start])


def test_has_ended_id_used_again() -> None:
    """The id of this process with another start time names an earlier process."""
    host, process, start = processes.identity()
    if start is None:
        pytest.skip("nothing tells start times here")
    assert processes.has_ended([host, process, start + "0"])
    assert not processes.has_ended([host, process])  # older studies have no start time
    assert not processes.has_ended([host, process, None])


def test_has_ended_zombie() -> None:
    """A child that ended and was not waited for still has its id."""
    host, *_ = processes.identity()
    child = subprocess.Popen([sys.executable, "-c", ""])
    try:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it stays a zombie
        os.kill(child.pid, 0)
        assert processes.has_ended([host, child.pid])
    finally:
        child.wait()


def test_has_ended_other_host() -> None:
    """Nothing is known of other hosts, whatever the id."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert not processes.has_ended(["elsewhere", child.pid, "then"])


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")
def test_state_and_start_of_odd_name(tmp_path: Path) -> None:
    """A program whose name holds a bracket and a state is read all the same."""
    program = tmp_path / "a) Z 1 ("
    program.symlink_to(shutil.which("cat") or "cat")
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(b"ready\n")
        child.stdin.flush()
        assert child.stdout.readline() == b"ready\n"  # it is `cat` by now
        assert b"(a) Z 1 ()" in Path(f"/proc/{child.pid}/stat").read_bytes()
        found = processes._state_and_start(child.pid)  # noqa: SLF001 - no identity of others
        assert found is not None
        assert found[0] in "RS"
        boot, ticks = found[1].split()
        ours = processes.identity()[2]
        assert ours is not None
        assert boot == ours.split()[0]
        assert int(ticks) >= int(ours.split()[1])  # it began after this process


@pytest.mark.skipif(not shutil.which("ps"), reason="there is no ps")
def test_has_ended_by_ps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without /proc, as on macOS, `ps` knows the living and the zombies."""
    monkeypatch.setattr(processes, "_state_and_start", processes._state_and_start_by_ps)  # noqa: SLF001 - the other way
    host, process, start = processes.identity()
    assert start is not None
    assert len(start.split()) == 5  # such as Fri Nov 27 16:30:00 2026
    assert processes.has_ended([host, process, "Thu Jan  1 00:00:00 1970"])
    child = subprocess.Popen([sys.executable, "-c", ""])
    try:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert processes.has_ended([host, child.pid])
    finally:
        child.wait()
    assert processes._state_and_start_by_ps(child.pid) is None  # noqa: SLF001 - the same
