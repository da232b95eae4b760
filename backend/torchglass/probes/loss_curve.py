"""The loss as a function of what the network says, with the data on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from torchglass.probes._numbers import array, finite
from torchglass.probes.base import Capture, Needs, Objective, Picture, Probe, Target

if TYPE_CHECKING:
    from torch import Tensor

_PLACES = 121
_EXAMPLES = 200
_LEAST, _MOST = 3.0, 1e4


class LossCurve(Probe):
    kind = "loss_curve"
    label = "Loss over the output"
    group = "outputs"
    summary = "What the loss costs at every output, and where the network's outputs for the test data lie on it."
    docs = (
        "Exact numbers: `curves` rows of `places` losses over equally spaced places from `lo` to `hi`, then for each "
        "of `examples` test examples its place, its loss and its row. `mode`: `answers`, one output, a row for each "
        "of the two classes; `error`, one number, over output minus target; `one`, several outputs: the chosen "
        "example, over its output `unit` (the score of its class) with all others as they are."
    )
    scope = "network"

    def needs(self, target: Target) -> Needs:
        return Needs(everything=True, own_pass=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(N,) exact; None for a recipe that does not compare an output with a field."""
        aim = capture.objective()
        if aim is None or aim.target not in capture.example():
            return None
        split = "test" if capture.count("test") else "train"
        fields, _ = capture.examples(split, list(range(min(_EXAMPLES, capture.count(split)))))
        outputs, _ = capture.passed(split, list(range(min(_EXAMPLES, capture.count(split)))))
        output, wanted = outputs[aim.output].detach(), fields[aim.target]
        if output.dim() > 2 or (output.dim() == 2 and wanted.dim() == 2 and wanted.shape[-1] > 1):
            return None
        if output[0].numel() == 1:
            two = len(capture.classes()) == 2
            curve = _answers if two else _error if not capture.classes() else None
            if curve is not None:
                return curve(capture, aim, output, wanted)
        return _one(capture, aim)


def _answers(capture: Capture, aim: Objective, output: Tensor, wanted: Tensor) -> Picture | None:
    """One score for a yes/no question: a curve for no, one for yes."""
    import torch

    at = array(output).reshape(-1)
    lo, hi = _range(at)
    x = torch.linspace(lo, hi, _PLACES, device=output.device, dtype=output.dtype)
    shaped = x.reshape(-1, *(1 for _ in output.shape[1:]))
    curves = [capture.losses(shaped, torch.full((_PLACES,), c, device=output.device).to(wanted)) for c in (0, 1)]
    dots = capture.losses(output, wanted)
    if dots is None or curves[0] is None or curves[1] is None:
        return None
    rows = np.stack([array(curve) for curve in curves if curve is not None])
    extra = {"mode": "answers", "classes": list(capture.classes())}
    return _picture(rows, (lo, hi), at, array(dots), array(wanted).reshape(-1), aim, extra)


def _error(capture: Capture, aim: Objective, output: Tensor, wanted: Tensor) -> Picture | None:
    """One number: what counts is how far it is from the target."""
    import torch

    error = output.reshape(-1) - wanted.reshape(-1).to(output)
    at = array(error)
    lo, hi = _range(at, least=0.0)
    x = torch.linspace(lo, hi, _PLACES, device=output.device, dtype=output.dtype)
    shaped = x.reshape(-1, *(1 for _ in output.shape[1:]))
    zero = torch.zeros((_PLACES, *wanted.shape[1:]), device=output.device, dtype=wanted.dtype)
    curve, dots = capture.losses(shaped, zero), capture.losses(output, wanted)
    if curve is None or dots is None:
        return None
    row = array(curve)[None]
    return _picture(row, (lo, hi), at, array(dots), np.zeros(len(at)), aim, {"mode": "error"})


def _one(capture: Capture, aim: Objective) -> Picture | None:
    """Several outputs: the chosen example's loss over one of them."""
    import torch

    output, wanted = capture.activation(aim.output).detach(), capture.example()[aim.target]
    scores = output.reshape(-1)
    label = int(array(wanted).reshape(-1)[0])
    unit = label if len(scores) == len(capture.classes()) and 0 <= label < len(scores) else 0
    now = float(scores[unit])
    lo, hi = _range(np.asarray([now, *array(scores)]))
    x = torch.linspace(lo, hi, _PLACES, device=output.device, dtype=output.dtype)
    moved = output.repeat(_PLACES + 1, *(1 for _ in output.shape[1:]))
    moved[:_PLACES, ..., unit] = x
    losses = capture.losses(moved, wanted.expand(_PLACES + 1, *wanted.shape[1:]).contiguous())
    if losses is None:
        return None
    each = array(losses)
    classes = capture.classes()
    extra = {
        "mode": "one",
        "unit": unit,
        "units": len(scores),
        "wanted": classes[label] if 0 <= label < len(classes) else f"{float(array(wanted).reshape(-1)[0]):g}",
    }
    return _picture(each[None, :_PLACES], (lo, hi), np.asarray([now]), each[_PLACES:], np.zeros(1), aim, extra)


def _range(at: np.ndarray, least: float = _LEAST) -> tuple[float, float]:
    """An even range around zero with room for the data, in steps so that the axis does not tremble."""
    good = np.abs(at[np.isfinite(at)])
    reach = max(least, float(good.max()) if good.size else 1.0, 1e-3) * 1.05
    power = 10.0 ** np.floor(np.log10(reach))
    rounded = next((step * power for step in (1, 1.5, 2, 3, 4, 5, 6, 8) if step * power >= reach), 10 * power)
    rounded = min(_MOST, float(rounded))
    return -rounded, rounded


def _picture(
    rows: np.ndarray,
    box: tuple[float, float],
    at: np.ndarray,
    dots: np.ndarray,
    row: np.ndarray,
    aim: Objective,
    extra: dict[str, Any],
) -> Picture:
    values = np.concatenate([rows.ravel(), np.stack([at, dots, row], axis=1).ravel()])
    told = {
        "lo": finite(box[0]),
        "hi": finite(box[1]),
        "curves": len(rows),
        "places": rows.shape[1],
        "examples": len(at),
        "loss": aim.loss,
        "mean": finite(float(np.mean(dots))) if len(dots) else 0.0,
        **extra,
    }
    exact = np.nan_to_num(values, nan=0.0, posinf=1e9, neginf=-1e9).astype(np.float32)
    return Picture(exact, ("number",), encoding="exact", signed=False, extra=told)
