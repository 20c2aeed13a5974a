"""The Optuna study of a search: its trials' processes, its sampler and its pruner."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from zoo.analysis.study_folder import damaged, unusable
from zoo.parallel import process_identity

if TYPE_CHECKING:
    import optuna

NAME = "zoo"  # the study's name in the journal
DAY = timedelta(days=1)
# raised by Optuna when it applies a record that is not valid
REPLAY_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)

Sampler = Literal["tpe", "random", "grid"]
Pruner = Literal["halving", "none"]


def fail_abandoned_trials(study: "optuna.Study") -> None:
    """Mark the running trials as failed whose process has ended, or does not run them any more.

    A process runs one trial at a time. It calls this between two trials, so a running trial of
    this process is one whose end could not be written. A process of another host cannot be asked;
    after a day its trial is tried again, and if it ends after all, both count.
    """
    from optuna.trial import TrialState

    own = list(process_identity.identity())
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        # older versions recorded the process after the trial was created
        worker = trial.user_attrs.get("worker")
        ended = worker is None or worker == own or process_identity.has_ended(worker)
        if ended or _is_old(trial):
            with suppress(ValueError, RuntimeError):  # the trial has ended since it was listed
                study.tell(trial.number, state=TrialState.FAIL)


def _is_old(trial: "optuna.trial.FrozenTrial") -> bool:
    start = trial.datetime_start  # local time, without a zone
    return start is not None and datetime.now(tz=None) - start > DAY  # noqa: DTZ005 - Optuna has no zones


@contextmanager
def quiet() -> Iterator[None]:
    """Silence Optuna's log and its warnings of experimental features."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        yield


def open_study(
    storage: "optuna.storages.JournalStorage",
    *,
    sampler: Sampler,
    pruner: Pruner,
    rng_seed: Sequence[int],
) -> "optuna.Study":
    """Return the study in this journal; it is created if there is none."""
    import optuna

    options: dict[str, Any] = {
        "storage": storage,
        "study_name": NAME,
        "sampler": _sampler(sampler, rng_seed),
        "pruner": _pruner(pruner),
    }
    if storage.get_all_studies():
        return optuna.load_study(**options)
    return optuna.create_study(direction="maximize", **options)


def open_journal(folder: Path) -> "optuna.storages.JournalStorage":
    """Return the journal of a study, read to its end."""
    from optuna.storages import JournalStorage

    from zoo.analysis.journal import Journal

    journal = Journal(folder)
    try:
        storage = JournalStorage(journal)
        studies = storage.get_all_studies()
    except OSError as error:
        raise unusable(folder, error) from error
    except REPLAY_ERRORS:
        raise damaged(journal.path, f"line {journal.line} is not a record of a study") from None
    if [study.study_name for study in studies] not in ([], [NAME]):
        raise damaged(journal.path, f"it does not have one study, with the name {NAME}")
    return storage


def _sampler(name: Sampler, rng_seed: Sequence[int]) -> "optuna.samplers.BaseSampler":
    import optuna

    seed = int(np.random.SeedSequence(list(rng_seed)).generate_state(1)[0])
    if name == "tpe":
        return optuna.samplers.TPESampler(seed=seed)
    return optuna.samplers.RandomSampler(seed=seed)  # a grid does not use it: its values are fixed


def _pruner(name: Pruner) -> "optuna.pruners.BasePruner":
    import optuna

    if name == "halving":
        # after 3, 9, 27 ... reports the best third continues
        return optuna.pruners.SuccessiveHalvingPruner(
            min_resource=1, reduction_factor=3, min_early_stopping_rate=1
        )
    return optuna.pruners.NopPruner()
