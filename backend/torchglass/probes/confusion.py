"""Which classes are taken for which."""

from __future__ import annotations

from torchglass.probes._numbers import answer_names, class_shares
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target


class Confusion(Probe):
    kind = "confusion"
    label = "Confusion matrix"
    group = "outputs"
    summary = "How often each class is taken for each other, on a fixed part of the test split."
    docs = (
        "Counts (true, predicted): row = true class, column = most probable class, named in the extra by `classes` "
        "and `said`. Columns behind the classes are answers that no class has, as some encodings allow."
    )
    formula = r"M_{ij} = \#\{n : y_n = i,\ \hat y_n = j\}"
    scope = "network"

    def needs(self, target: Target) -> Needs:
        return Needs(evaluation=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(true, predicted) counts; None without classes."""
        import torch

        classes = capture.classes()
        outcome = capture.evaluation()
        if not classes or outcome is None:
            return None
        read, truth = class_shares(outcome[0], capture), outcome[1]  # (N, classes), (N,)
        if read.dim() != 2 or truth.numel() != len(read):
            return None
        rows, count = len(classes), max(len(classes), read.shape[1])
        said = torch.isfinite(read).all(dim=1)  # an output that is not a number says nothing
        read, truth = read[said], truth.reshape(-1)[said]
        cells = truth.long() * count + read.argmax(dim=1)
        counts = torch.bincount(cells, minlength=rows * count).reshape(rows, count)
        return Picture(
            counts.to("cpu", torch.float32).numpy(),
            ("true", "predicted"),
            encoding="exact",
            signed=False,
            extra={"classes": list(classes), "said": answer_names(capture, count), "total": int(truth.numel())},
        )
