"""One training with its run folder: what is kept while it runs, and what is said at its end."""

import os
import shlex
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from zoo.config import cache_key, load
from zoo.config.entry import Entry, SplitName, Verdict
from zoo.data.dataset import Dataset
from zoo.errors import ConfigError, CorruptFileError, DataError
from zoo.nn.metrics import Score
from zoo.training import curves, weights
from zoo.training import run as store
from zoo.training.loop import DivergedError, EpochReport, PreparedTraining, prepare
from zoo.training.run import Metadata, MetricsRow, Run

SAVE_EVERY = 2.0  # seconds of work that a kill may cost

FINAL_FIELDS = ("seconds", "scores", "split", "accuracy", "verdict", "fingerprint")

Clock = Callable[[], float]
Status = Literal["running", "stopped", "diverged", "done"]


@dataclass(frozen=True)
class TrainingResult:
    """How a training ended."""

    run: Run
    scores: dict[SplitName, Score]
    split: SplitName  # the one that the claim speaks of; without a claim, the last that there is
    verdict: Verdict | None
    source: str  # where the data came from
    changes: Mapping[str, object]  # of the entry's recipe
    seconds: float
    fingerprint: str

    @property
    def accuracy(self) -> float:
        """The accuracy on the split that counts."""
        return self.scores[self.split].accuracy


