"""What stands behind the kinds that packages bring: their code, imported when an entry names one.

Behind a kind stands a function or a class. What it is called with are the options of the entry, by
their names, and whatever it asks for of what zoo has to give for its sort:

    data         places, and what the     (rows, labels), and the same for the test if there is one
                 entry says of the rows
    layer        rng                      zoo.nn.layers.Layer, as wide above as below
    activation                            a function that bends z in place and writes its slope
    loss         classes dtype smoothing  zoo.nn.losses.Loss
    optimizer    parameters is_weight     zoo.nn.optimizers.Optimizer
    schedule     rate epochs              a function from the epochs done to the rate
    initializer                           a function that draws (rng, units, inputs)
    warp         shape                    a function that bends points, or pictures, in place
"""

import inspect
import json
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from importlib.metadata import EntryPoint
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from zoo.config import issues, plugins
from zoo.config.base import ConfigModel, PluginKind, builtin_kinds, plugin_kinds
from zoo.config.datasets import PluginData
from zoo.config.entry import Entry, Raw
from zoo.config.load import InvalidEntryError
from zoo.config.plugins import Provider, provider_of
from zoo.errors import ConfigError, Stopped, ZooError, describe

Function = Callable[..., Any]


PLUGIN_ARGUMENTS = {
    "data": ("locations", "columns", "shape", "highest", "classes", "labels", "rows", "test_rows"),
    "layer": ("rng",),
    "activation": (),
    "loss": ("classes", "dtype", "smoothing"),
    "optimizer": ("parameters", "is_weight"),
    "schedule": ("rate", "epochs"),
    "initializer": (),
    "warp": ("shape",),
    "intensity": ("shape",),
}


def name_problem(point: EntryPoint) -> str:
    """Return what is wrong with the name under which a package brings a kind; "" if nothing is."""
    sections = {sort: theirs for theirs in builtin_kinds for sort in theirs.plugin_types}
    plugin_type, dot, kind = point.name.partition(".")
    if not dot or plugin_type not in sections:
        return f"{point.name!r} is not SORT.KIND, where a SORT is {', '.join(PLUGIN_ARGUMENTS)}."
    plugin = sections[plugin_type]
    if kind in builtin_kinds[plugin] or not plugins.is_first(point):
        return f"there is a kind named {kind!r} already."
    return ""


def plugin_type(section: PluginKind) -> str:
    """Return the sort of a kind: what stands before the dot of its entry point."""
    return _entry_point(section).name.partition(".")[0]


def rows(section: PluginData, locations: object) -> object:
    """Return the data behind a kind, in whichever form its code gives it."""
    if fault := next(_issues(section, ("data",)), None):
        raise ConfigError(f"{fault}")
    said = {
        name: getattr(section, name) for name in PLUGIN_ARGUMENTS["data"] if name != "locations"
    }
    return call(section, {"locations": locations, **said})


def function(section: PluginKind, **given: object) -> Function:
    """Return the function that a kind's code makes of its options."""
    found = call(section, given)
    if not callable(found):
        raise wrong_type(section, found, "a function")
    kept: Function = found
    return kept


def wrong_type(section: PluginKind, found: object, expected: str) -> ZooError:
    """Return the error for a plugin that returned something else."""
    return ZooError(
        f"{section.kind!r} of {provider(section)} gives {_short(found)}, and not {expected}."
    )


def _short(value: object) -> str:
    return repr(value) if isinstance(value, str | int | float) else type(value).__name__


def call(section: PluginKind, given: dict[str, object]) -> Any:
    """Call the code of a kind with the options of the entry and the arguments it accepts."""
    code = _code(section)
    options = _checked(section, code)
    asked = _parameters(section, code)
    with wrapping_plugin_errors(section):
        try:
            return code(**options, **{name: one for name, one in given.items() if name in asked})
        except ValueError as error:
            raise ConfigError(f"{section.kind}: {error}.") from error


@contextmanager
def wrapping_plugin_errors(section: PluginKind) -> Iterator[None]:
    """Say of whatever goes wrong in a package's code that it is theirs."""
    try:
        with redirect_stdout(sys.stderr):  # stdout is for data
            yield
    except (ZooError, KeyboardInterrupt, Stopped):
        raise
    except BaseException as error:  # SystemExit too
        who = provider(section)
        raise ZooError(
            f"{section.kind!r} of {who} failed: {describe(error)}.",
            hint=f"Its author may help; `zoo plugins check {who.name}` tries all that it brings.",
        ) from error


