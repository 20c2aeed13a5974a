"""An evaluation of the stub model, and its HTML report."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tests.helpers.stub_model import Stub, dataset, facts
from zoo.analysis.evaluate import EvaluationReport, evaluate_model
from zoo.nn.metrics import Score
from zoo.report.evaluation import html

CLAIM = {"value": 0.55, "split": "train", "tolerance": 0.01, "quote": "<i>55 %</i> & more"}


def judged(**changes: object) -> EvaluationReport:
    """Return the evaluation of four images, with a claim of 55 % on the training split."""
    metadata = facts({"claim": CLAIM, **changes}, train=Score(n=4, accuracy=0.5, loss=2.0))
    return evaluate_model(Stub(metadata), dataset(), split="train")


def of_classes(names: Sequence[str]) -> EvaluationReport:
    """Return an evaluation with these classes: most images are right, the others one class off."""
    judgement, n = judged(), len(names)
    counts = np.diag(np.arange(900, 900 + n)) + np.roll(np.eye(n, dtype=int), 1, axis=1)
    mistakes = tuple(
        replace(mistake, label=0, answer=1, probabilities=np.full(n, 1 / n, np.float32))
        for mistake in judgement.evaluation.mistakes
    )
    scores = tuple(replace(judgement.evaluation.per_class[0], label=label) for label in range(n))
    evaluation = replace(
        judgement.evaluation, confusion=counts, mistakes=mistakes, per_class=scores
    )
    source = replace(judgement.source, classes=n, labels=tuple(names))
    return replace(judgement, evaluation=evaluation, source=source)


def report(evaluated: EvaluationReport, *, mistakes: int = 24, changed: str = "") -> str:
    """Return the HTML page of an evaluation."""
    versions = {"zoo": "1.2", "numpy": "3.4", "blas": None}
    return html(
        evaluated, mistakes=mistakes, command="zoo evaluate a&b", versions=versions, changed=changed
    )
