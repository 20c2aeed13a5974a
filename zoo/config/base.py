"""The base of an entry's tables: strict models, number types, and kinds of plugins."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
)

from zoo.config import plugins


class ConfigModel(BaseModel):
    """A table of the TOML: unknown keys are errors, numbers are numbers, nothing changes later."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def expand_shorthand(value: object) -> object:
    """Let `kind = "x"` without options be written as "x"."""
    return {"kind": value} if isinstance(value, str) else value


def as_tuple(value: object) -> object:
    """Take a list of the TOML for what does not change later."""
    return tuple(value) if isinstance(value, list) else value


ExpandShorthand = BeforeValidator(expand_shorthand)
AsTuple = BeforeValidator(as_tuple)
Positive = Annotated[float, Field(gt=0)]
Width = Annotated[
    float, Field(ge=1e-6, le=1e6)
]  # of a distribution: far from what floats cannot hold
Strength = Annotated[float, Field(ge=0, le=1e6)]
Decay = Annotated[float, Field(gt=0, le=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Fraction = Annotated[float, Field(gt=0, lt=1)]
Size = Annotated[float, Field(gt=0, le=1000)]  # in pixels
Count = Annotated[int, Field(ge=1)]
Label = Annotated[
    str, Field(max_length=40, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")
]  # that a terminal may show


BUILTIN_TAG, PLUGIN_TAG = "(ours)", "(theirs)"  # tags, and no key of any entry


class PluginKind(ConfigModel):
    """A kind that an installed package brings; its own code says which options it takes."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue]
    plugin_types: ClassVar[tuple[str, ...]]  # before the dot of the names that packages give
    kind: str

    @classmethod
    def available(cls) -> list[str]:
        """Return the kinds that there are."""
        return list(plugins.kinds(*cls.plugin_types))

    @property
    def options(self) -> dict[str, JsonValue]:
        """What the entry says beside the kind."""
        return self.__pydantic_extra__


builtin_kinds: dict[type[PluginKind], set[str]] = {}  # the kinds of ours that stand beside theirs


def builtin_or_plugin(builtin: Any, plugin: type[PluginKind]) -> Discriminator:
    """Tell by its kind whether a table is one of ours, which come first, or a package's."""
    own = {
        get_args(one.model_fields["kind"].annotation)[0] for one in get_args(builtin) or [builtin]
    }
    builtin_kinds[plugin] = builtin_kinds.get(plugin, set()) | own

    def choose(value: Any) -> str:
        if isinstance(value, ConfigModel):
            return PLUGIN_TAG if isinstance(value, PluginKind) else BUILTIN_TAG
        kind = value.get("kind") if isinstance(value, dict) else None
        foreign = isinstance(kind, str) and kind not in own and kind in plugin.available()
        return PLUGIN_TAG if foreign else BUILTIN_TAG

    return Discriminator(choose)


def plugin_kinds(
    section: ConfigModel, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], PluginKind]]:
    """Yield what packages bring to an entry or a part of it, with its place."""
    if isinstance(section, PluginKind):
        yield path, section
    for name in type(section).model_fields:
        value = getattr(section, name)
        several = enumerate(value) if isinstance(value, tuple) else [(None, value)]
        for number, one in several:
            if isinstance(one, ConfigModel):
                yield from plugin_kinds(one, (*path, name, *([] if number is None else [number])))
