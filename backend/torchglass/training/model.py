"""The document's network as a module: a graph of layers, run in topological order, whole or part by part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from torchglass.training.holding import Silence

#: Where a value comes from: the key of an earlier output, several of them, or nothing (an open optional port).
Source = str | list[str] | None


@dataclass(frozen=True, slots=True)
class Call:
    """One node's turn: its module applied to ``sources`` writes ``outputs`` (keys ``node.port``)."""

    node: str
    sources: tuple[Source, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Feeding:
    """A node whose value comes from outside: by its own id, or from a data field."""

    node: str
    field: str | None
    output: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run, in order: for the whole network or for one part."""

    feeds: tuple[Feeding, ...]
    calls: tuple[Call, ...]


class Network(nn.Module):
    """Modules by node id and the plans to run them. ``parts`` has a plan per part; ``main`` is the rest."""

    def __init__(
        self,
        modules: Mapping[str, nn.Module],
        main: Plan,
        parts: Mapping[str, Plan],
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.nodes = nn.ModuleDict()
        # Not through ``add_module``, which refuses the names of a module's own methods: a node may be called "type".
        self.nodes._modules.update(modules)
        self.aliases = dict(aliases or {})  # "head.weight" -> "embedding.weight"
        self.main = main
        self.parts = dict(parts)
        self.autocast: torch.dtype | None = None
        self.silent: dict[str, Silence] = {}
        for module in modules.values():
            if isinstance(module, CallsPart):
                module.bind(self)

    @property
    def device(self) -> torch.device:
        return next((p.device for p in self.parameters()), torch.device("cpu"))

    @property
    def parameters_dtype(self) -> torch.dtype:
        return next((p.dtype for p in self.parameters() if p.is_floating_point()), torch.float32)

    def run(self, inputs: Mapping[str, Tensor], part: str | None = None) -> dict[str, Tensor]:
        """Every output by ``node`` (first port) and ``node.port``.

        ``inputs``: data fields by name, or values of feeding nodes by node id. Nodes that cannot be reached from
        what is given are left out (the discriminator, when only noise is given).
        """
        plan = self.main if part is None else self.parts[part]
        values: dict[str, Tensor] = {}
        for feed in plan.feeds:
            value = inputs.get(feed.node)
            if value is None and feed.field is not None:
                value = inputs.get(feed.field)
            if value is not None:
                values[feed.node] = values[feed.output] = value
        with torch.autocast(self.device.type, self.autocast) if self.autocast else nullcontext():
            for call in plan.calls:
                self._call(call, values)
        return values

    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return self.run(inputs)

    def _call(self, call: Call, values: dict[str, Tensor]) -> None:
        arguments: list[Any] = []
        for source in call.sources:
            if source is None:
                arguments.append(None)
            elif isinstance(source, str):
                if source not in values:
                    return
                arguments.append(values[source])
            else:
                if any(name not in values for name in source):
                    return
                arguments.append([values[name] for name in source])
        result = self.nodes[call.node](*arguments)
        results = result if isinstance(result, tuple) else (result,)
        values[call.node] = results[0]
        if call.node in self.silent:
            results = (self.silent[call.node].apply(results[0]), *results[1:])
            values[call.node] = results[0]
        for name, value in zip(call.outputs, results, strict=True):
            values[name] = value

    def module(self, node: str) -> nn.Module:
        return self.nodes[node]

    def parameter(self, name: str) -> Tensor:
        node, _, rest = name.partition(".")
        return self.nodes[node].get_parameter(rest)

    def parameters_by_name(self) -> dict[str, nn.Parameter]:
        """``node.parameter`` -> parameter; a tied one appears once, under its owner."""
        return dict(self._named())

    def buffers_by_name(self) -> dict[str, Tensor]:
        return {name.removeprefix("nodes."): value for name, value in self.named_buffers()}

    def _named(self) -> Iterator[tuple[str, nn.Parameter]]:
        for name, parameter in self.named_parameters(remove_duplicate=False):
            if (name := name.removeprefix("nodes.")) not in self.aliases:
                yield name, parameter


class CallsPart(nn.Module):
    """A node that runs a part of its own network; the network is not a submodule of its node."""

    _network: list[Network]

    def bind(self, network: Network) -> None:
        object.__setattr__(self, "_network", [network])

    def call(self, part: str, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return self._network[0].run(inputs, part)


class Part(CallsPart):
    """Runs a part once; a second node that calls the same part shares its weights."""

    def __init__(self, part: str, inputs: list[str], outputs: list[str]) -> None:
        super().__init__()
        self.part, self.inputs, self.outputs = part, inputs, outputs

    def forward(self, *values: Tensor | None) -> tuple[Tensor, ...]:
        given = {name: value for name, value in zip(self.inputs, values, strict=True) if value is not None}
        results = self.call(self.part, given)
        return tuple(results[name] for name in self.outputs)


class Scan(CallsPart):
    """Runs a part over time. Legend: B batch, T time.

    ``over``: inputs cut along T. ``carry``: input -> output that feeds it at the next step (zeros at first, of
    ``state_shapes``, unless a value arrives at its port). ``feedback``: input -> output; teacher-forced it is an
    ordinary ``over`` input, otherwise it receives the last output (its arg max, or a draw, where the input takes
    tokens). Where the mask is False a carried state stays as it was (Graves 2012 for padded batches).
    """

    def __init__(
        self,
        part: str,
        ports: list[str],
        outputs: list[str],
        over: list[str],
        carry: dict[str, str],
        feedback: dict[str, str],
        mode: str,
        state_shapes: Mapping[str, tuple[int, ...]],
    ) -> None:
        super().__init__()
        self.part, self.ports, self.outputs = part, ports, outputs
        self.over, self.carry, self.feedback, self.mode = over, carry, feedback, mode
        self.state_shapes = dict(state_shapes)
        self.sampler: torch.Generator | None = None

    def forward(self, *values: Tensor | None) -> tuple[Tensor, ...]:
        given = {name: value for name, value in zip(self.ports, values, strict=True) if value is not None}
        mask_BT = given.pop("mask", None)
        sequences = {name: given.pop(name) for name in self.over}
        first = next(iter(sequences.values()))
        batch, length = first.shape[:2]
        state = {name: given.pop(name, None) for name in self.carry}
        for name, value in state.items():
            if value is None:
                dtype = next((p.dtype for p in self._network[0].parameters()), torch.float32)
                state[name] = torch.zeros(batch, *self.state_shapes[name], dtype=dtype, device=first.device)
        collected: dict[str, list[Tensor]] = {name: [] for name in self.outputs}
        previous: dict[str, Tensor] = {}
        for t in range(length):
            inputs = {**given, **{name: value[:, t] for name, value in sequences.items()}, **state}
            if self.mode != "teacher" and t > 0:
                for name, output in self.feedback.items():
                    inputs[name] = self._fed_back(previous[output], sequences[name])
            results = self.call(self.part, {k: v for k, v in inputs.items() if v is not None})
            for name, output in self.carry.items():
                state[name] = _keep(mask_BT, t, results[output], state[name])
            previous = results
            for name in self.outputs:
                collected[name].append(results[name])
        stacked = [torch.stack(collected[name], dim=1) for name in self.outputs]  # (B, T, ...)
        return (*stacked, *(value for value in state.values() if value is not None))

    def _fed_back(self, output: Tensor, like: Tensor) -> Tensor:
        if like.is_floating_point():
            return output
        if self.mode == "sampled":
            return torch.multinomial(output.softmax(-1), 1, generator=self.sampler).squeeze(-1)
        return output.argmax(-1)


def _keep(mask_BT: Tensor | None, t: int, new: Tensor, old: Tensor | None) -> Tensor:
    if mask_BT is None or old is None:
        return new
    here = mask_BT[:, t].view(-1, *[1] * (new.dim() - 1))
    return torch.where(here, new, old)
