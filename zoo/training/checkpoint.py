"""The check of a checkpoint whose digest is right, but whose content may be anybody's."""

import math
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zoo.errors import CorruptFileError

Arrays = dict[str, npt.NDArray[np.generic]]
Count = Annotated[int, Field(ge=0, lt=2**53)]
Word = Annotated[int, Field(ge=0, lt=2**32)]
Big = Annotated[int, Field(ge=0, lt=2**128)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class _Pcg64(_Strict):
    state: Big
    inc: Big


class _Generator(_Strict):
    """The state of a NumPy generator."""

    bit_generator: Literal["PCG64"]
    state: _Pcg64
    has_uint32: Annotated[int, Field(ge=0, le=1)]
    uinteger: Word


class _Rest(_Strict):
    """What `zoo.training.loop.Training.state` returns besides the arrays."""

    step: Count
    generators: dict[str, _Generator]
    before: dict[str, _Generator]
    best: Annotated[tuple[float, Count], Field(strict=False)] | None = None


def checked(arrays: Arrays, rest: str, seconds: float, *, current: Arrays, where: str) -> str:
    """Return the rest of a checkpoint; raise if it, or an array, does not match the training."""
    try:
        text = _Rest.model_validate_json(rest).model_dump_json(exclude_none=True)
    except ValidationError as error:
        issue = error.errors(include_url=False, include_input=False)[0]
        raise _mismatch(where, ".".join(map(str, issue["loc"])) or "its text") from None
    for name, array in current.items():
        found = arrays.get(name)
        if found is None or (found.shape, found.dtype) != (array.shape, array.dtype):
            raise _mismatch(where, name)
    if not 0 <= seconds < math.inf:
        raise _mismatch(where, "seconds")
    return text


def _mismatch(where: str, what: str) -> CorruptFileError:
    return CorruptFileError(f"The checkpoint of {where} does not match its entry: {what:.100}.")
