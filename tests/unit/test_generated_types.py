"""The TypeScript types in the repository are those of the server's models."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_types", ROOT / "tools" / "generate_types.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_types_are_up_to_date(generator: ModuleType) -> None:
    committed = generator.TARGET.read_text(encoding="utf-8")
    assert committed == generator.generate(), "out of date: run `python tools/generate_types.py`"


def test_types_keep_what_the_wire_says(generator: ModuleType) -> None:
    text = generator.generate()
    assert "optimizers: Record<string, Choice>;" in text
    assert "positions: Record<string, [number, number]>;" in text
    assert 'unit?: "step" | "epoch";' in text
    assert "  revision: number;\n" in text
