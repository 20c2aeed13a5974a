"""Formatting of numbers: exact texts over all magnitudes, and no exponents."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from zoo.cli.output import compare as standings
from zoo.cli.output import train as output

from tests.helpers.digits import digits
from tests.helpers.entries import recipe
from zoo import formatting
from zoo.analysis import pairwise
from zoo.analysis.compare import ModelSummary
from zoo.analysis.comparison import Comparison
from zoo.analysis.pairwise import Pair
from zoo.analysis.statistics import McNemar
from zoo.nn.schedules import cosine_decay
from zoo.training.run import MetricsRow

EXPONENT = re.compile(r"\d[eE][+-]?\d")
SIGNED_EXPONENT = re.compile(r"\d[eE][+-]\d")  # with a sign: a hexadecimal digest may hold 4e2
NAN, INFINITY = math.nan, math.inf


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (1e-12, "0.001 ns"),
        (6.7e-8, "67 ns"),
        (9.996e-7, "1 µs"),
        (6.1e-6, "6.1 µs"),
        (3.4567e-4, "346 µs"),
        (999.4e-6, "999 µs"),
        (999.9996e-6, "1 ms"),
        (0.0123, "12 ms"),
        (0.0994, "99 ms"),
        (0.0996, "0.1 s"),
        (0.29, "0.29 s"),
        (7.24, "7.2 s"),
        (9.96, "10 s"),
        (12.34, "12.3 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 0 min"),
        (7500, "2 h 5 min"),
        (1e12, "277,777,777 h 47 min"),
        (1e300, "> 1,000,000,000,000,000 s"),
        (-0.5, "-0.5 s"),
        (NAN, "NaN s"),
        (INFINITY, "inf s"),
    ],
)
def test_duration_over_all_magnitudes(seconds: float, text: str) -> None:
    """A duration has two or three digits in its unit, and rounds up into the next unit."""
    assert formatting.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (24.63e-6, "24.6 µs"),
        (999.9996e-6, "1 ms"),
        (0.0309, "30.9 ms"),
        (0.2184, "218 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.00 s"),
        (38.65, "38.65 s"),
        (12345.6, "12,345.60 s"),
        (NAN, "NaN s"),
    ],
)
def test_timing_over_all_magnitudes(seconds: float, text: str) -> None:
    """A benchmark's time has three digits below a second and hundredths above."""
    assert formatting.timing(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1e-13, "< 0.000000000001"),
        (-1e-13, "> -0.000000000001"),
        (1e-12, "0.000000000001"),
        (1.23456e-5, "0.00001235"),
        (-0.00025, "-0.00025"),
        (0.1, "0.1"),
        (0.99996, "1"),
        (94.25, "94.25"),
        (12345.6, "12,346"),
        (1e12, "1,000,000,000,000"),
        (2e15, "> 1,000,000,000,000,000"),
        (-2e15, "< -1,000,000,000,000,000"),
        (NAN, "NaN"),
        (INFINITY, "inf"),
        (-INFINITY, "-inf"),
    ],
)
def test_number_over_all_magnitudes(value: float, text: str) -> None:
    """A number has four digits, all of its integer part, and bounds at both ends."""
    assert formatting.number(value) == text


@pytest.mark.parametrize(
    ("shown", "value", "text"),
    [
        (formatting.rate, 0.05, "0.05"),
        (formatting.rate, 1.23456e-6, "0.000001235"),
        (formatting.rate, 7.051e-10, "< 0.000001"),
        (formatting.rate, 0, "0"),
        (formatting.difference, 1.2e-7, "0.00000012"),
        (formatting.difference, 1.66e-8, "0.000000017"),
        (formatting.p_value, 0.00741, "p = 0.0074"),
        (formatting.p_value, 0.0001, "p = 0.0001"),
        (formatting.p_value, 1e-20, "p < 0.0001"),
        (formatting.p_value, 0, "p < 0.0001"),
        (formatting.p_value, 0.999, "p = 1"),
        (formatting.percent, 0.954, "95.4%"),
        (formatting.percent, 0.9725, "97.25%"),
        (formatting.percent, 1e-7, "0%"),
        (formatting.percent, 123.4, "12,340%"),
        (formatting.points, 0.0123, "+1.23"),
        (formatting.points, -0.5, "-50.00"),
        (formatting.points, -0.000001, "0.00"),
        (formatting.verdict_words, "beaten", "above the claim"),
        (formatting.verdict_words, "missed", "below the claim"),
        (formatting.verdict_words, "reproduced", "reproduced"),
        (formatting.verdict_words, None, "-"),
        (formatting.setting, 1e-05, "0.00001"),
        (formatting.setting, 1.25e-7, "0.000000125"),
        (formatting.setting, 1e16, "10000000000000000"),
        (formatting.setting, 0.1, "0.1"),
        (formatting.setting, 64, "64"),
        (formatting.setting, "adam", "adam"),
    ],
)
def test_quantities_have_their_own_rules(
    shown: Callable[[object], str], value: object, text: str
) -> None:
    """Rates and p-values have a minimum; a setting keeps all its digits."""
    assert shown(value) == text


def test_percent_digits() -> None:
    """A column of shares has the same number of digits in every row."""
    assert [formatting.percent(share, 2) for share in (0.954, 0.9725, 1)] == [
        *("95.40%", "97.25%", "100.00%")
    ]


