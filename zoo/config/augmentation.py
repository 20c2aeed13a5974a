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
    """Move an image by up to `pixels` in each direction."""

    kind: Literal["shift"]
    pixels: Size


class Rotate(ConfigModel):
    """Rotate an image around its centre by up to `degrees`."""

    kind: Literal["rotate"]
    degrees: Annotated[float, Field(gt=0, le=180)]


class Scale(ConfigModel):
    """Shrink or enlarge the height and the width of an image by up to `share`, separately."""

    kind: Literal["scale"]
    share: Fraction


class Shear(ConfigModel):
    """Shear an image: a row moves sideways by up to `share` of its height."""

    kind: Literal["shear"]
    share: Size


class Elastic(ConfigModel):
    """Distort an image by noise within +-alpha, smoothed by a Gaussian of sigma pixels."""

    kind: Literal["elastic"]
    alpha: Size
    sigma: Annotated[float, Field(ge=0.1, le=100)]


class Stroke(ConfigModel):
    """Make strokes bolder or finer by up to `share` of a pixel on each side."""

    kind: Literal["stroke"]
    share: Annotated[float, Field(gt=0, le=1)]


WarpConfig = Shift | Rotate | Scale | Shear | Elastic
BuiltinAugmentation = WarpConfig | Stroke


class PluginAugmentation(PluginKind):
    """A warp or an intensity augmentation of a plugin."""

    plugin_types = ("warp", "intensity")


AugmentationConfig = Annotated[
    Annotated[BuiltinAugmentation, Field(discriminator="kind"), Tag(BUILTIN_TAG)]
    | Annotated[PluginAugmentation, Tag(PLUGIN_TAG)],
    builtin_or_plugin(BuiltinAugmentation, PluginAugmentation),
    ExpandShorthand,
]
