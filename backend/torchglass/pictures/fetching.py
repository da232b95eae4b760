"""Fetches one set from OpenML in a process of its own, with scikit-learn's ``fetch_openml``, and says how far it is.

``python -m torchglass.pictures.fetching KIND FOLDER [ENDPOINT]`` writes JSON lines: ``{"stage": "asking" |
"downloading" | "reading" | "done" | "failed", "bytes", "of", "problem"}``. The folder is there whole or not at all;
ending the process at any moment leaves only ``KIND.part``, which the next fetch removes.
"""

from __future__ import annotations

import json
import shutil
import socket
import sys
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torchglass.pictures.fetched import ENDPOINT, SETS, Fetched

if TYPE_CHECKING:
    import numpy as np

#: Seconds without a byte after which the connection is given up, and between two lines.
_PATIENCE, _OFTEN = 30.0, 0.2


class Watched(urllib.request.BaseHandler):
    """Counts the bytes of every answer while they are read."""

    handler_order = 900

    def __init__(self, tell: Callable[[int, int | None], None]) -> None:
        self._tell = tell

    def http_response(self, request: urllib.request.Request, response: Any) -> Any:
        if hasattr(response, "watched"):  # a stand-in's answer passes here twice
            return response
        response.watched = True
        length = response.headers.get("Content-Length", "")
        of = int(length) if length.isdigit() else None
        read, taken, told = response.read, 0, 0.0

        def counted(*size: int) -> bytes:
            nonlocal taken, told
            piece: bytes = read(*size)
            taken += len(piece)
            if time.monotonic() - told > _OFTEN or not piece:
                told = time.monotonic()
                self._tell(taken, of)
            if not piece:
                say("reading")  # a minute of it, for a large file
            return piece

        response.read = counted
        return response

    https_response = http_response


class StandIn(urllib.request.BaseHandler):
    """Asks another address for what scikit-learn wants from OpenML."""

    handler_order = 100

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def https_open(self, request: urllib.request.Request) -> Any:
        moved = urllib.request.Request(self._endpoint + request.selector, headers=dict(request.header_items()))  # noqa: S310
        return self.parent.open(moved, timeout=_PATIENCE)


def fetch(kind: Fetched, folder: Path, endpoint: str = ENDPOINT) -> None:
    """Download, check, convert, put in place. Raises ValueError and OSError."""
    from sklearn.datasets import fetch_openml

    handlers: list[urllib.request.BaseHandler] = [Watched(lambda taken, of: say("downloading", taken, of))]
    if endpoint != ENDPOINT:
        handlers.append(StandIn(endpoint))
    urllib.request.install_opener(urllib.request.build_opener(*handlers))
    socket.setdefaulttimeout(_PATIENCE)
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    say("asking")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of network errors that are tried again
        values, labels = fetch_openml(
            data_id=kind.number,
            data_home=str(part),
            return_X_y=True,
            as_frame=False,
            parser="liac-arff",
            n_retries=1,
        )
    say("reading")
    save(kind, values, labels, part)
    shutil.rmtree(part / "openml", ignore_errors=True)
    part.replace(folder)


def save(kind: Fetched, values: np.ndarray, labels: np.ndarray, part: Path) -> None:
    """(N, C·H·W) of 0..255 and N class numbers as text -> four arrays. The last of each class are for testing: these
    files hold the training pictures first. Raises ValueError where it is something else."""
    import numpy as np

    channels, height, width = kind.shape
    total = len(kind.classes) * (kind.train + kind.test)
    if values.shape != (total, channels * height * width) or values.min() < 0 or values.max() > 255:
        raise ValueError(f"OpenML's set {kind.number} holds {values.shape} numbers: this is not {kind.label}.")
    numbers = np.asarray(labels).astype(np.int64)
    counts = np.bincount(numbers, minlength=len(kind.classes))
    if counts.tolist() != [kind.train + kind.test] * len(kind.classes):
        raise ValueError(f"OpenML's set {kind.number} has {counts.tolist()} pictures a class: not {kind.label}.")
    held_out = np.zeros(total, bool)
    for number in range(len(kind.classes)):
        held_out[np.flatnonzero(numbers == number)[-kind.test :]] = True
    for split, rows in (("train", ~held_out), ("test", held_out)):
        images = values[rows].astype(np.uint8).reshape(-1, channels, height, width)
        np.save(part / f"{split}_images.npy", images)
        np.save(part / f"{split}_labels.npy", numbers[rows].astype(np.uint8))


def say(stage: str, taken: int = 0, of: int | None = None, problem: str | None = None) -> None:
    """One line on standard output."""
    print(json.dumps({"stage": stage, "bytes": taken, "of": of, "problem": problem}), flush=True)


def why(error: Exception, label: str) -> str:
    """What a person is told."""
    way_out = "Nothing was kept; try again later."
    if isinstance(error, urllib.error.HTTPError):
        return f"openml.org answered {error.code} when asked for {label}. {way_out}"
    if isinstance(error, (urllib.error.URLError, TimeoutError, ConnectionError)):
        reason = getattr(error, "reason", error)
        return f"openml.org cannot be reached ({reason}): fetching {label} needs a connection to the internet."
    if isinstance(error, MemoryError):
        return f"Reading {label} needs more memory than there is (about 3 GB)."
    return f"{label} could not be fetched: {str(error)[:300]} {way_out}"


def main() -> None:
    """Fetch what the arguments name; the last line says how it ended."""
    kind, folder = SETS[sys.argv[1]], Path(sys.argv[2])
    try:
        fetch(kind, folder, *sys.argv[3:4])
    except (OSError, ValueError, MemoryError) as error:
        shutil.rmtree(folder.with_name(f"{folder.name}.part"), ignore_errors=True)
        say("failed", problem=why(error, kind.label))
    else:
        say("done")


if __name__ == "__main__":
    main()
