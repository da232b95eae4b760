"""Random networks check, are built and train, and their exported scripts give the same losses."""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from tests.export_runs import metrics, run_here, trained, write
from tests.unit.experiment_strategies import Document
from tests.unit.sound_networks import sound

from torchglass.catalog import parse_experiment, validate

EXAMPLES = 2000 if os.environ.get("TORCHGLASS_TEST_TIER") == "full" else 200
STEPS = 2


@pytest.mark.timeout(3600)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(sound())
def test_a_random_network_trains_and_its_script_gives_the_same_losses(document: Document) -> None:
    report = validate(parse_experiment(document))
    assert report.ok, report.problems
    for node in document["network"]["nodes"]:
        event(node["kind"])
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # networks drawn at random divide by zero and overflow
        ours = trained(document, STEPS)
        theirs = metrics(run_here(write({"one": document}, Path(folder))["one"], STEPS))
    assert set(theirs) == set(ours)
    for name, values in ours.items():
        np.testing.assert_allclose(theirs[name][:1], values[:1], rtol=1e-5, atol=1e-5, err_msg=name)
        # A weight that differs in its last place may round to the next of bfloat16's 256 places.
        near = 0.03 if document["training"]["precision"] == "bfloat16" else 1e-5
        if not np.allclose(theirs[name], values, rtol=near, atol=near, equal_nan=True):
            far = np.abs(theirs[name] - values) - rounding(document, name, values)
            assert (far <= near * (1 + np.abs(values))).all(), (name, theirs[name], values)


def rounding(document: Document, name: str, values: np.ndarray) -> np.ndarray:
    """How far each value moves when the first weights move by one in their last place: it has no better digits.

    A weight whose gradient is nothing but rounding (before a batch norm, say) is moved by some optimizers all the same.
    """
    last_place = 2.0**-23
    nudged = [trained(document, STEPS, nudge)[name] for nudge in (last_place, -last_place)]
    return np.max(np.abs(np.stack(nudged) - values), axis=0)
