"""What a filter looks for: the pieces of real pictures that excite it most."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from torchglass.probes import base
from torchglass.probes._numbers import array, finite
from torchglass.probes._pieces import SpreadProbe
from torchglass.probes._reach import Reaches, reach_of
from torchglass.probes.base import Capture, Picture, Target

if TYPE_CHECKING:
    import numpy as np

#: Pictures that pass at a time.
_BLOCK = 32


class ExcitingPatches(SpreadProbe):
    kind = "exciting_patches"
    label = "Exciting patches"
    group = "activations"
    summary = "For every channel of a layer, the pieces of training pictures at which it answers most."
    docs = (
        "Of the first training pictures, at most one piece each: (channel, patch, C, h, w) as stored (0..255), the "
        "strongest first; each as large as the receptive field of a unit, grey where it hangs over the edge. The extra "
        "holds pictures, places (row, column of the unit) and answers, and `reach`: along both axes the pixels from "
        "one unit to the next, where the first one's field begins, and how large a field is.\n\n"
        "Source: Girshick, Donahue, Darrell, Malik (2014), *Rich feature hierarchies*, section 3.1; Zeiler, Fergus "
        "(2014), *Visualizing and understanding convolutional networks*; Araujo, Norris, Sim (2019), *Computing "
        "receptive fields of convolutional neural networks*."
    )

    class Config(base.Config):
        first: Annotated[int, Field(ge=0, lt=10**6, title="Channel", description="The first one that is shown.")] = 0
        channels: Annotated[int, Field(ge=1, le=32, title="Channels", description="So many of them.")] = 8
        count: Annotated[int, Field(ge=1, le=12, title="Patches", description="For each channel.")] = 6
        pictures: Annotated[int, Field(ge=1, le=1000, title="Pictures", description="That are looked through.")] = 256

    def pieces(self, target: Target, capture: Capture) -> Generator[None, None, Picture | None]:
        """uint8; ValueError in words for a node that is no stack of maps over the picture."""
        import numpy as np

        field = capture.picture_field()
        shape = capture.shape(target.node) if target.node else None
        reach = reach_of(capture, target.node) if target.node and shape is not None else None
        if field is not None and shape is not None and shape.is_image and reach is None:
            raise ValueError("Every unit of this layer sees the whole picture: no smaller piece of it excites it.")
        if field is None or target.node is None or shape is None or reach is None or not shape.is_image:
            raise ValueError("Only the maps of a layer over a picture have patches that excite them.")
        total = min(self.config.pictures, capture.count("train"))
        if total == 0:
            return None
        first = min(self.config.first, shape.known()[0] - 1)
        best, places = yield from self._strongest(capture, target.node, first, total)  # both (pictures, channels)
        chosen = np.argsort(-best, axis=0, kind="stable")[: self.config.count].T  # (channels, patches)
        columns = shape.known()[2]
        needed = sorted({int(i) for i in chosen.ravel()})
        raw = _bytes(np.asarray(capture.examples_raw("train", needed)[field]), capture.field_shape(field).known())
        rows: list[dict[str, Any]] = []
        patches = []
        for channel, pictures in enumerate(chosen):
            at = [divmod(int(places[i, channel]), columns) for i in pictures]
            patches.append([_cut(raw[needed.index(int(i))], reach, *one) for i, one in zip(pictures, at, strict=True)])
            answers = [round(finite(float(best[i, channel])), 5) for i in pictures]
            rows.append(
                {"channel": first + channel, "pictures": [int(i) for i in pictures], "at": at, "answers": answers}
            )
        extra = {"rows": rows, "reach": [[one.jump, one.start, one.size] for one in reach], "total": shape.known()[0]}
        axes = ("channel", "patch", "C", "H", "W")
        return Picture(np.array(patches, np.uint8), axes, signed=False, extra=extra)

    def _strongest(
        self, capture: Capture, node: str, first: int, total: int
    ) -> Generator[None, None, tuple[np.ndarray, np.ndarray]]:
        """The largest answer of every picture and channel, and where it stands in the flattened map."""
        import numpy as np

        best, places = [], []
        for start in range(0, total, _BLOCK):
            outputs, _ = capture.passed("train", list(range(start, min(start + _BLOCK, total))))
            maps = array(outputs[node][:, first : first + self.config.channels])
            flat = np.nan_to_num(maps.reshape(*maps.shape[:2], -1))
            best.append(flat.max(axis=2))
            places.append(flat.argmax(axis=2))
            yield
        return np.concatenate(best), np.concatenate(places)


def _bytes(pictures: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """(N, C, H, W) as 0..255."""
    import numpy as np

    pictures = pictures.reshape(-1, *sizes)
    if pictures.dtype == np.uint8:
        return pictures
    lo, hi = float(pictures.min()), float(pictures.max())
    return np.asarray(255 * (pictures - lo) / ((hi - lo) or 1.0)).astype(np.uint8)


def _cut(picture: np.ndarray, reach: Reaches, row: int, column: int) -> np.ndarray:
    """The field of a unit out of a picture (C, H, W); grey (128) outside it. Never larger than the picture."""
    import numpy as np

    (top, tall), (left, wide) = (
        (0, length) if one.size >= length else (one.start + unit * one.jump, one.size)
        for one, unit, length in zip(reach, (row, column), picture.shape[1:], strict=True)
    )
    patch = np.full((picture.shape[0], tall, wide), 128, np.uint8)
    rows = [i for i in range(tall) if 0 <= top + i < picture.shape[1]]
    columns = [j for j in range(wide) if 0 <= left + j < picture.shape[2]]
    if rows and columns:
        inside = picture[:, top + rows[0] : top + rows[-1] + 1, left + columns[0] : left + columns[-1] + 1]
        patch[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = inside
    return patch
