"""`zoo bench`: usage errors, and its output of given measurements."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.helpers.command import zoo
from tests.helpers.measurements import (
    MISSING,
    POINTS,
    replace_measurements,
)
from zoo.bench import scaling

if TYPE_CHECKING:
    from pathlib import Path

ALL = ("bench", "W1", "start", "train", "growth", "--against", "sklearn")


@pytest.fixture
def _measured(monkeypatch: pytest.MonkeyPatch) -> None:
    replace_measurements(monkeypatch)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("W9",), "There is no workload named 'W9'."),
        (("shares",), "There is no workload named 'shares'."),
        (("W1", "--against", "abacus"), "There is no library named 'abacus'."),
        (("W1", "--against", ""), "There is no library named ''."),
        (("W1", "--json", "--md"), "Expected one output format, got json and md."),
        (("W1", "--plot", "growth.svg"), "--plot needs the workload growth."),
    ],
)
def test_bench_usage_errors(arguments: tuple[str, ...], message: str) -> None:
    done = zoo("bench", *arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"zoo: {message}\n")


@pytest.mark.usefixtures("_measured")
def test_bench_80_columns() -> None:
    """Tables, sentences and progress wrap at words."""
    done = zoo(*ALL, COLUMNS=80)
    assert done.exit_code == 0, done.stderr
    lines = [*done.stdout.splitlines(), *done.stderr.splitlines()]
    assert max(map(len, lines)) <= 80
    words = set(zoo(*ALL, COLUMNS=1000).stdout.split())
    assert words <= set(done.stdout.split())
    assert {"torch.compile", "10.28", "(9.50-15.63)", "scikit-learn", "mnist-10-decay"} <= words
    assert done.stderr.splitlines()[3:5] == [
        "zoo:   onnxruntime is not timed: it ended with exit code 1: ModuleNotFoundError:",
        "     No module named 'x'",
    ]


SENTENCES = """\
Each is the peer's time over zoo's, the median of the rounds (minimum and maximum).
Accuracies differ by at most 0.0003, parameters, or predicted probabilities, by at most 0.000012.
* is not the same work: tutorial NumPy computes in float64.
Preparation and the first round, which are not measured, took at most: zoo 500 ms, torch.compile \
41.50 s, tutorial NumPy 41.50 s.
onnxruntime is not timed at W1: it ended with exit code 1: ModuleNotFoundError: No module named 'x'.

Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz, 2 cores, Python 3.11.7, NumPy 2.4.6, openblas \
0.3.31, SkylakeX kernel; one thread each.
"""
TERMINAL = """\
workload against                      zoo     peer              ratio
W1       torch.compile 2.13.0+cpu 24.6 ms 138.65 s 10.28 (9.50-15.63)
W1       tutorial NumPy 2.4       24.6 ms 138.65 s 2.00* (9.50-15.63)
"""
MARKDOWN = """\
| workload | zoo | torch.compile | tutorial NumPy |
|---|---:|---:|---:|
| W1: digits 64-10-10, full batch, 2,000 steps | 24.6 ms | 10.28 (9.50-15.63) | 2.00* (9.50-15.63) |

"""
COMMANDS_AND_GROWTH = """\
| command | against | zoo | peer | ratio | processor | peak memory |
|---|---|---:|---:|---:|---:|---:|
| zoo list | import numpy, PIL.Image + import typer, rich | 100.12 s | 138.65 s | 1.38 \
| 100.00 s, 138.50 s | 131, 1,427 MB |
| mnist-10-decay | scikit-learn | 100.12 s | 138.65 s | 1.38 | 100.00 s, 138.50 s | 131, 1,427 MB |

| parameter | time of an epoch at each size, and the exponent of its growth |
|---|---|
| seeds, two processes | 1: 24.6 ms, 2: 49.2 ms (+1.00), 4: 98.4 ms (+1.00), 8: 197 ms (+1.00) |

"""


@pytest.mark.usefixtures("_measured")
def test_bench_tables() -> None:
    """The terminal has a row per peer and Markdown a column, with the same sentences."""
    asked = ("bench", "W1", "--against", "sklearn")
    assert zoo(*asked).stdout == TERMINAL + SENTENCES
    assert zoo(*asked, "--md").stdout == MARKDOWN + SENTENCES.replace("* is", "\\* is")


@pytest.mark.usefixtures("_measured")
def test_bench_growth_and_commands(tmp_path: Path) -> None:
    """Markdown and JSON have the commands and the growth; --plot draws it."""
    plot = tmp_path / "growth.svg"
    assert COMMANDS_AND_GROWTH in zoo(*ALL, "--md", "--plot", plot).stdout
    assert plot.read_text(encoding="utf-8") == scaling.svg(POINTS)
    result = json.loads(zoo(*ALL, "--json").stdout)
    assert list(result) == ["machine", "rows", "absent", "commands", "growth"]
    assert [row["peer"] for row in result["rows"]] == ["torch-compile", "naive"]
    assert [row["reason"] for row in result["absent"]] == [MISSING.reason]
    assert result["growth"][1] == {"sweep": "seeds, two processes", "at": 2, "seconds": 0.0492}
