"""Downloads: mirrors are asked in order, and only the pinned content takes a file's name.

pooch would add nothing here: it checks the archive's hash, and we check the content's.
"""

import logging
import socket
import ssl
import time
import urllib.request
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from http.client import HTTPException, HTTPMessage, IncompleteRead, responses
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import IO, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from zoo.data.locations import Progress
from zoo.data.pins import PinnedFile
from zoo.data.verified_files import WrongContentError, gunzip, pinned_content
from zoo.errors import DataError
from zoo.files import open_atomically

CHUNK = 1 << 16
TIMEOUT = 20.0  # seconds that a mirror may be silent, and that it has before its speed counts
MIN_SPEED = (
    10_000  # bytes a second after that: with the cap on bytes, a deadline for the whole file
)
USER_AGENT = "numpy-zoo"


class AllMirrorsFailedError(DataError):
    """A file that no mirror gave; `answers` has a phrase for each mirror."""

    def __init__(self, name: str, answers: Sequence[str]) -> None:
        super().__init__(f"{name} could not be downloaded: {'; '.join(answers)}.")
        self.answers = answers


class _MirrorFailedError(Exception):
    """Why one mirror did not give the file; the message is a phrase."""


LOG = logging.getLogger(__name__)  # for what went wrong on the way to a good end


class _Chunk(NamedTuple):
    """Some bytes off the wire, none at the end, and the length that the mirror announced."""

    content: bytes
    total: int | None


def download(pinned: PinnedFile, path: Path, mirrors: Sequence[str], progress: Progress) -> None:
    """Write the content of `pinned` to `path` from the first mirror that gives it whole."""
    answers = []
    for mirror in mirrors:
        try:
            with open_atomically(path) as file:
                for piece in _content(f"{mirror.rstrip('/')}/{pinned.name}.gz", pinned, progress):
                    file.write(piece)
        except _MirrorFailedError as failure:
            answers.append(f"{mirror} {failure}")
        else:
            for answer in answers:
                LOG.warning("%s: %s; another mirror had it.", pinned.name, answer)
            return
    raise AllMirrorsFailedError(pinned.name, answers)


def _content(url: str, pinned: PinnedFile, progress: Progress) -> Iterator[bytes]:
    """Yield what `url` holds packed, as long as it can be the pinned content."""
    nothing_unpacked = True
    try:
        for piece in pinned_content(gunzip(_received(url, pinned, progress)), pinned):
            nothing_unpacked = nothing_unpacked and not piece
            yield piece
    except EOFError as error:
        raise _MirrorFailedError("sent a file that was cut short") from error
    except zlib.error as error:
        what = "no gzip file, perhaps an HTML page" if nothing_unpacked else "a damaged gzip file"
        raise _MirrorFailedError(f"sent {what}") from error
    except WrongContentError as wrong:
        raise _MirrorFailedError(f"sent {wrong}") from wrong


def _received(url: str, pinned: PinnedFile, progress: Progress) -> Iterator[bytes]:
    """Yield the bytes that `url` answers as they come, within the cap and the deadline.

    A thread talks to the mirror, because a silent name server and headers that drip in heed no
    socket timeout; waiting for a queue always ends. Time is monotonic: a clock set back or forth
    neither ends a download nor prolongs it.
    """
    # gzip adds less than a thousandth to bytes that it cannot pack.
    cap = pinned.size + pinned.size // 1000 + 1024
    wire: Queue[_Chunk | Exception] = Queue(maxsize=1)
    given_up = Event()
    start = time.monotonic()
    received = 0
    Thread(target=_ask, args=(url, wire, given_up), daemon=True).start()
    try:
        while True:
            deadline = start + TIMEOUT + received / MIN_SPEED
            try:
                answer = wire.get(timeout=max(0, deadline - time.monotonic()))
            except Empty as error:
                raise _MirrorFailedError(f"timed out after {received:,} bytes") from error
            if isinstance(answer, Exception):
                raise _MirrorFailedError(_phrase(answer)) from answer
            chunk, total = answer
            received += len(chunk)
            if max(received, total or 0) > cap:
                raise _MirrorFailedError(
                    f"offered more than the {cap:,} bytes that the file can have"
                )
            if not chunk and total is not None and received < total:
                raise _MirrorFailedError(f"was cut short after {received:,} of {total:,} bytes")
            if not chunk:
                return
            progress(pinned.name, received, total)
            yield chunk
    finally:
        given_up.set()
        with suppress(Empty):  # the thread may be waiting for room
            wire.get_nowait()


def _ask(url: str, wire: "Queue[_Chunk | Exception]", given_up: Event) -> None:
    """Put what `url` answers on the wire, and last an empty chunk or what went wrong."""
    try:
        opener = urllib.request.build_opener(_NoDowngrade)
        request = urllib.request.Request(_web(url), headers={"User-Agent": USER_AGENT})  # noqa: S310 - _web lets only http and https pass
        with opener.open(request, timeout=TIMEOUT) as response:
            total = response.length
            chunk = b"something"
            while chunk and not given_up.is_set():
                # read1 hands over what has come; read would wait until a drip fills the chunk.
                chunk = response.read1(CHUNK)
                wire.put(_Chunk(chunk, total), timeout=TIMEOUT)
    except Full:
        pass  # nobody waits any more
    except Exception as error:  # noqa: BLE001 - it is raised again on the other side of the wire
        if isinstance(error, HTTPError):
            error.close()
        with suppress(Full):
            wire.put(error, timeout=TIMEOUT)


def _web(url: str) -> str:
    """Return `url` where it is one of the web; urllib would open files as well."""
    if urlsplit(url).scheme not in {"http", "https"}:
        raise URLError("is no http or https address")
    return url


class _NoDowngrade(urllib.request.HTTPRedirectHandler):
    """Redirects are followed, but never from https to anything else."""

    def redirect_request(  # noqa: PLR0917 - urllib's own signature
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Return the request that follows a redirect, or refuse it."""
        if req.type == "https" and urlsplit(newurl).scheme != "https":
            fp.close()
            raise URLError("redirects from https to http, which is refused")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _phrase(error: Exception) -> str:
    """Return what a mirror did, as a phrase that goes after its address."""
    match error:
        case HTTPError():
            # The words are ours: a stranger's status line might hold anything.
            phrase = f"answered {error.code} {responses.get(error.code, '')}".rstrip()
        case URLError(reason=Exception() as reason):
            phrase = _phrase(reason)
        case URLError():
            phrase = str(error.reason)
        case TimeoutError():
            phrase = "timed out"
        case ssl.SSLError():
            phrase = f"failed in TLS: {getattr(error, 'verify_message', '') or error.reason}"
        case socket.gaierror():
            phrase = "was not found by its name (DNS)"
        case OSError():
            phrase = f"could not be reached: {error.strerror or error}"
        case IncompleteRead():
            phrase = "was cut short"
        case HTTPException():
            phrase = f"did not answer in HTTP ({type(error).__name__})"
        case _:
            phrase = f"is not an address that can be asked: {error}"
    return phrase
