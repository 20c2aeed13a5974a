"""The augmentations that an entry can name."""

from typing import Annotated, Literal

from pydantic import (
    Field,
    Tag,
)

from zoo.config.base import (
    BUILTIN_TAG,
    PLUGIN_TAG,
    ConfigModel,
    ExpandShorthand,
    Fraction,
    PluginKind,
    Size,
    builtin_or_plugin,
)


class Shift(ConfigModel):
    """Move a picture by up to so many pixels in each direction."""

    kind: Literal["shift"]
    pixels: Size


class Rotate(ConfigModel):
    """Turn a picture about its middle by up to so many degrees."""

    kind: Literal["rotate"]
    degrees: Annotated[float, Field(gt=0, le=180)]


class Scale(ConfigModel):
    """Make a picture smaller or larger by up to this share, in height and width apart."""

    kind: Literal["scale"]
    share: Fraction


class Shear(ConfigModel):
    """Slant a picture: a row moves sideways by up to this share of its height."""

    kind: Literal["shear"]
    share: Size


class Elastic(ConfigModel):
    """Ripple a picture: noise within +-alpha, smoothed by a Gaussian of sigma pixels."""

    kind: Literal["elastic"]
    alpha: Size
    sigma: Annotated[float, Field(ge=0.1, le=100)]


class Stroke(ConfigModel):
    """Draw bolder or finer by up to this share of a pixel on each side."""

    kind: Literal["stroke"]
    share: Annotated[float, Field(gt=0, le=1)]


WarpConfig = Shift | Rotate | Scale | Shear | Elastic
BuiltinAugmentation = WarpConfig | Stroke


class PluginAugmentation(PluginKind):
    """A warp or an ink that a package brings."""

    plugin_types = ("warp", "intensity")


AugmentationConfig = Annotated[
    Annotated[BuiltinAugmentation, Field(discriminator="kind"), Tag(BUILTIN_TAG)]
    | Annotated[PluginAugmentation, Tag(PLUGIN_TAG)],
    builtin_or_plugin(BuiltinAugmentation, PluginAugmentation),
    ExpandShorthand,
]
