"""Downloads from servers that answer correctly or incorrectly."""

import errno
import gzip
import hashlib
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.helpers.http_server import Answer, mirror, redirects, sends
from tests.helpers.optional import optional
from zoo.data import download as module
from zoo.data.archives import Archive
from zoo.data.download import AllMirrorsFailedError, download, download_archive
from zoo.data.locations import silent
from zoo.data.pins import PinnedFile
from zoo.errors import ZooError
from zoo.files import NotWrittenError

CONTENT = np.random.default_rng(1).bytes(100_000)  # gzip cannot compress it
PINNED = PinnedFile("numbers", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
PACKED = gzip.compress(CONTENT)
OTHER = gzip.compress(CONTENT[::-1])
OTHER_HASH = hashlib.sha256(CONTENT[::-1]).hexdigest()[:12]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.3)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
WHOLE = b"%x\r\n%s\r\n0\r\n" % (len(PACKED), PACKED)


def drips(start: bytes, piece: bytes = b"1") -> Answer:
    """Send a start, and then small pieces without end, with pauses."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(start)
        while True:
            handler.wfile.write(piece)
            time.sleep(0.02)

    return answer


def sends_headers(handler: BaseHTTPRequestHandler) -> None:
    """Never finish sending the headers."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X: 1\r\n" * 1000)


def cuts_a_chunk_short(handler: BaseHTTPRequestHandler) -> None:
    """Announce a chunk of 100 bytes and send ten."""
    handler.protocol_version = "HTTP/1.1"
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"64\r\n" + PACKED[:10])
    handler.close_connection = True


def is_silent(handler: BaseHTTPRequestHandler) -> None:
    """Accept the request and send nothing."""
    handler.rfile.read1(1)


def redirects_without_end(handler: BaseHTTPRequestHandler) -> None:
    redirects(f"{handler.path}x")(handler)


def speaks_nonsense(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"220 mail.example ESMTP\r\n")


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (sends(b"", status=403), "answered 403 Forbidden"),
        (sends(b"", status=503), "answered 503 Service Unavailable"),
        (sends(PACKED[:50_000], length=len(PACKED)), "sent a truncated file"),
        (sends(PACKED[:50_000]), "sent a truncated file"),
        (sends(PACKED[:50_000] + bytes(50_000)), "sent a damaged gzip file"),
        (
            sends(b"<!DOCTYPE html><title>Log in</title>"),
            "sent something other than gzip, perhaps an HTML page",
        ),
        (sends(b""), "sent a truncated file"),
        (
            sends(OTHER),
            f"sent wrong content (expected SHA-256 {PINNED.sha256[:12]}…, got {OTHER_HASH}…)",
        ),
        (sends(gzip.compress(CONTENT + b"x")), "sent more than the 100,000 bytes of numbers"),
        (sends(gzip.compress(bytes(10**7))), "sent more than the 100,000 bytes of numbers"),
        (
            sends(PACKED, length=10**10),
            "offered more than the 101,124 bytes that the file can have",
        ),
        (redirects("file:///etc/passwd"), "answered 302 Found"),
        (redirects_without_end, "answered 302 Found"),
        (cuts_a_chunk_short, "sent a truncated file"),
        (sends_headers, "did not answer in HTTP (HTTPException)"),
        (speaks_nonsense, "did not answer in HTTP (BadStatusLine)"),
        (hangs_up, "could not be reached: Remote end closed connection without response"),
    ],
)
def test_download_mirror_fails(tmp_path: Path, answer: Answer, phrase: str) -> None:
    """The error names a failed mirror and the reason."""
    path = tmp_path / "numbers"
    path.write_bytes(b"the old content")
    start = time.monotonic()
    with mirror(answer) as bad, pytest.raises(AllMirrorsFailedError) as caught:
        download(PINNED, path, [bad.url], silent)
    [got] = caught.value.answers
    assert got == f"{bad.url} {phrase}"
    assert caught.value.exit_code == 3
    assert path.read_bytes() == b"the old content"
    assert [path.name for path in tmp_path.iterdir()] == ["numbers"]
    assert time.monotonic() - start < 3


