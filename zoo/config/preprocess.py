"""The scaling of the inputs."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from zoo.config.base import AsTuple, LaterKeys, Width

MAX_COLUMNS = 10_000  # numbers of their own for the columns
Mean = Annotated[float, Field(ge=-1e6, le=1e6)]
SMALLEST, LARGEST = 1e-30, 1e30  # of a column's mean and deviation: float32 can hold their ratio
ColumnMean = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]
ColumnWidth = Annotated[float, Field(ge=SMALLEST, le=LARGEST)]
Means = Annotated[tuple[ColumnMean, ...], Field(max_length=MAX_COLUMNS), AsTuple]
Widths = Annotated[tuple[ColumnWidth, ...], Field(max_length=MAX_COLUMNS), AsTuple]
Numbers = float | tuple[float, ...]


class Preprocess(LaterKeys):
    """The scaling (value / divide - mean) / std, with scalars or one mean and std per column.

    With the kind "standardize", each training learns mean and std from its rows: for each column
    of a table, for all pixels of images.
    """

    later_keys = frozenset({"kind"})
    kind: Literal["scale", "standardize"] = "scale"
    divide: Width
    mean: Mean | Means = 0.0
    std: Width | Widths = 1.0

    @model_validator(mode="before")
    @classmethod
    def _standardize_needs_no_numbers(cls, value: object) -> object:
        if value == "standardize":
            value = {"kind": value}
        is_table = isinstance(value, dict) and value.get("kind") == "standardize"
        return {"divide": 1.0, **value} if is_table else value  # type: ignore[dict-item]

    @property
    def learns(self) -> bool:
        """Whether a training learns mean and std from its rows."""
        return self.kind == "standardize"

    @property
    def without_learned(self) -> Self:
        """This scaling without what a training has learned."""
        return self.model_copy(update={"mean": 0.0, "std": 1.0}) if self.learns else self

    @property
    def scale(self) -> Numbers:
        """The factor of scale * value + shift."""
        if isinstance(self.std, tuple):
            return tuple(1 / (self.divide * std) for std in self.std)
        return 1 / (self.divide * self.std)

    @property
    def shift(self) -> Numbers:
        """The addend of scale * value + shift."""
        if isinstance(self.mean, tuple) and isinstance(self.std, tuple):
            return tuple(-mean / std for mean, std in zip(self.mean, self.std, strict=True))
        assert not isinstance(self.mean, tuple)  # noqa: S101 - `_same_length` has checked it
        assert not isinstance(self.std, tuple)  # noqa: S101
        return -self.mean / self.std

    @property
    def columns(self) -> int | None:
        """The number of columns with a mean and std of their own; None for scalars."""
        return len(self.mean) if isinstance(self.mean, tuple) else None

    @model_validator(mode="after")
    def _same_length(self) -> Self:
        if isinstance(self.mean, tuple) != isinstance(self.std, tuple) or (
            isinstance(self.mean, tuple)
            and isinstance(self.std, tuple)
            and len(self.mean) != len(self.std)
        ):
            msg = "mean and std must be two numbers, or two lists of equal length"
            raise ValueError(msg)
        return self
