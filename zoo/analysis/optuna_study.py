"""The Optuna study of a search: its journal, its lock, its sampler and its pruner."""

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from filelock import FileLock

from zoo.errors import CorruptFileError, ZooError
from zoo.parallel import process_identity
from zoo.system.files import has_symbolic_links

if TYPE_CHECKING:
    import optuna
    from optuna.storages.journal import JournalFileOpenLock, JournalFileSymlinkLock

    JournalLock = JournalFileSymlinkLock | JournalFileOpenLock

JOURNAL = "journal.log"
LOCK = ".lock"
NAME = "zoo"  # the study's name in the journal

Sampler = Literal["tpe", "random", "grid"]
Pruner = Literal["halving", "none"]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time create trials; the system unlocks when that process is killed."""
    try:
        lock = FileLock(folder / LOCK).acquire()
    except OSError as error:
        raise unusable(folder, error) from None
    except NotImplementedError:  # raised by filelock if the file system has no locks
        raise ZooError(
            f"{folder} cannot hold a study: its file system has no locks.",
            hint="Choose another folder: --study DIR.",
        ) from None
    with lock:
        yield


def fail_abandoned_trials(study: "optuna.Study") -> None:
    """Mark the running trials as failed whose process has ended."""
    from optuna.trial import TrialState

    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        # older versions recorded the process after the trial was created
        worker = trial.user_attrs.get("worker")
        if worker is not None and not process_identity.is_identity(worker):
            raise CorruptFileError(
                f"The journal names {worker!r} as a trial's process; expected host and id."
            )
        if worker is None or process_identity.has_ended(worker):
            with suppress(ValueError, RuntimeError):  # the trial has ended since it was listed
                study.tell(trial.number, state=TrialState.FAIL)


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

    return optuna.create_study(
        storage=storage,
        study_name=NAME,
        direction="maximize",
        load_if_exists=True,
        sampler=_sampler(sampler, rng_seed),
        pruner=_pruner(pruner),
    )


def open_journal(folder: Path) -> "optuna.storages.JournalStorage":
    """Return the journal of a study, read to its end."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    path = folder / JOURNAL
    lock = _lock(path)
    try:
        _truncate_torn_line(path, lock)
        return JournalStorage(JournalFileBackend(str(path), lock_obj=lock))
    except OSError as error:
        raise unusable(folder, error) from None
    except (ValueError, LookupError, TypeError, AssertionError):  # Optuna's errors on invalid text
        raise CorruptFileError(f"{path} is not the journal of a study.") from None


def _lock(path: Path) -> "JournalLock":
    """Return the lock of a journal that Optuna recommends for this system."""
    from optuna.storages.journal import JournalFileOpenLock, JournalFileSymlinkLock

    return (JournalFileSymlinkLock if has_symbolic_links() else JournalFileOpenLock)(str(path))


def _truncate_torn_line(path: Path, lock: "JournalLock") -> None:
    """Remove an incomplete last line, which a killed process or a full disk left."""
    if not path.exists():
        return
    content = path.read_bytes()
    first = content.partition(b"\n")[0]
    if content.endswith(b"\n") or b"\n" not in content or b'"op_code"' not in first:
        return  # the last line is complete, or the file is not a journal and must stay as it is
    lock.acquire()  # another process may be writing this line
    try:
        content = path.read_bytes()
        os.truncate(path, content.rfind(b"\n") + 1)
    finally:
        lock.release()


def unusable(folder: Path, error: OSError) -> ZooError:
    """Return the error for a folder that cannot be written to."""
    return ZooError(
        f"{folder} cannot hold a study: {error.strerror or error}.",
        hint="Choose another folder: --study DIR.",
    )


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
