"""The settings of a scan, and a scan as a method with a loop over time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from torchglass.layers._settings import LARGEST, Settings
from torchglass.source import LayerSource, Place, safe
from torchglass.spec.base import Name

Sizes = Annotated[list[Annotated[int, Field(ge=1, le=LARGEST)]], Field(max_length=3)]


class ScanConfig(Settings):
    part: str = Field(
        "part", title="Part", description="Name of the part that is run at every step.", min_length=1, max_length=64
    )
    over: list[Name] = Field(
        ["x"],
        title="Over",
        description="Part inputs that get one element of a sequence per step.",
        min_length=1,
        max_length=16,
    )
    carry: dict[Name, Name] = Field(
        {},
        title="Carried states",
        description="Part input → node of the part whose output it gets at the next step.",
        max_length=16,
    )
    state_shape: dict[Name, Sizes] = Field(
        {}, title="State shapes", description="Sizes of carried states that start at zero.", max_length=16
    )
    mask: bool = Field(
        False, title="Mask", description="Adds a port for a mask: where it is false, carried states stay as they are."
    )
    feedback: dict[Name, Name] = Field(
        {},
        title="Feedback",
        description="Part input (one of “over”) → node whose choice it gets at the next step, unless teacher-forced.",
        max_length=16,
    )
    mode: Literal["teacher", "greedy", "sampled"] = Field(
        "teacher",
        title="Feedback mode",
        description="Teacher: the given sequence. Greedy: the likeliest token so far. Sampled: drawn at random.",
    )


def scan_source(config: ScanConfig, place: Place) -> LayerSource:
    """A method of the model named after the node, and the call of it."""
    assert place.called is not None
    ports = [name for name, value in place.arguments.items() if value is not None]
    arguments = ", ".join(f"{safe(name)}: Tensor" for name in ports)
    ends = [_new(key) for key in place.called.results[: len(place.outputs) - len(config.carry)]]
    returned = ", ".join([*(f"torch.stack({end}s, dim=1)" for end in ends), *map(safe, config.carry)])
    several = len(place.outputs) > 1
    part = place.called.method.removeprefix("self.")
    lines = [
        f"def {place.name}(self, {arguments}) -> {'tuple[Tensor, ...]' if several else 'Tensor'}:",
        f'    """Runs {part} over time{" and carries its states along" if config.carry else ""}."""',
        *_states(config, place),
        *(f"    {end}s = []" for end in ends),
        f"    for t in range({safe(config.over[0])}.shape[1]):",
        *_step(config, place),
        *(f"        {end}s.append({end})" for end in ends),
        f"    return {returned}",
    ]
    passed = ", ".join(place.one(name) for name in ports)
    drawn = config.mode == "sampled" and bool(config.feedback)
    return LayerSource(value=f"self.{place.name}({passed})", method="\n".join(lines), random=drawn)


def _new(key: str) -> str:
    """``node`` and ``node.port`` as the name of this step's value."""
    return f"new_{key.replace('.', '_')}"


def _states(config: ScanConfig, place: Place) -> list[str]:
    """Carried states that nothing brings start at zero."""
    lines = []
    first = safe(config.over[0])
    for name in config.carry:
        if place.arguments.get(name) is None:
            sizes = ", ".join(map(str, place.outputs[f"{name}_last"].known()))
            lines.append(f"    {safe(name)} = torch.zeros(len({first}), {sizes}, device={first}.device)")
    return lines


def _step(config: ScanConfig, place: Place) -> list[str]:
    """One step in time: what goes in, the part, what is kept."""
    assert place.called is not None
    lines = []
    given = {name: f"{safe(name)}[:, t]" if name in config.over else safe(name) for name in place.called.inputs}
    if config.mode != "teacher":
        for name, node in config.feedback.items():
            choice = f"{_new(node)}.argmax(-1)"
            if config.mode == "sampled":
                choice = f"torch.multinomial({_new(node)}.softmax(-1), 1).squeeze(-1)"
            lines.append(f"        {name}_t = {safe(name)}[:, t] if t == 0 else {choice}")
            given[name] = f"{name}_t"
    targets = ", ".join(map(_new, place.called.results))
    lines.append(f"        {targets} = {place.called.method}({', '.join(given.values())})")
    for name, node in config.carry.items():
        kept = _new(node)
        if config.mask:
            axes = ", None" * len(place.outputs[f"{name}_last"].axes)
            kept = f"torch.where(mask[:, t{axes}], {kept}, {safe(name)})"
        lines.append(f"        {safe(name)} = {kept}")
    return lines
