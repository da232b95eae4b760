"""Blocks of the palette: several ordinary layers that are inserted together and can be opened. One JSON file each.

A number in a layer's settings may be a rule ``{"of": "channels", "times": 0.25, "least": 4}``: it depends on the
channels that arrive where the block is inserted. The interface fills it in (``frontend/src/editor/core/blocks.ts``).
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Annotated, Any

from pydantic import Field

from torchglass.spec.base import Kind, Label, Name, Settings, Spec
from torchglass.spec.network import Edge


class BlockNode(Spec):
    id: Name
    kind: Kind
    config: Settings
    label: Label | None = None


class Fragment(Spec):
    """``entry`` names the layers that read what arrives, ``exit`` the one whose output leaves."""

    nodes: Annotated[list[BlockNode], Field(min_length=1, max_length=64)]
    edges: Annotated[list[Edge], Field(max_length=256)]
    entry: Annotated[list[Name], Field(min_length=1, max_length=16)]
    exit: Name


class Block(Spec):
    """What the palette shows of a block, and its layers."""

    kind: Kind
    label: Label
    group: Label = "Blocks"
    summary: str
    docs: str
    formula: str
    fragment: Fragment

    def described(self) -> dict[str, Any]:
        """As the catalogue publishes it."""
        return self.model_dump(mode="json") | {"schema": {"type": "object", "properties": {}}}


@cache
def blocks() -> dict[str, Block]:
    """Every block by kind, in the order of their kinds."""
    files = (file for file in resources.files(__name__).iterdir() if file.name.endswith(".json"))
    found = [Block.model_validate_json(file.read_text(encoding="utf-8")) for file in files]
    return {block.kind: block for block in sorted(found, key=lambda block: block.kind)}
