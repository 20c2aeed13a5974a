"""Chromium, controlled over a pipe: requests, console messages and screenshots of a page."""

import base64
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Message = dict[str, Any]

LAUNCH = """
import os, sys
read, write, *command = sys.argv[1:]
os.dup2(int(read), 3)
os.dup2(int(write), 4)
os.execv(command[0], command)
"""


def chromium() -> str:
    """Return the path of Chromium; without it the test is skipped, but in CI it fails."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program:
        return program
    if os.environ.get("CI"):
        pytest.fail("Chromium is missing in CI")
    pytest.skip("Chromium is not installed")


class Browser:
    """One page of a browser, and its events."""

    def __init__(self, send: int, receive: int) -> None:
        self._send, self._receive = send, os.fdopen(receive, "rb")
        self._number = 0
        self._rest = b""
        self._session: str | None = None
        self.events: list[Message] = []

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._send)
        self._receive.close()

    def call(self, method: str, **parameters: object) -> Message:
        """Send a command of the DevTools protocol and return its result."""
        self._number += 1
        request = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            request["sessionId"] = self._session
        os.write(self._send, json.dumps(request).encode() + b"\0")
        while (message := self._next()).get("id") != self._number:
            self.events.append(message)
        assert "error" not in message, message
        return dict(message["result"])

    def _next(self) -> Message:
        while b"\0" not in self._rest:
            received = os.read(self._receive.fileno(), 1 << 20)
            assert received, "the browser has ended"
            self._rest += received
        message, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(message))

    def open(self, path: Path, *, width: int, dark: bool = False) -> None:
        """Open a file in a window of this width, and wait until it is loaded."""
        if not self._session:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
            self._session = str(attached["sessionId"])
            for domain in ("Page", "Network", "Log", "Runtime"):
                self.call(f"{domain}.enable")
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=features)
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.events.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    @property
    def url(self) -> str:
        """The URL of the open page."""
        return str(self.evaluate("location.href")) if self._session else ""

    def evaluate(self, expression: str) -> object:
        """Return the value of an expression in the page; promises are awaited."""
        result = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    @property
    def requests(self) -> list[str]:
        """Every URL that the page requested, without data: URLs."""
        urls = [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]
        return [url for url in urls if not url.startswith("data:")]

    @property
    def messages(self) -> list[Message]:
        """Console messages, errors of the page and violations of its policy."""
        methods = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}
        return [event for event in self.events if event.get("method") in methods]

    def screenshot(self, path: Path) -> None:
        """Write a screenshot of the whole page as a PNG."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def browsing(folder: Path) -> Iterator[Browser]:
    """Yield a browser with its files in a folder; it ends after the block."""
    program = chromium()
    to_browser, from_browser = os.pipe(), os.pipe()
    # The browser reads from 3 and writes to 4; these numbers are above both.
    read = fcntl.fcntl(to_browser[0], fcntl.F_DUPFD, 10)
    write = fcntl.fcntl(from_browser[1], fcntl.F_DUPFD, 10)
    options = [
        "--headless",
        "--remote-debugging-pipe",
        "--no-first-run",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        f"--user-data-dir={folder / 'chromium'}",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", LAUNCH, str(read), str(write), program, *options],
        pass_fds=(read, write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for end in (to_browser[0], from_browser[1], read, write):
        os.close(end)
    browser = Browser(to_browser[1], from_browser[0])
    try:
        yield browser
    finally:
        process.terminate()
        process.wait(timeout=30)
        browser.close()
