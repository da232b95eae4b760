"""One weight's next update, line by line with its numbers: the gradient, regularisation, clipping, the optimizer."""

from __future__ import annotations

from collections.abc import Mapping

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
    lines = _gradient(context, role, slot, index, gradients)
    state = {key: float(context.storage.views(flat, role.start)[name][index]) for key, flat in role.state.items()}
    hyper = context.hyper_at(role, context.step + 1)
    return [*lines, *role.optimizer.explain(weight, lines[-1].value, state, hyper, role.updates + 1)]


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
    if limit := context.training.gradient_clipping:
        norm = _norm(context, role, gradients)
        factor = min(1.0, limit / (norm + 1e-6))
        numbers = {"g": value, "limit": limit, "norm": norm}
        value *= factor
        template = "{g}·{limit} / {norm}" if factor < 1 else "{g}"
        lines.append(Term("g", "clipped" if factor < 1 else "not clipped", template, numbers, value))
    return lines


def _norm(context: TrainingContext, role: Role, gradients: Mapping[str, Tensor]) -> float:
    """Of the regularised gradient of the whole role."""
    total, penalty = 0.0, context.training.regularization
    for name, slot in context.storage.slots.items():
        if role.start <= slot.offset < role.stop and name in gradients:
            gradient, weight = gradients[name], slot.parameter.detach()
            if bool(context.storage.decays[slot.offset]):
                gradient = gradient + penalty.l2 * weight + penalty.l1 * weight.sign()
            total += float(gradient.square().sum())
    return float(total**0.5)
