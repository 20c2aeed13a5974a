"""Usage errors of `zoo bench`."""

import pytest

from tests.helpers.command import zoo


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("W9",), "There is no workload named 'W9'."),
        (("W1", "--against", "abacus"), "There is no peer named 'abacus'."),
        (("W1", "--against", ""), "There is no peer named ''."),
        (("W1", "--json", "--md"), "--md and --json exclude each other; choose one."),
        (("W1", "--plot", "growth.svg"), "--plot needs the workload growth."),
    ],
)
def test_bench_usage_errors(arguments: tuple[str, ...], message: str) -> None:
    done = zoo("bench", *arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"zoo: {message}\n")
