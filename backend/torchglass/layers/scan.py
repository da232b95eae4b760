"""Running a part over time, with states that are carried from step to step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchglass.layers._parts import ports_of
from torchglass.layers._scan import ScanConfig, scan_source
from torchglass.layers._shapes import describe, from_sizes, one, same_sizes
from torchglass.layers.base import Context, Inputs, Layer, Port, Tap
from torchglass.source import LayerSource, Place
from torchglass.spec.problems import ShapeError
from torchglass.spec.shapes import Axis, Shape

if TYPE_CHECKING:
    from torch import nn


class Scan(Layer):
    kind = "scan"
    label = "Scan"
    group = "Sequence"
    summary = "Runs a part once per element of a sequence and carries its states along."
    formula = r"(y_t, h_t) = f_\theta(x_t, h_{t-1}), \quad t = 1 \dots T"
    docs = (
        "Input ports: the sequences in `over`, initial states of what is carried (zeros when open), values that stay "
        "the same at every step, and `mask` if set. Output ports: each end of the part as a sequence T×…, and "
        "`<state>_last`, the last value of every carried state. Recurrent networks, decoders with teacher forcing "
        "and memory machines are scans; the network itself has no cycles.\n\n"
        "With feedback, the sequence given for that input supplies the first element and the number of steps; in the "
        "mode *teacher* it supplies every element.\n\n"
        "Source: Elman (1990), *Finding structure in time*; teacher forcing: Williams, Zipser (1989)."
    )
    Config = ScanConfig
    config: ScanConfig

    def called_part(self) -> str:
        return self.config.part

    def repeats(self, inputs: Inputs) -> int:
        axis = one(inputs, self.config.over[0]).axes[:1]
        return axis[0].size if axis and isinstance(axis[0].size, int) else 16

    def constants(self, context: Context) -> list[str]:
        """Part inputs that get the same value at every step."""
        names, _ = ports_of(self.config.part, context)
        return [name for name in names if name not in self.config.over and name not in self.config.carry]

    def input_ports(self, context: Context) -> tuple[Port, ...]:
        over = [Port(name) for name in self.config.over]
        carried = [Port(name, optional=True) for name in self.config.carry]
        mask = [Port("mask")] if self.config.mask else []
        return (*over, *carried, *(Port(name) for name in self.constants(context)), *mask)

    def output_ports(self, context: Context) -> tuple[Port, ...]:
        _, ends = ports_of(self.config.part, context)
        return (*(Port(name) for name in ends), *(Port(f"{name}_last") for name in self.config.carry))

    def infer_shape(self, inputs: Inputs, context: Context) -> dict[str, Shape]:
        self._check_names(context)
        time, given = self._elements(inputs)
        for name in self.constants(context):
            given[name] = one(inputs, name)
        for name in self.config.carry:
            if name in inputs:
                given[name] = one(inputs, name)
            elif name in self.config.state_shape:
                given[name] = from_sizes(self.config.state_shape[name])
        shapes = context.call_part(self.config.part, given)
        self._check_states(shapes)
        _, ends = ports_of(self.config.part, context)
        outputs = {name: Shape((time, *shapes[name].axes), shapes[name].dtype) for name in ends}
        return outputs | {f"{name}_last": shapes[name] for name in self.config.carry}

    def _check_names(self, context: Context) -> None:
        names, _ = ports_of(self.config.part, context)
        for field, used in (("over", self.config.over), ("carry", self.config.carry)):
            for name in used:
                if name not in names:
                    listed = ", ".join(names) or "none"
                    message = f"The part “{self.config.part}” has no part input “{name}”; it has: {listed}."
                    raise ShapeError(message, field=field)
        for name in self.config.carry:
            if name in self.config.over:
                raise ShapeError(f"“{name}” can not be both carried and taken from a sequence.", field="carry")
        for name in self.config.feedback:
            if name not in self.config.over:
                message = f"“{name}” needs a sequence as well (in “over”): it gives the first element and the length."
                raise ShapeError(message, field="feedback")

    def _elements(self, inputs: Inputs) -> tuple[Axis, dict[str, Shape]]:
        """The time axis and what reaches the part at one step."""
        given: dict[str, Shape] = {}
        times: list[Axis] = []
        for name in [*self.config.over, *(["mask"] if self.config.mask else [])]:
            shape = one(inputs, name)
            if not shape.axes or shape.is_image:
                raise ShapeError(f"A sequence is needed at the port “{name}”, but {describe(shape)} arrives there.")
            times.append(shape.axes[0])
            given[name] = Shape(shape.axes[1:], shape.dtype)
        if any(time.size != times[0].size for time in times):
            lengths = ", ".join(str(time.size) for time in times)
            raise ShapeError(f"The sequences differ in length: {lengths}.", field="over")
        if self.config.mask and (given.pop("mask").axes or one(inputs, "mask").dtype != "bool"):
            raise ShapeError("The mask needs one true or false per step.", field="mask")
        return Axis("T", times[0].size), given

    def _check_states(self, shapes: dict[str, Shape]) -> None:
        for field, pairs in (("carry", self.config.carry), ("feedback", self.config.feedback)):
            for name, node in pairs.items():
                if node not in shapes:
                    raise ShapeError(f"The part “{self.config.part}” has no node “{node}”.", field=field)
                if field == "carry" and not same_sizes(shapes[name], shapes[node]):
                    message = f"The state “{name}” has the shape {shapes[name]}, but “{node}” gives {shapes[node]}."
                    raise ShapeError(message, field=field)
                scores = len(shapes[node].axes) == 1 and shapes[node].dtype == "float"
                if field == "feedback" and not (scores and shapes[name] == Shape.label()):
                    message = f"Feedback turns scores into a token, but “{node}” gives {describe(shapes[node])}."
                    raise ShapeError(message, field=field)

    def build(self, inputs: Inputs, context: Context) -> nn.Module:
        raise AssertionError("built by the graph")

    def reads_inside(self) -> list[str]:
        return [*self.config.carry.values(), *self.config.feedback.values()]

    def to_source(self, place: Place) -> LayerSource:
        return scan_source(self.config, place)

    def taps(self) -> list[Tap]:
        return [Tap("out", "activation", "matrix")]