def test_download_mirror_order(tmp_path: Path) -> None:
    """Mirrors are tried in order until one provides the file."""
    path = tmp_path / "cache" / "numbers"
    seen: list[tuple[str, int, int | None]] = []
    with ExitStack() as stack:
        wrong, broken, good, spare = (
            stack.enter_context(mirror(answer))
            for answer in (sends(OTHER), sends(b"", status=500), sends(PACKED), sends(PACKED))
        )
        urls = [wrong.url, broken.url.rstrip("/"), good.url, spare.url]
        download(PINNED, path, urls, lambda *args: seen.append(args))
    assert path.read_bytes() == CONTENT
    assert [server.asked for server in (wrong, broken, good, spare)] == [["/numbers.gz"]] * 3 + [[]]
    assert seen[-1] == ("numbers", len(PACKED), len(PACKED))


def test_download_all_mirrors_fail(tmp_path: Path) -> None:
    with mirror(sends(b"", status=404)) as one, mirror(sends(OTHER)) as two:
        urls = [
            one.url,
            two.url,
            "https://zoo.invalid/",
            "ftp://127.0.0.1/",
            "nonsense",
            "http://[/",
        ]
        with pytest.raises(AllMirrorsFailedError) as caught:
            download(PINNED, tmp_path / "numbers", urls, silent)
    answers = caught.value.answers
    assert answers[0] == f"{one.url} answered 404 Not Found"
    assert answers[1].startswith(f"{two.url} sent wrong content (expected SHA-256")
    assert answers[2] == "https://zoo.invalid/ was not found (DNS)"
    assert answers[3] == "ftp://127.0.0.1/ is not an http or https address"
    assert answers[4] == "nonsense is not an http or https address"
    assert answers[5] == "http://[/ is not a valid address: Invalid IPv6 URL"
    assert list(tmp_path.iterdir()) == []


def test_download_too_large(tmp_path: Path) -> None:
    """A response of ten gigabytes is stopped at the size limit."""
    sent = 0

    def floods(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        empty_members = gzip.compress(b"") * 1000  # valid, without any content
        while sent < 10**10:
            sent += handler.wfile.write(empty_members)

    with (
        mirror(floods) as flooding,
        pytest.raises(AllMirrorsFailedError, match="offered more than"),
    ):
        download(PINNED, tmp_path / "numbers", [flooding.url], silent)
    assert sent < 20_000_000  # mostly the buffers of the system
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "answer",
    [
        is_silent,
        drips(b""),
        drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drips(b"HTTP/1.1 200 OK\r\nX: "),
        drips(CHUNKED),
        drips(CHUNKED + WHOLE, b"X: 1\r\n"),
        drips(b"HTTP/1.1 200 OK\r\n\r\n" + PACKED[:100]),
    ],
    ids=("silence", "status", "continue", "header", "chunk size", "trailers", "body"),
)
@pytest.mark.parametrize("way", ["http", "https", "redirect", "proxy"])
def test_download_slow_answer(
    tmp_path: Path,
    answer: Answer,
    way: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A mirror that is slow in any part of its answer is given up, and its connection is ended."""
    context = request.getfixturevalue("tls") if way == "https" else None
    with mirror(answer, context) as slow, mirror(redirects(slow.url)) as redirecting:
        url = {"redirect": redirecting.url, "proxy": "http://zoo.invalid/"}.get(way, slow.url)
        if way == "proxy":
            monkeypatch.setenv("http_proxy", slow.url)
        assert_too_slow(url, tmp_path)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("way", ["name", "TLS", "tunnel"])
def test_download_slow_connection(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mirror to which no connection comes about is given up."""
    found = threading.Event()
    with (
        mirror(drips(b"HTTP/1.1 200 OK\r\nX: ")) as slow,
        socket.create_server(("127.0.0.1", 0)) as silent_server,
    ):
        host = f"127.0.0.1:{silent_server.getsockname()[1]}" if way == "TLS" else "zoo.invalid"
        if way == "name":
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_: found.wait() and [])
        if way == "tunnel":
            monkeypatch.setenv("https_proxy", slow.url)
        assert_too_slow(f"https://{host}/", tmp_path, found.set)


