"""Downloads from mirrors, tried in order; a file is written only if its content is the pinned one.

pooch would not help: it checks the hash of the archive, and zoo checks the hash of the content.
"""

import hashlib
import logging
import socket
import time
import urllib.request
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from http.client import HTTPException, HTTPMessage, HTTPResponse, IncompleteRead, responses
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from zoo.data.archives import Archive
from zoo.data.locations import Progress
from zoo.data.pins import PinnedFile
from zoo.data.verified_files import WrongContentError, gunzip, pinned_content
from zoo.errors import DataError
from zoo.files import open_atomically

CHUNK = 1 << 16
MAX_WAITING = 64  # chunks that wait to be written: 4 MB, where the disk is slower than the mirror
TIMEOUT = 20.0  # seconds until the first byte of a file, and over which the speed is measured
# bytes of the file per second; with the limit on bytes, this is a deadline for the whole file
MIN_SPEED = 10_000
USER_AGENT = "numpy-zoo"
LOG = logging.getLogger(__name__)  # for failures of mirrors before one that succeeds


class AllMirrorsFailedError(DataError):
    """No mirror provided the file; `answers` has a phrase for each mirror."""

    def __init__(self, name: str, answers: Sequence[str]) -> None:
        super().__init__(f"{name} could not be downloaded: {'; '.join(answers)}.")
        self.answers = answers


class _MirrorFailedError(Exception):
    """One mirror did not provide the file; the message is a phrase."""


def download(pinned: PinnedFile, path: Path, mirrors: Sequence[str], progress: Progress) -> None:
    """Write the content of `pinned` to `path` from the first mirror that provides all of it."""
    _download(pinned.name, path, mirrors, lambda mirror: _content(mirror, pinned, progress))


def download_archive(
    archive: Archive, path: Path, mirrors: Sequence[str], progress: Progress
) -> None:
    """Write an archive to `path` from the first mirror that provides the published one."""
    _download(archive.name, path, mirrors, lambda mirror: _packed(mirror, archive, progress))


def _download(
    name: str, path: Path, mirrors: Sequence[str], pieces: Callable[[str], Iterator[bytes]]
) -> None:
    """Write what the first mirror sends without a failure."""
    answers = []
    for mirror in mirrors:
        try:
            with open_atomically(path) as file:
                for piece in pieces(mirror.rstrip("/")):
                    file.write(piece)
        except _MirrorFailedError as failure:
            answers.append(f"{mirror} {failure}")
        else:
            for answer in answers:
                LOG.warning("%s: %s; it was downloaded from another mirror.", name, answer)
            return
    raise AllMirrorsFailedError(name, answers)


def _packed(mirror: str, archive: Archive, progress: Progress) -> Iterator[bytes]:
    """Yield an archive, and raise after its last byte if it is not the published one."""
    digest = hashlib.md5(usedforsecurity=False)
    url = f"{mirror}/{archive.name}"
    for piece in _received(url, archive.name, archive.max_bytes, progress):
        digest.update(piece)
        yield piece
    if digest.hexdigest() != archive.md5:
        raise _MirrorFailedError(
            f"sent another file, with the MD5 {digest.hexdigest()[:12]}... (expected "
            f"{archive.md5[:12]}...)"
        )


def _content(mirror: str, pinned: PinnedFile, progress: Progress) -> Iterator[bytes]:
    """Yield the unpacked content of a file, as long as it can be the pinned content."""
    nothing_unpacked = True
    # gzip adds less than a thousandth to bytes that it cannot compress.
    max_bytes = pinned.size + pinned.size // 1000 + 1024
    received = _received(f"{mirror}/{pinned.name}.gz", pinned.name, max_bytes, progress)
    try:
        for piece in pinned_content(gunzip(received), pinned):
            nothing_unpacked = nothing_unpacked and not piece
            yield piece
    except EOFError as error:
        raise _MirrorFailedError("sent a truncated file") from error
    except zlib.error as error:
        raise _MirrorFailedError(
            "sent something other than gzip, perhaps an HTML page"
            if nothing_unpacked
            else "sent a damaged gzip file"
        ) from error
    except WrongContentError as wrong:
        raise _MirrorFailedError(f"sent {wrong}") from wrong


_Piece = tuple[bytes, int | None]  # bytes of a file, and the number of all if it is known
_END: _Piece = b"", None


