"""Names of downloads, the archive, and the script for the eye."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Sequence
from pathlib import Path

#: Formats that can be asked for, and what each is.
FORMATS = {
    "python": "a PyTorch script with its data",
    "onnx": "the network as ONNX",
    "safetensors": "the weights as safetensors",
    "json": "the experiment itself",
}
#: What cannot be asked for yet, in words.
NOT_YET = {"html": f"A page that replays a run can not be exported yet; there are: {', '.join(FORMATS)}."}


def file_name(name: str) -> str:
    """An experiment's name as the name of a file: ASCII letters, digits and dashes, at most 60."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-") or "experiment"


def pack(files: Sequence[Path], archive: Path, inside: str) -> None:
    """A zip with the files in one folder. Arrays are compressed already and are stored as they are."""
    with zipfile.ZipFile(archive, "w") as whole:
        for file in files:
            kind = zipfile.ZIP_STORED if file.suffix == ".npz" else zipfile.ZIP_DEFLATED
            whole.write(file, f"{inside}/{file.name}", kind)


def coloured(text: str) -> list[tuple[str, str]]:
    """The script in pieces, each with its part of speech: keyword, string, comment, number, definition, or empty."""
    from pygments.lexers.python import PythonLexer
    from pygments.token import Token

    kinds = (
        (Token.Comment, "comment"),
        (Token.Literal.String.Doc, "comment"),
        (Token.Literal.String, "string"),
        (Token.Literal.Number, "number"),
        (Token.Keyword, "keyword"),
        (Token.Operator.Word, "keyword"),
        (Token.Name.Function, "definition"),
        (Token.Name.Class, "definition"),
        (Token.Name.Decorator, "definition"),
    )
    pieces: list[tuple[str, str]] = []
    for token, value in PythonLexer(ensurenl=False, stripnl=False).get_tokens(text):
        kind = next((name for parent, name in kinds if token in parent), "")
        if pieces and (pieces[-1][0] == kind or value.isspace()):
            pieces[-1] = (pieces[-1][0], pieces[-1][1] + value)
        else:
            pieces.append((kind, value))
    return pieces
