"""What a recipe may do during one step: update roles, draw random numbers, keep state."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from torchglass.optimizers.base import OPTIMIZERS, Optimizer
from torchglass.schedules.base import SCHEDULES
from torchglass.spec.training import Training
from torchglass.training.holding import frozen_places, silences
from torchglass.training.model import Network
from torchglass.training.pruning import Pruned, configured
from torchglass.training.randomness import generator
from torchglass.training.storage import Role, Storage, clip_factor

#: Slots of different optimizers that hold the same: running averages of the squared gradient.
_MEANING = {"square": "second_moment"}
#: Under this name, and the role's, ``state`` keeps gradients that are never cleared.
LEFTOVER = "leftover_gradient."
#: For a role that the document gives no optimizer.
DEFAULT_OPTIMIZER = "sgd"


def roles_of(
    network: Network, parts: Mapping[str, list[str]], roles: Mapping[str, list[str] | None]
) -> dict[str, list[tuple[str, torch.nn.Parameter]]]:
    """The parameters of each role, in the document's order; ValueError if two roles claim one."""
    named = network.parameters_by_name()
    groups: dict[str, list[tuple[str, torch.nn.Parameter]]] = {}
    claimed: dict[str, str] = {}
    for role, names in roles.items():
        members = None if names is None else {node for part in names for node in parts[part]}
        chosen = [(n, p) for n, p in named.items() if members is None or n.partition(".")[0] in members]
        for name, _ in chosen:
            if name in claimed:
                raise ValueError(f"{name} belongs to the roles {claimed[name]!r} and {role!r}; a parameter has one")
            claimed[name] = role
        groups[role] = chosen
    return groups


def meaning(slot: str) -> str:
    """What an optimizer's slot holds, the same for every optimizer that holds it."""
    return _MEANING.get(slot, slot)


