"""The recorder of one training: it writes the metrics, checkpoints and results of a run folder."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from zoo.config import cache_key
from zoo.config.entry import Entry, SplitName, Verdict
from zoo.data.dataset import Dataset
from zoo.errors import CorruptFileError, ZooError
from zoo.formatting import percent
from zoo.nn.metrics import Score
from zoo.system.commands import quote
from zoo.training import checkpoint, curves, weights
from zoo.training.environment import environment_info
from zoo.training.loop import DivergedError, EpochReport
from zoo.training.prepare import PreparedTraining, prepare
from zoo.training.record import LongerRecord, Metadata
from zoo.training.run import MetricsRow, Run
from zoo.training.runs import create_run, folder_of_runs

SAVE_EVERY = 2.0  # seconds between checkpoints: the work that a kill can lose


Clock = Callable[[], float]
Status = Literal["running", "stopped", "diverged", "done"]


@dataclass(frozen=True)
class TrainingResult:
    """The result of a finished training."""

    run: Run
    scores: dict[SplitName, Score]
    split: SplitName  # the claim's split; without a claim, the last one
    verdict: Verdict | None
    source: str  # the source of the data
    changes: Mapping[str, object]  # the changes to the entry's recipe
    seconds: float
    fingerprint: str

    @property
    def accuracy(self) -> float:
        """The accuracy on `split`."""
        return self.scores[self.split].accuracy


class RunRecorder:
    """A training and its run folder: iterate over the rows of its metrics, then finish or stop."""

    def __init__(
        self,
        run: Run,
        metadata: Metadata,
        prepared: PreparedTraining,
        *,
        clock: Clock,
        checkpoints: bool = True,
    ) -> None:
        self.run, self.metadata, self.prepared, self.clock = run, metadata, prepared, clock
        self.checkpoints = checkpoints
        self.entry, self.training = prepared.entry, prepared.training
        self.rows: list[MetricsRow] = []
        self.seconds = 0.0
        self.finished: Metadata | None = None  # what run.json says until a longer training is done
        self._restore_checkpoint()

    def _restore_checkpoint(self) -> None:
        saved = self.run.checkpoint(checkpoint.max_bytes(self.training))
        if saved:
            arrays, rest, self.seconds = saved
            try:
                checkpoint.restore(self.training, arrays, rest)
            except ValueError as error:
                raise CorruptFileError(
                    f"The checkpoint of {self.run.name} does not match its entry: {error}."
                ) from None
            report_every = self.training.plan.report_every
            self.rows = [
                row
                for row in self.run.rows()
                if row.step <= self.training.step and row.step % report_every == 0
            ]

    def __iter__(self) -> Iterator[MetricsRow | None]:
        """Make the remaining steps; yield a row for each report, and None for the other steps."""
        with self._recording_divergence():
            yield from self._steps()

    def _steps(self) -> Iterator[MetricsRow | None]:
        if self.training.step == 0:
            self._write_epoch_weights(0)
        seconds_before, start = self.seconds, self.clock()
        saved = start
        if self.entry.train.unit == "iteration" and not self.rows:
            first = self._add(self._first_report())
            self.save()
            yield first
        for report in self.training:
            now = self.clock()
            self.seconds = seconds_before + now - start
            row = self._add(report) if report else None
            if report:
                self._write_epoch_weights(
                    self.epochs_or_iterations(report.step), held_out=report.held_out
                )
                start += self.clock() - now  # the time of writing weights does not count
            if now - saved > SAVE_EVERY:
                self.save()
                saved = self.clock()
            yield row
        self.save()

    def _write_epoch_weights(self, number: int, *, held_out: Score | None = None) -> None:
        """Write the weights that were evaluated for the report, if the run keeps them."""
        if not self.run.has_epoch_weights:
            return
        scores = (
            {self.prepared.held_out_split: held_out}
            if self.prepared.held_out_split and held_out
            else {}
        )
        with self.training.evaluation_weights():
            metadata = weights.WeightsMetadata.of(
                self.prepared.network,
                self.entry,
                data=self.metadata["data"]["digest"],
                scores=scores,
            )
            self.run.write_intermediate_weights(number, self.prepared.network, metadata)

    @contextmanager
    def _recording_divergence(self) -> Iterator[None]:
        """Record that the training diverged, with the best weights that early stopping stored."""
        try:
            yield
        except DivergedError as error:
            if self.training.has_best_weights and not self.finished:
                with self.training.final_weights():
                    best = self._write_results(self._evaluate(), status="diverged")
                path = quote(str(self.run.path))
                error.hint = (
                    f"The best weights so far have {percent(best.accuracy)} on {best.split}: "
                    f"`zoo evaluate {path}`. {error.hint}"
                )
            else:
                self.set_status("diverged")
            self.run.unlock()
            raise

    def _first_report(self) -> EpochReport:
        """Return a report of the initial weights, since the originals print iteration 0 too."""
        training, held_out = self.training, self.prepared.held_out_split
        score = training.evaluate(self.prepared.subsets["train"])
        return EpochReport(
            step=0,
            rate=training.plan.schedule(0),
            loss=score.loss,
            accuracy=score.accuracy,
            held_out=training.evaluate(self.prepared.subsets[held_out]) if held_out else None,
        )

    def epochs_or_iterations(self, step: int) -> int:
        """Return this many steps as iterations, or as completed epochs."""
        if self.entry.train.unit == "iteration":
            return step
        return step // self.training.batches.steps_per_epoch

    def _add(self, report: EpochReport) -> MetricsRow:
        row = MetricsRow(
            number=self.epochs_or_iterations(report.step),
            step=report.step,
            rate=report.rate,
            train_loss=report.loss,
            train_accuracy=report.accuracy,
            held_out_loss=report.held_out.loss if report.held_out else None,
            held_out_accuracy=report.held_out.accuracy if report.held_out else None,
            seconds=self.seconds,
        )
        self.rows.append(row)
        return row

    @property
    def is_complete(self) -> bool:
        """Whether the training is over."""
        return self.training.is_over

    def save(self) -> None:
        """Write the metrics so far, then the checkpoint: a kill in between loses nothing."""
        if not (self.checkpoints or self.is_complete):
            return
        self.run.write_rows(
            self.rows,
            unit=self.entry.train.unit,
            held_out=self.prepared.held_out_split or "held_out",
        )
        if self.checkpoints:
            arrays, rest = self.training.state()
            self.run.write_checkpoint(arrays, rest, seconds=self.seconds)

    def stop(self) -> None:
        """Write everything that `zoo resume` needs, and release the run."""
        self.save()
        self.set_status("stopped")
        self.run.unlock()

    def finish(self, *, plot: bool) -> TrainingResult:
        """Evaluate every split, write the files of a finished run and return the result."""
        with self.training.final_weights():
            return self._finish(plot=plot)

    def _finish(self, *, plot: bool) -> TrainingResult:
        with self._recording_divergence():
            scores = self._evaluate()
        if plot:
            self.run.write_text(
                "curves.svg",
                curves.svg(self.entry, self.rows, held_out=self.prepared.held_out_split),
            )
        if self.finished:
            self.run.write_entry(self.entry, self.run.entry_text)
        result = self._write_results(scores, status="done")
        self.run.unlock()
        return result

    def _evaluate(self) -> dict[SplitName, Score]:
        return {
            name: self.training.evaluate(subset) for name, subset in self.prepared.subsets.items()
        }

    def _write_results(self, scores: dict[SplitName, Score], *, status: Status) -> TrainingResult:
        """Write the weights, then the record with their scores."""
        metadata = weights.WeightsMetadata.of(
            self.prepared.network, self.entry, data=self.metadata["data"]["digest"], scores=scores
        )
        claim = self.entry.claim
        if claim and claim.split not in scores:  # a training for a choice
            claim = None
        split = claim.split if claim else list(scores)[-1]
        result = TrainingResult(
            run=self.run,
            scores=scores,
            split=split,
            verdict=claim.verdict(scores[split].accuracy) if claim else None,
            source=self.metadata["data"]["source"],
            changes=self.metadata["changes"],
            seconds=self.seconds,
            fingerprint=metadata.fingerprint,
        )
        self.run.write_weights(self.prepared.network, metadata)
        self.set_status(
            status,
            seconds=result.seconds,
            scores={name: asdict(score) for name, score in scores.items()},
            split=split,
            accuracy=result.accuracy,
            verdict=result.verdict,
            fingerprint=result.fingerprint,
        )
        return result

    def set_status(self, status: Status, **fields: object) -> None:
        """Write run.json with a new status and these fields."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self.metadata |= {
            "status": status,
            "updated": now,
            "host": socket.gethostname(),
            "process": os.getpid(),
            **fields,
        }
        record = self.metadata
        if self.finished and status != "done":
            longer = {
                key: self.metadata[key] for key in LongerRecord.model_fields.keys() - {"length"}
            }
            record = self.finished | {"longer": {"length": self.entry.train.length, **longer}}
        self.run.write_metadata(record)


