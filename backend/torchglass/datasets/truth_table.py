"""Logic: every combination of some bits, and what a function says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict, Field

from torchglass.datasets._generated import FREE, GENERATED
from torchglass.datasets.base import Config, DataSet, FieldSpec, Splits
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np

Function = Literal["and", "or", "nand", "nor", "xor", "xnor", "first", "majority"]


class TruthTableConfig(Config):
    model_config = ConfigDict(strict=True)
    inputs: int = Field(2, title="Bits", description="How many inputs; each doubles the rows.", ge=2, le=10)
    function: Function = Field(
        "xor", title="Function", description="What is asked; xor of more than two bits is their parity."
    )


class TruthTable(DataSet):
    kind = "truth_table"
    label = "Truth table"
    group = "Logic"
    summary = "All combinations of some bits with the answer of a logical function."
    docs = (
        "Field `point` (one number, 0 or 1, per bit; the first bit changes slowest) and `label` (0 or 1). With two "
        "bits the rows are the four corners of a square of the plane. Training and test are the same rows: the table "
        "is all there is. `xor` says whether the number of ones is odd, `first` repeats the first bit.\n\n"
        "Source: McCulloch, Pitts (1943), *A logical calculus of the ideas immanent in nervous activity*."
    )
    source = GENERATED
    licence = FREE
    picture = "points"
    Config = TruthTableConfig
    config: TruthTableConfig

    def fields(self) -> dict[str, FieldSpec]:
        return {
            "point": FieldSpec(Shape.vector(self.config.inputs), "float32", range=(-0.5, 1.5)),
            "label": FieldSpec(Shape.label(), "int64", "target", ("0", "1")),
        }

    def counts(self) -> tuple[int, int]:
        rows = 2**self.config.inputs
        return rows, rows

    def load(self, seed: int) -> Splits:
        """``point`` (2^n, n) and ``label`` (2^n,), the same in both splits and for every seed."""
        table = self._table()
        return Splits(train=table, test=table)

    def _table(self) -> dict[str, np.ndarray]:
        import numpy as np

        bits = self.config.inputs
        rows = np.arange(2**bits)[:, None] >> np.arange(bits)[::-1] & 1  # (2^n, n)
        return {"point": rows.astype(np.float32), "label": self._answers(rows).astype(np.int64)}

    def _answers(self, rows: np.ndarray) -> np.ndarray:
        """(N, n) of 0 and 1 -> (N,)."""
        ones, bits = rows.sum(axis=1), rows.shape[1]
        match self.config.function:
            case "and" | "nand":
                answer = ones == bits
            case "or" | "nor":
                answer = ones > 0
            case "xor" | "xnor":
                answer = ones % 2 == 1
            case "first":
                answer = rows[:, 0] == 1
            case "majority":
                answer = 2 * ones > bits
        result: np.ndarray = ~answer if self.config.function in ("nand", "nor", "xnor") else answer
        return result
