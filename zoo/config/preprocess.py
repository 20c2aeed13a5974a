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
        """The factor of scale * value + shift, or of scale * (value - column_means)."""
        if isinstance(self.std, tuple):
            return tuple(1 / (self.divide * std) for std in self.std)
        return 1 / (self.divide * self.std)

    @property
    def shift(self) -> float:
        """The addend of scale * value + shift; 0 with a mean and std for each column."""
        if isinstance(self.mean, tuple) or isinstance(self.std, tuple):
            return 0.0
        return -self.mean / self.std

    @property
    def column_means(self) -> tuple[float, ...] | None:
        """The mean of each column as its values are stored; None for scalars.

        It is subtracted first: the mean of a column such as a year is many of its deviations, and
        in float32 scale * value + shift would round away what distinguishes the rows.
        """
        if isinstance(self.mean, tuple):
            return tuple(self.divide * mean for mean in self.mean)
        return None

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
