"""A tiny trainer with what probes and the watching service read of one: 3 classes of 8×8 pictures."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from torchglass.datasets.base import FieldSpec
from torchglass.protocol.worker import WatchSpec
from torchglass.spec.network import Edge, Network, Node
from torchglass.spec.shapes import Shape

CLASSES = ("a", "b", "c")
_CHAIN: list[tuple[str, str, dict[str, Any]]] = [
    ("input", "input", {"field": "image"}),
    ("conv", "conv2d", {"out_channels": 4, "kernel_size": 3, "padding": 1}),
    ("relu", "relu", {}),
    ("flatten", "flatten", {}),
    ("drop", "dropout", {"p": 0.5}),
    ("dense", "linear", {"out_features": 3}),
]


class FakeModel(nn.Module):
    """Counts its forward passes and the rows of the last one."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes = nn.ModuleDict(
            {
                "conv": nn.Conv2d(1, 4, 3, padding=1),
                "relu": nn.ReLU(),
                "flatten": nn.Flatten(),
                "drop": nn.Dropout(0.5),
                "dense": nn.Linear(256, 3),
            }
        )
        self.device = torch.device("cpu")
        self.batches: list[int] = []

    def run(self, inputs: dict[str, Tensor], part: str | None = None) -> dict[str, Tensor]:
        value = inputs["image"]
        self.batches.append(len(value))
        outputs = {"input": value, "input.out": value}
        for name, module in self.nodes.items():
            value = module(value)
            outputs[name] = outputs[f"{name}.out"] = value
        return outputs

    def parameters_by_name(self) -> dict[str, nn.Parameter]:
        return {name.removeprefix("nodes."): p for name, p in self.named_parameters()}


class FakeRecipe:
    config = SimpleNamespace(loss=SimpleNamespace(kind="cross_entropy"))

    def predict(self, outputs: dict[str, Tensor]) -> Tensor:
        return outputs["dense"].softmax(-1)

    def loss(self, outputs: dict[str, Tensor], batch: dict[str, Tensor]) -> Tensor:
        return functional.cross_entropy(outputs["dense"], batch["label"])


class FakeData:
    picture_field, target_field = "image", "label"
    fitted: list[dict[str, Tensor]] = []

    def __init__(self) -> None:
        draw = np.random.default_rng(0)
        self.fields = {
            "image": FieldSpec(Shape.image(1, 8, 8), "uint8"),
            "label": FieldSpec(Shape.label(), "int64", "target", CLASSES),
        }
        self._raw: dict[str, dict[str, np.ndarray]] = {
            split: {
                "image": draw.integers(0, 256, (count, 8, 8), dtype=np.uint8),
                "label": draw.integers(0, 3, count, dtype=np.int64),
            }
            for split, count in (("train", 40), ("test", 30))
        }

    def count(self, split: str) -> int:
        return len(self._raw[split]["label"])

    def raw(self, split: str, indices: Any) -> dict[str, np.ndarray]:
        return {name: values[list(indices)] for name, values in self._raw[split].items()}

    def batch(self, split: str, indices: Any) -> dict[str, Tensor]:
        raw = self.raw(split, indices)
        return {"image": self.prepare_input("image", raw["image"]), "label": torch.from_numpy(raw["label"])}

    def prepare_input(self, field: str, raw: np.ndarray) -> Tensor:
        return torch.from_numpy(raw).float().div(255).reshape(-1, 1, 8, 8)


class FakeTrainer:
    def __init__(self, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.model = FakeModel()
        self.data = FakeData()
        self.recipe = FakeRecipe()
        self.step = 0
        nodes = [Node(id=name, kind=kind, config=config) for name, kind, config in _CHAIN]
        edges = [Edge(source=a[0], target=b[0]) for a, b in itertools.pairwise(_CHAIN)]
        shapes = {"input": Shape.image(1, 8, 8), "conv": Shape.image(4, 8, 8), "dense": Shape.vector(3)}
        self.subject = SimpleNamespace(network=Network(nodes=nodes, edges=edges), shapes=shapes)
        self._optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)

    def train_step(self) -> float:
        batch = self.data.batch("train", range(self.step % 3, 40, 3))
        loss = self.recipe.loss(self.model.run(batch), batch)
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
        self.step += 1
        return float(loss.detach())


def watch(stream: int, probe: str, node: str | None = None, tap: str | None = None, **more: Any) -> WatchSpec:
    return WatchSpec(stream=stream, probe=probe, node=node, tap=tap, **{"source": "test:0", "rate": 20.0, **more})


#: One watch of every probe.
EVERYTHING = [
    watch(1, "example"),
    watch(2, "activations", "conv"),
    watch(3, "filters", "conv", "weight"),
    watch(4, "predictions"),
    watch(5, "samples", options={"count": 6}),
    watch(6, "confusion"),
    watch(7, "histogram", "dense", "weight.grad"),
    watch(8, "one_number", "conv", options={"channel": 1}),
    watch(9, "flow"),
]
