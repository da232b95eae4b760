"""Long lines of an exported script are broken at brackets and mean what they meant."""

from __future__ import annotations

import ast

import pytest

from torchglass.export.layout import WIDTH, fit

LONG = "0.12345678901234567 + 0.8765432109876543 * 0.5 * (1 + math.cos(math.pi * min(1.0, (step - 1) / 999999999999)))"


@pytest.mark.parametrize(
    "line",
    [
        f"rate = 0.0123456789 * ({LONG})",  # a trailing comma would make a tuple of it
        f"rate = call({LONG})",
        f"pair = ({LONG},)",
        f"rates = [{LONG}, {LONG}]",
    ],
)
def test_a_broken_line_means_the_same(line: str) -> None:
    broken = fit(" " * 16 + line)
    assert len(broken) > 3
    assert max(map(len, broken)) <= WIDTH
    assert ast.dump(ast.parse("if True:\n" + "\n".join(broken))) == ast.dump(ast.parse(f"if True:\n    {line}"))
