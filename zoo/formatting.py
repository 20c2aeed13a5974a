"""Texts of numbers, shares, p-values, durations, sizes and verdicts; never an exponent."""

import math
from collections.abc import Iterable

MINIMUM, MAXIMUM = 1e-12, 1e15  # smaller numbers are shown as < MINIMUM, larger as > MAXIMUM
MINIMUM_RATE, MINIMUM_P_VALUE = 1e-6, 1e-4  # smaller values are shown as < the minimum
MINUTE, HOUR = 60, 3600
UNITS = (("ns", 1e9), ("µs", 1e6), ("ms", 1e3))  # the number of each in a second
VERDICTS = {"beaten": "above the claim", "missed": "below the claim"}
BYTES = ("kB", "MB", "GB", "TB")
THOUSAND, TEN = 1000, 10


def number(value: float, *, digits: int = 4, minimum: float = MINIMUM) -> str:
    """Return a number to some digits, with all of its integer part: 0.1, 0.000012 or 12,346."""
    sign = "-" if value < 0 else ""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return f"{sign}inf"
    is_tiny = abs(value) < minimum
    if value and (is_tiny or abs(value) > MAXIMUM):
        relation = "<" if is_tiny == (value > 0) else ">"
        return f"{relation} {sign}{_fixed(minimum if is_tiny else MAXIMUM, 1)}"
    return _fixed(value, digits) if value else "0"


def _fixed(value: float, digits: int) -> str:
    exponent = int(f"{value:.{digits - 1}e}".partition("e")[2])  # the rounded number's
    text = f"{value:,.{max(digits - 1 - exponent, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def setting(value: object) -> str:
    """Return the value of a setting with all its digits, without an exponent: 0.00001 for 1e-05."""
    text = repr(float(value)) if isinstance(value, float) else ""
    if "e" not in text:
        return str(value)
    digits, _, exponent = text.partition("e")
    return f"{value:.{max(len(digits.partition('.')[2]) - int(exponent), 0)}f}"


def rate(value: float) -> str:
    """Return a learning rate to four digits, or < 0.000001."""
    return number(value, minimum=MINIMUM_RATE)


def difference(value: float) -> str:
    """Return a difference of two numbers to two digits: 0.00000012."""
    return number(value, digits=2)


def p_value(value: float) -> str:
    """Return a p-value to two digits: p = 0.0074, or p < 0.0001."""
    return "p < 0.0001" if value < MINIMUM_P_VALUE else f"p = {number(value, digits=2)}"


def percent(share: float, digits: int | None = None) -> str:
    """Return 0.954 as 95.4%, and 0.9725 as 97.25%; with two digits 0.954 as 95.40%."""
    if digits is None:
        return f"{number(round(100 * share, 2))}%"
    return f"{100 * share:,.{digits}f}%"


def percent_range(low: float, high: float, digits: int) -> str:
    """Return 0.9123 and 0.953 as 91.2 to 95.3%."""
    return f"{percent(low, digits)[:-1]} to {percent(high, digits)}"


def points(share: float) -> str:
    """Return a difference of two shares in percentage points, with its sign: +1.42."""
    return f"{100 * share:+.2f}" if round(100 * share, 2) else "0.00"


def count(n: int, noun: str) -> str:
    """Return 1 seed, or 2,000 seeds."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def listed(words: Iterable[str], *, most: int = 10) -> str:
    """Return the words as text, such as "a, b and c"; of many, the first ones and a number."""
    words = list(words)
    if len(words) > most:
        words = [*words[:most], f"{len(words) - most:,} more"]
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last


def verdict_words(verdict: str | None) -> str:
    """Return a verdict for people: beaten is above the claim, missed below it."""
    return VERDICTS.get(verdict, verdict) if verdict else "-"


def duration(seconds: float) -> str:
    """Return a duration, such as 67 ns, 6.1 µs, 0.29 s, 12.3 s, 3 min 20 s or 2 h 5 min."""
    if not 0 < seconds <= MAXIMUM:
        return f"{number(seconds)} s"
    if round(seconds, 1) < MINUTE:
        return _short(seconds, digits=2 if seconds < TEN else 3, max_milliseconds=100)
    rounded, minutes = round(seconds), round(seconds / MINUTE)
    if rounded < HOUR:
        return f"{rounded // MINUTE} min {rounded % MINUTE} s"
    return f"{minutes // MINUTE:,} h {minutes % MINUTE} min"


def timing(seconds: float) -> str:
    """Return a benchmark's time, to three digits below a second: 24.6 µs, 218 ms or 38.65 s."""
    if not 0 < seconds <= MAXIMUM:
        return f"{number(seconds)} s"
    if round(THOUSAND * seconds) >= THOUSAND:
        return f"{seconds:,.2f} s"
    return _short(seconds, digits=3, max_milliseconds=THOUSAND)


def _short(seconds: float, *, digits: int, max_milliseconds: int) -> str:
    """Return a time in the first unit with less than 1000, or less than the maximum of ms."""
    for unit, per_second in UNITS:
        if round(seconds * per_second) < (max_milliseconds if unit == "ms" else THOUSAND):
            return f"{number(seconds * per_second, digits=digits)} {unit}"
    return f"{number(seconds, digits=digits)} s"


def size(count: int) -> str:
    """Return a number of bytes, such as 850 B, 3.0 kB, 407 kB or 3.1 MB."""
    if count < THOUSAND:
        return f"{count} B"
    amount, power = count / THOUSAND, 0
    while round(amount) >= THOUSAND and power < len(BYTES) - 1:
        amount, power = amount / THOUSAND, power + 1
    return f"{amount:,.{1 if round(amount, 1) < TEN else 0}f} {BYTES[power]}"
