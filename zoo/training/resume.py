"""Resuming a run from its checkpoint, to its length or to another one."""

from zoo.config import cache_key, load
from zoo.config.entry import Entry
from zoo.data.dataset import Dataset
from zoo.errors import ConfigError, DataError
from zoo.system.commands import quote
from zoo.training.environment import environment_info
from zoo.training.prepare import prepare
from zoo.training.recorder import Clock, RunRecorder
from zoo.training.run import Run

FINAL_FIELDS = ("seconds", "scores", "split", "accuracy", "verdict", "fingerprint")


def resume(run: Run, dataset: Dataset, *, length: int | None, clock: Clock) -> RunRecorder:
    """Return the recorder of an old run that continues, up to `length` epochs or iterations."""
    run.lock()
    recorder = check_resume(run, dataset, entry_to_resume(run, length), clock=clock)
    entry, metadata = recorder.entry, recorder.metadata
    run.remove_temporary_files()
    for name in FINAL_FIELDS:
        metadata.pop(name, None)
    if length is not None:
        metadata["changes"] |= {f"train.{entry.train.unit}s": length}
        metadata["recipe"] = cache_key.recipe_digest(entry)
    code_differs = metadata.get("code") != cache_key.entry_source_digest(entry)
    if code_differs or (length is not None and entry.train.schedule_depends_on_length):
        metadata["code"] = None  # no single version and recipe would repeat this result
    metadata["versions"] = environment_info() | cache_key.plugin_packages(entry)
    recorder.set_status("running")
    run.write_entry(entry, run.entry_text)
    return recorder


def entry_to_resume(run: Run, length: int | None) -> Entry:
    """Return the entry of a run, with another length if there is one."""
    entry = run.entry
    if length is None:
        return entry
    tables = load.override(
        entry.model_dump(exclude_none=True), [(f"train.{entry.train.unit}s", length)]
    )
    return load.check(tables, where=run.name)


def check_resume(run: Run, dataset: Dataset, entry: Entry, *, clock: Clock) -> RunRecorder:
    """Return the recorder of a run; raise if the data is not its own or no steps are left."""
    metadata = run.metadata
    if dataset.digest != metadata["data"]["digest"]:
        raise DataError(
            f"{run.name} was trained on other data; expected {metadata['data']['digest'][:12]}, "
            f"got {dataset.digest[:12]}: {dataset.source}.",
            hint="Pass the original data: --data PATH.",
        )
    recorder = RunRecorder(run, metadata, prepare(entry, dataset), clock=clock)
    step, steps = recorder.training.step, recorder.training.plan.steps
    if step > steps or (recorder.is_complete and metadata["status"] == "done"):
        command = f"zoo resume {quote(str(run.path))}"
        raise ConfigError(
            f"{run.name} has already made {step:,} steps; its length is {steps:,}.",
            hint=f"Train for longer: `{command} --{entry.train.unit}s N`.",
        )
    return recorder
