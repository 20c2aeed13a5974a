"""What an exported graph shall look like: its opset, its input, its outputs, its weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self, get_args

from zoo.config.dataset_info import Source
from zoo.errors import ConfigError

Input = Literal["image", "pixels"]
Output = Literal["probabilities", "logits", "label"]

# The IR version that came with each opset: older runtimes refuse a newer one.
IR_VERSIONS = {13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10}
OPSET = 17  # what every runtime loads that was tried, from onnxruntime 1.15 on
INT8_OPSET = 21  # the first at which onnx.reference too knows a factor for every unit


@dataclass(frozen=True)
class ExportOptions:
    """The choices that an export leaves; the defaults are what most runtimes take."""

    opset: int = OPSET
    input: Input = "image"
    outputs: tuple[Output, ...] = ("probabilities", "logits")
    int8: bool = False

    @classmethod
    def checked(
        cls,
        *,
        opset: int | None = None,
        input_: str = "image",
        outputs: Sequence[str] = (),
        int8: bool = False,
    ) -> Self:
        """Return the form that a user asks for, or say what cannot be had."""
        if opset is None:
            opset = INT8_OPSET if int8 else OPSET
        if opset not in IR_VERSIONS:
            raise ConfigError(
                f"--opset needs a number from {min(IR_VERSIONS)} to {max(IR_VERSIONS)}, "
                f"and got {opset}.",
                hint=f"Without --opset it is {OPSET}, which every runtime loads.",
            )
        inputs = {name: name for name in get_args(Input)}
        if input_ not in inputs:
            raise ConfigError(f"--input is {' or '.join(inputs)}, not {input_!r}.")
        if unknown := [name for name in outputs if name not in get_args(Output)]:
            raise ConfigError(
                f"There is no output {unknown[0]!r}.",
                hint=f"--output takes {', '.join(get_args(Output))}.",
            )
        if outputs and not {"probabilities", "logits"} & set(outputs):
            raise ConfigError(
                "A label alone cannot be verified.",
                hint="--output takes probabilities or logits beside it.",
            )
        chosen = tuple(name for name in get_args(Output) if name in outputs)
        return cls(opset, inputs[input_], chosen or cls.outputs, int8)

    def feed(self, source: Source) -> str:
        """Return the name of the input: rows of a table are no pixels, and no image."""
        return self.input if source.has_images else "rows"

    @property
    def ir_version(self) -> int:
        """The IR version that goes with the opset."""
        return IR_VERSIONS[self.opset]
