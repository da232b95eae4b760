"""The landscape of the loss around a network: what is asked, ordered and told."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from torchglass.protocol.base import Message

Directions = Literal["random", "path", "batches"]


class LandscapeRequest(Message):
    """``directions``: two random ones, as long as the weights filter by filter; the two in which the kept steps of the
    run lie best; or (``batches``) those in which the next steps lie best, taken from here on twice: with the run's own
    batches and with all training examples at once. ``size`` places each way; ``seed`` draws the random ones."""

    directions: Directions = "random"
    size: Annotated[int, Field(ge=5, le=61)] = 31
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


class Landscape(Message):
    """The order to the process that computes it. ``directory``: of the run's checkpoints; ``experiment``: for a run
    that has none yet; ``tables``: the folder of people's own tables."""

    type: Literal["landscape"] = "landscape"
    experiment: dict[str, Any]
    directory: str
    wanted: LandscapeRequest
    tables: str | None = None


class PathPoint(Message):
    """Where a step lies on the plane."""

    step: int
    x: float
    y: float


class LandscapeBegun(Message):
    """First line: the plane, from ``-span`` to ``span`` around ``centre`` in each direction, and what lies on it. The
    network as it is at ``step`` is the point (0, 0). ``share``: of the path's variance that the plane shows (0..1),
    None where there is no path; ``examples``: training examples whose mean loss is drawn. ``whole``: the steps with all
    examples at once (``batches``), of ``together`` examples each, beside ``path``, those with ``batch`` of them."""

    type: Literal["begun"] = "begun"
    step: int
    size: int
    centre: tuple[float, float]
    span: tuple[float, float]
    path: list[PathPoint]
    share: float | None
    examples: int
    whole: list[PathPoint] = []
    together: int = 0
    batch: int = 0


class LandscapeRows(Message):
    """The losses of some rows, from the lowest y on; None where the loss is not finite."""

    type: Literal["rows"] = "rows"
    first: int
    rows: list[list[float | None]]


class LandscapeEnded(Message):
    """Last line; ``message`` says why there is no landscape, or not all of it."""

    type: Literal["ended"] = "ended"
    message: str | None = None


LandscapeLine = LandscapeBegun | LandscapeRows | LandscapeEnded
FROM_SURVEYOR: TypeAdapter[LandscapeLine] = TypeAdapter(Annotated[LandscapeLine, Field(discriminator="type")])
