"""Reads a stored table in a process of its own, which may take its time and memory without anybody noticing.

``python -m torchglass.tables.reading FILE`` takes a question as JSON on standard input (``{}``: describe the table;
``{"inputs": [[name, use]], "target": [name, use], "missing": ...}``: what follows from that choice) and answers in
JSON: the answer, or ``{"error", "row", "column"}``.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torchglass.tables.choice import choose, enough, settings
from torchglass.tables.describing import describe
from torchglass.tables.errors import Code, TableError
from torchglass.tables.parsing import CsvError, CsvTable, parse

#: Seconds and bytes that reading one table may take.
PATIENCE, MEMORY = 60.0, 3 * 1024**3
_PIECE = 1024 * 1024


def read(file: Path) -> CsvTable:
    """The table in a file. Raises CsvError and OSError."""
    return parse(_pieces(file))


def ask(
    file: Path, question: dict[str, Any], patience: float = PATIENCE, *, module: str = __name__, noun: str = "table"
) -> dict[str, Any]:
    """Ask ``module`` in a process of its own and wait for it. Raises TableError in words."""
    command = [sys.executable, "-P", "-m", module, str(file)]
    code: Code = "pictures" if noun == "pictures" else "table"
    try:
        done = subprocess.run(
            command, input=json.dumps(question).encode(), capture_output=True, timeout=patience, check=False
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise TableError(code, f"Reading the {noun} takes more than {patience:.0f} seconds: leave some out.") from None
    except (OSError, ValueError):
        words = f"The {noun} could not be read: it needs too much memory. Leave some out."
        raise TableError(code, words) from None
    if "error" in answer:
        raise TableError(code, answer["error"], row=answer.get("row"), column=answer.get("column"))
    return answer


def answer(file: Path, question: dict[str, Any]) -> dict[str, Any]:
    """The answer to one question, errors included."""
    try:
        table = read(file)
        if not question:
            return describe(table)
        choice = choose(table, [tuple(item) for item in question["inputs"]], tuple(question["target"]))
        enough(choice, question["missing"])
        return settings(choice)
    except (CsvError, TableError) as error:
        return {"error": str(error), "row": error.row, "column": error.column}
    except MemoryError:
        return {"error": "The table needs too much memory: leave out rows or columns."}
    except OSError as error:
        return {"error": f"The stored table cannot be read ({error.strerror})."}


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE):
            yield piece


def bound_memory(most: int = MEMORY) -> None:
    """Bytes that this process may take; not every system knows such a limit."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    bound_memory()
    json.dump(answer(Path(sys.argv[1]), json.load(sys.stdin)), sys.stdout)
