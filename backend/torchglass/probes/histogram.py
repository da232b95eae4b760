"""How values are spread: weights, gradients, activations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from torchglass.probes import base
from torchglass.probes._numbers import finite
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

if TYPE_CHECKING:
    from torch import Tensor


class Histogram(Probe):
    kind = "histogram"
    label = "Histogram"
    group = "weights"
    summary = "How the weights, gradients or outputs of a node are spread."
    docs = (
        "Counts (bin) of equal width between the smallest and the largest finite value. Taps: `weight`, `bias` (any "
        "parameter), the same with `.grad` for the gradient on a fixed training batch, `out` for the output."
    )

    class Config(base.Config):
        bins: Annotated[int, Field(ge=2, le=512, title="Bins")] = 41

    def needs(self, target: Target) -> Needs:
        tap = target.tap or "weight"
        if tap == "out":
            return Needs(activations=frozenset({target.node or ""}))
        return Needs(gradients=tap.endswith(".grad"))

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(bin,) counts with range, mean, standard deviation, norm and number of zeros."""
        import torch

        values = _values(target, capture)
        if values is None or not values.numel():
            return None
        flat = values.detach().reshape(-1).to(torch.float32)
        good = flat[torch.isfinite(flat)]
        extra: dict[str, float | int] = {"lo": 0.0, "hi": 1.0, "mean": 0.0, "std": 0.0, "norm": 0.0, "zeros": 0}
        counts = torch.zeros(self.config.bins)
        if good.numel():
            lo, hi = (float(v) for v in torch.aminmax(good))
            if lo == hi:
                lo, hi = lo - 0.5, hi + 0.5
            counts = torch.histc(good, self.config.bins, lo, hi) if finite(hi - lo) else counts
            std, mean = torch.std_mean(good, correction=0)
            numbers = {"lo": lo, "hi": hi, "mean": mean, "std": std, "norm": torch.linalg.vector_norm(good)}
            extra |= {name: finite(float(number)) for name, number in numbers.items()}
            extra["zeros"] = int(good.numel() - torch.count_nonzero(good))
        if (bad := flat.numel() - good.numel()) > 0:
            extra["nonfinite"] = bad
        return Picture(counts.cpu().numpy(), ("bin",), encoding="exact", signed=False, extra=extra)


def _values(target: Target, capture: Capture) -> Tensor | None:
    if target.node is None:
        raise ValueError("Choose a node whose values are to be shown.")
    tap = target.tap or "weight"
    if tap == "out":
        return capture.activation(target.node)
    name = f"{target.node}.{tap.removesuffix('.grad')}"
    if name not in capture.parameter_names(target.node):
        return None
    return capture.gradient(name) if tap.endswith(".grad") else capture.parameter(name)
