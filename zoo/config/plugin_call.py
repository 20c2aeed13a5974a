"""Loading and calling the code of plugin kinds. It is imported when an entry first uses it.

The code of a kind is a function or a class. It is called with the options of the entry, and with
those of the arguments of its plugin type that its signature has:

    type         arguments                returns
    data         locations columns shape  (rows, labels), or (rows, labels, test rows, test labels)
                 highest classes labels
                 rows test_rows
    layer        inputs rng               a zoo.nn.layers.Layer with as many outputs as inputs
    activation                            a function that computes a(z) in place and writes da/dz
    loss         classes dtype smoothing  a zoo.nn.losses.Loss
    optimizer    parameters is_weight     a zoo.nn.optimizers.Optimizer
    schedule     rate epochs              a function from the epochs completed to the rate
    initializer                           a function of (rng, units, inputs) to initial values
    warp         shape                    a function that moves sampling points in place
    intensity    shape                    a function that changes images in place
"""

import inspect
import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from zoo.config import issues, plugins
from zoo.config.base import ConfigModel, PluginKind, builtin_kinds, iter_plugin_kinds
from zoo.config.datasets import PluginData
from zoo.config.entry import Entry, Raw
from zoo.config.load import InvalidEntryError
from zoo.config.plugins import Provider, provider_of
from zoo.errors import ConfigError, Stopped, ZooError, describe

Function = Callable[..., Any]


PLUGIN_ARGUMENTS = {
    "data": ("locations", "columns", "shape", "highest", "classes", "labels", "rows", "test_rows"),
    "layer": ("inputs", "rng"),
    "activation": (),
    "loss": ("classes", "dtype", "smoothing"),
    "optimizer": ("parameters", "is_weight"),
    "schedule": ("rate", "epochs"),
    "initializer": (),
    "warp": ("shape",),
    "intensity": ("shape",),
}


def name_problem(entry_point: EntryPoint) -> str:
    """Return the problem with the name of a kind's entry point; "" if there is none."""
    models = {plugin_type: model for model in builtin_kinds for plugin_type in model.plugin_types}
    plugin_type, dot, kind = entry_point.name.partition(".")
    if not dot or plugin_type not in models:
        types = ", ".join(PLUGIN_ARGUMENTS)
        return f"{entry_point.name!r} is not TYPE.KIND; expected one of the types {types}."
    if kind in builtin_kinds[models[plugin_type]] or not plugins.is_first(entry_point):
        return f"a kind named {kind!r} already exists."
    return ""


def plugin_type(section: PluginKind) -> str:
    """Return the plugin type of a kind: the part before the dot of its entry point's name."""
    return _entry_point(section).name.partition(".")[0]


def load_rows(section: PluginData, locations: object) -> object:
    """Return the data of a kind, unchecked."""
    if issue := next(_issues(section, ("data",)), None):
        raise ConfigError(f"{issue}")
    facts = {
        name: getattr(section, name) for name in PLUGIN_ARGUMENTS["data"] if name != "locations"
    }
    return call(section, {"locations": locations, **facts})


def function(section: PluginKind, **arguments: object) -> Function:
    """Return the function that a kind's code returns for its options."""
    result = call(section, arguments)
    if not callable(result):
        raise wrong_type_error(section, result, "a function")
    checked: Function = result
    return checked


def wrong_type_error(section: PluginKind, result: object, expected: str) -> ZooError:
    """Return the error for a plugin that returned a value of another type."""
    return ZooError(
        f"{section.kind!r} of {provider(section)} returned {_describe_value(result)}; "
        f"expected {expected}."
    )


def _describe_value(value: object) -> str:
    return repr(value) if isinstance(value, str | int | float) else type(value).__name__


def call(section: PluginKind, arguments: dict[str, object]) -> Any:
    """Call the code of a kind with the options of the entry and the arguments it accepts."""
    code = _code(section)
    options = _checked_options(section, code)
    accepted = arguments.keys() & _parameters(section, code).keys()
    with wrapping_plugin_errors(section):
        try:
            return code(**options, **{name: arguments[name] for name in accepted})
        except ValueError as error:
            raise ConfigError(f"{section.kind}: {error}.") from error


@contextmanager
def wrapping_plugin_errors(section: PluginKind) -> Iterator[None]:
    """Raise exceptions from a plugin's code as errors that name the plugin."""
    try:
        with plugins.own_surroundings():
            yield
    except (ZooError, KeyboardInterrupt, Stopped):
        raise
    except BaseException as error:  # SystemExit too
        source = provider(section)
        raise ZooError(
            f"{section.kind!r} of {source} failed: {describe(error)}.",
            hint=f"Run `zoo plugins check {source.name}`, and report it to the plugin's author.",
        ) from error


