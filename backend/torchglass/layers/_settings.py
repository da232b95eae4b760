"""Settings of layers: strict types, so that ``true`` is no size and ``"3"`` is no number."""

from __future__ import annotations

from pydantic import ConfigDict

from torchglass.registry import Config

#: Largest size of one axis that a setting may ask for; the catalogue bounds the products.
LARGEST = 1_000_000


class Settings(Config):
    """Base of every layer's settings."""

    model_config = ConfigDict(strict=True)
