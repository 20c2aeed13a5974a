"""Command lines that are not valid: one sentence, a hint, exit code 2."""

import pytest

from tests.helpers.command import zoo


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (
            ("train", "--sed", 3),
            "`zoo train` does not have an option --sed.",
            "Did you mean --seed?",
        ),
        (
            ("train", "--foo"),
            "`zoo train` does not have an option --foo.",
            "Run `zoo train --help`.",
        ),
        # --csv is hidden
        (("list", "--cvs"), "`zoo list` does not have an option --cvs.", "Run `zoo list --help`."),
        (
            ("train", "digits-10", "--seed", 5, "--seed=x"),
            "--seed: expected a whole number, got 'x'.",
            "Run `zoo train --help`.",
        ),
        (
            ("schema", "foo"),
            "`zoo schema` does not take the argument 'foo'.",
            "Run `zoo schema --help`.",
        ),
        (
            ("predict", "digits-10"),
            "`zoo predict` needs SOURCE.",
            "For example: `zoo predict digits-10 test:0`.",
        ),
        (
            ("predict", "digits-10", "test:0", "--top-k"),
            "--top-k needs a value.",
            "Write the value after --top-k.",
        ),
        (("-v",), "`zoo` needs a command.", "Run `zoo --help`."),
        (
            ("runs", "remove"),
            "`zoo runs` does not have a command 'remove'.",
            "Run `zoo runs --help`.",
        ),
    ],
)
def test_usage_error(arguments: tuple[object, ...], message: str, hint: str) -> None:
    done = zoo(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines()[:2] == [f"zoo: {message}", f"     {hint}"]
