"""A shell's request for completions, which comes in environment variables."""

import os


def is_requested() -> bool:
    """Return whether a shell asks for completions, to which no message may be added."""
    return os.environ.get("_ZOO_COMPLETE", "").startswith("complete_")


def lacks_words() -> bool:
    """Return whether bash's completions are asked for without a line or the number of a word."""
    if os.environ.get("_ZOO_COMPLETE") != "complete_bash":
        return False
    try:
        int(os.environ["COMP_CWORD"])
    except (KeyError, ValueError):
        return True
    return "COMP_WORDS" not in os.environ
