"""What every layer makes of the plane: a grid and the data, carried along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import Field

from torchglass.probes import base
from torchglass.probes._numbers import array, finite
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

#: Layers with more units, and networks with more stages, are left out.
_MOST_UNITS = 256
_MOST_STAGES = 24


class Bend(Probe):
    kind = "bend"
    label = "Bending the plane"
    group = "outputs"
    summary = "Where every layer moves the places of a grid and the data, and how well a straight cut tells them there."
    docs = (
        "Exact values (stage, place, coordinate): stage 0 is the plane, then one for each layer. Places are those of a "
        "`grid` × `grid` lattice (row by row from the upper left) and then of training points, whose classes are "
        "`labels`. A layer of two units is shown as it is, one unit on a line; more units are projected onto the two "
        "principal directions of the lattice, turned to lie as the stage before (orthogonal Procrustes, Schönemann "
        "1966), and `kept` says how much of the variance is seen. `cut` is the share of points that a least-squares "
        "classifier in all units of that stage tells right: 1 means linearly separable. `border` is (w₁, w₂, b) of the "
        "output unit that reads a stage of two units."
    )
    formula = r"x \mapsto h^{(1)}(x) \mapsto h^{(2)}(h^{(1)}(x)) \mapsto \dots"
    scope = "network"

    class Config(base.Config):
        grid: Annotated[int, Field(ge=4, le=60, title="Grid", description="Lines across and upwards.")] = 25
        points: Annotated[int, Field(ge=1, le=1000, title="Points", description="At most so many of the data.")] = 250

    def needs(self, target: Target) -> Needs:
        return Needs(own_pass=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(stages, places, 2) exact. ValueError for data that are no points of a plane."""
        view, field = capture.plane(self.config.grid), capture.point_field()
        if view is None or field is None:
            raise ValueError("This data has no points of a plane: there is nothing to bend.")
        indices = list(range(min(self.config.points, capture.count("train"))))
        outputs, _ = capture.passed("train", indices)
        lattice, labels = self.config.grid**2, _labels(capture, indices)
        stages: list[dict[str, Any]] = []
        places: list[np.ndarray] = []
        for node in _layers(capture, view.outputs):
            values = np.concatenate([_rows(view.outputs[node]), _rows(outputs[node])])  # (lattice + N, D)
            if not np.isfinite(values).all():
                values = np.nan_to_num(values, nan=0.0, posinf=1e6, neginf=-1e6)
            flat, kept = _flattened(values, lattice, places[-1] if places else None)
            places.append(flat)
            said = {"node": node, "units": values.shape[1], "kept": kept, "border": _border(capture, node, values)}
            stages.append(said | {"cut": _cut(values[lattice:], labels)})
        extra: dict[str, Any] = {"stages": stages, "grid": self.config.grid, "classes": list(capture.classes())}
        extra |= {"labels": [] if labels is None else labels.tolist()}
        return Picture(np.stack(places), ("stage", "place", "coordinate"), encoding="exact", extra=extra)


def _rows(values: Tensor) -> np.ndarray:
    return array(values).reshape(len(values), -1)


def _layers(capture: Capture, outputs: Mapping[str, Tensor]) -> list[str]:
    """The nodes whose outputs are rows of numbers, without those that only pass the plane on."""
    found: list[str] = []
    for node in capture.network().nodes:
        values = outputs.get(node.id)
        if values is None or values.dim() != 2 or not 1 <= values.shape[1] <= _MOST_UNITS:
            continue
        if node.kind == "features" and values.shape[1] == 2 and found:
            settings = capture.settings(node.id)
            if settings["x1"] and settings["x2"]:
                continue
        found.append(node.id)
    return found[:_MOST_STAGES]


def _labels(capture: Capture, indices: list[int]) -> np.ndarray | None:
    """(N,) class numbers; None without classes."""
    target = capture.target_field()
    if target is None or not capture.classes():
        return None
    result: np.ndarray = capture.examples_raw("train", indices)[target].reshape(-1).astype(np.int64)
    return result


def _flattened(values: np.ndarray, lattice: int, before: np.ndarray | None) -> tuple[np.ndarray, float]:
    """(P, D) -> (P, 2), and the share of the lattice's variance that is seen."""
    if values.shape[1] <= 2:
        flat = np.zeros((len(values), 2), np.float32)
        flat[:, : values.shape[1]] = values
        return flat, 1.0
    centred = values - values[:lattice].mean(axis=0)
    _, sizes, axes = np.linalg.svd(centred[:lattice], full_matrices=False)
    flat = centred @ axes[:2].T  # (P, 2)
    total = float((sizes**2).sum())
    kept = float((sizes[:2] ** 2).sum()) / total if total > 0 else 1.0
    if before is not None:
        was = before[:lattice] - before[:lattice].mean(axis=0)
        left, _, right = np.linalg.svd(flat[:lattice].T @ was)
        flat = flat @ (left @ right)
    return flat.astype(np.float32), kept


def _cut(values: np.ndarray, labels: np.ndarray | None) -> float | None:
    """Share of points that the least-squares classifier in these units tells right (Bishop 2006, section 4.1.3)."""
    if labels is None or not len(labels):
        return None
    wanted = np.eye(int(labels.max()) + 1)[labels]  # (N, K)
    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1)
    rows = np.column_stack([scaled, np.ones(len(values))]).astype(np.float64)
    weights, *_ = np.linalg.lstsq(rows, wanted, rcond=None)
    return float(((rows @ weights).argmax(axis=1) == labels).mean())


def _border(capture: Capture, node: str, values: np.ndarray) -> list[float] | None:
    """(w₁, w₂, b) of the one dense unit that reads this node's two units; None for anything else."""
    readers = [edge.target for edge in capture.network().edges if edge.source == node]
    if len(readers) != 1 or values.shape[1] != 2 or f"{readers[0]}.weight" not in capture.parameter_names(readers[0]):
        return None
    weight = array(capture.parameter(f"{readers[0]}.weight"))
    if weight.shape != (1, 2):
        return None
    has_bias = f"{readers[0]}.bias" in capture.parameter_names(readers[0])
    bias = float(array(capture.parameter(f"{readers[0]}.bias"))[0]) if has_bias else 0.0
    return [finite(weight[0, 0]), finite(weight[0, 1]), finite(bias)]
