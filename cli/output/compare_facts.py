"""The objects of `zoo compare --json`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from zoo.analysis.settings import differing_settings

if TYPE_CHECKING:  # they import NumPy
    from collections.abc import Sequence

    from zoo.analysis.compare import ModelSummary
    from zoo.analysis.comparison import Comparison
    from zoo.analysis.learning_curves import Curve
    from zoo.analysis.pairwise import Pair

CSV_COLUMNS = (
    *("name", "entry", "network", "parameters", "claim_value", "claim_split"),
    *("reproduced_mean", "reproduced_sd", "reproduced_n", "reproduced_low", "reproduced_high"),
    *("verdict", "checked", "weights_accuracy", "weights_recorded", "runs_here", "runs_recorded"),
    *("seconds", "microseconds_per_image", "size_bytes"),
)


def objects(
    comparison: Comparison,
    *,
    settings: bool,
    per_class: bool,
    curves: Sequence[tuple[ModelSummary, Curve | None]],
) -> list[dict[str, Any]]:
    """Return one object per model."""
    models = comparison.summaries
    values = differing_settings([model.entry for model in models]) if settings else {}
    by_model = {id(model): learning_curve for model, learning_curve in curves}
    found = []
    for index, model in enumerate(models):
        facts = _model(model)
        if settings:
            facts["settings"] = {key: of_models[index] for key, of_models in values.items()}
        if per_class:
            facts["per_class"] = model.evaluation and [
                vars(score) for score in model.evaluation.evaluation.per_class
            ]
        if curves:
            facts["curve"] = _curve(by_model[id(model)])
        if comparison.baselines:
            results = comparison.baselines.get(model.name, ())
            facts["against"] = [asdict(result) for result in results]
        if comparison.pairs:
            facts["pairs"] = [_pair(pair) for pair in comparison.pairs if pair.first is model]
        found.append(facts)
    return found


def _model(model: ModelSummary) -> dict[str, Any]:
    claim, summary, report = model.entry.claim, model.summary, model.evaluation
    here = len(model.local_runs)
    return {
        "name": model.name,
        "entry": model.name,
        "network": model.entry.architecture,
        "parameters": model.entry.parameters,
        "claim": claim and {"value": claim.value, "split": claim.split},
        "reproduced": summary
        and {
            "mean": summary.mean,
            "sd": summary.sd,
            "n": summary.n,
            "low": summary.low,
            "high": summary.high,
        },
        "verdict": model.verdict,
        "checked": report is not None,
        "weights": model.model
        and {
            "accuracy": report and report.evaluation.accuracy,
            "recorded": model.recorded_accuracy,
        },
        "runs": {"here": here, "recorded": len(model.results) - here},
        "seconds": model.seconds,
        "microseconds_per_image": model.microseconds,
        "size_bytes": model.size_bytes,
    }


def _curve(learning_curve: Curve | None) -> dict[str, Any] | None:
    if learning_curve is None:
        return None
    return {
        "split": learning_curve.split,
        "unit": learning_curve.unit,
        "seeds": learning_curve.seeds,
        "points": [vars(point) for point in learning_curve.points],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    """Return a pair with its test and every image on which one of the two is wrong."""
    return {
        "with": pair.second.name,
        "split": pair.split,
        "n": pair.n,
        "right": list(pair.right),
        "only_this": pair.test.only_first,
        "only_other": pair.test.only_second,
        "p_exact": pair.test.exact,
        "p_corrected": pair.test.corrected,
        "p_holm": pair.corrected,
        "differ": [
            {
                "index": difference.index,
                "label": difference.label,
                "this": difference.first,
                "other": difference.second,
            }
            for difference in pair.differences
        ],
    }
