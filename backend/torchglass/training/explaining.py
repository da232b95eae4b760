"""One weight's next update, line by line with its numbers: the gradient, regularisation, clipping, the optimizer."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from torchglass.optimizers.base import Term
from torchglass.training.context import TrainingContext
from torchglass.training.storage import Role, Slot


def explain_update(
    context: TrainingContext, name: str, index: tuple[int, ...], gradients: Mapping[str, Tensor]
) -> list[Term]:
    """What the next step would do to element ``index`` of parameter ``name`` (``node.weight``) if its gradients were
    these, given for every parameter of the role. Nothing is changed. Empty for what no role trains."""
    slot = context.storage.slots.get(name)
    if slot is None or name not in gradients:
        return []
    role = next(role for role in context.roles.values() if role.start <= slot.offset < role.stop)
    weight = float(slot.parameter.detach()[index])
    if role.name in context.frozen:
        flat = context.storage.views(torch.arange(context.storage.flat.numel()))[name][index] - role.start
        if context.pruned is not None and bool(context.pruned.mask[int(flat) + role.start]):
            return [Term("w", "pruned: it stays zero", "", {}, 0.0)]
        if bool((context.frozen[role.name].cpu() == flat).any()):
            return [Term("w", "frozen by hand: it stays", "{w}", {"w": weight}, weight)]
    lines = _gradient(context, role, slot, index, gradients)
    state = {key: float(context.storage.views(flat, role.start)[name][index]) for key, flat in role.state.items()}
    hyper = context.hyper_at(role, context.step + 1)
    lines += role.optimizer.explain(weight, lines[-1].value, state, hyper, role.updates + 1)
    return [*lines, *_limited(context, role, slot, index, gradients, lines[-1].value)]


def _limited(
    context: TrainingContext,
    role: Role,
    slot: Slot,
    index: tuple[int, ...],
    gradients: Mapping[str, Tensor],
    value: float,
) -> list[Term]:
    """Max-norm: the new weights into the unit together, and what the limit makes of this one."""
    limit = context.training.regularization.max_norm
    if not limit or slot.parameter.dim() < 2:
        return []
    row = slot.parameter.detach()[index[0]].clone()
    cut, factor = context.training.clip_value, _clipping(context, role, gradients)[0]
    gradient = _penalised(context, role, slot, gradients[slot.name])[index[0]]
    gradient = (gradient if cut is None else gradient.clamp(-cut, cut)) * factor
    state = {k: context.storage.views(flat, role.start)[slot.name][index[0]].clone() for k, flat in role.state.items()}
    role.optimizer.update(row, gradient, state, context.hyper_at(role, context.step + 1), role.updates + 1)
    norm = float(row.norm())
    if norm <= limit:
        return []
    numbers = {"w": value, "limit": limit, "norm": norm}
    return [Term("w", "shortened with its unit", "{w}·{limit} / {norm}", numbers, value * limit / (norm + 1e-7))]


def _gradient(
    context: TrainingContext, role: Role, slot: Slot, index: tuple[int, ...], gradients: Mapping[str, Tensor]
) -> list[Term]:
    """From the loss's gradient to the one that the optimizer is given: what ``TrainingContext`` adds and clips."""
    weight, value = float(slot.parameter.detach()[index]), float(gradients[slot.name][index])
    lines = [Term("g", "gradient of the loss", "", {}, value)]
    left = context.leftover(role.name)
    if left is not None:
        rest = float(context.storage.views(left, role.start)[slot.name][index])
        lines.append(
            Term("g", "with all earlier ones, never cleared", "{g} + {G}", {"g": value, "G": rest}, value + rest)
        )
        value += rest
    penalty, decays = context.training.regularization, bool(context.storage.decays[slot.offset])
    if penalty.l2 and decays:
        numbers = {"g": value, "λ": penalty.l2, "w": weight}
        value += penalty.l2 * weight
        lines.append(Term("g", "with weight decay", "{g} + {λ}·{w}", numbers, value))
    if penalty.l1 and decays:
        sign = (weight > 0) - (weight < 0)
        numbers = {"g": value, "λ₁": penalty.l1, "sign": sign}
        value += penalty.l1 * sign
        lines.append(Term("g", "with L1", "{g} + {λ₁}·{sign}", numbers, value))
    if cut := context.training.clip_value:
        numbers, value = {"g": value, "limit": cut}, max(-cut, min(cut, value))
        lines.append(Term("g", "cut off", "{g} → ±{limit}" if abs(numbers["g"]) > cut else "{g}", numbers, value))
    if limit := context.training.gradient_clipping:
        factor, norm = _clipping(context, role, gradients)
        numbers = {"g": value, "limit": limit, "norm": norm}
        value *= factor
        template = "{g}·{limit} / {norm}" if factor < 1 else "{g}"
        lines.append(Term("g", "clipped" if factor < 1 else "not clipped", template, numbers, value))
    return lines


def _clipping(context: TrainingContext, role: Role, gradients: Mapping[str, Tensor]) -> tuple[float, float]:
    """By which factor the gradient of the role is shortened, and the length that it has before."""
    limit = context.training.gradient_clipping
    norm = _norm(context, role, gradients) if limit else 0.0
    return (min(1.0, limit / (norm + 1e-6)) if limit else 1.0), norm


def _norm(context: TrainingContext, role: Role, gradients: Mapping[str, Tensor]) -> float:
    """Of the regularised gradient of the whole role, cut off where it is clipped by value."""
    total, cut = 0.0, context.training.clip_value
    for name, slot in context.storage.slots.items():
        if role.start <= slot.offset < role.stop and name in gradients:
            gradient = _penalised(context, role, slot, gradients[name])
            total += float((gradient if cut is None else gradient.clamp(-cut, cut)).square().sum())
    return float(total**0.5)


def _penalised(context: TrainingContext, role: Role, slot: Slot, gradient: Tensor) -> Tensor:
    """A parameter's gradient with what was never cleared and with the penalties."""
    left, penalty = context.leftover(role.name), context.training.regularization
    if left is not None:
        gradient = gradient + context.storage.views(left, role.start)[slot.name]
    if bool(context.storage.decays[slot.offset]):
        weight = slot.parameter.detach()
        gradient = gradient + penalty.l2 * weight + penalty.l1 * weight.sign()
    return gradient
