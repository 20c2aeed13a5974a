"""The output of `zoo compare --json` and `--csv`."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from zoo.analysis.compare import curve
from zoo.analysis.compare import differing_settings as differing

if TYPE_CHECKING:  # they bring NumPy along
    from collections.abc import Sequence

    from zoo.analysis.compare import Curve, ModelSummary, Pair

    from .compare import ComparisonView, ShownSections


def objects(found: ComparisonView, sections: ShownSections) -> list[dict[str, Any]]:
    """Return the objects of `zoo compare --json`."""
    told = []
    values = differing(found.standings) if sections.settings else {}
    for place, one in enumerate(found.standings):
        object_ = facts(one)
        if sections.settings:
            object_["settings"] = {key: several[place] for key, several in values.items()}
        if sections.per_class:
            object_["per_class"] = class_facts(one)
        if sections.curves:
            object_["curve"] = curve_facts(curve(one))
        if found.contrasts:
            object_["against"] = [asdict(two) for two in found.contrasts.get(one.name, ())]
        if found.pairs:
            object_["pairs"] = [pair_facts(two) for two in found.pairs if two.first is one]
        told.append(object_)
    return told


def facts(one: ModelSummary) -> dict[str, Any]:
    """Return the object of `zoo compare --json` for a subject."""
    claim, summary = one.entry.claim, one.summary
    return {
        "entry": one.name,
        "network": one.entry.architecture,
        "parameters": one.entry.parameters,
        "claim": claim and {"value": claim.value, "split": claim.split},
        "reproduced": summary
        and {
            "mean": summary.mean,
            "sd": summary.sd,
            "n": summary.n,
            "low": summary.low,
            "high": summary.high,
        },
        "verdict": one.verdict,
        "checked": one.evaluation is not None,
        "seconds": one.seconds,
        "microseconds_per_image": one.microseconds,
    }


def class_facts(one: ModelSummary) -> list[dict[str, Any]] | None:
    """Return how each digit fares."""
    if one.evaluation is None:
        return None
    return [vars(score) for score in one.evaluation.evaluation.per_class]


def curve_facts(found: Curve | None) -> dict[str, Any] | None:
    """Return a learning curve."""
    if found is None:
        return None
    return {
        "split": found.split,
        "unit": found.unit,
        "seeds": found.seeds,
        "points": [vars(point) for point in found.points],
    }


def pair_facts(found: Pair) -> dict[str, Any]:
    """Return a pair with its test and every picture on which one of the two is wrong."""
    return {
        "with": found.second.name,
        "split": found.split,
        "n": found.n,
        "right": list(found.right),
        "only_this": found.test.only_first,
        "only_other": found.test.only_second,
        "p_exact": found.test.exact,
        "p_corrected": found.test.corrected,
        "p_holm": found.corrected,
        "differ": [
            {"index": one.index, "label": one.label, "this": one.first, "other": one.second}
            for one in found.differences
        ],
    }


def flat(one: ModelSummary) -> dict[str, object]:
    """Return the object as one row, what is nested under joined names."""
    row: dict[str, object] = {}
    for key, value in facts(one).items():
        names = {"claim": ("value", "split"), "reproduced": ("mean", "sd", "n", "low", "high")}
        if key in names:
            row |= {f"{key}_{name}": value[name] if value else None for name in names[key]}
        else:
            row[key] = value
    return row


def as_csv(standings: Sequence[ModelSummary]) -> str:
    """Return a row a subject."""
    rows = [flat(one) for one in standings]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
