"""What run.json says of a run: its schema, read and written without NumPy."""

import json
import math
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

FORMAT = 1
RECORD = "run.json"  # a folder with this file is a run
Metadata = dict[str, Any]


class DataRecord(BaseModel):
    """The data in run.json."""

    model_config = ConfigDict(strict=True)

    digest: str
    source: str
    given: str | None


class ScoreRecord(BaseModel):
    """The score of a split in run.json."""

    model_config = ConfigDict(strict=True)

    n: int
    accuracy: float
    loss: float


class TrainingRecord(BaseModel):
    """What run.json says of a training: of the run's, or of a longer one."""

    model_config = ConfigDict(strict=True)

    status: str
    process: int
    versions: dict[str, str | None]
    changes: dict[str, Any]
    recipe: str | None = None  # a digest; early versions did not write one
    code: str | None = None


class LongerRecord(TrainingRecord):
    """The longer training of a finished run, in run.json until it is done."""

    length: int  # in epochs or iterations
    updated: str
    host: str


class RunRecord(TrainingRecord):
    """The required fields of run.json, to detect a damaged file."""

    format: Literal[1]
    entry: str
    seed: int
    started: str
    data: DataRecord
    split: str | None = None
    accuracy: float | None = None
    seconds: float | None = None
    verdict: str | None = None
    scores: dict[str, ScoreRecord] | None = None
    fingerprint: str | None = None
    longer: LongerRecord | None = None

    @model_validator(mode="after")
    def _accuracy_has_a_split(self) -> Self:
        if (self.accuracy is None) != (self.split is None):
            msg = "accuracy and split: expected both or neither"
            raise ValueError(msg)
        final = (self.scores, self.seconds, self.accuracy, self.fingerprint)
        if self.status == "done" and None in final:
            msg = "a finished run needs scores, seconds, an accuracy and a fingerprint"
            raise ValueError(msg)
        if self.scores is not None and self.split not in {None, *self.scores}:
            msg = f"the accuracy is on {self.split}, which has no score"
            raise ValueError(msg)
        if missing := {"zoo", "python", "numpy"} - self.versions.keys():
            msg = f"versions: missing {', '.join(sorted(missing))}"
            raise ValueError(msg)
        return self


def checked_record(text: str) -> Metadata:
    """Return the content of run.json; raise ValueError with the reason if it is damaged."""
    try:
        metadata: Metadata = json.loads(text, parse_constant=finite, parse_float=finite)
        RunRecord.model_validate(metadata)
    except ValidationError as error:
        raise ValueError(_first_issue(error)) from None
    except (ValueError, RecursionError) as error:  # json raises ValueError
        raise ValueError(str(error).splitlines()[0]) from None
    return metadata


def record_text(metadata: Metadata) -> str:
    """Return the content of run.json."""
    return json.dumps({"format": FORMAT, **metadata}, indent=2, allow_nan=False) + "\n"


def _first_issue(error: ValidationError) -> str:
    """Return the first issue of a validation, with its key."""
    issue = error.errors()[0]
    key = ".".join(map(str, issue["loc"]))
    message = issue["msg"].removeprefix("Value error, ")
    return f"{key}: {message}" if key else message


def finite(text: str) -> float:
    """Return the number in a text; raise ValueError for NaN and infinity, which JSON lacks."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is NaN or infinite")
    return number
