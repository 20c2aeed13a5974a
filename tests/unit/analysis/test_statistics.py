"""Statistics against SciPy, statsmodels and numbers worked out by hand."""

import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.analysis.statistics import (
    holm,
    interval_words,
    mcnemar,
    mean_words,
    significance,
    summarize,
    t_quantile,
    wilson,
)

CLOSE = 1e-9
ACCURACIES = st.lists(st.floats(0, 1), min_size=2, max_size=30)
COUNTS = st.integers(0, 3_000)

# From statsmodels 0.15.0: the p-values of its mcnemar([[0, first], [second, 0]]), with exact=True
# and with exact=False, correction=True. The keys are the numbers of images that only the first
# and only the second model classifies correctly.
MCNEMAR = {
    (1, 0): (1.0, 1.0),
    (0, 5): (0.0625, 0.07363827012030258),
    (3, 1): (0.625, 0.6170750774519739),
    (2, 2): (1.0, 0.6170750774519739),
    (7, 8): (1.0, 1.0),
    (10, 25): (0.016673847800120715, 0.01796047752607879),
    (40, 41): (1.0, 1.0),
    (60, 30): (0.0020602656809630745, 0.0022366244452098703),
    (150, 150): (1.0, 0.9539596927720386),
    (340, 2): (1.3093902821927843e-98, 3.3983472676884215e-74),
    (1000, 1100): (0.03072070786424249, 0.030745034758993192),
    (2999, 2900): (0.20196584749044105, 0.20196984870870316),
}
# p-values, and multipletests(p_values, method="holm")[1] of statsmodels 0.15.0.
HOLM = [
    ([0.03], [0.03]),
    ([0.04, 0.01, 0.03], [0.06, 0.03, 0.06]),
    ([0.5, 0.5, 0.5], [1.0, 1.0, 1.0]),
    ([0.0, 1.0], [0.0, 1.0]),
    ([0.01, 0.02, 0.03, 0.04, 0.05], [0.05, 0.08, 0.09, 0.09, 0.09]),
    ([0.2, 0.001, 0.7, 0.001], [0.4, 0.004, 0.7, 0.004]),
    ([0.9, 0.8, 0.6, 0.55], [1.0, 1.0, 1.0, 1.0]),
    ([1e-300, 0.5, 0.25, 0.024], [4e-300, 0.5, 0.5, 0.07200000000000001]),
]


@pytest.fixture(scope="module")
def scipy_stats() -> Any:
    import scipy.stats

    return scipy.stats


def test_wilson_by_hand() -> None:
    """The interval of eight of ten is 49 % to 94 %."""
    # z² = 3.8415, so the middle is (0.8 + 0.19207) / 1.38415 = 0.71674,
    # and the half 1.96 / 1.38415 * sqrt(0.016 + 0.0096036) = 0.22658
    assert wilson(8, 10) == pytest.approx((0.49016, 0.94332), abs=1e-5)


def test_wilson_none_and_all() -> None:
    """The intervals of none and of all of ten end at 0 and at 1."""
    # z² / (n + z²) = 3.8415 / 13.8415
    low, high = wilson(0, 10)
    assert low == 0
    assert high == pytest.approx(0.27753, abs=1e-5)
    low, high = wilson(10, 10)
    assert low == pytest.approx(0.72247, abs=1e-5)
    assert high == 1