def assert_too_slow(url: str, folder: Path, end: Callable[[], None] = lambda: None) -> None:
    """Download from a slow mirror; the thread that received has ended after `end`."""
    with pytest.raises(AllMirrorsFailedError) as caught:
        download(PINNED, folder / "numbers", [url], silent)
    [answer] = caught.value.answers
    assert re.fullmatch(
        rf"{url} was too slow: [\d,]+ bytes of the file in 0.3 seconds "
        r"\(expected at least 10,000 per second\)",
        answer,
    )
    end()
    assert_no_receiver()


def assert_no_receiver() -> None:
    """Wait for the threads that received, which end soon."""
    for thread in threading.enumerate():
        if "_receive" in thread.name:
            thread.join(20)
            assert not thread.is_alive()


def test_download_after_slow_mirror(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The next mirror is used after one that was too slow."""
    monkeypatch.setattr(module, "TIMEOUT", 1.0)
    path = tmp_path / "numbers"
    with mirror(is_silent) as slow, mirror(sends(PACKED)) as good:
        download(PINNED, path, [slow.url, good.url], silent)
    assert path.read_bytes() == CONTENT
    assert f"{slow.url} was too slow: 0 bytes of the file in 1 seconds" in caplog.text


def test_download_longer_than_the_timeout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mirror above the minimum speed may take its time."""
    seconds = 0.0
    monkeypatch.setattr(module, "CHUNK", 1000)
    monkeypatch.setattr(module, "MIN_SPEED", 500)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: seconds))

    def advance(*progress: Any) -> None:
        nonlocal seconds
        seconds = progress[1] / 1000  # after so many bytes

    with mirror(sends(PACKED)) as walking:
        download(PINNED, tmp_path / "numbers", [walking.url], advance)
    assert (tmp_path / "numbers").read_bytes() == CONTENT
    assert seconds > 4 * module.TIMEOUT


