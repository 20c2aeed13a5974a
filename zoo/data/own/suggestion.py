"""Settings of an entry's [data] that follow from a look at a file or folder of the user's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from zoo.config.own_data import TEST_KEYS

FEW_ROWS = 100  # of which a validation split would be too small to say anything
SHARES = {"validation": 0.2, "test": 0.2}
TEST_SHARE = 0.25  # of few rows


@dataclass(frozen=True)
class Suggestion:
    """Keys of [data] with their values, comments on them, and warnings."""

    data: dict[str, Any]
    rows: int
    comments: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def split(self) -> dict[str, Any]:
        """The keys of [data.split]."""
        if "split" in self.data:
            return dict(self.data["split"])
        if "validation_path" in self.data:
            return {}
        has_test = any(key in self.data for key in TEST_KEYS)
        shares: dict[str, Any] = SHARES if self.rows >= FEW_ROWS else {"test": TEST_SHARE}
        if has_test:
            shares = {"validation": SHARES["validation"]}
        return {**shares, "stratify": True}
