"""Heights over the plane: a slope and a landscape of bumps, for predicting numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchglass.datasets._generated import FREE, GENERATED
from torchglass.datasets._plane import Surface

if TYPE_CHECKING:
    import numpy as np

_PLAYGROUND = (
    "Source: Smilkov, Carter, Sculley, Viégas, Wattenberg (2017), *Direct-manipulation visualization of deep networks*."
)
#: Centre and sign of each bump.
_BUMPS = ((-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1))


class Plane(Surface):
    kind = "plane"
    label = "Slope"
    summary = "A height that rises evenly from one corner of the plane to the other."
    docs = (
        "Field `point` and `value` = (x₁ + x₂) / 12. A single unit learns it exactly: linear regression.\n\n"
        f"{_PLAYGROUND}"
    )
    source = GENERATED
    licence = FREE

    def height(self, point: np.ndarray) -> np.ndarray:
        result: np.ndarray = point.sum(axis=1) / 12
        return result


class Bumps(Surface):
    kind = "bumps"
    label = "Bumps"
    summary = "Six cones in two rows, up and down in turns."
    docs = (
        "Field `point` and `value`: each cone is 1 or −1 high and 2 wide; where none stands the height is 0. Needs a "
        "hidden layer of some width.\n\n"
        f"{_PLAYGROUND}"
    )
    source = GENERATED
    licence = FREE

    def height(self, point: np.ndarray) -> np.ndarray:
        """The cones do not overlap, so their sum is the height of the nearest."""
        import numpy as np

        centres = np.array([(x, y) for x, y, _ in _BUMPS])
        signs = np.array([sign for *_, sign in _BUMPS])
        distance = np.linalg.norm(point[:, None] - centres, axis=2)  # (N, 6)
        result: np.ndarray = (signs * np.clip(1 - distance / 2, 0, 1)).sum(axis=1)
        return result
