"""A web server on this machine that answers as a test wants it to, well or badly."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


class Mirror(ThreadingHTTPServer):
    """A server that gives every request the same answer, and counts them."""

    block_on_close = False

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None) -> None:
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.asked.append(self.path)
                with suppress(OSError):  # the client may have had enough
                    answer(self)

            do_CONNECT = do_GET  # noqa: N815 - the server calls it for a proxy's tunnel

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server_port}/"

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that breaks off is part of the tests."""


@contextmanager
def mirror(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Mirror]:
    """Serve `answer` while the block runs."""
    with Mirror(answer, tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def sends(content: bytes, *, status: int = 200, length: int | None = None) -> Answer:
    """Answer `content`, and promise `length` bytes where that is another number."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content) if length is None else length))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def redirects(to: str) -> Answer:
    """Answer that the file is elsewhere."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer
