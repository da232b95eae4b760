"""Augmentations, one file per family."""
