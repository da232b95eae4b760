"""A network with its weights, first or trained: as safetensors, and as ONNX."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from torchglass.catalog import Analysis, require
from torchglass.source import SourceError
from torchglass.spec.experiment import Experiment
from torchglass.training.builder import build, initialise
from torchglass.training.checkpoints import Checkpoint
from torchglass.training.model import Network
from torchglass.training.resolve import DTYPES

#: Examples that the tracing sees; any other number works as well.
_BATCH = 2


@dataclass(frozen=True, slots=True)
class Trained:
    """A network in eval mode and the step that its weights come from."""

    analysis: Analysis
    model: Network
    step: int


def trained(experiment: Experiment, checkpoint: Checkpoint | None) -> Trained:
    """The network as the checkpoint left it; without one, with the weights that the seed draws."""
    if checkpoint is not None:
        facts: Any = checkpoint.facts
        experiment = Experiment.model_validate(facts["experiment"])
    analysis = require(experiment)
    model = build(analysis, DTYPES[experiment.training.precision])
    initialise(model, analysis, experiment.seed)
    if checkpoint is not None:
        with torch.no_grad():
            for name, place in places(model).items():
                kept = checkpoint.tensors.get(f"parameter/{name}", checkpoint.tensors.get(f"buffer/{name}"))
                if kept is not None:
                    place.copy_(kept)
    model.eval()
    return Trained(analysis, model, int(str(checkpoint.facts["step"])) if checkpoint else 0)


def places(model: Network) -> dict[str, Tensor]:
    """Parameters and buffers by ``node.name``; what is shared appears once, under its owner."""
    return {**model.parameters_by_name(), **model.buffers_by_name()}


def write_safetensors(subject: Trained, file: Path) -> None:
    """Tensors called ``node.parameter``; the metadata name experiment and step."""
    from safetensors.torch import save_file

    tensors = {name: value.detach().contiguous() for name, value in places(subject.model).items()}
    experiment = subject.analysis.experiment
    facts = {"name": experiment.name, "step": subject.step, "experiment": experiment.model_dump(mode="json")}
    save_file(tensors, file, metadata={"format": "pt", "torchglass": json.dumps(facts)})


class _Outputs(nn.Module):
    """From the inputs in order to the outputs in order."""

    def __init__(self, model: Network, inputs: list[str], outputs: list[str]) -> None:
        super().__init__()
        self.model, self.inputs, self.outputs = model, inputs, outputs

    def forward(self, *values: Tensor) -> tuple[Tensor, ...]:
        results = self.model.run(dict(zip(self.inputs, values, strict=True)))
        return tuple(results[name] for name in self.outputs)


def inputs_of(analysis: Analysis, outputs: list[str]) -> list[str]:
    """The nodes without inputs that these outputs depend on, in order."""
    wanted = set(outputs)
    for node in reversed(analysis.main.order):
        if node in wanted:
            wanted |= {source for port in analysis.main.nodes[node].sources.values() for source, _ in port}
    return [node for node in analysis.main.order if node in wanted and not analysis.main.nodes[node].input_ports]


def examples_for(analysis: Analysis, inputs: list[str], batch: int, seed: int = 0) -> dict[str, Tensor]:
    """Random values of the inputs' shapes: tokens 0 and 1, masks true, numbers normal."""
    random = torch.Generator().manual_seed(seed)
    dtype = DTYPES[analysis.experiment.training.precision]
    values: dict[str, Tensor] = {}
    for node in inputs:
        shape = analysis.shapes[node]
        sizes = (batch, *shape.known())
        if shape.dtype == "int":
            values[node] = torch.randint(0, 2, sizes, generator=random)
        elif shape.dtype == "bool":
            values[node] = torch.ones(sizes, dtype=torch.bool)
        else:
            values[node] = torch.randn(sizes, generator=random, dtype=dtype)
    return values


def write_onnx(subject: Trained, file: Path) -> None:
    """Inputs and outputs are called after their nodes; the number of examples is open, lengths of sequences are
    those of the data. The inputs are prepared values, as the network is fed. Raises SourceError in words."""
    try:
        import onnx  # noqa: F401
    except ImportError:
        raise SourceError("Writing ONNX needs the package onnx: pip install 'torchglass[onnx]'.") from None
    analysis = subject.analysis
    outputs = analysis.outputs
    if not outputs:
        raise SourceError("This experiment names no output that could be exported.")
    inputs = inputs_of(analysis, outputs)
    subject.model.autocast = None  # ONNX has no regions of mixed precision: weights and arithmetic in float32
    module = _Outputs(subject.model, inputs, outputs).eval()
    values = examples_for(analysis, inputs, _BATCH)
    names = [f"{node}_out" if node in inputs else node for node in outputs]
    open_axes: Mapping[str, Any] = {name: {0: "batch"} for name in (*inputs, *names)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of what traced shapes make constant: our lengths
        try:
            torch.onnx.export(
                module,
                tuple(values.values()),
                file,
                input_names=inputs,
                output_names=names,
                dynamic_axes=open_axes,
                dynamo=False,
            )
        except Exception as error:
            reason = str(error).strip().splitlines()[0][:300]
            raise SourceError(f"This network has something that ONNX cannot express: {reason}") from error
