"""The output of `zoo plugins`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .result import Result, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zoo.testing.suite import CheckResult


def plugins_result(providers: Sequence[dict[str, Any]]) -> Result:
    """Return the result of `zoo plugins list`."""
    columns = ("provider", "version", "provides", "from")
    rows = [
        (provider["name"], provider["version"], _provided(provider) or "-", provider["from"])
        for provider in providers
    ]
    return Result(list(providers), tables=[Table(columns, rows)])


def _provided(provider: dict[str, Any]) -> str:
    count = len(provider["entries"])
    entries = [f"{count} {'entry' if count == 1 else 'entries'}"] if count else []
    commands = (f"zoo {name}" for name in provider["commands"])
    return ", ".join([*entries, *provider["kinds"], *commands])


def check_result(checked: CheckResult) -> Result:
    """Return the result of one check of a plugin."""
    text = f"{checked.subject}: {checked.fault}" if checked.fault else checked.subject
    line = f"{'FAILED' if checked.fault else 'ok    '} {text}"
    return Result({"name": checked.subject} | checked._asdict(), lines=[line])
