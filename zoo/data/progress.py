"""What a download tells while it runs: a file's name, its bytes so far, its bytes in all."""

from collections.abc import Callable

Progress = Callable[[str, int, int | None], None]


def silent(name: str, received: int, total: int | None) -> None:
    """Show nothing."""
