"""What the journal of a study may not say."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.digits import digits
from tests.helpers.searches import make_search, run_study
from zoo.analysis import studies
from zoo.analysis.search import Search
from zoo.analysis.study_folder import JOURNAL
from zoo.errors import CorruptFileError
from zoo.training import jobs

Record = dict[str, Any]
Change = Callable[[list[Record]], object]


@pytest.fixture
def search(tmp_path: Path) -> Search:
    """Return a search with one trial."""
    jobs.register_dataset(digits())
    search = make_search(
        tmp_path, "train.rate=0.1,0.2", "train.batch=100..200", "preprocess.divide=log:8..16"
    )
    run_study(search, 1)
    return search


def of(operation: int, records: list[Record]) -> Record:
    """Return the first record of an operation."""
    return next(record for record in records if record["op_code"] == operation)


def new_trial(**fields: object) -> Change:
    """Return the change that appends the record of a trial."""
    record = {"op_code": 4, "worker_id": "x", "study_id": 0, "datetime_start": None, "state": 0}
    return lambda records: records.append(record | fields)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            lambda records: of(0, records).update(directions=[1]),
            "the study does not maximize one accuracy",
        ),
        (
            lambda records: of(0, records).update(directions=[2, 2]),
            "the study does not maximize one accuracy",
        ),
        (
            lambda records: of(2, records).update(user_attr={"search": "[" * 5000}),
            "the study's search is not an object in JSON",
        ),
        (
            lambda records: of(2, records).update(user_attr={"written": {"best.toml": "0"}}),
            "the study's list of written files does not have their digests",
        ),
        (
            lambda records: of(6, records).update(values=[1.5]),
            "the accuracy of trial 0 is not a number from 0 to 1",
        ),
        (
            lambda records: of(6, records).update(values=None),
            "the accuracy of trial 0 is not a number from 0 to 1",
        ),
        (
            lambda records: of(6, records).update(values=[float("nan")]),
            "the accuracy of trial 0 is not a number from 0 to 1",
        ),
        (
            lambda records: of(7, records).update(intermediate_value="0.5"),
            "the reports of trial 0 are not numbers",
        ),
        (
            lambda records: records.remove(of(5, records)),
            "trial 0 is done without a value for train.rate",
        ),
        (
            lambda records: of(5, records).update(param_name="train.epochs"),
            "trial 0 is done without a value for train.rate",
        ),
        (
            lambda records: of(5, records).update(
                distribution=of(5, records)["distribution"].replace("0.2", "0.3")
            ),
            "trial 0 has a value outside the search space",
        ),
        (
            new_trial(
                params={"train.batch": 99},
                distributions={
                    "train.batch": json.dumps(
                        {
                            "name": "IntDistribution",
                            "attributes": {"log": False, "step": 1, "low": 100, "high": 200},
                        }
                    )
                },
            ),
            "trial 1 has a value outside the search space",
        ),
        (
            new_trial(user_attrs={"worker": ["host"]}),
            "the process of trial 1 is not a host and an id",
        ),
        (
            new_trial(system_attrs=0.5),
            "the attributes of trial 1 are not an object in JSON",
        ),
        (
            new_trial(user_attrs={"seconds": "1"}),
            "the time of trial 1 is not a number of seconds",
        ),
        (
            new_trial(user_attrs={"error": ["text"]}),
            "the error of trial 1 is not a text",
        ),
        (
            new_trial(system_attrs={"fixed_params": {"train.rate": 0.1}}),
            "the combination of trial 1 is not one of texts",
        ),
        (
            new_trial(system_attrs={"completed_rung_0": None}),
            "the reports of trial 1 to the pruner are not numbers",
        ),
    ],
)
def test_open_or_create_damaged(search: Search, change: Change, problem: str) -> None:
    """A record that Optuna accepts and that no search writes is named, and nothing is written."""
    journal = search.folder / JOURNAL
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    change(records)
    journal.write_text(
        "".join(f"{json.dumps(record, separators=(',', ':'))}\n" for record in records)
    )
    damaged = journal.read_bytes()
    for use in (studies.open_or_create, studies.read):
        with pytest.raises(CorruptFileError) as raised:
            use(search)
        assert str(raised.value) == f"{journal} is damaged: {problem}."
    assert journal.read_bytes() == damaged
