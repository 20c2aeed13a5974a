"""Statistics against statsmodels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.optional import optional
from zoo.analysis.statistics import holm, mcnemar

CLOSE = 1e-9
COUNTS = st.integers(0, 3_000)


@given(COUNTS, COUNTS)
def test_mcnemar_statsmodels(first: int, second: int) -> None:
    """Both p-values of McNemar's test are statsmodels'."""
    optional("statsmodels")
    from statsmodels.stats.contingency_tables import mcnemar as expected_mcnemar

    found = mcnemar(first, second)
    if first + second:
        table = [[0, first], [second, 0]]
        exact = expected_mcnemar(table, exact=True).pvalue
        corrected = expected_mcnemar(table, exact=False, correction=True).pvalue
        assert found.exact == pytest.approx(min(exact, 1), abs=CLOSE)
        assert found.corrected == pytest.approx(corrected, abs=CLOSE)


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_statsmodels(p_values: list[float]) -> None:
    """Holm's correction is statsmodels'."""
    optional("statsmodels")
    from statsmodels.stats.multitest import multipletests

    expected = multipletests(p_values, method="holm")[1] if p_values else []
    assert holm(p_values) == pytest.approx(list(expected), abs=CLOSE)
