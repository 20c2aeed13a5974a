"""The output of `zoo compare --json` and `--csv`."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from zoo.analysis.compare import differing_settings
from zoo.analysis.learning_curves import curve

if TYPE_CHECKING:  # they import NumPy
    from collections.abc import Sequence

    from zoo.analysis.compare import ModelSummary
    from zoo.analysis.learning_curves import Curve
    from zoo.analysis.pairwise import Pair

    from .compare import ComparisonView, ShownSections


def objects(view: ComparisonView, sections: ShownSections) -> list[dict[str, Any]]:
    """Return the objects of `zoo compare --json`."""
    model_objects = []
    values = differing_settings(view.summaries) if sections.settings else {}
    for index, model in enumerate(view.summaries):
        model_object = facts(model)
        if sections.settings:
            model_object["settings"] = {
                key: model_values[index] for key, model_values in values.items()
            }
        if sections.per_class:
            model_object["per_class"] = class_facts(model)
        if sections.curves:
            model_object["curve"] = curve_facts(curve(model))
        if view.baselines:
            model_object["against"] = [
                asdict(result) for result in view.baselines.get(model.name, ())
            ]
        if view.pairs:
            model_object["pairs"] = [pair_facts(pair) for pair in view.pairs if pair.first is model]
        model_objects.append(model_object)
    return model_objects


def facts(model: ModelSummary) -> dict[str, Any]:
    """Return the object of `zoo compare --json` for a model."""
    claim, summary = model.entry.claim, model.summary
    return {
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
        "checked": model.evaluation is not None,
        "seconds": model.seconds,
        "microseconds_per_image": model.microseconds,
    }


def class_facts(model: ModelSummary) -> list[dict[str, Any]] | None:
    """Return the scores of each class."""
    if model.evaluation is None:
        return None
    return [vars(score) for score in model.evaluation.evaluation.per_class]


def curve_facts(learning_curve: Curve | None) -> dict[str, Any] | None:
    """Return a learning curve."""
    if learning_curve is None:
        return None
    return {
        "split": learning_curve.split,
        "unit": learning_curve.unit,
        "seeds": learning_curve.seeds,
        "points": [vars(point) for point in learning_curve.points],
    }


def pair_facts(pair: Pair) -> dict[str, Any]:
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


def flat(model: ModelSummary) -> dict[str, object]:
    """Return the object as one row; nested keys are joined by an underscore."""
    row: dict[str, object] = {}
    for key, value in facts(model).items():
        names = {"claim": ("value", "split"), "reproduced": ("mean", "sd", "n", "low", "high")}
        if key in names:
            row |= {f"{key}_{name}": value[name] if value else None for name in names[key]}
        else:
            row[key] = value
    return row


def as_csv(models: Sequence[ModelSummary]) -> str:
    """Return CSV with one row per model."""
    rows = [flat(model) for model in models]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
