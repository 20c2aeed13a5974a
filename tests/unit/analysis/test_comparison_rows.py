"""The texts of a comparison."""

from dataclasses import replace
from pathlib import Path

from tests.helpers.comparisons import DIGITS, ours, own
from zoo.analysis import comparison_rows, pairwise
from zoo.analysis.comparison import Comparison
from zoo.analysis.statistics import McNemar

MCNEMAR = "McNemar's test: p = 0.015 exact, p = 0.02 by chi-squared"


def test_model_row_of_recorded_results() -> None:
    """Each column is a text; the latency is measured anew every time."""
    row = comparison_rows.model_row(replace(ours(), microseconds=0.1234))
    assert row.cells == (
        *("digits-10", "64-10-10", "760", "95.4%", "test", "94.8 ± 1.1%", "94.3 to 95.3%"),
        *("20 recorded", "reproduced", "95.56% checked", "0.16 s", "0.12", "3.0 kB"),
    )


def test_weights_words_that_differ(tmp_path: Path) -> None:
    """A checked accuracy that differs from the recorded one is shown with it."""
    summary = own(tmp_path, 0)
    assert summary.evaluation is not None
    changed = replace(summary.evaluation.evaluation, accuracy=0.5)
    report = replace(summary.evaluation, evaluation=changed)
    recorded = f"{summary.recorded_accuracy:.2%} recorded"
    words = comparison_rows.weights_words
    assert words(replace(summary, evaluation=report)) == f"50.00% checked, {recorded}"
    assert words(replace(summary, evaluation=None)) == recorded
    assert words(replace(summary, evaluation=None, model=None)) == "-"


def test_pair_lines_say_what_the_test_says(tmp_path: Path) -> None:
    """A pair that is not significant is not called equal."""
    (pair,) = pairwise.pairs([(ours(), own(tmp_path, 0))], {"digits": DIGITS})
    p_values = {"exact": 0.015, "corrected": 0.02}
    tested = replace(pair, test=McNemar(12, 2, **p_values), corrected=0.015)
    assert comparison_rows.pair_lines(tested, n_pairs=1)[2:] == [
        MCNEMAR,
        "digits-10 is better (significant at 5%).",
    ]
    tested = replace(tested, corrected=0.06)
    assert comparison_rows.pair_lines(tested, n_pairs=4)[2:] == [
        f"{MCNEMAR}; p = 0.06 as one of 4 pairs (Holm)",
        "The difference is not significant at 5%.",
    ]


def test_notes_of_missing_data() -> None:
    """Data without a reason is said to be missing; with --data the reason is shown."""
    comparison = Comparison([ours()], missing_data={"digits": ""})
    line = comparison_rows.notes(comparison)[-1]
    assert line == "not checked: scikit-learn's digits is not on this machine."
    comparison = replace(comparison, missing_data={"digits": "A file is damaged."})
    assert comparison_rows.notes(comparison)[-1] == "not checked: A file is damaged."
