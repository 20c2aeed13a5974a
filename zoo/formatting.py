"""Numbers for people: durations, rates, sizes and shares, never in scientific notation."""

import math

LEAST, MOST = 1e-12, 1e15  # smaller numbers are shown as < LEAST, larger ones as > MOST
LEAST_RATE, LEAST_P_VALUE = 1e-6, 1e-4  # smaller ones are shown as < this
MINUTE, HOUR = 60, 3600
UNITS = (("ns", 1e9), ("µs", 1e6), ("ms", 1e3))  # with how many of them make a second
BYTES = ("kB", "MB", "GB", "TB")
THOUSAND, TEN = 1000, 10


def number(value: float, *, digits: int = 4, least: float = LEAST) -> str:
    """Return a number to so many digits, its whole part in full: 0.1, 0.000012 or 12,346."""
    sign = "-" if value < 0 else ""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return f"{sign}inf"
    tiny = abs(value) < least
    if value and (tiny or abs(value) > MOST):
        relation = "<" if tiny == (value > 0) else ">"
        return f"{relation} {sign}{_fixed(least if tiny else MOST, 1)}"
    return _fixed(value, digits) if value else "0"


def _fixed(value: float, digits: int) -> str:
    exponent = int(f"{value:.{digits - 1}e}".partition("e")[2])  # of the rounded number
    text = f"{value:,.{max(digits - 1 - exponent, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def setting(value: object) -> str:
    """Return a setting's value with all its digits, as one types it: 0.00001 for 1e-05."""
    text = repr(float(value)) if isinstance(value, float) else ""
    if "e" not in text:
        return str(value)
    digits, _, exponent = text.partition("e")
    return f"{value:.{max(len(digits.partition('.')[2]) - int(exponent), 0)}f}"


def rate(value: float) -> str:
    """Return a learning rate to four digits, or < 0.000001 where a step changes nothing."""
    return number(value, least=LEAST_RATE)


def difference(value: float) -> str:
    """Return how far two numbers lie apart, to two digits: 0.00000012."""
    return number(value, digits=2)


def p_value(value: float) -> str:
    """Return a p-value to two digits: 0.0074, or < 0.0001."""
    return "< 0.0001" if value < LEAST_P_VALUE else number(value, digits=2)


def percent(share: float, sign: str = "%") -> str:
    """Return 0.954 as 95.4%, and 0.9725 as 97.25%."""
    return f"{number(round(100 * share, 2))}{sign}"


def duration(seconds: float) -> str:
    """Return such as 67 ns, 6.1 µs, 0.29 s, 12.3 s, 3 min 20 s or 2 h 5 min."""
    if not 0 < seconds <= MOST:
        return f"{number(seconds)} s"
    if round(seconds, 1) < MINUTE:
        return _short(seconds, digits=2 if seconds < TEN else 3, most=100)
    whole, minutes = round(seconds), round(seconds / MINUTE)
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    return f"{minutes // MINUTE:,} h {minutes % MINUTE} min"


def timing(seconds: float) -> str:
    """Return a benchmark's time to three digits below a second: 24.6 µs, 218 ms or 38.65 s."""
    if not 0 < seconds <= MOST:
        return f"{number(seconds)} s"
    if round(THOUSAND * seconds) >= THOUSAND:
        return f"{seconds:,.2f} s"
    return _short(seconds, digits=3, most=THOUSAND)


def _short(seconds: float, *, digits: int, most: int) -> str:
    """Return the time in the first unit with less than a thousand of it, or `most` ms."""
    for unit, parts in UNITS:
        if round(seconds * parts) < (most if unit == "ms" else THOUSAND):
            return f"{number(seconds * parts, digits=digits)} {unit}"
    return f"{number(seconds, digits=digits)} s"


def size(count: int) -> str:
    """Return so many bytes as 850 B, 3.0 kB, 407 kB or 3.1 MB."""
    if count < THOUSAND:
        return f"{count} B"
    amount, power = count / THOUSAND, 0
    while round(amount) >= THOUSAND and power < len(BYTES) - 1:
        amount, power = amount / THOUSAND, power + 1
    return f"{amount:,.{1 if round(amount, 1) < TEN else 0}f} {BYTES[power]}"
