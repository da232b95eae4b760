"""What probes read: one forward pass for everybody, and what is kept of pinned batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from torchglass.layers.base import LAYERS
from torchglass.losses.base import LOSSES, LandscapeView
from torchglass.optimizers.base import Term
from torchglass.probes.base import Attack, Features, GridView, Objective, PrunedView, Sight
from torchglass.spec.network import Network
from torchglass.spec.shapes import Shape
from torchglass.training.explaining import explain_update
from torchglass.worker.answers import answered
from torchglass.worker.attacking import attacked
from torchglass.worker.attributing import sight_of
from torchglass.worker.fed import next_batch
from torchglass.worker.functions import function_of, losses_of
from torchglass.worker.masks import masks
from torchglass.worker.pinned import Pinned
from torchglass.worker.pulling import pulled_back
from torchglass.worker.sources import Sources

if TYPE_CHECKING:
    import numpy as np


class Looking:
    """Eval mode without gradients; module modes and random streams are afterwards as they were.

    Of one model, and used again for every look: its modules are looked up once, since a walk through them costs as
    much as a small picture. Not nested.
    """

    def __init__(self, model: Any) -> None:
        self._modules: tuple[nn.Module, ...] = tuple(model.modules())
        self._cuda: torch.device | None = model.device if model.device.type == "cuda" else None

    @contextmanager
    def __call__(self) -> Iterator[None]:
        changed = [module for module in self._modules if module.training]
        random = torch.get_rng_state()
        cuda = torch.cuda.get_rng_state(self._cuda) if self._cuda is not None else None
        for module in changed:
            vars(module)["training"] = False  # what eval() does, without the search of nn.Module.__setattr__
        try:
            with torch.no_grad():
                yield
        finally:
            for module in changed:
                vars(module)["training"] = True
            torch.set_rng_state(random)
            if cuda is not None and self._cuda is not None:
                torch.cuda.set_rng_state(cuda, self._cuda)


class Moment:
    """One look at the network: the outputs of every source that somebody watches now."""

    def __init__(
        self,
        trainer: Any,
        sources: Sources,
        pinned: Pinned,
        wanted: Sequence[str],
        stamp: object,
        now: float,
        training: bool,
    ) -> None:
        self.trainer, self.sources, self.pinned = trainer, sources, pinned
        self.stamp, self.now, self.training = stamp, now, training
        #: Whether the capture that ran last was given what belongs to an earlier step.
        self.behind = False
        self._groups: dict[Any, list[str]] = {}
        self._layouts: dict[str, Any] = {}
        for source in dict.fromkeys(wanted):
            self._groups.setdefault(self._layout(source), []).append(source)
        self._outputs: dict[Any, dict[str, Tensor]] = {}
        self._predictions: dict[Any, Tensor | None] = {}
        self._parameters: dict[str, Tensor] | None = None

    def _layout(self, source: str) -> Any:
        if source not in self._layouts:
            self._layouts[source] = self.sources.layout(source)
        return self._layouts[source]

    def outputs(self, source: str) -> tuple[dict[str, Tensor], int]:
        """Every output for the batch that holds this source, and its row."""
        layout = self._layout(source)
        group = self._groups.setdefault(layout, [])
        if source not in group:
            group.append(source)
            self._outputs.pop(layout, None)
            self._predictions.pop(layout, None)
        if layout not in self._outputs:
            self._outputs[layout] = self.trainer.model.run(self.sources.stacked(group))
        return self._outputs[layout], group.index(source)

    def prediction(self, source: str) -> Tensor | None:
        """(1, ...) of that source."""
        read, row = self.predicted(source), self.outputs(source)[1]
        return None if read is None else read[row : row + 1]

    def predicted(self, source: str) -> Tensor | None:
        """(N, ...) of the batch that holds this source."""
        outputs, _ = self.outputs(source)
        layout = self._layout(source)
        if layout not in self._predictions:
            self._predictions[layout] = self.trainer.recipe.predict(outputs)
        return self._predictions[layout]

    def output_gradient(self, source: str, name: str) -> Tensor | None:
        """Of the loss on that source for an output, from a pass of its own."""
        batch = self.sources.fed(source)
        field = self.trainer.data.target_field
        if field is None or field not in batch:
            return None
        with torch.enable_grad():
            outputs = self.trainer.model.run(batch)
            loss = self.trainer.recipe.loss(outputs, batch)
            if loss is None or not loss.requires_grad or not outputs[name].requires_grad:
                return None
            (gradient,) = torch.autograd.grad(loss, [outputs[name]], allow_unused=True)
        found: Tensor | None = gradient
        return found

    def parameters(self) -> dict[str, Tensor]:
        if self._parameters is None:
            self._parameters = {name: p.detach() for name, p in self.trainer.model.parameters_by_name().items()}
        return self._parameters


class View:
    """The Capture of one watch: a moment, seen from one source."""

    def __init__(self, moment: Moment, source: str) -> None:
        self._moment, self._source = moment, source
        self._trainer = moment.trainer

    def activation(self, name: str) -> Tensor:
        outputs, row = self._moment.outputs(self._source)
        return outputs[name][row : row + 1]

    def parameter(self, name: str) -> Tensor:
        return self._moment.parameters()[name]

    def parameter_names(self, node: str | None = None) -> list[str]:
        names = self._moment.parameters()
        return [name for name in names if node is None or name.startswith(f"{node}.")]

    def gradient(self, name: str) -> Tensor | None:
        moment = self._moment
        return moment.pinned.gradients(moment.stamp, moment.now, moment.training).get(name)

    def output_gradient(self, name: str) -> Tensor | None:
        return self._moment.output_gradient(self._source, name)

    def pulled_back(self, ways: Sequence[tuple[str | None, str, str]]) -> list[tuple[float, float | None]]:
        return pulled_back(self._trainer, self._moment.pinned.training_batch(), ways)

    def update(
        self, name: str, index: tuple[int, ...], gradients: Mapping[str, np.ndarray] | None = None
    ) -> list[Term]:
        moment = self._moment
        if gradients is None:
            pulls = moment.pinned.gradients(moment.stamp, moment.now, moment.training)
        else:
            pulls = {key: torch.as_tensor(value).to(self.parameter(key)) for key, value in gradients.items()}
        return explain_update(self._trainer.context, name, index, pulls)

    def objective(self) -> Objective | None:
        config = self._trainer.recipe.config
        loss, output, target = (getattr(config, name, None) for name in ("loss", "output", "target"))
        if loss is None or output is None or target is None or getattr(config, "mask", None):
            return None
        settings = LOSSES[loss.kind].Config.model_validate(loss.config).model_dump()
        return Objective(output, target, loss.kind, settings)

    def example(self) -> dict[str, Tensor]:
        return self._moment.sources.fed(self._source)

    def prediction(self) -> Tensor | None:
        return self._moment.prediction(self._source)

    def evaluation(self) -> tuple[Tensor, Tensor] | None:
        moment = self._moment
        return moment.pinned.evaluation(moment.stamp, moment.now, moment.training)

    def examples(self, split: str, indices: list[int]) -> tuple[dict[str, Tensor], Tensor | None]:
        fields = self._trainer.data.batch(split, self._existing(split, indices))
        return fields, self._trainer.recipe.predict(self._trainer.model.run(fields))

    def passed(self, split: str, indices: list[int]) -> tuple[Mapping[str, Tensor], Tensor | None]:
        outputs = self._trainer.model.run(self._trainer.data.batch(split, self._existing(split, indices)))
        return outputs, self._trainer.recipe.predict(outputs)

    def answered(self, raw: Mapping[str, np.ndarray]) -> tuple[Mapping[str, Tensor], Mapping[str, Tensor]]:
        return answered(self._trainer, raw)

    def classes(self) -> tuple[str, ...]:
        field = self.target_field()
        return () if field is None else tuple(self._trainer.data.fields[field].classes)

    def input_statistics(self) -> tuple[float, float]:
        """Of a standardisation that learned one mean and one deviation for the picture field."""
        for fitted in self._trainer.data.fitted:
            if isinstance(fitted, Mapping) and {"mean", "std"} <= fitted.keys():
                return float(fitted["mean"].mean()), float(fitted["std"].mean())
        return 0.0, 1.0

    def network(self) -> Network:
        network: Network = self._trainer.subject.network
        return network

    def shape(self, name: str) -> Shape | None:
        return self._trainer.subject.shapes.get(name)  # type: ignore[no-any-return]  # trainer is duck-typed here

    def settings(self, node: str) -> Mapping[str, Any]:
        found = self.network().node(node)
        if found.kind in LAYERS:
            return LAYERS[found.kind].Config.model_validate(found.config).model_dump()
        return found.config

    def picture_field(self) -> str | None:
        name: str | None = self._trainer.data.picture_field
        return name

    def target_field(self) -> str | None:
        name: str | None = self._trainer.data.target_field
        return name

    def example_raw(self) -> Mapping[str, np.ndarray]:
        return self._moment.sources.raw(self._source)

    def examples_raw(self, split: str, indices: list[int]) -> Mapping[str, np.ndarray]:
        raw: Mapping[str, np.ndarray] = self._trainer.data.raw(split, self._existing(split, indices))
        return raw

    def field_shape(self, name: str) -> Shape:
        shape: Shape = self._trainer.data.fields[name].shape
        return shape

    def point_field(self) -> str | None:
        return self._moment.pinned.grid.field

    def plane_range(self) -> tuple[float, float]:
        return self._moment.pinned.grid.range

    def plane(self, size: int) -> GridView | None:
        moment = self._moment
        return moment.pinned.plane(size, moment.stamp, moment.now)

    def line_field(self) -> str | None:
        return self._moment.pinned.line_grid.field

    def line(self, size: int) -> GridView | None:
        moment = self._moment
        return moment.pinned.line(size, moment.stamp, moment.now)

    def line_thinned(self, size: int, draws: int) -> Tensor | None:
        return self._moment.pinned.line_grid.thinned(size, draws)

    def landscape(self, size: int) -> LandscapeView | None:
        choice = getattr(self._trainer.recipe.config, "loss", None)
        if choice is None or choice.kind not in LOSSES:
            return None
        return LOSSES.make(choice.kind, choice.config).landscape(size)

    def function(self, node: str, places: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        return function_of(self._trainer, node, places)

    def losses(self, output: Tensor, target: Tensor) -> Tensor | None:
        return None if self.objective() is None else losses_of(self._trainer.recipe.config.loss, output, target)

    def silenced(self) -> frozenset[str]:
        return frozenset(self._trainer.model.silent)

    def attack(self, split: str, indices: list[int]) -> Attack | None:
        return attacked(self._trainer, split, self._existing(split, indices), self)

    def sight(self) -> Sight | None:
        return sight_of(self._trainer, self.example(), self)

    def features(self, split: str, node: str, count: int) -> tuple[Features | None, bool]:
        moment = self._moment
        found, fresh, current = moment.pinned.rounds.features(split, node, count, moment.stamp)
        moment.behind = not current
        return found, fresh

    def mean_picture(self) -> Tensor:
        return self._moment.pinned.mean_picture()

    def pruned(self) -> PrunedView | None:
        context = self._trainer.context
        if context.pruned is None:
            return None
        return PrunedView(context.storage.views(context.pruned.mask), context.pruned.done, context.pruned.last)

    def state(self, name: str) -> Tensor | None:
        found: Tensor | None = self._trainer.context.state.get(name)
        return found

    def count(self, split: str) -> int:
        number: int = self._trainer.data.count(split)
        return number

    def fed(self, count: int) -> tuple[Mapping[str, np.ndarray], Mapping[str, Tensor]] | None:
        return next_batch(self._trainer, count)

    def rows(self, split: str) -> int:
        number: int = getattr(self._trainer.data, "rows", {}).get(split, self.count(split))
        return number

    def masks(self) -> Mapping[str, Tensor] | None:
        return masks(self._trainer)

    def natural(self, field: str, values: Tensor, *, moved: bool = False) -> Tensor:
        """The preparations of the field undone, the last one first; those that only move pixels done again."""
        prepares = getattr(self._trainer.data, "prepares", [])
        known = zip(prepares, self._trainer.data.fitted, strict=True)
        mine = [(prepare, fitted) for prepare, fitted in known if prepare.field() == field]
        for prepare, fitted in reversed(mine):
            values = prepare.undo(values, fitted)
        for prepare, fitted in mine:
            if moved and prepare.moves:
                values = prepare.apply(values, fitted)
        return values

    def reading(self) -> str:
        loss = getattr(self._trainer.recipe.config, "loss", None)
        kind = str(getattr(loss, "kind", ""))
        return LOSSES[kind].reading if kind in LOSSES else "identity"

    def _existing(self, split: str, indices: list[int]) -> list[int]:
        count = self._trainer.data.count(split)
        return [index for index in indices if index < count]