def _received(url: str, name: str, max_bytes: int, progress: Progress) -> Iterator[bytes]:
    """Yield the bytes of `url` as they arrive, above the minimum speed.

    A thread waits for the mirror, and only bytes of the file count here. So a mirror is given up
    in time, whatever takes it long: its name, its addresses, TLS, redirects, headers, or what
    stands between the chunks of a body and after them.
    """
    if not url.lower().startswith(("http://", "https://")):  # urllib would open files as well
        raise _MirrorFailedError("is not an http or https address")
    connections = _Connections()
    arrived: Queue[_Piece | Exception] = Queue(MAX_WAITING)
    pieces = _pieces(url, max_bytes, connections)
    Thread(target=_receive, args=(pieces, arrived), daemon=True).start()
    received = measured = 0
    enough, deadline = 1.0, time.monotonic() + TIMEOUT
    try:
        while True:
            if received >= enough:
                measured, enough = received, received + MIN_SPEED * TIMEOUT
                deadline = time.monotonic() + TIMEOUT
            left = deadline - time.monotonic()
            piece = arrived.get(left > 0, left)
            if isinstance(piece, OSError | HTTPException | ValueError):
                raise _MirrorFailedError(_phrase(piece)) from piece
            if isinstance(piece, Exception):
                raise piece
            if piece == _END:
                return
            chunk, total = piece
            received += len(chunk)
            progress(name, received, total)
            yield chunk
    except Empty:
        raise _MirrorFailedError(
            f"was too slow: {received - measured:,} bytes of the file in {TIMEOUT:g} seconds "
            f"(expected at least {MIN_SPEED:,} per second)"
        ) from None
    finally:
        connections.shut()
        with suppress(Empty):  # the thread may wait for a place
            while True:
                arrived.get_nowait()


def _receive(pieces: Iterator[_Piece], arrived: Queue[_Piece | Exception]) -> None:
    """Put the pieces of a file into a queue, and then the end or an error."""
    try:
        for piece in pieces:
            arrived.put(piece)
        arrived.put(_END)
    except Exception as error:  # noqa: BLE001 - the other thread raises it
        arrived.put(error)


def _pieces(url: str, max_bytes: int, connections: "_Connections") -> Iterator[_Piece]:
    """Yield the pieces of the file at `url`, within the size limit."""
    received = 0
    request = urllib.request.Request(url, headers={"User-Agent": USER_AGENT})  # noqa: S310 - http or https
    opener = urllib.request.build_opener(connections, _NoDowngrade)
    # The timeout only ends a thread that was given up before it had a connection.
    with opener.open(request, timeout=2 * TIMEOUT) as response:
        total = response.length
        # read1 returns what has arrived; read would wait until the chunk is full.
        while not connections.is_shut and (chunk := response.read1(CHUNK)):
            received += len(chunk)
            if max(received, total or 0) > max_bytes:
                raise _MirrorFailedError(
                    f"offered more than the {max_bytes:,} bytes that the file can have"
                )
            yield chunk, total


class _Connections(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    """Opens connections, which another thread can shut."""

    def __init__(self) -> None:
        super().__init__()
        self._sockets: list[socket.socket] = []
        self.is_shut = False

    def do_open(self, http_class: Any, req: urllib.request.Request, **options: Any) -> HTTPResponse:
        """Return the response to a request."""

        def connection(*arguments: Any, **more: Any) -> Any:
            opened = http_class(*arguments, **more)
            opened.response_class = self._response  # is called before a byte is read
            return opened

        return super().do_open(connection, req, **options)

    def _response(self, sock: socket.socket, **options: Any) -> HTTPResponse:
        self._sockets.append(sock)
        if self.is_shut:
            self.shut()
        return HTTPResponse(sock, **options)

    def shut(self) -> None:
        """End all that is sent or received, also in another thread and in the future."""
        self.is_shut = True
        for sock in self._sockets:
            with suppress(OSError):  # it may be closed
                sock.shutdown(socket.SHUT_RDWR)


class _NoDowngrade(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never from https to another scheme."""

    def redirect_request(  # noqa: PLR0917 - urllib's own signature
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Return the request for the new address, or raise if it is not https any more."""
        fp.close()  # urllib would read the body, which may be endless
        scheme = urlsplit(newurl).scheme
        if scheme not in {"https", req.type}:
            raise _MirrorFailedError(f"redirects from {req.type} to {scheme}, which is refused")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _phrase(error: Exception) -> str:
    """Return a phrase that follows the mirror's address in an error message."""
    match error:
        case HTTPError():
            error.close()
            # A mirror's own status line may contain anything, so the standard phrase is used.
            phrase = f"answered {error.code} {responses.get(error.code, '')}".rstrip()
        case URLError(reason=Exception() as reason):
            phrase = _phrase(reason)
        case socket.gaierror():
            phrase = "was not found (DNS)"
        case OSError():
            phrase = f"could not be reached: {error.strerror or error}"
        case IncompleteRead():
            phrase = "sent a truncated file"
        case HTTPException():
            phrase = f"did not answer in HTTP ({type(error).__name__})"
        case _:
            phrase = f"is not a valid address: {error}"
    return phrase
