"""What stands behind the kinds that packages bring: their code, imported when an entry names one.

Behind a kind stands a function or a class. What it is called with are the options of the entry, by
their names, and whatever it asks for of what zoo has to give for its sort:

    data                                  rows and labels, or zoo.data.dataset.Dataset
    layer        rng                      zoo.nn.layers.Layer, as wide above as below
    activation                            a function that bends z in place and writes its slope
    loss         classes dtype smoothing  zoo.nn.losses.Loss
    optimizer    parameters is_weight     zoo.nn.optimizers.Optimizer
    schedule     rate epochs              a function from the epochs done to the rate
    initializer                           a function that draws (rng, units, inputs)
    warp, ink    shape                    a function that bends points, or pictures, in place
"""

import inspect
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from typing import Any, get_type_hints

import numpy as np
from pydantic import Field, ValidationError, create_model

from zoo import faults, plugins
from zoo.config import Entry, Faulty
from zoo.errors import ConfigError, ZooError
from zoo.kinds import Brought, Section, brought_in
from zoo.nn.layers import Activation, Layer
from zoo.nn.losses import Loss
from zoo.nn.optimizers import Optimizer
from zoo.plugins import Provider, provider_of

Function = Callable[..., Any]

GIVEN = {
    "data": (),
    "layer": ("rng",),
    "activation": (),
    "loss": ("classes", "dtype", "smoothing"),
    "optimizer": ("parameters", "is_weight"),
    "schedule": ("rate", "epochs"),
    "initializer": (),
    "warp": ("shape",),
    "ink": ("shape",),
}


def sort_of(section: Brought) -> str:
    """Return the sort of a kind: what stands before the dot of its entry point."""
    return _point(section).name.partition(".")[0]


def rows(section: Brought) -> object:
    """Return the data behind a kind, in whichever form its code gives it."""
    return _call(section, {})


def layer(section: Brought, *, rng: np.random.Generator) -> Layer:
    """Return the layer behind a kind; what bends is put into one of ours."""
    if sort_of(section) == "activation":
        return Activation(function(section))
    found = _call(section, {"rng": rng})
    if not isinstance(found, Layer):
        raise _unlike(section, found, "a zoo.nn.layers.Layer")
    return found


def loss(section: Brought, **given: object) -> Loss:
    """Return the loss behind a kind."""
    found = _call(section, given)
    if not isinstance(found, Loss):
        raise _unlike(section, found, "a zoo.nn.losses.Loss")
    return found


def optimizer(section: Brought, **given: object) -> Optimizer:
    """Return the optimizer behind a kind."""
    found = _call(section, given)
    if not isinstance(found, Optimizer):
        raise _unlike(section, found, "a zoo.nn.optimizers.Optimizer")
    return found


def function(section: Brought, **given: object) -> Function:
    """Return the function that a kind's code makes of its options."""
    found = _call(section, given)
    if not callable(found):
        raise _unlike(section, found, "a function")
    kept: Function = found
    return kept


def _unlike(section: Brought, found: object, expected: str) -> ZooError:
    return ZooError(
        f"{section.kind!r} of {provider(section)} gives {type(found).__name__}, and not {expected}."
    )


def _call(section: Brought, given: dict[str, object]) -> Any:  # noqa: ANN401 - what it is is seen later
    code = _code(section)
    options = _checked(section, code)
    asked = inspect.signature(code).parameters
    try:
        return code(**options, **{name: one for name, one in given.items() if name in asked})
    except ValueError as error:
        raise ConfigError(f"{section.kind}: {error}.") from error
    except ZooError:
        raise
    except Exception as error:
        who = provider(section)
        told = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise ZooError(
            f"{section.kind!r} of {who} failed: {told}.",
            hint=f"Its author may help; `zoo plugins check {who.name}` tries all that it brings.",
        ) from error


def asks_for(section: Brought, name: str) -> bool:
    """Whether a kind's code takes what zoo gives under this name."""
    return name in inspect.signature(_code(section)).parameters


def check(entry: Entry, *, where: str) -> None:
    """Raise if what packages bring to an entry cannot be had, or takes other options."""
    if found := list(_faults(entry)):
        raise Faulty(where, found)


def provider(section: Brought) -> Provider:
    """Return who brings a kind."""
    return provider_of(_point(section))


def _faults(entry: Entry) -> Iterator[faults.Fault]:
    for path, section in brought_in(entry):
        try:
            _checked(section, _code(section))
        except _Unfit as unfit:
            for one in unfit.found:
                yield faults.Fault((*path, *one.path), one.words)


class _Unfit(ConfigError):  # noqa: N818 - what the options are
    """Options that a kind does not take."""

    def __init__(self, kind: str, found: list[faults.Fault]) -> None:
        super().__init__("; ".join(f"{kind}.{one}" for one in found))
        self.found = found


def _point(section: Brought) -> EntryPoint:
    found = plugins.kinds(*section.sorts)
    if section.kind not in found:
        raise ConfigError(
            f"No installed package brings {section.kind!r}.",
            hint="`zoo plugins` shows what there is; ZOO_PLUGINS may keep one out.",
        )
    return found[section.kind]


def _code(section: Brought) -> Function:
    point = _point(section)
    code: Function = plugins.load(point)
    if not callable(code):
        raise ZooError(f"{provider_of(point)} brings {point.name!r}, and that cannot be called.")
    return code


def _checked(section: Brought, code: Function) -> dict[str, Any]:
    """Return the options as the code's annotations want them."""
    given = {name for sort in section.sorts for name in GIVEN[sort]}
    try:
        hints = get_type_hints(
            getattr(code, "__init__", None) if isinstance(code, type) else code, include_extras=True
        )
    except Exception:  # noqa: BLE001 - a name that is imported for a checker alone
        hints = {}
    fields: dict[str, Any] = {}
    for name, asked in inspect.signature(code).parameters.items():
        if name not in given and asked.kind in {asked.POSITIONAL_OR_KEYWORD, asked.KEYWORD_ONLY}:
            default = ... if asked.default is asked.empty else asked.default
            fields[name] = (hints.get(name, Any), Field(default))
    model = create_model(section.kind, __base__=Section, **fields)
    try:
        checked = model.model_validate(section.options)
    except ValidationError as error:
        raise _Unfit(section.kind, faults.found(error, model)) from None
    return {name: getattr(checked, name) for name in fields if name in section.options}
