"""Examples that people changed, took away or added by hand: ``data.by_hand`` of the experiment.

Rows are those of the data set itself (after the experiment's limits), so that an edit means the same whatever was
edited before it; new examples stand behind them, in their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from torchglass.datasets.base import DataSet, FieldSpec
from torchglass.spec.experiment import ByHand, Data
from torchglass.spec.problems import Problem

if TYPE_CHECKING:
    import numpy as np

FIELD = "data.by_hand"


def counts(dataset: DataSet, data: Data) -> tuple[int, int]:
    """How many examples there are for (training, test), after the experiment's limits and what was done by hand."""
    train, test = dataset.counts()
    limits = {"train": data.split.train, "test": data.split.test}
    found = []
    for split, count in (("train", train), ("test", test)):
        base = min(count, limits[split] or count)
        mine = [one for one in data.by_hand if one.split == split]
        gone = {one.row for one in mine if one.gone and one.row is not None and one.row < base}
        found.append(base - len(gone) + sum(one.row is None for one in mine))
    return found[0], found[1]


def problems(dataset: DataSet, data: Data) -> list[Problem]:
    """What can not be done by hand, in words, at ``data.by_hand``."""
    if not data.by_hand:
        return []
    fields = dataset.fields()
    wrong = next((words for one in data.by_hand if (words := _wrong(one, fields)) is not None), None)
    if wrong is None and dataset.counts()[0] > 0 and counts(dataset, data)[0] < 1:
        wrong = "The last training example stays: a network needs at least one to learn from."
    return [] if wrong is None else [Problem(message=wrong, field=FIELD)]


def _wrong(one: ByHand, fields: Mapping[str, FieldSpec]) -> str | None:
    if one.gone:
        return None if one.row is not None else "A new example can not be taken away: leave it out."
    known = {name: value for name, value in one.values.items() if name in fields}
    if one.row is None and (missing := [name for name in fields if name not in known]):
        return f"A new example needs a value of “{missing[0]}”."
    for name, value in known.items():
        spec = fields[name]
        numbers = value if isinstance(value, list) else [value]
        wanted = spec.shape.count()
        if len(numbers) != wanted:
            return f"“{name}” of an example is {wanted} numbers, not {len(numbers)}."
        whole = spec.storage != "float32"
        if whole and any(number != int(number) for number in numbers):
            return f"“{name}” of an example is a whole number."
        most = len(spec.classes) - 1 if spec.classes else {"uint8": 255, "bool": 1}.get(spec.storage)
        if most is not None and any(not 0 <= number <= most for number in numbers):
            return f"“{name}” of an example lies between 0 and {most}."
    return None


def applied(arrays: Mapping[str, np.ndarray], by_hand: Sequence[ByHand]) -> dict[str, np.ndarray]:
    """The arrays of one split with what was done by hand in it; rows that the split does not have are passed over."""
    import numpy as np

    if not by_hand:
        return dict(arrays)
    total = next((len(values) for values in arrays.values()), 0)
    changed = [one for one in by_hand if one.row is not None and one.row < total and not one.gone]
    gone = [one.row for one in by_hand if one.row is not None and one.row < total and one.gone]
    new = [one for one in by_hand if one.row is None]
    found: dict[str, np.ndarray] = {}
    for name, values in arrays.items():
        if not (gone or new or any(name in one.values for one in changed)):
            found[name] = values  # pictures stay where they are mapped when only a label is another one
            continue
        copy = np.array(values)
        for one in changed:
            if name in one.values:
                copy[one.row] = np.reshape(one.values[name], copy.shape[1:])
        more = [np.reshape(one.values[name], copy.shape[1:]) for one in new]
        kept = np.delete(copy, gone, axis=0) if gone else copy
        found[name] = np.concatenate([kept, np.array(more).astype(copy.dtype)]) if more else kept
    return found


__all__ = ["FIELD", "applied", "counts", "problems"]
