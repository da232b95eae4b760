"""What every gate of a network says in every row of a truth table."""

from __future__ import annotations

from typing import Any

import numpy as np

from torchglass.probes._numbers import array, class_shares
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

#: Longer tables and layers with more units are not for reading.
_MOST_ROWS = 1024
_MOST_UNITS = 32


class TruthTable(Probe):
    kind = "truth_table"
    label = "Truth table"
    group = "outputs"
    summary = "Every row of a table of bits: what each threshold unit says, what the network says, and what is right."
    docs = (
        "Exact values (row, column): the bits, the units of each layer of steps in the order of the network (`layers` "
        "in the extra says where each begins; layers of more than 32 units are left out), last what the network says "
        "and what is right, as class numbers; −1 where it says nothing that is a number."
    )
    scope = "network"

    def needs(self, target: Target) -> Needs:
        return Needs(own_pass=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(rows, columns) exact; None without classes. ValueError for data that are no rows of bits."""
        wanted = capture.target_field()
        if wanted is None or not capture.classes():
            return None
        indices = list(range(min(_MOST_ROWS, capture.count("train"))))
        bits = _bits(capture, indices, wanted)
        outputs, read = capture.passed("train", indices)
        columns, layers, place = [bits], [], bits.shape[1]
        for node in capture.network().nodes:
            values = outputs.get(node.id)
            if node.kind != "step" or values is None or values.dim() != 2 or values.shape[1] > _MOST_UNITS:
                continue
            columns.append(array(values))
            layers.append({"node": node.id, "first": place, "count": values.shape[1]})
            place += values.shape[1]
        said = np.full(len(indices), -1, np.float32)
        if read is not None:
            shares = array(class_shares(read, capture)).reshape(len(indices), -1)
            said = np.where(np.isfinite(shares).all(axis=1), shares.argmax(axis=1), -1).astype(np.float32)
        truth = capture.examples_raw("train", indices)[wanted].reshape(-1)
        table = np.column_stack([*columns, said, truth]).astype(np.float32)
        extra: dict[str, Any] = {"bits": bits.shape[1], "layers": layers, "classes": list(capture.classes())}
        return Picture(table, ("row", "column"), encoding="exact", extra=extra)


def _bits(capture: Capture, indices: list[int], target: str) -> np.ndarray:
    """(N, bits) of 0 and 1."""
    raw = capture.examples_raw("train", indices)
    inputs = [values for name, values in raw.items() if name != target and values.ndim == 2]
    if len(inputs) != 1 or not np.isin(inputs[0], (0, 1)).all():
        raise ValueError("This data are no rows of bits: there is no truth table.")
    return inputs[0]
