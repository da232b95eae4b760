"""The ends of a run besides its length, as lines of a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from torchglass.spec.training import Stop


@dataclass(slots=True)
class Stopping:
    """Lines before the loop, at the end of each step, and after the loop."""

    before: list[str] = field(default_factory=list)
    step: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)


def stopping(stop: Stop, models: Sequence[str], per_epoch: int, evaluates: str) -> Stopping:
    """``per_epoch``: steps; ``evaluates``: what ``evaluate`` is called with, empty where there is nothing to judge."""
    found = Stopping()
    if stop.seconds is not None:
        found.before.append("started = time.monotonic()")
        found.step += [f"if time.monotonic() - started >= {stop.seconds}:", "    break"]
    if stop.loss_above is not None:
        found.step += [f'if readings["loss"] > {stop.loss_above!r}:', "    break  # it diverged"]
    if stop.judges and per_epoch and evaluates:
        _judged(found, stop, models, per_epoch, evaluates)
    return found


def _judged(found: Stopping, stop: Stop, models: Sequence[str], per_epoch: int, evaluates: str) -> None:
    smaller = stop.judge == "loss"
    lines = [f'judged = evaluate({evaluates})["{stop.judge}"]']
    if stop.patience is not None:
        found.before += [f"best, waited, kept = {'math.inf' if smaller else '-math.inf'}, 0, []"]
        lines += [
            f"if judged {'<' if smaller else '>'} best:",
            "    best, waited = judged, 0",
            f"    kept = [copy.deepcopy(model.state_dict()) for model in ({', '.join(models)},)]",
            "else:",
            "    waited += 1",
        ]
        lines += [f"if waited >= {stop.patience}:  # early stopping", *_end(stop, models)]
    if stop.target is not None:
        lines += [f"if judged {'<=' if smaller else '>='} {stop.target!r}:", "    break"]
    found.step += [f"if step % {per_epoch} == 0:  # the end of an epoch", *(f"    {line}" for line in lines)]


def _end(stop: Stop, models: Sequence[str]) -> list[str]:
    if not stop.restore_best:
        return ["    break"]
    back = [f"    {model}.load_state_dict(kept[{number}])" for number, model in enumerate(models)]
    return ["    # Back to the weights of the best epoch.", *back, "    break"]
