"""A checkpoint: the file with the state of a training, which anybody can write by hand."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zoo.errors import CorruptFileError
from zoo.files import not_read, write_atomically
from zoo.system.files import open_regular
from zoo.training.loop import Arrays, Training
from zoo.training.record import finite

MAX_HEADER = 100_000  # bytes besides the arrays
Count = Annotated[int, Field(ge=0, lt=2**53)]  # steps count as float64 too
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
    uinteger: Annotated[int, Field(ge=0, lt=2**32)]


class SavedState(_Strict):
    """The part that is JSON."""

    step: Count
    generators: dict[str, _Generator]
    before: dict[str, _Generator]
    best: tuple[Annotated[float, Field(ge=-1, le=1)], Count] | None = None


def max_bytes(training: Training) -> int:
    """Return the greatest size of a checkpoint of this training."""
    arrays, _ = training.state()
    return sum(array.nbytes for array in arrays.values()) + MAX_HEADER


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


def write(path: Path, arrays: Arrays, rest: str, *, seconds: float) -> None:
    """Write the state of a training, and its digest."""
    from safetensors.numpy import save

    metadata = {"rest": rest, "seconds": repr(seconds)}
    metadata["digest"] = _digest(arrays, metadata)
    write_atomically(path, save(arrays, metadata))


def read(path: Path, max_bytes: int) -> tuple[Arrays, str, float] | None:
    """Return what was written, None if there is no file; raise if it is damaged or too large."""
    from safetensors import SafetensorError, safe_open

    try:
        with open_regular(path) as file:  # safetensors would wait for a pipe
            size = os.fstat(file.fileno()).st_size
        if size > max_bytes:
            raise CorruptFileError(
                f"{path} has {size:,} bytes; at most {max_bytes:,} are its state."
            )
        with safe_open(path, framework="np") as tensors:
            metadata = tensors.metadata()
            arrays = {name: tensors.get_tensor(name) for name in tensors.keys()}  # noqa: SIM118 - not a mapping
        if metadata.pop("digest") != _digest(arrays, metadata):
            raise CorruptFileError(f"{path} is damaged: its digest does not match its content.")
        return arrays, metadata["rest"], _duration(metadata["seconds"])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise not_read(path, error, CorruptFileError) from None
    except (SafetensorError, LookupError, ValueError, TypeError, AttributeError) as error:
        raise CorruptFileError(f"{path} is damaged: {error}.") from None


def _duration(text: str) -> float:
    seconds = finite(text)
    if seconds < 0:
        raise ValueError(f"{text} seconds")
    return seconds


def _digest(arrays: Arrays, metadata: Mapping[str, str]) -> str:
    """Return a SHA-256 over the content of a checkpoint."""
    digest = hashlib.sha256(json.dumps(sorted(metadata.items())).encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
