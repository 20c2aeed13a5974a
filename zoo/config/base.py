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
    SerializerFunctionWrapHandler,
    model_serializer,
)

from zoo.config import plugins


class ConfigModel(BaseModel):
    """A table of the TOML: immutable, without unknown keys, conversions of types, NaN and inf."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class LaterKeys(ConfigModel):
    """A table with keys of later versions, which are written only if they are set.

    So the files of older entries stay the same.
    """

    later_keys: ClassVar[frozenset[str]]

    @model_serializer(mode="wrap")
    def _without_defaults(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields = type(self).model_fields
        defaults = {
            key: fields[key].get_default(call_default_factory=True) for key in self.later_keys
        }
        written: dict[str, Any] = write(self)
        return {
            key: value
            for key, value in written.items()
            if key not in defaults or getattr(self, key) != defaults[key]
        }


def expand_shorthand(value: object) -> object:
    """Return {"kind": "x"} for "x", the short form of a kind without options."""
    return {"kind": value} if isinstance(value, str) else value


def as_tuple(value: object) -> object:
    """Return a list as a tuple, which is immutable."""
    return tuple(value) if isinstance(value, list) else value


ExpandShorthand = BeforeValidator(expand_shorthand)
AsTuple = BeforeValidator(as_tuple)
Positive = Annotated[float, Field(gt=0)]
# The width of a distribution, far from the limits of a float.
Width = Annotated[float, Field(ge=1e-6, le=1e6)]
Strength = Annotated[float, Field(ge=0, le=1e6)]
Decay = Annotated[float, Field(gt=0, le=1)]
Share = Annotated[float, Field(ge=0, lt=1)]
Fraction = Annotated[float, Field(gt=0, lt=1)]
Size = Annotated[float, Field(gt=0, le=1000)]  # in pixels
Count = Annotated[int, Field(ge=1, le=10**12)]  # far more steps than anybody waits for
# A label is printed to terminals, so it has no control characters.
LABEL_LENGTH = 40
LABEL_PATTERN = r"^[^\x00-\x1f\x7f-\x9f]+$"
Label = Annotated[str, Field(max_length=LABEL_LENGTH, pattern=LABEL_PATTERN)]

# The name of a column in a file of the user's.
Name = Annotated[str, Field(min_length=1, max_length=200)]

BUILTIN_TAG, PLUGIN_TAG = "(built-in)", "(plugin)"  # pydantic's tags of a union, not keys


class PluginKind(ConfigModel):
    """A kind that an installed plugin provides; the plugin's code defines its options."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue]
    plugin_types: ClassVar[tuple[str, ...]]  # the part before the dot of an entry point's name
    kind: str

    @classmethod
    def available(cls) -> list[str]:
        """Return the kinds that installed plugins provide."""
        return list(plugins.kinds(*cls.plugin_types))

    @property
    def options(self) -> dict[str, JsonValue]:
        """The keys of the table besides `kind`."""
        return self.__pydantic_extra__


# the built-in kinds of each table that can hold a plugin's kind
builtin_kinds: dict[type[PluginKind], set[str]] = {}


def builtin_or_plugin(builtin: Any, plugin: type[PluginKind]) -> Discriminator:
    """Return the discriminator of built-in kinds, which take precedence, and a plugin's kind."""
    names = {
        name
        for model in get_args(builtin) or [builtin]
        for name in get_args(model.model_fields["kind"].annotation)
    }
    builtin_kinds[plugin] = builtin_kinds.get(plugin, set()) | names

    def tag(value: Any) -> str:
        if isinstance(value, ConfigModel):
            return PLUGIN_TAG if isinstance(value, PluginKind) else BUILTIN_TAG
        kind = value.get("kind") if isinstance(value, dict) else None
        is_plugin = isinstance(kind, str) and kind not in names and kind in plugin.available()
        return PLUGIN_TAG if is_plugin else BUILTIN_TAG

    return Discriminator(tag)


def iter_plugin_kinds(
    section: ConfigModel, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], PluginKind]]:
    """Yield every plugin kind in an entry or a table of it, with its path of keys."""
    if isinstance(section, PluginKind):
        yield path, section
    for name in type(section).model_fields:
        value = getattr(section, name)
        items = enumerate(value) if isinstance(value, tuple) else [(None, value)]
        for index, item in items:
            if isinstance(item, ConfigModel):
                yield from iter_plugin_kinds(
                    item, (*path, name, *([] if index is None else [index]))
                )
