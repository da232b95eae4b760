"""Settings of layers: strict types, so that ``true`` is no size and ``"3"`` is no number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict

from torchglass.registry import Config

if TYPE_CHECKING:
    from torch import nn

#: Largest size of one axis that a setting may ask for; the catalogue bounds the products.
LARGEST = 1_000_000


class Settings(Config):
    """Base of every layer's settings."""

    model_config = ConfigDict(strict=True)


class NoSettings(Settings):
    """Nothing to set."""


def write(module: nn.Module, **settings: Any) -> None:
    """Sets plain attributes of a module that is in use, such as the probability of a dropout."""
    for name, value in settings.items():
        setattr(module, name, value)
