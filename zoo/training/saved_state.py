"""The state of a training in a checkpoint, which may be crafted although its digest is right."""

from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zoo.training.loop import Arrays, Training

MAX_STEP = 2**53  # the steps count as float64 too


class SavedState(BaseModel):
    """The part that is JSON."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    step: Annotated[int, Field(ge=0, le=MAX_STEP)]
    generators: dict[str, dict[str, Any]]
    before: dict[str, dict[str, Any]]
    best: tuple[Annotated[float, Field(ge=-1, le=1)], Annotated[int, Field(ge=0)]] | None = None


def restore(training: Training, arrays: Arrays, rest: str) -> None:
    """Load a state into a training; raise ValueError if it is not one of this training."""
    expected, _ = training.state()
    if different := sorted(expected.keys() ^ arrays.keys()):
        raise ValueError(f"{', '.join(different)}: expected {', '.join(sorted(expected))}")
    for name, array in expected.items():
        form, saved_form = (f"{one.dtype} {one.shape}" for one in (array, arrays[name]))
        if form != saved_form:
            raise ValueError(f"{name}: expected {form}, got {saved_form}")
    if not np.isfinite(arrays["losses"]).all():
        raise ValueError("losses: expected finite numbers")
    try:
        SavedState.model_validate_json(rest)
        training.restore(arrays, rest)
    except ValidationError as error:
        issue = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, issue['loc']))}: {issue['msg']}") from None
    except (LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"generators or best: {error}") from None
