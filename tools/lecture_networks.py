"""The experiments behind the lecture tables, as documents: dropout on MNIST, activations in a network in network."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

Size = Literal["small", "full"]
Document = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One line of a table: the published error in per cent (of the training examples too, where it is known).
    ``document`` is None for what is no network."""

    name: str
    published: float
    document: Document | None
    published_train: float | None = None
    ours: str = ""


class _Chain:
    """Layers one behind the other."""

    def __init__(self, field: str) -> None:
        self.nodes: list[Document] = []
        self.add("input", {"field": field})

    def add(self, kind: str, config: Document | None = None) -> None:
        self.nodes.append({"id": f"{kind}_{len(self.nodes)}", "kind": kind, "config": config or {}})

    def network(self) -> Document:
        ids = [node["id"] for node in self.nodes]
        edges = [{"source": a, "target": b} for a, b in pairwise(ids)]
        return {"nodes": self.nodes, "edges": edges}

    def experiment(self, data: Document, steps: int, lr: float, **training: Any) -> Document:
        loss = {"kind": "cross_entropy", "config": {}}
        config = {"output": self.nodes[-1]["id"], "target": "label", "loss": loss}
        return {
            "version": 1,
            "name": "Lecture table",
            "data": data,
            "network": self.network(),
            "recipe": {"kind": "supervised", "config": config},
            "training": {
                "optimizers": {"model": {"kind": "adam", "config": {"lr": lr}}},
                "schedule": {"kind": "cosine", "config": {"steps": steps}},
                **training,
            },
        }


#: Small: an eighth of the units, a twelfth of the examples. Full: as published.
_DIGITS = {"small": (8, 5_000, 60), "full": (1, 60_000, 200)}


def digits(size: Size) -> tuple[int, int, int]:
    """(width is divided by, training examples, epochs) of the dropout table."""
    return _DIGITS[size]


def dropout_rows(size: Size) -> list[Row]:
    """Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov (2014), *Dropout*, table 2: error on MNIST's test split.

    There the networks were pretrained by nothing, stopped on a validation set and retrained; here they run for a fixed
    time with Adam and a rate that falls along half a cosine. Dropout takes 20 % of the pixels, 50 % of the units.
    """
    narrower, examples, epochs = digits(size)

    def dense(layers: int, units: int, kind: str, drop: bool = True, limit: float | None = None) -> Document:
        chain = _Chain("image")
        chain.add("flatten")
        if drop:
            chain.add("dropout", {"p": 0.2})
        for _ in range(layers):
            if kind == "maxout":
                chain.add("maxout", {"out_features": units // narrower, "pieces": 5})
            else:
                initial = {"relu": "he_normal", "sigmoid": "xavier_normal"}[kind]
                chain.add("linear", {"out_features": units // narrower, "initial": initial})
                chain.add(kind)
            if drop:
                chain.add("dropout", {"p": 0.5})
        chain.add("linear", {"out_features": 10})
        data = {"kind": "mnist", "config": {}, "split": {"train": examples}, "batch_size": 100}
        more = {"regularization": {"max_norm": limit}} if limit else {}
        return chain.experiment(data, epochs * examples // 100, 1e-3, **more)

    return [
        Row("2×800, logistic", 1.60, dense(2, 800, "sigmoid", drop=False)),
        Row("support vector machine, Gaussian kernel", 1.40, None),
        Row("dropout, 3×1024, logistic", 1.35, dense(3, 1024, "sigmoid")),
        Row("dropout, 3×1024, ReLU", 1.25, dense(3, 1024, "relu")),
        Row("dropout + max-norm, 3×1024, ReLU", 1.06, dense(3, 1024, "relu", limit=2)),
        Row("dropout + max-norm, 3×2048, ReLU", 1.04, dense(3, 2048, "relu", limit=2)),
        Row("dropout + max-norm, 2×4096, ReLU", 1.01, dense(2, 4096, "relu", limit=2)),
        Row("dropout + max-norm, 2×8192, ReLU", 0.95, dense(2, 8192, "relu", limit=2)),
        Row("dropout + max-norm, maxout 2×(5×240)", 0.94, dense(2, 240, "maxout", limit=2)),
    ]


#: Per block: window, its maps, those of the two 1×1 convolutions behind it; the last one is a map per class.
_FULL = ((5, 192, 160, 96), (5, 192, 192, 192), (3, 192, 192, 0))
_SMALL = ((5, 24, 16, 12), (5, 24, 24, 24), (3, 24, 24, 0))
_ACTIVATIONS: tuple[tuple[str, str, Document, float, float], ...] = (
    ("ReLU", "relu", {}, 0.318, 12.45),
    ("leaky ReLU, 1/100", "leaky_relu", {"negative_slope": 100, "form": "textbook"}, 0.31, 12.66),
    ("leaky ReLU, 1/5.5", "leaky_relu", {"negative_slope": 5.5, "form": "textbook"}, 0.362, 11.20),
    ("PReLU", "prelu", {"per_channel": True}, 0.178, 11.79),
    ("RReLU", "rrelu", {"lower": 1 / 8, "upper": 1 / 3}, 0.550, 11.19),
)


def activation_rows(size: Size) -> list[Row]:
    """Xu, Wang, Chen, Li (2015), *Empirical evaluation of rectified activations in convolutional network*, table 3:
    error of a network in network on CIFAR-10. The small version has an eighth of the maps and learns emoji."""
    full = size == "full"
    classes, examples, epochs, batch = (10, 50_000, 120, 128) if full else (9, 3064, 15, 64)

    def nin(kind: str, settings: Document) -> Document:
        chain = _Chain("image")
        blocks = _FULL if full else _SMALL
        for number, (window, *maps) in enumerate(blocks):
            for place, count in enumerate(maps):
                kernel = window if place == 0 else 1
                config = {"out_channels": count or classes, "kernel_size": kernel, "padding": kernel // 2}
                chain.add("conv2d", {**config, "initial": "he_normal"})
                if count:
                    chain.add(kind, settings)
            if number < len(blocks) - 1:
                chain.add(("max_pool2d", "avg_pool2d")[number], {"kernel_size": 3, "stride": 2, "padding": 1})
                chain.add("dropout", {"p": 0.5 if full else 0.2})
        chain.add("adaptive_avg_pool2d", {"output_size": 1})
        chain.add("flatten")
        kind_of_data = "cifar10" if full else "emoji"
        prepare = [{"kind": "standardize", "config": {"field": "image"}}]
        data = {"kind": kind_of_data, "config": {}, "batch_size": batch, "prepare": prepare}
        return chain.experiment(data, epochs * -(-examples // batch), 1e-3 if full else 3e-3)

    return [
        Row(name, test, nin(kind, settings), published_train=train)
        for name, kind, settings, train, test in _ACTIVATIONS
    ]
