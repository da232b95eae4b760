"""What the entries of the registries write into the script that an experiment is exported as. Text only, no torch.

The script names ``torch``, ``nn``, ``functional`` (``torch.nn.functional``) and ``Tensor``, and imports what it uses.
"""

from __future__ import annotations

import ast
import json
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from torchglass.spec.shapes import Shape

_MODULE = """
T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches
eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict
modules mtia named_buffers named_children named_modules named_parameters parameters register_backward_hook
register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook
register_full_backward_pre_hook register_load_state_dict_post_hook register_load_state_dict_pre_hook
register_module register_parameter register_state_dict_post_hook register_state_dict_pre_hook requires_grad_
set_extra_state set_submodule share_memory state_dict to to_empty train training type xpu zero_grad
"""
_USED = "self t torch nn functional math len range tuple super Tensor OrderedDict"
#: Names that a node may have, but no variable or attribute of a module: those of ``torch.nn.Module`` and those that
#: every script uses.
RESERVED = frozenset(f"{_MODULE} {_USED}".split())


def safe(name: str) -> str:
    """A node's id as a Python name: ``class`` becomes ``class_``."""
    return f"{name}_" if keyword.iskeyword(name) or keyword.issoftkeyword(name) or name in RESERVED else name


class SourceError(ValueError):
    """This experiment cannot be written as a script; the message says why, for people."""

    def __init__(self, message: str, *, node: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.node = node


@dataclass(frozen=True, slots=True)
class Initial:
    """How the parameters of modules of some ``types`` (an ``isinstance`` second argument) are drawn; where nodes of
    one type begin in different ways, the script names the nodes.

    ``lines`` may use ``module``, ``name`` and ``parameter``, and ``random``, the parameter's own stream.
    """

    types: str
    lines: tuple[str, ...]


#: PyTorch's own rule for dense and convolutional layers.
FAN_IN = (
    "bound = 1 / math.sqrt(module.weight[0].numel())  # one over the root of a unit's number of inputs",
    "parameter.uniform_(-bound, bound, generator=random)",
)


@dataclass(frozen=True, slots=True)
class Called:
    """A part that a node calls: the method that runs it, its inputs, and the keys of what it returns in order."""

    method: str
    inputs: tuple[str, ...]
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands in the script.

    ``module`` is what its module is called there (``self.conv1``); ``arguments`` holds the variable at each input
    port: one, a list where the port takes many, None where it stays open. ``called`` is the part that it runs.
    """

    name: str
    module: str
    arguments: Mapping[str, str | list[str] | None]
    inputs: Mapping[str, Shape | list[Shape]]
    outputs: Mapping[str, Shape]
    called: Called | None = None

    def one(self, port: str = "in") -> str:
        """The variable at that port."""
        value = self.arguments[port]
        assert isinstance(value, str)
        return value

    def many(self, port: str = "in") -> list[str]:
        value = self.arguments[port]
        assert isinstance(value, list)
        return value


@dataclass(frozen=True, slots=True)
class LayerSource:
    """One node. With a ``module`` (the expression that constructs it) and no ``value`` it is called on its inputs.

    ``before`` are lines ahead of ``value``; ``definitions`` classes or functions that it needs; ``method`` a method
    of the model; ``random`` says that it draws random numbers while training; ``ignored`` counts results that
    nobody asked for, after those of the output ports.
    """

    module: str = ""
    value: str = ""
    before: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    initial: Initial | None = None
    method: str = ""
    random: bool = False
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class Variable:
    """A tensor of the script: its name and its shape, without the batch. ``half``: in half precision (bfloat16)."""

    name: str
    shape: Shape
    half: bool = False


@dataclass(frozen=True, slots=True)
class LossSource:
    """``lines``, then ``value`` and each of ``metrics`` as an expression. ``words`` say what is measured."""

    words: str
    value: str
    lines: tuple[str, ...] = ()
    metrics: Mapping[str, str] | None = None
    definitions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecipeSource:
    """``setup`` stands before the loop, ``step`` inside it; ``evaluate`` measures one ``batch``. Both of the latter
    set ``metrics``, a dictionary of scalars. ``functions`` are defined before them."""

    step: tuple[str, ...]
    evaluate: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


def call(function: str, *positional: object, **named: Any) -> str:
    """A call as text: ``nn.Conv2d(1, 8, kernel_size=3)``."""
    given = [*map(str, positional), *(f"{name}={literal(value)}" for name, value in named.items())]
    return f"{function}({', '.join(given)})"


def literal(value: object) -> str:
    """A constant as a formatter writes it: text in double quotes."""
    return json.dumps(value) if isinstance(value, str) else repr(value)


@cache
def text_of(file: Path, name: str) -> str:
    """The class or function ``name`` of one of our own files, so that a script holds the very code that trains."""
    text = file.read_text(encoding="utf-8")
    for item in ast.parse(text).body:
        if isinstance(item, ast.ClassDef | ast.FunctionDef) and item.name == name:
            found = ast.get_source_segment(text, item)
            assert found is not None
            return found
    raise AssertionError(f"{file.name} has no {name}")
