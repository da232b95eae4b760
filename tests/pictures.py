"""Archives of pictures for tests, made in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from PIL import Image

Colour = int | tuple[int, ...]


def stored(colour: Colour, size: tuple[int, int] = (12, 10), mode: str = "RGB", form: str = "PNG") -> bytes:
    """A picture of one colour as a file."""
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, form)
    return out.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive of these files; a name that ends with a slash is a folder."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def two_classes(each: int = 4, form: str = "PNG") -> dict[str, bytes]:
    """Reddish and bluish pictures, a folder each."""
    ending = form.lower().replace("jpeg", "jpg")
    red = {f"set/red/{i}.{ending}": stored((200 + i, 30, 20), form=form) for i in range(each)}
    return red | {f"set/blue/{i}.{ending}": stored((20, 30, 200 + i), form=form) for i in range(each)}
