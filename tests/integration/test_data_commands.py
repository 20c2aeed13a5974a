"""`zoo data` in processes: no socket when offline, a bar in a terminal, two downloads at once."""

import gzip
import os
import subprocess
import sys
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.command import environment, zoo
from tests.helpers.http_server import mirror, sends
from tests.helpers.mnist import file, folder, needs_mnist
from tests.helpers.process import ZOO, zoo_process
from zoo.data.pins import MNIST

NAMES = [pinned.name for pinned in MNIST]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return the folder of the cache in a test."""
    return tmp_path / "caches" / "zoo"


@pytest.fixture
def no_sockets(tmp_path: Path) -> Path:
    """Return a PYTHONPATH under which the real program cannot open a socket."""
    folder = tmp_path / "no sockets"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import os, socket\n"
        "class Refused(socket.socket):\n"
        "    def __init__(self, *_, **__):\n"
        "        print('A SOCKET WAS OPENED', flush=True)\n"
        "        os._exit(99)\n"
        "socket.socket = Refused\n"
        "socket.getaddrinfo = Refused\n"
    )
    return folder


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["list"], 0),
        (["path"], 0),
        (["verify"], 0),
        (["fetch", "digits"], 0),
        (["fetch", "mnist"], 3),
    ],
)
def test_data_offline_opens_no_socket(no_sockets: Path, arguments: list[str], code: int) -> None:
    done = zoo_process("data", *arguments, PYTHONPATH=no_sockets, ZOO_OFFLINE=1)
    assert done.exit_code == code, done.stdout + done.stderr


def test_data_socket_trap(no_sockets: Path) -> None:
    """The trap for sockets works."""
    mirrors = "http://127.0.0.1:9"
    done = zoo_process("data", "fetch", "mnist", PYTHONPATH=no_sockets, ZOO_MIRRORS=mirrors)
    assert (done.exit_code, done.stdout) == (99, "A SOCKET WAS OPENED\n")


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is a thing of POSIX")
def test_data_fetch_terminal() -> None:
    """A terminal shows a bar with bytes and speed."""

    def in_steps(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "3000000")
        handler.end_headers()
        packed = gzip.compress(np.random.default_rng(1).bytes(3_000_000))
        for start in range(0, 3_000_000, 1_000_000):
            handler.wfile.write(packed[start : start + 1_000_000])
            time.sleep(0.2)

    screen, terminal = os.openpty()
    with mirror(in_steps) as slow, suppress(OSError):
        environment = {**os.environ, "ZOO_MIRRORS": slow.url, "TERM": "xterm", "COLUMNS": "100"}
        with subprocess.Popen([ZOO, "data", "fetch", "mnist"], env=environment, stderr=terminal):
            os.close(terminal)
            shown = b""
            while more := os.read(screen, 65_536):  # until OSError, when the program has ended
                shown += more
    os.close(screen)
    assert b"train-images-idx3-ubyte" in shown
    assert b"/3.0 MB" in shown
    assert b"MB/s" in shown


@needs_mnist
def test_data_import_mnist(cache: Path) -> None:
    """MNIST is imported, and then verified."""
    done = zoo("data", "import", folder())
    assert done.stdout.splitlines() == [str(cache / "mnist" / name) for name in NAMES]
    sizes = [(cache / "mnist" / pinned.name).stat().st_size for pinned in MNIST]
    assert sizes == [pinned.size for pinned in MNIST]
    verified = zoo("data", "verify")
    assert verified.exit_code == 0
    assert verified.stdout.count("ok ") == 5


@needs_mnist
def test_data_fetch_second_mirror() -> None:
    """A mirror that failed is named when another one had the file."""

    def serve(handler: BaseHTTPRequestHandler) -> None:
        name = handler.path.removeprefix("/").removesuffix(".gz")
        sends(file(name).read_bytes())(handler)

    with mirror(sends(b"", status=503)) as bad, mirror(serve) as good:
        done = zoo("data", "fetch", "mnist", ZOO_MIRRORS=f"{bad.url},{good.url}")
    assert done.exit_code == 0
    for name in NAMES:
        assert f"zoo: warning: {name}: {bad.url} " in done.stderr


@needs_mnist
def test_data_fetch_two_programs(cache: Path) -> None:
    """Two programs that fetch MNIST at once both succeed."""

    def serve(handler: BaseHTTPRequestHandler) -> None:
        name = handler.path.removeprefix("/")
        sends(file(name.removesuffix(".gz")).read_bytes())(handler)

    with mirror(serve) as good:
        programs = [
            subprocess.Popen(
                [ZOO, "data", "fetch", "mnist"],
                env=environment(ZOO_MIRRORS=good.url),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        answers = [program.communicate(timeout=60) for program in programs]
    assert [program.returncode for program in programs] == [0, 0]
    assert all(
        out.splitlines() == [str(cache / "mnist" / name) for name in NAMES] for out, _ in answers
    )
    assert sorted(path.name for path in (cache / "mnist").iterdir()) == sorted(NAMES)
    assert zoo("data", "fetch", "mnist", "--offline").exit_code == 0
