"""Pictures as bytes: uint8 with their range where they are only looked at, float32 where numbers are read."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from torchglass.probes.base import Picture
from torchglass.protocol.packing import MAX_BODY

#: A range smaller than this is shown as constant: 255 / range would overflow float32.
_SMALLEST_RANGE = 1e-30


def encode(picture: Picture) -> tuple[dict[str, Any], bytes]:
    """Frame fields (dtype, shape, axes, lo, hi, signed, extra) and body of one picture.

    Values that are not finite are replaced (by the smallest finite one, or 0 where numbers are exact) and counted
    in ``extra["nonfinite"]``. uint8 pictures pass through with lo 0 and hi 255. ValueError for a picture over the
    bound of a message.
    """
    values = picture.values
    if values.nbytes > MAX_BODY:
        raise ValueError(f"This picture has {values.size} values, more than fit into one frame.")
    if values.dtype == np.uint8:
        dtype, lo, hi, bad, body = "uint8", 0.0, 255.0, 0, values.tobytes()
    elif picture.encoding == "exact":
        dtype = "float32"
        lo, hi, bad, body = _exact(values)
    else:
        dtype = "uint8"
        lo, hi, bad, body = _quantised(values)
    fields = {
        "dtype": dtype,
        "shape": list(values.shape),
        "axes": list(picture.axes),
        "lo": lo,
        "hi": hi,
        "signed": picture.signed,
        "extra": {**picture.extra, "nonfinite": bad} if bad else dict(picture.extra),
    }
    return fields, body


def _finite(values: np.ndarray, instead: float | None) -> tuple[np.ndarray, float, float, int]:
    """Values with NaN and infinity replaced, their range, and how many there were."""
    if not values.size:
        return values, 0.0, 0.0, 0
    lo, hi = float(values.min()), float(values.max())
    if math.isfinite(lo) and math.isfinite(hi):
        return values, lo, hi, 0
    good = np.isfinite(values)
    bad = int(values.size - np.count_nonzero(good))
    if bad == values.size:
        return np.zeros_like(values), 0.0, 0.0, bad
    kept = values[good]
    lo, hi = float(kept.min()), float(kept.max())
    replaced = np.where(good, values, np.asarray(lo if instead is None else instead, values.dtype))
    return replaced, lo, hi, bad


def _exact(values: np.ndarray) -> tuple[float, float, int, bytes]:
    clean, lo, hi, bad = _finite(np.asarray(values, np.float32), 0.0)
    return lo, hi, bad, clean.tobytes()


def _quantised(values: np.ndarray) -> tuple[float, float, int, bytes]:
    """value = lo + byte/255 · (hi - lo), to the nearest byte."""
    clean, lo, hi, bad = _finite(values, None)
    span = hi - lo
    if span < _SMALLEST_RANGE:
        return lo, hi, bad, bytes(clean.size)
    if span > float(np.finfo(np.float32).max):
        clean = clean.astype(np.float64)
    scaled = clean - lo
    scaled *= 255 / span
    scaled += 0.5
    return lo, hi, bad, scaled.astype(np.uint8).tobytes()
