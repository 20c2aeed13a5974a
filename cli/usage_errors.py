"""Typer's errors about a command line, as zoo's own: one sentence, a hint, exit code 2.

Typer has its own copy of click, which is not public, so the errors are known by their names.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from zoo.errors import ConfigError

from .examples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_COMMAND = re.compile(r"No such command '(.*)'\.")
EXTRA_ARGUMENT = re.compile(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)\.?", re.DOTALL)
NOT_READABLE = re.compile(r"(?i:path) '(.*)' is not readable\.", re.DOTALL)
CUTOFF = 0.7  # similarity of a suggested option; with 0.6 --from suggests --format
EXPECTATIONS = (  # typer's messages, without the value: it is taken from the command line
    (re.compile(r".*valid integer.*"), "a whole number"),
    (re.compile(r".*valid (?:float|number).*"), "a number"),
    (re.compile(r"Input should be greater than or equal to (.*)"), "at least {}"),
    (re.compile(r"Input should be less than or equal to (.*)"), "at most {}"),
    (re.compile(r".* is not in the range (.*)<=x<=(.*)\."), "{} to {}"),
    (re.compile(r".* is not in the range x>=(.*)\."), "at least {}"),
    (re.compile(r".* is not one of (.*)\."), "{}"),
)


def as_config_error(error: Any, arguments: Sequence[str]) -> ConfigError | None:
    """Return the error for the user, or None if it is not about the command line."""
    if not hasattr(error, "format_message"):
        return None
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "zoo"
    message, hint = error.format_message(), f"Run `{command} --help`."
    match type(error).__name__:
        case "NoSuchOption":
            message = f"`{command}` does not have an option {error.option_name}."
            if context and (option := _closest_option(error.option_name, context)):
                hint = f"Did you mean {option}?"
        case "MissingParameter" if error.param:
            message = f"`{command}` needs {_name(error.param)}."
            if example := EXAMPLES.get(command.removeprefix("zoo ")):  # a plugin's has none
                hint = f"For example: `{example}`."
        case "BadOptionUsage":
            message = f"{error.option_name} needs a value."
            hint = f"Write the value after {error.option_name}."
        case "BadParameter" if error.param:  # a plugin may raise it without one
            given = _given(error.param, arguments)
            message = f"{_name(error.param)}: {_expectation(error.message, given)}"
            if denied := NOT_READABLE.fullmatch(error.message):
                message = f"{denied[1]} could not be read: Permission denied."
                hint = f"Check the permissions of {denied[1]}."
        case "UsageError":
            message, hint = _usage_error(message, hint, command, context)
    return ConfigError(message, hint=hint)


def _usage_error(message: str, hint: str, command: str, context: Any) -> tuple[str, str]:
    """Return the message and the hint of an error about commands and arguments."""
    if context and (wrong := NO_COMMAND.match(message)):
        close = get_close_matches(wrong[1], context.command.list_commands(context), 1)
        hint = f"Did you mean {close[0]!r}?" if close else hint
        return f"`{command}` does not have a command {wrong[1]!r}.", hint
    if extra := EXTRA_ARGUMENT.fullmatch(message):
        return f"`{command}` does not take the argument {extra[1]!r}.", hint
    if message == "Missing command.":
        return f"`{command}` needs a command.", hint
    return message, hint


def _name(parameter: Any) -> str:
    """Return the name of an option, or that of an argument as the help page shows it."""
    name: str = parameter.opts[0]
    return name if name.startswith("-") else parameter.metavar or name.upper()


def _closest_option(name: str, context: Any) -> str | None:
    """Return the visible option with the most similar name; None if it has another name."""
    options = {
        option.lstrip("-"): option
        for parameter in context.command.get_params(context)
        if parameter.param_type_name == "option" and not parameter.hidden
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    close = get_close_matches(name.lstrip("-"), options, 1, CUTOFF)
    return options[close[0]] if close else None


def _given(parameter: Any, arguments: Sequence[str]) -> str | None:
    """Return the last value of an option on the command line; None for an argument."""
    given = None
    for argument, following in zip(arguments, [*arguments[1:], None], strict=True):
        name, equals, value = argument.partition("=")
        if name in parameter.opts:
            given = value if equals else following
    return given


def _expectation(message: str, given: str | None) -> str:
    """Return text such as "expected a whole number, got 'x'."."""
    for pattern, text in EXPECTATIONS:
        if given is not None and (found := pattern.fullmatch(message)):
            expected = text.format(*found.groups()).replace("'", "")
            return f"expected {expected}, got {given!r}."
    return message
