"""Rows of a sequence: every place, in the units of the data, with what comes next and what the network says."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.unit.test_fast_gradient import Looker, trainer


def test_the_places_of_a_sequence_stand_in_a_row() -> None:
    subject = trainer("conv1d", 20)
    picture = Looker(subject).see("rows", split="test", start=5, count=4)
    raw = subject.data.raw("test", range(5, 9))
    np.testing.assert_array_equal(picture.values, raw["days"].reshape(4, 7))
    assert picture.extra["indices"] == [5, 6, 7, 8]
    assert picture.extra["truth"] == raw["next"].tolist()
    with torch.no_grad():
        said = subject.model.run(subject.data.batch("test", range(5, 9)))["dense"].reshape(-1)
    assert picture.extra["said"] == pytest.approx(said.tolist(), rel=1e-5)
