"""How the parts of the compiled step are compiled: numba, nopython, the GIL released."""

from __future__ import annotations

from typing import Any

from numba import njit

_HOW: dict[str, Any] = {
    "nogil": True,
    "fastmath": {"reassoc", "contract", "nsz", "arcp"},
    "error_model": "numpy",
}
#: For what is called from within.
inner: Any = njit(**_HOW)
#: For what Python calls: kept in numba's cache, with everything that it calls.
outer: Any = njit(cache=True, **_HOW)