class TrainingContext:
    """Implements ``recipes.base.StepContext`` over a storage. ``step`` is set by the trainer before each step."""

    def __init__(self, model: Network, storage: Storage, training: Training, seed: int) -> None:
        self.model = model
        self.storage = storage
        self.seed = seed
        self.step = 0
        #: The step at which the stage of now began; schedules count from there.
        self.began = 0
        self.state: dict[str, Tensor] = {}
        self.roles: dict[str, Role] = {}
        self.training = training
        self.pruned: Pruned | None = None
        self.configure(training)

    def configure(self, training: Training) -> None:
        """Take over hyper-parameters; optimizer state stays where it means the same."""
        other_form = training.form != self.training.form
        self.training = training
        self.schedule = SCHEDULES.make(training.schedule.kind, training.schedule.config)
        for name in self.storage.ranges:
            optimizer = self._optimizer(name)
            role = self.roles.get(name)
            if role is None:
                self.roles[name] = self.storage.role(name, optimizer)
            elif role.optimizer.kind != optimizer.kind:
                self.roles[name] = self._succeeding(role, optimizer)
            else:
                role.optimizer = optimizer
        self.model.silent = silences(training.held)
        self.pruned = configured(self.pruned, training.pruning, self.storage.flat)
        self.frozen = self._frozen()
        form = {"textbook": float(training.form == "textbook")}
        self.hyper = {name: {**role.optimizer.hyper(), **form} for name, role in self.roles.items()}
        if other_form:
            self._move_rate()

    def take_pruned(self, pruned: Pruned) -> None:
        """What is taken out stays zero from now on."""
        self.pruned = pruned
        self.frozen = self._frozen()

    def give_back(self, offset: int) -> None:
        """That number of the flat buffer is pruned no more: somebody set it by hand."""
        if self.pruned is not None and bool(self.pruned.mask[offset]):
            self.pruned.mask[offset] = False
            self.frozen = self._frozen()

    def forget_leftovers(self) -> None:
        """Gradients that were never cleared belong to weights of before."""
        for name in [name for name in self.state if name.startswith(LEFTOVER)]:
            del self.state[name]

    def _frozen(self) -> dict[str, Tensor]:
        """By role, which numbers of its range stay as they are: by hand, or pruned."""
        places = frozen_places(self.training.held, self.storage, self.model.aliases)
        if self.pruned is not None and bool(self.pruned.mask.any()):
            out = self.pruned.mask.nonzero().squeeze(-1)
            places = out if places is None else torch.unique(torch.cat([places, out]))
        if places is None:
            return {}
        ranges = self.storage.ranges.items()
        inside = {name: places[(places >= start) & (places < stop)] - start for name, (start, stop) in ranges}
        return {name: found for name, found in inside.items() if len(found)}

    def _move_rate(self) -> None:
        """Velocities hold the rate in the textbook's form and do without it in PyTorch's: carry them over."""
        for name, role in self.roles.items():
            rate = float(self.hyper[name].get("lr", 0.0))
            if "velocity" in role.state:
                factor = rate if self.training.form == "textbook" else (1 / rate if rate else 0.0)
                role.state["velocity"].mul_(factor)

    def _succeeding(self, role: Role, optimizer: Optimizer) -> Role:
        """Another kind of optimizer: what means the same is kept, the rest begins at zero."""
        new = self.storage.role(role.name, optimizer)
        kept = {meaning(slot): flat for slot, flat in role.state.items()}
        for slot in new.state:
            if meaning(slot) in kept:
                new.state[slot] = kept[meaning(slot)]
                new.updates = role.updates
        return new

    def _optimizer(self, role: str) -> Optimizer:
        choice = self.training.optimizers.get(role)
        if choice is None:
            return OPTIMIZERS.make(DEFAULT_OPTIMIZER, {})
        return OPTIMIZERS.make(choice.kind, choice.config)

    def count_on(self, updates: Mapping[str, int]) -> None:
        """Go on from so many updates of each role."""
        for role in self.roles.values():
            role.updates = int(updates[role.name])

    # -- StepContext ------------------------------------------------------------------------------------------

    def generator(self, purpose: str) -> torch.Generator:
        return generator(self.seed, purpose, self.step)

    def leftover(self, role: str) -> Tensor | None:
        """The sum of all earlier gradients (P,) of a role that never clears them; None for any other."""
        where, kept = self.roles[role], self.state.get(f"{LEFTOVER}{role}")
        return kept if kept is not None and len(kept) == where.stop - where.start else None

    def minimise(self, role: str, loss: Tensor, clear: bool = True) -> None:
        where = self.roles[role]
        self.storage.gradient[where.start : where.stop].zero_()
        if len(self.roles) == 1:
            torch.autograd.backward(loss)
        else:
            inside = [s.parameter for s in self.storage.slots.values() if where.start <= s.offset < where.stop]
            torch.autograd.backward(loss, inputs=inside)
        if clear:
            self.state.pop(f"{LEFTOVER}{role}", None)
        else:
            gradient, left = self.storage.gradient[where.start : where.stop], self.leftover(role)
            if left is not None:
                gradient.add_(left)
            self.state[f"{LEFTOVER}{role}"] = gradient.clone()  # the update may overwrite the buffer
        self._update(where)

    def descend(self, role: str, gradient: Tensor) -> None:
        """Update with a gradient (P,) that was found elsewhere, laid out like the role's range of the storage."""
        where = self.roles[role]
        self.storage.gradient[where.start : where.stop].copy_(gradient)
        self._update(where)

    def apply(self, role: str, gradients: Mapping[str, Tensor]) -> None:
        where = self.roles[role]
        self.storage.gradient[where.start : where.stop].zero_()
        for name, value in gradients.items():
            self.storage.write(self.storage.gradient, name, value)
        self._update(where)

    def write(self, name: str, value: Tensor) -> None:
        name = self.model.aliases.get(name, name)
        offset = self.storage.slots[name].offset
        where = next(role for role in self.roles.values() if role.start <= offset < role.stop)
        with torch.no_grad():
            weights, frozen = self.storage.flat[where.start : where.stop], self.frozen.get(where.name)
            kept = None if frozen is None else weights[frozen]
            self.storage.write(self.storage.flat, name, value)
            if frozen is not None and kept is not None:
                weights[frozen] = kept

    def _update(self, role: Role) -> None:
        """Regularise, clip, update, limit; the gradient buffer may be overwritten."""
        with torch.no_grad():
            weights = self.storage.flat[role.start : role.stop]
            gradient = self.storage.gradient[role.start : role.stop]
            penalty = self.training.regularization
            if penalty.l2:
                gradient.add_(weights * self.storage.decays[role.start : role.stop], alpha=penalty.l2)
            if penalty.l1:
                gradient.add_(weights.sign() * self.storage.decays[role.start : role.stop], alpha=penalty.l1)
            frozen = self.frozen.get(role.name)
            kept = None if frozen is None else weights[frozen]
            if frozen is not None:
                gradient[frozen] = 0
            if self.training.clip_value:
                gradient.clamp_(-self.training.clip_value, self.training.clip_value)
            if self.training.gradient_clipping:
                gradient.mul_(clip_factor(gradient, self.training.gradient_clipping))
            role.updates += 1
            role.optimizer.update(weights, gradient, role.state, self.hyper_at(role, self.step), role.updates)
            if penalty.max_norm:
                self.storage.limit_norms(role.start, role.stop, penalty.max_norm)
            if frozen is not None and kept is not None:
                weights[frozen] = kept  # momentum and decay do not move them either

    def hyper_at(self, role: Role, step: int) -> dict[str, float]:
        """The role's hyper-parameters at that step, the rate as the schedule has it."""
        hyper, factor = self.hyper[role.name], self.schedule.factor(step - self.began)
        return hyper if factor == 1.0 else {**hyper, "lr": hyper["lr"] * factor}