def test_count_of_one() -> None:
    """Only one thing has no plural."""
    counts = [formatting.count(n, "seed") for n in (0, 1, 2000)]
    assert counts == ["0 seeds", "1 seed", "2,000 seeds"]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (850, "850 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (3040, "3.0 kB"),
        (9960, "10 kB"),
        (407_080, "407 kB"),
        (999_600, "1.0 MB"),
        (3_100_000, "3.1 MB"),
        (10**12, "1.0 TB"),
        (10**16, "10,000 TB"),
    ],
)
def test_size_over_all_magnitudes(count: int, text: str) -> None:
    """A size is below 1000 in its unit."""
    assert formatting.size(count) == text


@pytest.mark.parametrize(
    "shown",
    [
        formatting.number,
        formatting.setting,
        formatting.rate,
        formatting.difference,
        formatting.p_value,
        formatting.percent,
        formatting.duration,
        formatting.timing,
    ],
)
def test_no_magnitude_has_an_exponent(shown: Callable[[float], str]) -> None:
    """From the smallest float to the largest, of either sign, no text has an exponent."""
    for power in range(-323, 309):
        for mantissa in ("1", "9.999999", "4.5", "1.2345678901234567"):
            value = float(f"{mantissa}e{power}")
            for signed in (value, -value):
                assert not EXPONENT.search(shown(signed)), signed


def test_no_size_has_an_exponent() -> None:
    """No size has an exponent."""
    assert not any(EXPONENT.search(formatting.size(9 * 10**power)) for power in range(30))


def test_number_keeps_its_digits_over_all_magnitudes() -> None:
    """The text, without its commas, reads back as the rounded number."""
    for power in range(-11, 15):
        for mantissa in (1.234, 9.999, 1.0):
            value = float(f"{mantissa}e{power}")
            read = float(formatting.number(value).replace(",", ""))
            assert read == pytest.approx(value, rel=0 if power < 4 else 1e-4)


# --- comparisons -------------------------------------------------------------------------


@pytest.fixture
def apart(tmp_path: Path) -> tuple[list[ModelSummary], Pair]:
    """Return a very fast and a very slow model, and a pair of them that is far from noise."""
    from tests.helpers.comparisons import TESTED, ours, own

    first = ours()
    results = tuple(replace(one, seconds=1.8e-5) for one in first.results)
    fast = replace(first, results=results, microseconds=6.7e-5)
    second = own(tmp_path, 0, entry=recipe({**TESTED, "train.rate": 1e-5}))
    done = second.local_runs[0]
    here = (done._replace(record={**done.record, "seconds": 1.84e8}),)
    slow = replace(second, local_runs=here, microseconds=1.2e9)
    (pair,) = pairwise.pairs([(fast, slow)], {"digits": digits()})
    certain = McNemar(340, 2, 1e-90, 3e-80)
    return [fast, slow], replace(pair, test=certain, corrected=2e-90)


@pytest.mark.parametrize("width", [80, 200])
def test_terminal_of_a_comparison_has_no_exponent(
    apart: tuple[Sequence[ModelSummary], Pair], width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table, the settings and the pair of models that are far apart."""
    monkeypatch.setenv("COLUMNS", str(width))
    rows, pair = apart
    sections = standings.ShownSections(settings=True, per_class=True, curves=True)
    result = standings.comparison_result(Comparison(rows, [pair, pair]), sections)
    said = " ".join(result.text("table").split())
    assert "0.000067" in said
    assert "1,200,000,000" in said
    assert "18 µs" in said
    assert "51,111 h 7 min" in said
    assert "p < 0.0001 exact, p < 0.0001 by chi-squared; p < 0.0001 as one of 2 pairs" in said
    assert "0.00001 " in said
    assert not SIGNED_EXPONENT.search(said)


def test_markdown_of_a_comparison_has_no_exponent(apart: tuple[list[ModelSummary], Pair]) -> None:
    """The last cells are the times of a training and of an image, and the size."""
    sections = standings.ShownSections(settings=False, per_class=False, curves=False)
    text = standings.comparison_result(Comparison(apart[0]), sections).text("md")
    lines = text.splitlines()
    assert lines[0].endswith("| training | µs/image | size |")
    assert "| 18 µs | 0.000067 |" in lines[2]
    assert "| 51,111 h 7 min | 1,200,000,000 |" in lines[3]
    assert not SIGNED_EXPONENT.search(text)


def test_page_of_a_comparison_has_no_exponent(apart: tuple[list[ModelSummary], Pair]) -> None:
    """The page's text says the same numbers."""
    from tests.helpers.comparisons import page

    rows, pair = apart
    text = page(rows, pairs=[pair, pair])
    text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", text, flags=re.DOTALL)
    assert " 0.000067 " in text
    assert " 51,111 h 7 min " in text
    assert "p &lt; 0.0001 exact" in text
    assert " 0.00001 " in text
    assert not SIGNED_EXPONENT.search(text)


def test_epoch_line_at_the_end_of_a_cosine() -> None:
    """Just before the end of half a cosine from 0.05, the rate is 1.2e-9."""
    rate = cosine_decay(0.05, epochs=1000)(999.9)
    assert rate == pytest.approx(1.2337e-9, rel=1e-3)
    train = recipe({"train.epochs": 3}).train
    line = output.row_line(
        MetricsRow(3, 540, rate, 0.25, 0.9375, None, None, 0.1), train, held_out=None
    )
    assert line == "epoch 3/3  rate < 0.000001  loss 0.2500  training 93.75%"
