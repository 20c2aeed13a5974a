"""Options of an export: opset, input, outputs, and the type of the weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self, get_args

from zoo.config.dataset_info import Source
from zoo.errors import ConfigError

Input = Literal["image", "pixels"]
Output = Literal["probabilities", "logits", "label", "class"]  # the number, and the name

# The IR version that was released with each opset; older runtimes refuse a newer one.
IR_VERSIONS = {13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10}
OPSET = 17  # every runtime that was tried loads it, onnxruntime from 1.15 on
INT8_OPSET = 21  # the first at which onnx.reference supports a factor per unit


@dataclass(frozen=True)
class ExportOptions:
    """The options of an export; most runtimes support the defaults."""

    opset: int = OPSET
    input: Input = "image"
    outputs: tuple[Output, ...] = ("probabilities", "logits")
    int8: bool = False

    @classmethod
    def checked(
        cls,
        *,
        opset: int | None = None,
        input_form: str = "image",
        outputs: Sequence[str] = (),
        int8: bool = False,
    ) -> Self:
        """Return the options that a user chose; raise if a value is invalid."""
        if opset is None:
            opset = INT8_OPSET if int8 else OPSET
        if opset not in IR_VERSIONS:
            raise ConfigError(
                f"Invalid --opset; expected {min(IR_VERSIONS)} to {max(IR_VERSIONS)}, got {opset}.",
                hint=f"Leave out --opset to use {OPSET}, which every runtime loads.",
            )
        inputs = {name: name for name in get_args(Input)}
        if input_form not in inputs:
            raise ConfigError(
                f"Invalid --input; expected {' or '.join(inputs)}, got {input_form!r}."
            )
        if unknown := [name for name in outputs if name not in get_args(Output)]:
            raise ConfigError(
                f"There is no output {unknown[0]!r}.",
                hint=f"Choose from {', '.join(get_args(Output))}.",
            )
        if outputs and not {"probabilities", "logits"} & set(outputs):
            raise ConfigError(
                "A label or class alone cannot be verified.",
                hint="Add `--output probabilities` or `--output logits`.",
            )
        selected = tuple(name for name in get_args(Output) if name in outputs)
        return cls(opset, inputs[input_form], selected or cls.outputs, int8)

    def input_name(self, source: Source) -> str:
        """Return the name of the graph's input; it is "rows" for a table."""
        return self.input if source.has_images else "rows"

    @property
    def ir_version(self) -> int:
        """The IR version that was released with the opset."""
        return IR_VERSIONS[self.opset]
