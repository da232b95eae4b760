"""No data at all."""

from __future__ import annotations

from torchglass.datasets.base import DataSet, FieldSpec, Splits


class NoData(DataSet):
    kind = "none"
    label = "No data"
    group = "Other"
    summary = "For networks that need no examples."
    docs = "Has no fields and no examples: for networks that only generate, or that learn from a world they act in."

    def fields(self) -> dict[str, FieldSpec]:
        return {}

    def counts(self) -> tuple[int, int]:
        return 0, 0

    def load(self, seed: int) -> Splits:
        return Splits()
