"""Validation of what the journal of a study says: Optuna checks hardly any of it."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from zoo.analysis.search_space import Choice, Range, Space
from zoo.parallel import process_identity

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

FIXED = "fixed_params"  # the attribute from which Optuna takes fixed values of a trial
SEARCH = "search"  # the study's attribute with the settings of its search
WRITTEN = "written"  # the study's attribute with the digests of the files that it wrote
RUNG = "completed_rung_"  # attributes of the pruner
MAX_SECONDS = 1e10


def study_problems(study: "optuna.Study") -> Iterator[str]:
    """Yield what is wrong with the attributes of a study."""
    from optuna.study import StudyDirection

    if study.directions != [StudyDirection.MAXIMIZE]:
        yield "the study does not maximize one accuracy"
    if not _is_settings(study.user_attrs.get(SEARCH, "{}")):
        yield "the study's search is not an object in JSON"
    if not _is_digests(study.user_attrs.get(WRITTEN, {})):
        yield "the study's list of written files does not have their digests"


def trial_problems(trial: "FrozenTrial", space: Space) -> Iterator[str]:
    """Yield what is wrong with a trial."""
    from optuna.trial import TrialState

    name, done = f"trial {trial.number}", trial.state == TrialState.COMPLETE
    if not (_is_accuracy(trial.values) or (trial.values is None and not done)):
        yield f"the accuracy of {name} is not a number from 0 to 1"
    reports = trial.intermediate_values
    if not all(isinstance(step, int) and _is_number(value) for step, value in reports.items()):
        yield f"the reports of {name} are not numbers"
    if missing := [key for key in space if key not in trial.params] if done else []:
        yield f"{name} is done without a value for {missing[0]}"
    for key, value in trial.params.items():
        if key not in space or not _is_on(space[key], value, trial.distributions.get(key)):
            yield f"{name} has a value outside the search space"
    yield from _attribute_problems(name, trial.user_attrs, trial.system_attrs)


def _attribute_problems(name: str, ours: Any, of_optuna: Any) -> Iterator[str]:
    if not (isinstance(ours, dict) and isinstance(of_optuna, dict)):
        yield f"the attributes of {name} are not an object in JSON"
        return
    worker, seconds = ours.get("worker"), ours.get("seconds", 0)
    if worker is not None and not process_identity.is_identity(worker):
        yield f"the process of {name} is not a host and an id"
    if not (_is_number(seconds) and abs(seconds) < MAX_SECONDS):
        yield f"the time of {name} is not a number of seconds"
    if not isinstance(ours.get("error", ""), str):
        yield f"the error of {name} is not a text"
    fixed = of_optuna.get(FIXED, {})
    if not (isinstance(fixed, dict) and all(isinstance(text, str) for text in fixed.values())):
        yield f"the combination of {name} is not one of texts"
    if not all(_is_number(value) for key, value in of_optuna.items() if key.startswith(RUNG)):
        yield f"the reports of {name} to the pruner are not numbers"


def distribution(axis: Range | Choice) -> "optuna.distributions.BaseDistribution":
    """Return an axis of the search space in Optuna's form."""
    from optuna import distributions

    if isinstance(axis, Choice):
        return distributions.CategoricalDistribution(axis.texts)
    if axis.is_integer:
        return distributions.IntDistribution(int(axis.low), int(axis.high), log=axis.log)
    return distributions.FloatDistribution(axis.low, axis.high, log=axis.log)


def _is_on(axis: Range | Choice, value: Any, recorded: object) -> bool:
    """Return whether a value is one of an axis, and was recorded as such."""
    if recorded != distribution(axis):
        return False
    if isinstance(axis, Choice):
        return value in axis.texts
    return _is_number(value) and bool(axis.low <= value <= axis.high)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_accuracy(values: Any) -> bool:
    match values:
        case [int() | float() as accuracy]:
            return 0 <= accuracy <= 1
    return False


def _is_settings(text: Any) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (TypeError, ValueError, RecursionError):
        return False


def _is_digests(written: Any) -> bool:
    return isinstance(written, dict) and all(
        isinstance(digests, list) and all(isinstance(digest, str) for digest in digests)
        for digests in written.values()
    )