class RunRecorder:
    """A training and its run folder: iterate for the rows of its metrics, then finish or stop."""

    def __init__(
        self,
        run: Run,
        facts: Metadata,
        work: PreparedTraining,
        *,
        clock: Clock,
        checkpoints: bool = True,
    ) -> None:
        self.run, self.facts, self.work, self.clock = run, facts, work, clock
        self.checkpoints = checkpoints
        self.entry, self.training = work.entry, work.training
        self.rows: list[MetricsRow] = []
        self.seconds = 0.0
        self._restore_checkpoint()

    def _restore_checkpoint(self) -> None:
        kept = self.run.checkpoint()
        if kept:
            arrays, rest, self.seconds = kept
            try:
                self.training.restore(arrays, rest)
            except (KeyError, ValueError, TypeError) as error:
                raise CorruptFileError(
                    f"The checkpoint of {self.run.name} does not fit its entry: {error}."
                ) from None
            every = self.training.plan.report_every
            self.rows = [
                row
                for row in self.run.rows()
                if row.step <= self.training.step and row.step % every == 0
            ]

    def __iter__(self) -> Iterator[MetricsRow | None]:
        """Make the steps that remain; yield a row where there is a report, otherwise None."""
        with self._recording_divergence():
            yield from self._steps()

    def _steps(self) -> Iterator[MetricsRow | None]:
        if self.training.step == 0:
            self._keep_weights(0)
        spent, began = self.seconds, self.clock()
        saved = began
        if self.entry.train.unit == "iteration" and not self.rows:
            first = self._add(self._first_report())
            self.save()
            yield first
        for report in self.training:
            now = self.clock()
            self.seconds = spent + now - began
            row = self._add(report) if report else None
            if report:
                self._keep_weights(self.epochs_or_iterations(report.step), held_out=report.held_out)
                began += self.clock() - now  # which is no part of the training
            if now - saved > SAVE_EVERY:
                self.save()
                saved = self.clock()
            yield row
        self.save()

    def _keep_weights(self, number: int, *, held_out: Score | None = None) -> None:
        """Keep the weights that were judged just now, if that is wanted: each is a model."""
        if not self.run.keeps_weights:
            return
        scores = (
            {self.work.held_out_split: held_out} if self.work.held_out_split and held_out else {}
        )
        with self.training.evaluation_weights():
            facts = weights.WeightsMetadata.of(
                self.work.network, self.entry, data=self.facts["data"]["digest"], scores=scores
            )
            self.run.write_kept_weights(number, self.work.network, facts)

    @contextmanager
    def _recording_divergence(self) -> Iterator[None]:
        try:
            yield
        except DivergedError:
            self.set_status("diverged")
            self.run.unlock()
            raise

    def _first_report(self) -> EpochReport:
        """Return how good the first weights are, since the READMEs print iteration 0 too."""
        training, watched = self.training, self.work.held_out_split
        before = training.evaluate(self.work.subsets["train"])
        return EpochReport(
            step=0,
            rate=training.plan.schedule(0),
            loss=before.loss,
            accuracy=before.accuracy,
            held_out=training.evaluate(self.work.subsets[watched]) if watched else None,
        )

    def epochs_or_iterations(self, step: int) -> int:
        """Return how many iterations or whole epochs so many steps are."""
        by_step = self.entry.train.unit == "iteration"
        return step if by_step else step // self.training.steps_per_epoch

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
        """Write the metrics so far, then the checkpoint: a kill in between costs nothing."""
        if not (self.checkpoints or self.is_complete):
            return
        self.run.write_rows(
            self.rows, unit=self.entry.train.unit, held_out=self.work.held_out_split or "held_out"
        )
        if self.checkpoints:
            arrays, rest = self.training.state()
            self.run.write_checkpoint(arrays, rest, seconds=self.seconds)

    def stop(self) -> None:
        """Keep everything for `zoo resume`, since the user wants to leave."""
        self.save()
        self.set_status("stopped")
        self.run.unlock()

    def finish(self, *, plot: bool) -> TrainingResult:
        """Judge every split, write what a finished run holds and return how it ended."""
        with self.training.final_weights():
            return self._finish(plot=plot)

    def _finish(self, *, plot: bool) -> TrainingResult:
        with self._recording_divergence():
            scores = {
                name: self.training.evaluate(part) for name, part in self.work.subsets.items()
            }
        facts = weights.WeightsMetadata.of(
            self.work.network, self.entry, data=self.facts["data"]["digest"], scores=scores
        )
        claim = self.entry.claim
        split = claim.split if claim else list(scores)[-1]
        outcome = TrainingResult(
            run=self.run,
            scores=scores,
            split=split,
            verdict=claim.verdict(scores[split].accuracy) if claim else None,
            source=self.facts["data"]["source"],
            changes=self.facts["changes"],
            seconds=self.seconds,
            fingerprint=facts.fingerprint,
        )
        self.run.write_weights(self.work.network, facts)
        if plot:
            self.run.write_text(
                "curves.svg", curves.svg(self.entry, self.rows, held_out=self.work.held_out_split)
            )
        self.set_status(
            "done",
            seconds=outcome.seconds,
            scores={name: asdict(score) for name, score in scores.items()},
            split=split,
            accuracy=outcome.accuracy,
            verdict=outcome.verdict,
            fingerprint=outcome.fingerprint,
        )
        self.run.unlock()
        return outcome

    def set_status(self, status: Status, **more: object) -> None:
        """Write run.json with a new status."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self.facts |= {
            "status": status,
            "updated": now,
            "host": socket.gethostname(),
            "process": os.getpid(),
            **more,
        }
        self.run.write_metadata(self.facts)


def start(
    entry: Entry,
    dataset: Dataset,
    *,
    runs: Path,
    clock: Clock,
    data_path: Path | None = None,
    changes: Mapping[str, object] | None = None,
    checkpoints: bool = True,
    keep_weights: bool = False,
) -> RunRecorder:
    """Return the recording of a new run.

    `given` is where the user said that the data is, `changes` what was changed of the recipe.
    Without checkpoints a training that is cut off begins anew. Weights that are kept are kept after
    every epoch, also of a training that goes on later.
    """
    work = prepare(entry, dataset)  # whatever is wrong is said before there is a folder
    run = store.create(runs, entry, seed=entry.train.seed)
    run.lock()
    if keep_weights:
        run.keep_weights()
    facts: Metadata = {
        "entry": entry.name,
        "seed": entry.train.seed,
        "recipe": cache_key.recipe_digest(entry),
        "code": cache_key.entry_source_digest(entry),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "changes": dict(changes or {}),
        "versions": store.environment_info() | cache_key.plugin_packages(entry),
        "data": {
            "kind": dataset.name,
            "source": dataset.source,
            "digest": dataset.digest,
            "given": str(data_path.resolve()) if data_path else None,
            "splits": work.splits.record(),
        },
    }
    recording = RunRecorder(run, facts, work, clock=clock, checkpoints=checkpoints)
    run.write_entry(entry)
    recording.set_status(
        "running"
    )  # from here on the run is known, and can go on, whatever happens
    return recording


def resume(run: Run, dataset: Dataset, *, length: int | None, clock: Clock) -> RunRecorder:
    """Return the recording of an old run that goes on, up to `length` epochs or iterations."""
    run.lock()
    entry, facts = run.entry, run.metadata
    if dataset.digest != facts["data"]["digest"]:
        raise DataError(
            f"{run.name} began with the data {facts['data']['digest'][:12]}, "
            f"and this is {dataset.digest[:12]}: {dataset.source}.",
            hint="--data PATH names the data it began with.",
        )
    if length is not None:
        tables = load.override(
            entry.model_dump(exclude_none=True), [(f"train.{entry.train.unit}s", length)]
        )
        entry = load.check(tables, where=run.name)
    run.remove_temporary_files()
    recording = RunRecorder(run, facts, prepare(entry, dataset), clock=clock)
    done, steps = recording.training.step, recording.training.plan.steps
    if done > steps or (recording.is_complete and facts["status"] == "done"):
        raise ConfigError(
            f"{run.name} has made {done:,} steps already, of {steps:,}.",
            hint=f"`zoo resume {shlex.quote(str(run.path))} --epochs N` makes it longer.",
        )
    for name in FINAL_FIELDS:
        facts.pop(name, None)
    if length is not None:
        facts["changes"] |= {f"train.{entry.train.unit}s": length}
        facts["recipe"] = cache_key.recipe_digest(entry)
    other_code = facts.get("code") != cache_key.entry_source_digest(entry)
    if other_code or (length is not None and entry.train.schedule_depends_on_length):
        facts["code"] = None  # no code and recipe alone would give what this ends with
    facts["versions"] = store.environment_info() | cache_key.plugin_packages(entry)
    recording.set_status("running")
    run.write_entry(entry)
    return recording