def accepts(section: PluginKind, name: str) -> bool:
    """Return whether a kind's code accepts this argument."""
    return name in _parameters(section, _code(section))


def required_options(section: PluginKind) -> list[str]:
    """Return the options that have no default."""
    arguments = PLUGIN_ARGUMENTS[plugin_type(section)]
    return [
        name
        for name, parameter in _parameters(section, _code(section)).items()
        if parameter.default is parameter.empty and name not in arguments
    ]


def check(entry: Entry, *, where: str) -> None:
    """Raise if a plugin kind of an entry cannot be loaded, or does not accept its options."""
    if invalid := list(_issues(entry)):
        raise InvalidEntryError(where, invalid)
    for _, section in iter_plugin_kinds(entry):
        plugins.warn_of_duplicates(_entry_point(section))


def issues_in(raw: Raw) -> list[issues.Issue]:
    """Return the issues of the plugin kinds in an entry whose other tables may be invalid.

    A kind whose code cannot be loaded is one of the issues.
    """
    result: list[issues.Issue] = []
    for path, section in issues.iter_plugin_kinds_in(raw, Entry):
        if len(result) >= issues.MAX_ISSUES:
            break
        try:
            result += _issues(section, path)
        except ZooError as error:
            result.append(issues.Issue((*path, "kind"), f"{error} {error.hint}".rstrip()))
    return result


def provider(section: PluginKind) -> Provider:
    """Return the distribution that provides a kind."""
    return provider_of(_entry_point(section))


def _issues(entry: ConfigModel, path: issues.KeyPath = ()) -> Iterator[issues.Issue]:
    for section_path, section in iter_plugin_kinds(entry, path):
        try:
            _checked_options(section, _code(section), section_path)
        except _InvalidOptionsError as error:
            for issue in error.issues:
                yield issues.Issue((*section_path, *issue.path), issue.message)


class _InvalidOptionsError(ConfigError):
    """Options that a kind does not accept."""

    def __init__(self, kind: str, option_issues: list[issues.Issue]) -> None:
        super().__init__("; ".join(f"{kind}.{issue}" for issue in option_issues))
        self.issues = option_issues


def _entry_point(section: PluginKind) -> EntryPoint:
    kinds = plugins.kinds(*section.plugin_types)
    if section.kind not in kinds:
        raise ConfigError(
            f"No installed plugin provides {section.kind!r}.",
            hint=f"Run `zoo plugins` to list the plugins.{plugins.restriction()}",
        )
    return kinds[section.kind]


def _code(section: PluginKind) -> Function:
    entry_point = _entry_point(section)
    code: Function = plugins.load(entry_point)
    if not callable(code):
        raise ZooError(
            f"{provider_of(entry_point)} provides {entry_point.name!r}, which is not callable."
        )
    return code


class _Options(BaseModel):
    """The options of a plugin kind, validated as strictly as those of built-in kinds."""

    model_config = ConfigDict(
        extra="forbid", strict=True, arbitrary_types_allowed=True, protected_namespaces=()
    )


def _parameters(section: PluginKind, code: Function) -> Mapping[str, inspect.Parameter]:
    """Return the parameters of a kind's code that can be passed by name."""
    try:
        parameters = inspect.signature(code).parameters
    except (TypeError, ValueError):  # some code in C does not have a signature
        raise ZooError(
            f"{section.kind!r} of {provider(section)} does not have a signature.",
            hint="Use a Python function or class.",
        ) from None
    named = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
    return {name: value for name, value in parameters.items() if value.kind in named}


def _checked_options(
    section: PluginKind, code: Function, path: issues.KeyPath = ()
) -> dict[str, Any]:
    """Return the options of a kind, validated against the annotations of its code."""
    function = getattr(code, "__init__", code) if isinstance(code, type) else code
    try:
        hints = get_type_hints(function, include_extras=True)
    except Exception:  # noqa: BLE001 - a name may be imported for type checkers only
        hints = {}
    arguments = PLUGIN_ARGUMENTS[plugin_type(section)]
    fields: dict[str, Any] = {
        name: (
            hints.get(name, Any),
            ... if parameter.default is parameter.empty else parameter.default,
        )
        for name, parameter in _parameters(section, code).items()
        if name not in arguments and not name.startswith("_")
    }
    with warnings.catch_warnings(action="ignore"):  # pydantic models may have the name, too
        model = create_model(section.kind, __base__=_Options, **fields)
    try:  # in JSON mode a list is valid for a tuple
        checked = model.model_validate_json(json.dumps(section.options))
    except ValidationError as error:
        option_issues = issues.issues_from(error, model, path)
        raise _InvalidOptionsError(section.kind, option_issues) from None
    return {name: getattr(checked, name) for name in fields if name in section.options}
