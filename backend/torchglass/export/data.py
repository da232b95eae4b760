"""The data of a script: what ``data.npz`` holds and how examples become a batch."""

from __future__ import annotations

from collections.abc import Callable

from torchglass.augment.base import PICTURES, SHARE, passes, second
from torchglass.catalog import Analysis
from torchglass.checking.pins import examples
from torchglass.datasets.base import FieldSpec
from torchglass.export.layout import fit
from torchglass.prepare.base import PREPARES, Prepare
from torchglass.source import text_of


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
        data = analysis.experiment.data
        self._passes = [one for one in passes(data.augment, analysis.fields) if one.field in names]
        self.count = examples(analysis, "train") if names else 0

    @property
    def augmented(self) -> bool:
        """Whether training examples are changed at random, so that a batch depends on its step."""
        return bool(self._passes)

    def definitions(self) -> list[str]:
        """The functions that carry the augmentations out."""
        moves = [text_of(PICTURES, "moved")] if any(one.outside is not None for one in self._passes) else []
        each = [text for one in self._passes for augment, _ in one.members for text in augment.definitions()]
        return [*each, *moves]

    def text(self) -> str:
        """Loads the arrays, and a function that makes a batch of them."""
        step = ", step: int | None = None" if self.augmented else ""
        words = "Examples by their numbers, as the network is fed"
        lines = [
            'with np.load(Path(__file__).with_name("data.npz")) as file:',
            "    DATA = {name: torch.from_numpy(file[name]).to(DEVICE) for name in file.files}",
            "",
            "",
            f"def examples(split: str, index: Tensor{step}) -> dict[str, Tensor]:",
            f'    """{words}{"; those of a training step augmented" if step else ""}."""',
            *(f"    {line}" for name in self.names for line in self._stored(name)),
            *(f"    {line}" for line in self._augment()),
            *(f"    {line}" for name in self.names for line in self._prepared(name)),
        ]
        entries = ", ".join(f'"{name}": {_variable(name)}' for name in self.names)
        batch = f"{{{entries}}}"
        mixes = any(augment.mixes for one in self._passes for augment, _ in one.members)
        if not mixes:
            return "\n".join(lines + fit(f"    return {batch}"))
        targets = [name for name in self.names if self._specs[name].role == "target"]
        pairs = [*(f'"{second(name)}": {_variable(name)}[partner]' for name in targets), f'"{SHARE}": share']
        lines += [
            *fit(f"    batch = {batch}"),
            "    if step is not None:",
            *fit(f"        batch |= {{{', '.join(pairs)}}}"),
            "    return batch",
        ]
        return "\n".join(lines)

    def _stored(self, name: str) -> list[str]:
        spec, variable = self._specs[name], _variable(name)
        shape = f"({', '.join(['B', *map(str, spec.shape.sizes)])})"
        return fit(f'{variable} = DATA[f"{{split}}_{name}"][index]{self._as_float(spec)}', shape)

    def _augment(self) -> list[str]:
        """Every pass as the trainer carries it out (``training.augmenting``)."""
        if not self.augmented:
            return []
        lines = ["if step is not None:"]
        for one in self._passes:
            images, made = _variable(one.field), []
            for augment, name in one.members:
                made.append(augment.to_source(images, f'stream("augment", step, "{name}")', one.low, one.high))
            if one.outside is not None:
                lines += [f"    move = {made[0]}", *(f"    move = move @ {further}" for further in made[1:])]
                lines.append(f'    {images} = moved({images}, move, "{one.outside}")')
            elif one.members[0][0].mixes:
                lines.append(f"    {images}, partner, share = {made[0]}")
            else:
                lines.append(f"    {images} = {made[0]}")
            lines.append(f"    {images} = {images}.clamp({one.low}, {one.high})")
        return [piece for line in lines for piece in fit(line)]

    def _prepared(self, name: str) -> list[str]:
        spec, variable, lines = self._specs[name], _variable(name), []
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
    return f"{name}_" if name in ("split", "index", "step", "move", "partner", "share", "batch", "moved") else name
