"""What the network says about one example."""

from __future__ import annotations

from torchglass.probes._numbers import answer_names, array, class_shares, source_label, without_interval
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target


class Predictions(Probe):
    kind = "predictions"
    label = "Predictions"
    group = "outputs"
    summary = "The network's answer for one example, class by class."
    docs = "Exact values (class): probabilities after softmax or sigmoid, or the outputs as they are."
    scope = "network"

    def needs(self, target: Target) -> Needs:
        return Needs(everything=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(class,) exact; None for a recipe that reads nothing from its outputs."""
        read = capture.prediction()
        if read is None:
            return None
        read = without_interval(read, capture)
        if not capture.classes() and (field := capture.target_field()) is not None:
            read = capture.natural(field, read)
        shares = array(class_shares(read, capture)[0]).reshape(-1)
        extra = {
            "classes": answer_names(capture, len(shares)) if capture.classes() else [],
            "label": source_label(capture),
            "reading": capture.reading(),
        }
        return Picture(shares, ("class",), encoding="exact", signed=False, extra=extra)
