"""Reads a kept archive of pictures in a process of its own, which may take its time and memory unnoticed.

``python -m torchglass.pictures.reading FILE`` takes a question as JSON on standard input (``{}``: describe it, which
decodes every picture; ``{"side", "channels", "to"}``: write them as an array (N, C, S, S) uint8, class by class) and
answers in JSON: the answer, or ``{"error"}``, which names the file.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

from torchglass.pictures.archive import PictureError, contents, opened, read, shown
from torchglass.tables.reading import bound_memory

#: Seconds and bytes that reading one archive may take.
PATIENCE, MEMORY = 600.0, 2 * 1024**3
#: Side of the pictures that are shown of each class, how many of one class and of all.
SHOWN_SIDE, _SHOWN, _SHOWN_TOGETHER = 32, 6, 120
_NAMED = 5


def describe(place: Path) -> dict[str, Any]:
    """What is in there; every picture is decoded once, so that what is kept can be used. Raises PictureError."""
    # Here, not above: the server, which only asks this process, has no use for Pillow.
    from torchglass.pictures.decoding import decode

    with opened(place) as archive:
        found = contents(archive)
        each = max(1, min(_SHOWN, _SHOWN_TOGETHER // len(found.files)))
        sample: list[list[str]] = [[] for _ in found.files]
        greys: list[str] = []
        smallest, largest = (0, 0), (0, 0)
        for number, info in found.each():
            one = decode(read(archive, info), info.filename, SHOWN_SIDE)
            if one.grey:
                greys.append(shown(info.filename))
            if smallest == (0, 0) or min(one.size) < min(smallest):
                smallest = one.size
            largest = max(largest, one.size, key=max)
            if len(sample[number]) < each:
                sample[number].append(base64.b64encode(one.pixels.tobytes()).decode())
    sizes = [len(infos) for infos in found.files.values()]
    return {
        "images": sum(sizes),
        "classes": [
            {"name": name, "images": size, "sample": pixels}
            for name, size, pixels in zip(found.files, sizes, sample, strict=True)
        ],
        "grey": len(greys),
        "first_grey": greys[:_NAMED],
        "smallest": list(smallest),
        "largest": list(largest),
        "left_out": len(found.left_out),
        "first_left_out": found.left_out[:_NAMED],
    }


def write(place: Path, side: int, channels: int, to: Path) -> dict[str, Any]:
    """Every picture, class by class, as an array (N, C, S, S) uint8. Raises PictureError."""
    import numpy as np

    from torchglass.pictures.decoding import decode

    with opened(place) as archive:
        found = contents(archive)
        count = sum(len(infos) for infos in found.files.values())
        array = np.lib.format.open_memmap(to, mode="w+", dtype=np.uint8, shape=(count, channels, side, side))
        for row, (_, info) in enumerate(found.each()):
            pixels = decode(read(archive, info), info.filename, side).pixels  # (S, S, 3)
            array[row] = pixels.transpose(2, 0, 1) if channels == 3 else _grey(pixels)
        array.flush()
    return {"images": count}


def _grey(pixels: Any) -> Any:
    """(1, S, S): luma of ITU-R BT.601, as Pillow and OpenCV have it."""
    import numpy as np

    return np.round(pixels @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)[None]


def answer(place: Path, question: dict[str, Any]) -> dict[str, Any]:
    """The answer to one question, errors included."""
    try:
        if not question:
            return describe(place)
        return write(place, question["side"], question["channels"], Path(question["to"]))
    except PictureError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "The pictures need too much memory: take smaller ones, or fewer."}
    except OSError as error:
        return {"error": f"The pictures cannot be read or written ({error.strerror})."}


if __name__ == "__main__":
    bound_memory(MEMORY)
    json.dump(answer(Path(sys.argv[1]), json.load(sys.stdin)), sys.stdout)
