"""Statistics against SciPy, statsmodels and numbers worked out by hand."""

import statistics

import pytest
import scipy.stats as scipys
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar as their_mcnemar
from statsmodels.stats.multitest import multipletests

from zoo.statistics import (
    holm,
    interval_words,
    mcnemar,
    mean_words,
    student,
    summarize,
    wilson,
)

CLOSE = 1e-9
ACCURACIES = st.lists(st.floats(0, 1), min_size=2, max_size=30)
COUNTS = st.integers(0, 3_000)


def test_eight_of_ten_lie_between_49_and_94_percent() -> None:
    # z² = 3.8415, so the middle is (0.8 + 0.19207) / 1.38415 = 0.71674,
    # and the half 1.96 / 1.38415 * sqrt(0.016 + 0.0096036) = 0.22658
    assert wilson(8, 10) == pytest.approx((0.49016, 0.94332), abs=1e-5)


def test_none_and_all_of_ten_reach_the_ends_and_not_beyond() -> None:
    # z² / (n + z²) = 3.8415 / 13.8415
    low, high = wilson(0, 10)
    assert low == 0
    assert high == pytest.approx(0.27753, abs=1e-5)
    low, high = wilson(10, 10)
    assert low == pytest.approx(0.72247, abs=1e-5)
    assert high == 1


def test_wilsons_interval_is_scipys() -> None:
    for right, n in [(0, 1), (1, 1), (1, 3), (343, 360), (8387, 10_000), (59_999, 60_000)]:
        theirs = scipys.binomtest(right, n).proportion_ci(method="wilson")
        assert wilson(right, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_a_summary_is_mean_deviation_and_number_by_hand() -> None:
    summary = summarize([0.9, 0.8, 1.0])
    assert summary is not None
    assert summary.n == 3
    assert summary.mean == pytest.approx(0.9)
    assert summary.sd == pytest.approx(0.1)


def test_one_accuracy_has_no_deviation_and_none_has_nothing() -> None:
    one = summarize([0.5])
    assert one is not None
    assert (one.n, one.mean, one.sd) == (1, 0.5, None)
    assert summarize([]) is None


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_a_summary_agrees_with_the_standard_library(accuracies: list[float]) -> None:
    summary = summarize(accuracies)
    assert summary is not None
    assert summary.mean == pytest.approx(statistics.fmean(accuracies))
    assert summary.sd == pytest.approx(statistics.stdev(accuracies), abs=1e-9)


@given(ACCURACIES)
def test_the_interval_of_a_mean_is_scipys(accuracies: list[float]) -> None:
    summary = summarize(accuracies)
    assert summary is not None
    error = scipys.sem(accuracies)
    half = error * scipys.t.ppf(0.975, len(accuracies) - 1)
    mean = statistics.fmean(accuracies)
    assert (summary.low, summary.high) == pytest.approx((mean - half, mean + half), abs=CLOSE)


@pytest.mark.parametrize("degrees", [*range(1, 40), 99, 100, 1_000, 9_999])
def test_students_t_is_scipys(degrees: int) -> None:
    assert student(degrees) == pytest.approx(scipys.t.ppf(0.975, degrees), abs=CLOSE)


def test_three_to_one_is_a_coins_chance_by_hand() -> None:
    # 2 (1 + 4) / 2^4 = 0.625, and (3 - 1 - 1)^2 / 4 = 0.25, which chi-squared exceeds in 61.7 %
    found = mcnemar(3, 1)
    assert found.differ == 4
    assert found.exact == 0.625
    assert found.corrected == pytest.approx(0.61708, abs=1e-5)


def test_models_that_never_differ_are_no_evidence() -> None:
    assert (mcnemar(0, 0).exact, mcnemar(0, 0).corrected) == (1, 1)


@given(COUNTS, COUNTS)
def test_mcnemars_test_is_statsmodels_exact_and_corrected(first: int, second: int) -> None:
    found = mcnemar(first, second)
    if first + second:
        table = [[0, first], [second, 0]]
        exact = their_mcnemar(table, exact=True).pvalue
        corrected = their_mcnemar(table, exact=False, correction=True).pvalue
        assert found.exact == pytest.approx(min(exact, 1), abs=CLOSE)
        assert found.corrected == pytest.approx(corrected, abs=CLOSE)


def test_the_smallest_of_three_counts_three_times_and_none_falls_below_it() -> None:
    # 3 * 0.01 = 0.03; 2 * 0.03 = 0.06; 1 * 0.04 = 0.04, which is raised to 0.06
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holms_correction_is_statsmodels(p_values: list[float]) -> None:
    theirs = multipletests(p_values, method="holm")[1] if p_values else []
    assert holm(p_values) == pytest.approx(list(theirs), abs=CLOSE)


def test_accuracies_are_told_with_as_many_digits_as_their_errors_need() -> None:
    assert mean_words(None) == interval_words(None) == "-"
    assert mean_words(summarize([0.9])) == "90.0%"
    assert interval_words(summarize([0.9])) == "-"
    assert mean_words(summarize([0.94, 0.95])) == "94.5 ± 0.7%"
    assert interval_words(summarize([0.5, 0.6])) == "0.0 to 100.0%"  # 55 ± 12.7 * 7.07 / 1.41
    several = summarize([0.9912, 0.9920, 0.9914, 0.9918, 0.9919])
    assert mean_words(several) == "99.17 ± 0.03%"
    assert interval_words(several) == "99.12 to 99.21%"  # 99.166 ± 2.776 * 0.0344 / 2.236
