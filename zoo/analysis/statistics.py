"""Statistics: 95 % confidence intervals, McNemar's test and Holm's correction.

Plain Python with the textbook formulas: `zoo list` shows intervals, and SciPy is slow to import.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from zoo.formatting import percent, percent_range

CONFIDENCE = 0.95
ALPHA = 0.05  # a p-value below it is significant
# A normal variable is within this many deviations with 95 %; NormalDist is off in the last digit.
Z95 = 1.959963984540054


def wilson(right: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of Wilson (1927) for a proportion, observed as `right` of n.

    It contains the p with |right/n - p| <= z sqrt(p (1 - p) / n), all of them from 0 to 1.
    """
    share, slack = right / n, Z95**2 / n
    middle = (share + slack / 2) / (1 + slack)
    half = Z95 / (1 + slack) * math.sqrt(share * (1 - share) / n + slack / (4 * n))
    # for right = 0 and right = n the formula gives 0 and 1 only up to rounding
    return 0.0 if right == 0 else middle - half, 1.0 if right == n else middle + half


@dataclass(frozen=True)
class Summary:
    """Mean, standard deviation and 95 % interval; a single number has only a mean."""

    n: int
    mean: float
    sd: float | None
    low: float | None  # the ends of the 95 % interval of the mean
    high: float | None


FINE = 0.99  # accuracies from this on are shown with two decimals of a percent


def mean_words(accuracies: Summary | None, digits: int | None = None) -> str:
    """Return text such as "94.8 ± 1.1%" or "99.17 ± 0.03%"; a dash for None."""
    if accuracies is None:
        return "-"
    digits = _digits(accuracies) if digits is None else digits
    mean = percent(accuracies.mean, digits)
    return mean if accuracies.sd is None else f"{mean[:-1]} ± {percent(accuracies.sd, digits)}"


def interval_words(accuracies: Summary | None) -> str:
    """Return text such as "93.4 to 95.3%", clipped to 0 to 100%; a dash if there is none."""
    if accuracies is None or accuracies.low is None or accuracies.high is None:
        return "-"
    low, high = max(accuracies.low, 0), min(accuracies.high, 1)
    return percent_range(low, high, _digits(accuracies))


def _digits(accuracies: Summary) -> int:
    return 2 if accuracies.mean >= FINE else 1


def summarize(numbers: Sequence[float]) -> Summary | None:
    """Return mean, sample standard deviation and Student's interval; None for no numbers.

    The interval is mean ± t sd / sqrt(n). For accuracies it may extend below 0 or above 1.
    """
    n = len(numbers)
    if not n:
        return None
    mean = math.fsum(numbers) / n
    if n == 1:
        return Summary(n, mean, None, None, None)
    sd = math.sqrt(math.fsum((x - mean) ** 2 for x in numbers) / (n - 1))
    half = t_quantile(n - 1) * sd / math.sqrt(n)
    return Summary(n, mean, sd, mean - half, mean + half)


def t_quantile(degrees: int) -> float:
    """Return t with P(|T| <= t) = 95 % for Student's distribution, found by bisection."""
    low, high = 0.0, math.pi / 2
    while low < (middle := (low + high) / 2) < high:  # until they are adjacent floats
        if _t_cdf(middle, degrees) < CONFIDENCE:
            low = middle
        else:
            high = middle
    return math.sqrt(degrees) * math.tan(low)


def _t_cdf(angle: float, degrees: int) -> float:
    """Return P(|T| <= t) at t = sqrt(degrees) tan(angle); Abramowitz and Stegun, 26.7.3 and 4."""
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = degrees % 2
    term = cosine if odd else 1.0
    total = 0.0
    for number in range(1 + odd, degrees, 2):  # powers of the cosine, from 0 or 1 to degrees - 2
        total += term
        term *= number / (number + 1) * cosine**2
    return 2 / math.pi * (angle + sine * total) if odd else sine * total


@dataclass(frozen=True)
class McNemar:
    """McNemar's test: the numbers of images that only one of two models classifies correctly."""

    only_first: int
    only_second: int
    exact: float  # the p-value by the binomial distribution
    corrected: float  # the p-value by chi-squared with Edwards' correction

    @property
    def differ(self) -> int:
        """The number of images that exactly one model classifies correctly."""
        return self.only_first + self.only_second


def mcnemar(only_first: int, only_second: int) -> McNemar:
    """Return the test of McNemar (1947); if both are equally good, only_first ~ B(n, 1/2)."""
    n, fewer = only_first + only_second, min(only_first, only_second)
    if not n:
        return McNemar(0, 0, 1.0, 1.0)
    tail, term = 0, 1
    for k in range(fewer + 1):  # term is the binomial coefficient of n and k
        tail += term
        term = term * (n - k) // (k + 1)
    chi_squared = (abs(only_first - only_second) - 1) ** 2 / n
    return McNemar(
        only_first,
        only_second,
        exact=min(2 * tail / 2**n, 1.0),
        corrected=math.erfc(math.sqrt(chi_squared / 2)),
    )


def significance(p_value: float) -> str:
    """Return "significant at 5%", or "not significant at 5%"."""
    return f"{'' if p_value < ALPHA else 'not '}significant at {percent(ALPHA)}"


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values of several tests, corrected for their number by Holm (1979).

    The smallest of m is multiplied by m, the next by m - 1; none is below the one before it.
    """
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min((len(p_values) - rank) * p_values[index], 1.0))
        corrected[index] = highest
    return corrected
