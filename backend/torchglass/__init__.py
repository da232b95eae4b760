"""Torchglass: a looking glass on networks that learn."""

__version__ = "0.1.0"
