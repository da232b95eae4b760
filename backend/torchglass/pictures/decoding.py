"""One picture from its bytes: checked before anything large is allocated, scaled to a square."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageOps, UnidentifiedImageError

from torchglass.pictures.archive import PictureError, shown

if TYPE_CHECKING:
    import numpy as np

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
#: A photo of the largest usual cameras has about 50 million; four bytes each are held while it is read.
MOST_PIXELS = 64_000_000
_GREY = ("1", "L", "LA", "La", "I", "F")
_ORIENTATION = 0x0112
#: Pillow's own bound is wider and only warns; ours, which says what is wrong with which file, comes first.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class Decoded:
    """``pixels`` (S, S, 3) uint8; ``grey`` is how it was stored; ``size`` its width and height."""

    pixels: np.ndarray
    grey: bool
    size: tuple[int, int]


def decode(data: bytes, name: str, side: int) -> Decoded:
    """The middle square of a picture, ``side`` wide, transparent parts white. Raises PictureError naming the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                return _square(image, name, side)
    except UnidentifiedImageError:
        words = f"is no picture of a kind that is read ({', '.join(FORMATS)}), whatever its name says"
        raise PictureError(f"“{shown(name)}” {words}.") from None
    except (OSError, SyntaxError, ValueError, EOFError, ArithmeticError, LookupError, TypeError) as error:
        if isinstance(error, PictureError):
            raise
        raise PictureError(f"“{shown(name)}” is truncated or damaged: replace it, or leave it out.") from None


def _square(image: Image.Image, name: str, side: int) -> Decoded:
    import numpy as np

    size = image.size
    if size[0] * size[1] > MOST_PIXELS:
        most = f"at most {MOST_PIXELS // 10**6} million pixels are read"
        raise PictureError(f"“{shown(name)}” has {size[0]:,}×{size[1]:,} pixels, {most}: scale it down.")
    if getattr(image, "n_frames", 1) > 1:
        frames = getattr(image, "n_frames", 1)
        raise PictureError(f"“{shown(name)}” is animated ({frames} frames): save the one that you mean as a picture.")
    grey = image.mode in _GREY or image.mode.startswith("I;16")
    turned = image.getexif().get(_ORIENTATION, 1) != 1
    image.draft("RGB", (2 * side, 2 * side))
    image.load()
    upright = ImageOps.exif_transpose(image) if turned else image
    square = ImageOps.fit(_on_white(upright), (side, side), Image.Resampling.LANCZOS)
    return Decoded(np.asarray(square, np.uint8), grey, size)


def _on_white(image: Image.Image) -> Image.Image:
    """As RGB; what shines through is white."""
    import numpy as np

    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        values = np.asarray(image).astype(np.float64)
        top = 65535.0 if image.mode != "F" else max(1.0, float(values.max(initial=1.0)))
        return Image.fromarray(np.clip(values * (255 / top), 0, 255).astype(np.uint8)).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    paper = Image.new("RGBA", layered.size, "white")
    paper.alpha_composite(layered)
    return paper.convert("RGB")


__all__ = ["FORMATS", "MOST_PIXELS", "Decoded", "decode"]
