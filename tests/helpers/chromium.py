"""A real Chromium, spoken to over a pipe: what a page asks for, says and looks like."""

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
    """Return the browser; without one the test is skipped, but in CI it fails."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for path in map(shutil.which, names) if path), None)
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail("CI has no Chromium to open the pages in")
    pytest.skip("there is no Chromium to open the page in")


class Browser:
    """One page of a browser, and every event that it reported."""

    def __init__(self, send: int, receive: int) -> None:
        self._send, self._receive = send, os.fdopen(receive, "rb")
        self._number = 0
        self._rest = b""
        self._session: str | None = None
        self.events: list[Message] = []

    def close(self) -> None:
        """Let go of the pipe."""
        os.close(self._send)
        self._receive.close()

    def call(self, method: str, **parameters: object) -> Message:
        """Return the answer to a command of the DevTools protocol."""
        self._number += 1
        asked = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            asked["sessionId"] = self._session
        os.write(self._send, json.dumps(asked).encode() + b"\0")
        while (message := self._next()).get("id") != self._number:
            self.events.append(message)
        assert "error" not in message, message
        return dict(message["result"])

    def _next(self) -> Message:
        while b"\0" not in self._rest:
            more = os.read(self._receive.fileno(), 1 << 20)
            assert more, "the browser has ended"
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(message))

    def open(self, path: Path, *, width: int, dark: bool = False) -> None:
        """Open a file in a window so wide, and wait until it is there."""
        if not self._session:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
            self._session = str(attached["sessionId"])
            for domain in ("Page", "Network", "Log", "Runtime"):
                self.call(f"{domain}.enable")
        wanted = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=wanted)
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
        """The address that is open."""
        return str(self.ask("location.href")) if self._session else ""

    def ask(self, expression: str) -> object:
        """Return the value of an expression in the page, once it is there."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    @property
    def requests(self) -> list[str]:
        """Every address that the page asked for, but those that hold their own content."""
        asked = [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]
        return [url for url in asked if not url.startswith("data:")]

    @property
    def complaints(self) -> list[Message]:
        """What the console says, errors of the page and refusals by its policy among it."""
        spoken = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}
        return [event for event in self.events if event.get("method") in spoken]

    def picture(self, path: Path) -> None:
        """Write the whole page as a PNG, for somebody to look at."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def browsing(folder: Path) -> Iterator[Browser]:
    """Give a browser that keeps its files in a folder and is gone after the block."""
    program = chromium()
    to_browser, from_browser = os.pipe(), os.pipe()
    # the browser reads from 3 and writes to 4: they are put there from numbers above both
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
