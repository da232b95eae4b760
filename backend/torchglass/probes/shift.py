"""The picture moved by a few pixels: which layers notice, which maps move along, what is said then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from torchglass.probes import base
from torchglass.probes._moving import moved
from torchglass.probes._numbers import array, finite
from torchglass.probes._reach import reach_of
from torchglass.probes.base import Capture, Needs, Picture, Probe, Target

if TYPE_CHECKING:
    import numpy as np

#: A number has changed when it differs by more than this share of the layer's largest.
NOTICED = 0.01
_MOST_LAYERS = 40


class Shift(Probe):
    kind = "shift"
    label = "Shifted picture"
    group = "activations"
    summary = "The picture moved by some pixels: what every layer answers before and after."
    docs = (
        "One row of numbers: the picture (C, H, W), the moved one, and one map of the node (h, w) before and after. "
        "The extra says for every layer which share of its numbers (that are not 0 both times) changed by over 1 % of "
        "its largest, how far all "
        "of them moved (‖y′ − y‖ / ‖y‖), and `along`: how far the new maps are from the old ones moved just as far, "
        "where the shift is a whole number of the layer's pixels (0: they move along; equivariance).\n\n"
        "Source: Goodfellow, Bengio, Courville (2016), *Deep Learning*, sections 9.2 and 9.3."
    )
    formula = r"f(\mathrm{shift}(x)) = \mathrm{shift}(f(x))"
    scope = "network"

    class Config(base.Config):
        right: Annotated[int, Field(ge=-64, le=64, title="Right", description="Pixels to the right.")] = 0
        down: Annotated[int, Field(ge=-64, le=64, title="Down", description="Pixels down.")] = 0
        node: Annotated[str, Field(max_length=64, title="Layer", description="Whose map is shown.")] = ""
        channel: Annotated[int, Field(ge=0, lt=10**6, title="Channel")] = 0

    def needs(self, target: Target) -> Needs:
        return Needs(everything=True)

    def capture(self, target: Target, capture: Capture) -> Picture | None:
        """(numbers,); None where the data have no pictures."""
        import numpy as np

        field = capture.picture_field()
        raw = capture.example_raw()
        if field is None or field not in raw:
            return None
        after, right, down = {**raw, field: moved(raw[field], self.config.right, self.config.down)}, *self._by()
        outputs, _ = capture.answered(after)
        says = [capture.answered(one)[1] for one in (raw, after)]
        rows: list[dict[str, Any]] = []
        for node in capture.network().nodes:
            shape = capture.shape(node.id)
            if shape is None or node.kind == "input" or len(rows) >= _MOST_LAYERS or node.id not in outputs:
                continue
            before, now = array(capture.activation(node.id)[0]), array(outputs[node.id][0])
            rows.append({"node": node.id, **compared(before, now), "along": self._along(capture, node.id, before, now)})
        shown = self._maps(capture, outputs)
        pictures = [
            np.asarray(one[field], np.float32).reshape(capture.field_shape(field).known()) for one in (raw, after)
        ]
        extra: dict[str, Any] = {
            "picture": list(pictures[0].shape),
            "map": list(shown[0].shape),
            "layers": rows,
            "by": [right, down],
            "answers": [_said(says[0], says[1], name) for name in says[0]],
            "classes": list(capture.classes()),
        }
        values = np.concatenate([one.ravel() for one in (*pictures, *shown)]).astype(np.float32)
        return Picture(values, ("number",), encoding="exact", extra=extra)

    def _by(self) -> tuple[int, int]:
        return self.config.right, self.config.down

    def _maps(self, capture: Capture, outputs: Any) -> list[np.ndarray]:
        """One map of the chosen node before and after; a single 0 where it has none."""
        import numpy as np

        shape = capture.shape(self.config.node)
        if shape is None or not shape.is_image:
            return [np.zeros((1, 1), np.float32)] * 2
        channel = min(self.config.channel, shape.known()[0] - 1)
        return [array(values[self.config.node][0, channel]) for values in (_Before(capture), outputs)]

    def _along(self, capture: Capture, node: str, before: np.ndarray, now: np.ndarray) -> float | None:
        """How far the maps are from having moved along, away from the edges; None where that can not be said."""
        import numpy as np

        reach = reach_of(capture, node)
        if reach is None or before.ndim != 3:
            return None
        by = [self.config.down / reach[0].jump, self.config.right / reach[1].jump]
        if not all(step.is_integer() for step in by):
            return None
        down, right = (int(step) for step in by)
        inside = []
        for axis, (step, reached, size) in enumerate(zip((down, right), reach, before.shape[1:], strict=True)):
            # Places whose windows lay and lie within the picture and touch nothing that came in at the edge.
            length = capture.field_shape(capture.picture_field() or "").known()[axis + 1]
            moved_by = self._by()[1 - axis]
            whole = [
                i
                for i in range(size)
                if 0 <= i - step < size
                and reached.start + i * reached.jump >= max(0, moved_by)
                and reached.start + i * reached.jump + reached.size <= length + min(0, moved_by)
            ]
            inside.append(np.array(whole, int))
        if any(len(places) == 0 for places in inside):
            return None
        rows, columns = inside
        new = now[:, rows[:, None], columns[None, :]]
        old = before[:, rows[:, None] - down, columns[None, :] - right]
        return finite(float(np.linalg.norm(new - old) / (np.linalg.norm(old) + 1e-12)))


class _Before:
    def __init__(self, capture: Capture) -> None:
        self._capture = capture

    def __getitem__(self, name: str) -> Any:
        return self._capture.activation(name)


def compared(before: np.ndarray, now: np.ndarray) -> dict[str, float | int]:
    """How much two answers of a layer differ: the share of numbers that changed, of those that are not 0 both times
    (most of a map behind a ReLU is), and the relative distance."""
    import numpy as np

    difference = np.abs(now.astype(np.float64) - before)
    most = max(float(np.abs(before).max(initial=0)), 1e-12)
    alive = np.maximum(np.abs(before), np.abs(now)) > NOTICED * most
    return {
        "numbers": int(before.size),
        "changed": finite(float((difference > NOTICED * most).sum() / max(1, int(alive.sum())))),
        "distance": finite(float(np.linalg.norm(difference) / (np.linalg.norm(before) + 1e-12))),
    }


def _said(before: Any, after: Any, name: str) -> dict[str, Any]:
    """Class and probability before and after."""
    rows = [array(one[name].reshape(1, -1)[0]) for one in (before, after)]
    places = [int(row.argmax()) for row in rows]
    return {
        "name": name,
        "classes": places,
        "sure": [round(finite(float(row[place])), 4) for row, place in zip(rows, places, strict=True)],
    }
