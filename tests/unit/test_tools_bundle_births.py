"""The daily series that is bundled: read, checked, and written whole."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from torchglass.datasets.base import DATASETS

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import bundle_births
from house import ToolError

HEAD = "year,month,date_of_month,day_of_week,births\n"


def test_other_files_are_refused_in_words() -> None:
    with pytest.raises(ToolError, match="holds 1 days, expected 5479"):
        bundle_births.daily(HEAD + "2000,1,1,6,9083\n")


def test_windows_follow_the_calendar_and_tests_come_last() -> None:
    assert bundle_births.is_current(), "run `make setup`"
    splits = DATASETS.make("us_births", {}).load(0)
    first, second = splits.train["days"][:2, :, 0]
    np.testing.assert_allclose(first, [9.083, 8.006, 11.363, 13.032, 12.558, 12.466, 12.516], atol=1e-4)
    np.testing.assert_allclose(second[:6], first[1:])
    assert splits.train["next"][0] == pytest.approx(8.934, abs=1e-4) == second[6]
    counts = DATASETS.make("us_births", {}).counts()
    assert (len(splits.train["next"]), len(splits.test["next"])) == counts