def accepts(section: PluginKind, name: str) -> bool:
    """Whether a kind's code takes what zoo gives under this name."""
    return name in _parameters(section, _code(section))


def required_options(section: PluginKind) -> list[str]:
    """Return the options that have no default."""
    given = PLUGIN_ARGUMENTS[plugin_type(section)]
    return [
        name
        for name, asked in _parameters(section, _code(section)).items()
        if asked.default is asked.empty and name not in given
    ]


def check(entry: Entry, *, where: str) -> None:
    """Raise if what packages bring to an entry cannot be had, or takes other options."""
    if found := list(_issues(entry)):
        raise InvalidEntryError(where, found)
    for _, section in plugin_kinds(entry):
        plugins.warn_of_duplicates(_entry_point(section))


def issues_in(raw: Raw) -> list[issues.Issue]:
    """Return what is wrong with what packages bring to an entry whose other tables may be faulty.

    A kind whose code cannot be had is a fault among the others.
    """
    found: list[issues.Issue] = []
    for place, section in issues.plugin_kinds_in(raw, Entry):
        try:
            found += _issues(section, place)
        except ZooError as error:
            found.append(issues.Issue((*place, "kind"), f"{error} {error.hint}".rstrip()))
    return found


def provider(section: PluginKind) -> Provider:
    """Return who brings a kind."""
    return provider_of(_entry_point(section))


def _issues(entry: ConfigModel, path: issues.KeyPath = ()) -> Iterator[issues.Issue]:
    for place, section in plugin_kinds(entry, path):
        try:
            _checked(section, _code(section))
        except _InvalidOptionsError as unfit:
            for one in unfit.found:
                yield issues.Issue((*place, *one.path), one.message)


class _InvalidOptionsError(ConfigError):
    """Options that a kind does not take."""

    def __init__(self, kind: str, found: list[issues.Issue]) -> None:
        super().__init__("; ".join(f"{kind}.{one}" for one in found))
        self.found = found


def _entry_point(section: PluginKind) -> EntryPoint:
    found = plugins.kinds(*section.plugin_types)
    if section.kind not in found:
        raise ConfigError(
            f"No installed package brings {section.kind!r}.",
            hint="`zoo plugins` shows what there is; ZOO_PLUGINS may keep one out.",
        )
    return found[section.kind]


def _code(section: PluginKind) -> Function:
    point = _entry_point(section)
    code: Function = plugins.load(point)
    if not callable(code):
        raise ZooError(f"{provider_of(point)} brings {point.name!r}, and that cannot be called.")
    return code


class _Options(BaseModel):
    """What an entry says beside a kind: as strict as our own sections."""

    model_config = ConfigDict(
        extra="forbid", strict=True, arbitrary_types_allowed=True, protected_namespaces=()
    )


def _parameters(section: PluginKind, code: Function) -> Mapping[str, inspect.Parameter]:
    """Return what a kind's code can be called with by name."""
    try:
        found = inspect.signature(code).parameters
    except (TypeError, ValueError):  # some that are written in C do not say
        raise ZooError(
            f"{section.kind!r} of {provider(section)} does not say which options it takes.",
            hint="A function or a class of Python does.",
        ) from None
    named = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
    return {name: one for name, one in found.items() if one.kind in named}


def _checked(section: PluginKind, code: Function) -> dict[str, Any]:
    """Return the options as the code's annotations want them."""
    function = getattr(code, "__init__", code) if isinstance(code, type) else code
    try:
        hints = get_type_hints(function, include_extras=True)
    except Exception:  # noqa: BLE001 - a name that is imported for a checker alone
        hints = {}
    given = PLUGIN_ARGUMENTS[plugin_type(section)]
    fields: dict[str, Any] = {
        name: (hints.get(name, Any), ... if asked.default is asked.empty else asked.default)
        for name, asked in _parameters(section, code).items()
        if name not in given and not name.startswith("_")
    }
    with warnings.catch_warnings(action="ignore"):  # of a name that a model of pydantic has too
        model = create_model(section.kind, __base__=_Options, **fields)
    try:  # as JSON, whose lists may be tuples
        checked = model.model_validate_json(json.dumps(section.options))
    except ValidationError as error:
        raise _InvalidOptionsError(section.kind, issues.issues_from(error, model)) from None
    return {name: getattr(checked, name) for name in fields if name in section.options}