def test_download_endless_redirect(tmp_path: Path) -> None:
    """The body of a redirect is not read."""
    sent = 0

    def floods(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(302)
        handler.send_header("Location", f"{good.url}numbers.gz")
        handler.end_headers()
        while sent < 10**9:
            sent += handler.wfile.write(bytes(100_000))

    with mirror(sends(PACKED)) as good, mirror(floods) as flooding:
        download(PINNED, tmp_path / "numbers", [flooding.url], silent)
    assert (tmp_path / "numbers").read_bytes() == CONTENT
    assert sent < 20_000_000  # mostly the buffers of the system


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Return a server's TLS context; SSL_CERT_FILE makes its authority trusted."""
    authority = optional("trustme").CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def test_download_redirect_to_http(tmp_path: Path, tls: ssl.SSLContext) -> None:
    """A redirect from https to http raises an error."""
    path = tmp_path / "numbers"
    with mirror(sends(PACKED)) as plain, mirror(redirects(plain.url), tls) as secure:
        with pytest.raises(AllMirrorsFailedError) as caught:
            download(PINNED, path, [secure.url], silent)
        assert plain.asked == []
    assert caught.value.answers == [f"{secure.url} redirects from https to http, which is refused"]
    assert not path.exists()


def test_download_redirect_within_https(tmp_path: Path, tls: ssl.SSLContext) -> None:
    path = tmp_path / "numbers"
    with mirror(sends(PACKED), tls) as target, mirror(redirects(target.url), tls) as first:
        download(PINNED, path, [first.url], silent)
    assert path.read_bytes() == CONTENT


def test_download_unknown_certificate(
    tmp_path: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with mirror(sends(PACKED), tls) as secure, pytest.raises(AllMirrorsFailedError) as caught:
        download(PINNED, tmp_path / "numbers", [secure.url], silent)
    [answer] = caught.value.answers
    assert answer.startswith(f"{secure.url} could not be reached: [SSL: CERTIFICATE_VERIFY_FAILED]")


def test_download_two_processes(tmp_path: Path) -> None:
    """Two processes that download at once both succeed."""
    both_requested = tmp_path / "both"

    def waits_for_both(handler: BaseHTTPRequestHandler) -> None:
        while len(server.asked) < 2:
            time.sleep(0.01)
        both_requested.touch()
        sends(PACKED)(handler)

    program = (
        "import sys, pathlib\n"
        "from zoo.data.download import download\n"
        "from zoo.data.locations import silent\n"
        "from zoo.data.pins import PinnedFile\n"
        "url, path, size, sha256 = sys.argv[1:]\n"
        "pinned = PinnedFile('numbers', int(size), sha256)\n"
        "download(pinned, pathlib.Path(path), [url], silent)\n"
    )
    path = tmp_path / "cache" / "numbers"
    with mirror(waits_for_both) as server:
        command = [
            sys.executable,
            "-c",
            program,
            server.url,
            str(path),
            str(PINNED.size),
            PINNED.sha256,
        ]
        processes = [subprocess.Popen(command) for _ in range(2)]
        assert [process.wait(timeout=20) for process in processes] == [0, 0]
    assert both_requested.exists()
    assert path.read_bytes() == CONTENT
    assert list(path.parent.iterdir()) == [path]


def test_download_cache_not_writable(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"a file where a folder should be")
    with mirror(sends(PACKED)) as good, pytest.raises(ZooError) as caught:
        download(PINNED, tmp_path / "cache" / "numbers", [good.url, good.url], silent)
    assert caught.value.exit_code == 1
    assert good.asked == []


def test_download_full_disk(tmp_path: Path) -> None:
    """A full disk stops a download, and no other mirror is tried."""
    program = (
        "import resource, sys, pathlib\n"
        "from zoo.data.download import download\n"
        "from zoo.data.locations import silent\n"
        "from zoo.data.pins import PinnedFile\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "pinned = PinnedFile('numbers', 100_000, sys.argv[3])\n"
        "download(pinned, pathlib.Path(sys.argv[2]), [sys.argv[1]] * 2, silent)\n"
    )
    path = tmp_path / "cache" / "numbers"
    with mirror(sends(PACKED)) as good:
        command = [sys.executable, "-c", program, good.url, str(path), PINNED.sha256]
        done = subprocess.run(command, capture_output=True, check=False, text=True)
        assert len(good.asked) == 1
    assert f"zoo.files.NotWrittenError: {path} could not be written: File too large." in done.stderr
    assert not path.parent.exists()


def test_download_faster_than_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a fast mirror sends waits in little memory, and its thread ends with the download."""
    content, sent = b"1" * 10_000, 0
    archive = Archive("ones", hashlib.md5(content, usedforsecurity=False).hexdigest(), 10_000)
    waiting: list[int] = []

    def send(_url: str, _max_bytes: int, connections: Any) -> Iterator[tuple[bytes, None]]:
        nonlocal sent
        while sent < len(content) and not connections.is_shut:
            sent += 1
            yield b"1", None

    monkeypatch.setattr(module, "_pieces", send)
    download_archive(
        archive,
        tmp_path / "ones",
        ["http://zoo.invalid"],
        lambda _name, received, _total: waiting.append(sent - received),
    )
    assert (tmp_path / "ones").read_bytes() == content
    assert max(waiting) <= module.MAX_WAITING + 1  # and the one that waits for a place


def test_download_to_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that receives ends when nobody writes what it received."""

    def send(_url: str, _max_bytes: int, connections: Any) -> Iterator[tuple[bytes, None]]:
        while not connections.is_shut:
            yield b"1", None

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "_pieces", send)
    with pytest.raises(NotWrittenError):
        download_archive(
            Archive("ones", "", 10_000), tmp_path / "ones", ["http://zoo.invalid"], fail
        )
    assert_no_receiver()
