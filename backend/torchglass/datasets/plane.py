"""Classes of points in the plane, in patterns from easy to hard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torchglass.datasets._generated import FREE, GENERATED
from torchglass.datasets._plane import SeveralClasses, TwoClasses, in_turns

if TYPE_CHECKING:
    import numpy as np

_PLAYGROUND = (
    "Source: Smilkov, Carter, Sculley, Viégas, Wattenberg (2017), *Direct-manipulation visualization of deep networks*."
)


class Circle(TwoClasses):
    kind = "circle"
    label = "Circle"
    summary = "One class in the middle, the other in a ring around it."
    docs = (
        "Field `point` and `label`. No straight line separates them, but x₁² + x₂² does: three hidden units are "
        "enough to close a border around the middle. Noise changes the class of points near the border.\n\n"
        f"{_PLAYGROUND}"
    )
    source = GENERATED
    licence = FREE

    def draw(self, random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Radius up to 2.5 inside, 3.5 to 5 outside; the class is read at a place up to ``noise`` · 5 away."""
        import numpy as np

        inside = in_turns(count)
        radius = np.where(inside == 1, random.uniform(0, 2.5, count), random.uniform(3.5, 5, count))
        angle = random.uniform(0, 2 * np.pi, count)
        point = radius[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
        read_at = point + self.config.noise * random.uniform(-5, 5, (count, 2))
        return point, (np.linalg.norm(read_at, axis=1) < 2.5).astype(np.int64)


class Gaussians(SeveralClasses):
    kind = "gaussians"
    label = "Gaussians"
    summary = "Two round clouds that a straight line separates, or up to five in a ring."
    docs = (
        "Field `point` and `label`. Normal distributions around (2, 2) and (−2, −2), of variance ½ without noise and "
        "4 with most; more classes stand evenly on the circle through those centres. The easiest set: no hidden "
        "layer is needed. More than two classes need an output for each and cross-entropy.\n\n"
        f"{_PLAYGROUND}"
    )
    source = GENERATED
    licence = FREE

    def draw(self, random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Variance ½ + 7 · ``noise``; centres at equal angles from (−2, −2) on."""
        import numpy as np

        label = in_turns(count, self.classes)
        angle = 2 * np.pi * label / self.classes + 1.25 * np.pi
        centre = np.sqrt(8) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        spread = np.sqrt(0.5 + 7 * self.config.noise)
        return centre + spread * random.standard_normal((count, 2)), label


class ExclusiveOr(TwoClasses):
    kind = "xor"
    label = "Exclusive or"
    summary = "Four squares: opposite ones belong to the same class."
    docs = (
        "Field `point` and `label`: orange where both coordinates have the same sign. No single unit can tell it; "
        "the set that ended the first wave of neural networks.\n\n"
        "Source: Minsky, Papert (1969), *Perceptrons*."
    )
    source = GENERATED
    licence = FREE

    def draw(self, random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates up to 5.3 with a gap of 0.6 along the axes; noise as with the circle."""
        import numpy as np

        drawn = random.uniform(-5, 5, (count, 2))
        point = drawn + np.where(drawn > 0, 0.3, -0.3)
        read_at = point + self.config.noise * random.uniform(-5, 5, (count, 2))
        return point, (read_at.prod(axis=1) >= 0).astype(np.int64)


class Spiral(SeveralClasses):
    kind = "spiral"
    label = "Spiral"
    summary = "Two to five arms wound around each other."
    docs = (
        "Field `point` and `label`. Each arm winds 1.75 times around the middle: the hardest of these sets. With "
        "x₁ and x₂ alone it needs two hidden layers or much patience. More than two arms need an output for each and "
        "cross-entropy.\n\n"
        "Source: Lang, Witbrock (1988), *Learning to tell two spirals apart*."
    )
    source = GENERATED
    licence = FREE

    def draw(self, random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """All arms evenly along their length; noise up to ``noise`` in either direction."""
        import numpy as np

        label = in_turns(count, self.classes)
        along = random.uniform(0, 1, count)
        angle = 2 * np.pi * (1.75 * along + 0.5 - label / self.classes)
        arms = 5 * along[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
        return arms + self.config.noise * random.uniform(-1, 1, (count, 2)), label


class Moons(TwoClasses):
    kind = "moons"
    label = "Two moons"
    summary = "Two half circles that reach into each other."
    docs = (
        "Field `point` and `label`. A border that bends twice separates them; noise thickens the moons.\n\n"
        "Source: the `make_moons` of scikit-learn, Pedregosa et al. (2011), scaled to this plane."
    )
    source = GENERATED
    licence = FREE

    def draw(self, random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Half circles of radius 3 around (−1.5, −0.75) and (1.5, 0.75); deviation 0.15 + 2 · ``noise``."""
        import numpy as np

        label = in_turns(count)
        angle = np.pi * random.uniform(0, 1, count) + np.pi * label
        centre = (2 * label[:, None] - 1) * np.array([1.5, 0.75])
        moon = centre + 3 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return moon + (0.15 + 2 * self.config.noise) * random.standard_normal((count, 2)), label


class Checkerboard(TwoClasses):
    kind = "checkerboard"
    label = "Checkerboard"
    summary = "Sixteen squares, coloured in turns."
    docs = (
        "Field `point` and `label`: four by four squares of side 3. Every border is straight and yet the pattern "
        "is hard: it has many corners. sin x₁ and sin x₂ as inputs make it easy.\n\n"
        "Source: Kaufman (1998), *Solving the quadratic programming problem arising in support vector "
        "classification*."
    )
    source = GENERATED
    licence = FREE

    def draw(self, random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Evenly over the plane; the class is read at a place up to ``noise`` · 3 away."""
        import numpy as np

        point = random.uniform(-6, 6, (count, 2))
        read_at = point + self.config.noise * random.uniform(-3, 3, (count, 2))
        return point, (np.floor(read_at / 3).astype(np.int64).sum(axis=1) % 2).astype(np.int64)


class CoinFlips(TwoClasses):
    kind = "coin_flips"
    label = "Coin flips"
    summary = "Points anywhere, their class drawn by a coin: nothing to learn, but much to learn by heart."
    docs = (
        "Field `point` and `label`. The classes are as random as the points: whatever a network gets right on its "
        "training points it has learned by heart, and on test points it is right half of the time. Noise changes "
        "nothing.\n\n"
        "Source: Zhang, Bengio, Hardt, Recht, Vinyals (2017), *Understanding deep learning requires rethinking "
        "generalization*."
    )
    source = GENERATED
    licence = FREE

    def draw(self, random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Evenly over the plane."""
        return random.uniform(-6, 6, (count, 2)), random.permutation(in_turns(count))