def test_wilson_scipy(scipy_stats: Any) -> None:
    """Wilson's interval equals SciPy's."""
    for right, n in [(0, 1), (1, 1), (1, 3), (343, 360), (8387, 10_000), (59_999, 60_000)]:
        expected = scipy_stats.binomtest(right, n).proportion_ci(method="wilson")
        assert wilson(right, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_summary_by_hand() -> None:
    summary = summarize([0.9, 0.8, 1.0])
    assert summary is not None
    assert summary.n == 3
    assert summary.mean == pytest.approx(0.9)
    assert summary.sd == pytest.approx(0.1)


def test_summary_of_one_and_none() -> None:
    """One accuracy does not have a deviation; without accuracies there is no summary."""
    summary = summarize([0.5])
    assert summary is not None
    assert (summary.n, summary.mean, summary.sd) == (1, 0.5, None)
    assert summarize([]) is None


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_summary_standard_library(accuracies: list[float]) -> None:
    """Mean and deviation equal those of the module statistics."""
    summary = summarize(accuracies)
    assert summary is not None
    assert summary.mean == pytest.approx(statistics.fmean(accuracies))
    assert summary.sd == pytest.approx(statistics.stdev(accuracies), abs=1e-9)


@given(ACCURACIES)
def test_summary_interval_scipy(scipy_stats: Any, accuracies: list[float]) -> None:
    """The interval of a mean equals SciPy's."""
    summary = summarize(accuracies)
    assert summary is not None
    error = scipy_stats.sem(accuracies)
    half = error * scipy_stats.t.ppf(0.975, len(accuracies) - 1)
    mean = statistics.fmean(accuracies)
    assert (summary.low, summary.high) == pytest.approx((mean - half, mean + half), abs=CLOSE)


def test_student_scipy(scipy_stats: Any) -> None:
    """Student's t equals SciPy's for even and odd degrees of freedom."""
    degrees = [*range(1, 40), 99, 100, 1_000, 9_999]
    expected = [scipy_stats.t.ppf(0.975, freedom) for freedom in degrees]
    assert [t_quantile(freedom) for freedom in degrees] == pytest.approx(expected, abs=CLOSE)


def test_mcnemar_by_hand() -> None:
    """Three to one is not significant."""
    # 2 (1 + 4) / 2^4 = 0.625, and (3 - 1 - 1)^2 / 4 = 0.25, which chi-squared exceeds in 61.7 %
    test = mcnemar(3, 1)
    assert test.differ == 4
    assert test.exact == 0.625
    assert test.corrected == pytest.approx(0.61708, abs=1e-5)


def test_mcnemar_without_differences() -> None:
    assert (mcnemar(0, 0).exact, mcnemar(0, 0).corrected) == (1, 1)


@pytest.mark.parametrize(("counts", "p_values"), MCNEMAR.items(), ids=str)
def test_mcnemar_statsmodels_rows(counts: tuple[int, int], p_values: tuple[float, float]) -> None:
    """Both p-values equal those of statsmodels, also the tiny ones."""
    test = mcnemar(*counts)
    assert (test.exact, test.corrected) == pytest.approx(p_values, rel=CLOSE, abs=0)


@given(COUNTS, COUNTS)
def test_mcnemar_scipy(scipy_stats: Any, first: int, second: int) -> None:
    """The p-values equal those of SciPy's binomial and chi-squared distributions."""
    test, n = mcnemar(first, second), first + second
    if n:
        exact = scipy_stats.binomtest(min(first, second), n).pvalue
        corrected = scipy_stats.chi2.sf((abs(first - second) - 1) ** 2 / n, 1)
        assert test.exact == pytest.approx(exact, abs=CLOSE)
        assert test.corrected == pytest.approx(corrected, abs=CLOSE)


def test_holm_by_hand() -> None:
    """The smallest of three is multiplied by three, and none is below the one before it."""
    # 3 * 0.01 = 0.03; 2 * 0.03 = 0.06; 1 * 0.04 = 0.04, which is raised to 0.06
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])


@pytest.mark.parametrize(("p_values", "corrected"), HOLM)
def test_holm_statsmodels_rows(p_values: list[float], corrected: list[float]) -> None:
    """The corrected p-values equal those of statsmodels."""
    assert holm(p_values) == pytest.approx(corrected, rel=CLOSE, abs=0)


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_definition(p_values: list[float]) -> None:
    """The corrected p-values equal those of the definition, written without a shortcut."""
    ranked, m = sorted(p_values), len(p_values)
    counted = [min((m - rank) * p, 1) for rank, p in enumerate(ranked)]
    expected = [max(counted[: ranked.index(p) + 1]) for p in p_values]
    assert holm(p_values) == pytest.approx(expected, abs=CLOSE)


def test_words_digits() -> None:
    """Accuracies of 99 % and more have two decimals."""
    assert mean_words(None) == interval_words(None) == "-"
    assert mean_words(summarize([0.9])) == "90.0%"
    assert interval_words(summarize([0.9])) == "-"
    assert mean_words(summarize([0.94, 0.95])) == "94.5 ± 0.7%"
    assert interval_words(summarize([0.5, 0.6])) == "0.0 to 100.0%"  # 55 ± 12.7 * 7.07 / 1.41
    accuracies = summarize([0.9912, 0.9920, 0.9914, 0.9918, 0.9919])
    assert mean_words(accuracies) == "99.17 ± 0.03%"
    assert interval_words(accuracies) == "99.12 to 99.21%"  # 99.166 ± 2.776 * 0.0344 / 2.236


def test_significance_words() -> None:
    """The words say what the test says: nothing is said about a missing difference."""
    assert significance(0.0499) == "significant at 5%"
    assert significance(0.05) == "not significant at 5%"
