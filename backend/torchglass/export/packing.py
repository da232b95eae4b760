"""Names of downloads, the archive, and the script in colours."""

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


def coloured(text: str) -> str:
    """The script as HTML: spans with classes, without a style or a script of its own."""
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers.python import PythonLexer

    html: str = highlight(text, PythonLexer(), HtmlFormatter(nowrap=True))
    return html