def start(
    entry: Entry,
    dataset: Dataset,
    *,
    runs: Path,
    clock: Clock,
    data_path: Path | None = None,
    changes: Mapping[str, object] | None = None,
    text: str = "",
    checkpoints: bool = True,
    keep_weights: bool = False,
    for_choice: bool = False,
) -> RunRecorder:
    """Return the recorder of a new run.

    `data_path` is the user's own path of the data, `changes` are the overrides of the recipe,
    `text` is the TOML before them, whose comments the run keeps.
    A training without checkpoints cannot be resumed. With `keep_weights`, the weights after every
    epoch are written, also after a resume. A training `for_choice` between recipes is not evaluated
    on the test split.
    """
    prepared = prepare(entry, dataset)  # an error leaves no run folder
    if for_choice:
        subsets = prepared.subsets.copy()
        subsets.pop("test", None)
        prepared = replace(prepared, subsets=subsets)
    entry = prepared.entry
    with folder_of_runs(runs):
        run = create_run(runs, entry, seed=entry.train.seed)
        try:
            run.lock(is_new=True)
            if keep_weights:
                run.enable_epoch_weights()
            metadata = _first_metadata(entry, dataset, prepared, data_path, dict(changes or {}))
            recorder = RunRecorder(run, metadata, prepared, clock=clock, checkpoints=checkpoints)
            run.write_entry(entry, text)
            recorder.set_status("running")  # from here on the run can be listed and resumed
        except BaseException:  # such as a full disk
            with suppress(ZooError):
                run.remove()
            raise
    return recorder


def _first_metadata(
    entry: Entry,
    dataset: Dataset,
    prepared: PreparedTraining,
    data_path: Path | None,
    changes: Mapping[str, object],
) -> Metadata:
    """Return what run.json says of a training from its start."""
    return {
        "entry": entry.name,
        "seed": entry.train.seed,
        "recipe": cache_key.recipe_digest(entry),
        "code": cache_key.entry_source_digest(entry),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "changes": dict(changes),
        "versions": environment_info() | cache_key.plugin_packages(entry),
        "data": {
            "kind": dataset.name,
            "source": dataset.source,
            "digest": dataset.digest,
            "given": str(data_path.resolve()) if data_path else None,
            "splits": prepared.splits.record(),
        },
    }
