"""The data of a script: what ``data.npz`` holds and how examples become a batch."""

from __future__ import annotations

from collections.abc import Callable

from torchglass.catalog import Analysis
from torchglass.checking.pins import examples
from torchglass.datasets.base import FieldSpec
from torchglass.export.layout import fit
from torchglass.prepare.base import PREPARES, Prepare


class Fields:
    """The fields that a script reads. ``count`` is the number of training examples."""

    def __init__(self, analysis: Analysis, names: list[str], channels_last: bool) -> None:
        self.names = names
        self._specs: dict[str, FieldSpec] = {name: analysis.fields[name] for name in names}
        self._double = analysis.experiment.training.precision == "float64"
        self._channels_last = channels_last
        self._prepares: list[Prepare] = [
            PREPARES.make(choice.kind, choice.config) for choice in analysis.experiment.data.prepare
        ]
        self.count = examples(analysis, "train") if names else 0

    def text(self) -> str:
        """Loads the arrays, and a function that makes a batch of them."""
        lines = [
            'with np.load(Path(__file__).with_name("data.npz")) as file:',
            "    DATA = {name: torch.from_numpy(file[name]).to(DEVICE) for name in file.files}",
            "",
            "",
            "def examples(split: str, index: Tensor) -> dict[str, Tensor]:",
            '    """Examples by their numbers, as the network is fed."""',
        ]
        for name in self.names:
            lines += [f"    {line}" for line in self._field(name)]
        entries = ", ".join(f'"{name}": {_variable(name)}' for name in self.names)
        return "\n".join(lines + fit(f"    return {{{entries}}}"))

    def _field(self, name: str) -> list[str]:
        spec, variable = self._specs[name], _variable(name)
        shape = f"({', '.join(['B', *map(str, spec.shape.sizes)])})"
        lines = fit(f'{variable} = DATA[f"{{split}}_{name}"][index]{self._as_float(spec)}', shape)
        for position, prepare in enumerate(self._prepares):
            if prepare.field() == name:
                lines += fit(f"{variable} = {prepare.to_source(variable, _fitted(position, name))}")
        if self._channels_last and len(spec.shape.axes) == 3:
            lines.append(f"{variable} = {variable}.contiguous(memory_format=torch.channels_last)")
        return lines

    def _as_float(self, spec: FieldSpec) -> str:
        if spec.shape.dtype != "float":
            return "" if spec.storage in ("int64", "bool") else ".long()"
        if spec.storage == "uint8":
            return ".double() / 255" if self._double else ".float() / 255"
        return ".double()" if self._double else ""


def fitted_name(position: int, field: str, name: str) -> str:
    """The array in ``data.npz`` of what the preparation at that position learned."""
    return f"prepare{position}_{field}_{name}"


def _fitted(position: int, field: str) -> Callable[[str], str]:
    return lambda name: f'DATA["{fitted_name(position, field, name)}"]'


def _variable(name: str) -> str:
    return f"{name}_" if name in ("split", "index") else name
