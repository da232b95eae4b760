"""What the check accepts trains a step; what it refuses names node and field; asking allocates nothing."""

from __future__ import annotations

import os
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from tests.unit.experiment_strategies import Document, experiments, grown

from torchglass.catalog import parse_experiment, validate
from torchglass.spec.experiment import Experiment
from torchglass.spec.problems import ExperimentError, Problem
from torchglass.spec.report import CheckReport
from torchglass.training.trainer import Trainer

EXAMPLES = 2000 if os.environ.get("TORCHGLASS_TEST_TIER") == "full" else 200
HARD = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
#: Accepted experiments may be large; the test trains those that are done within a moment.
_MOST_BYTES, _MOST_WORK = 300e6, 3e8


def checked(document: Document) -> tuple[Experiment | None, CheckReport | None, list[Problem]]:
    """What the server would say: (the experiment and its report if it can be read at all, the errors)."""
    try:
        experiment = parse_experiment(document)
    except ExperimentError as error:
        return None, None, error.problems
    report = validate(experiment)
    report.model_dump_json()
    return experiment, report, [problem for problem in report.problems if problem.severity == "error"]


def assert_useful(problems: list[Problem]) -> None:
    assert problems
    for problem in problems:
        assert problem.field, problem.message  # the node's own, where there is a node
        assert problem.message.endswith((".", "?")), problem.message


@pytest.mark.timeout(3600)
@HARD
@given(experiments)
def test_accepted_trains_and_refused_says_where(document: Document) -> None:
    experiment, report, errors = checked(document)
    if experiment is None or report is None or errors:
        event("refused")
        assert_useful(errors)
        return
    if report.memory.total > _MOST_BYTES or report.multiply_adds * experiment.data.batch_size > _MOST_WORK:
        event("too large to try")
        return
    event("accepted")
    trainer = Trainer(experiment, device="cpu", threads=1)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        chunk = trainer.run(1)
    assert len(chunk.steps) == 1


LARGE = st.sampled_from([255, 1024, 4096, 65536, 10**6])


@st.composite
def enormous(draw: st.DrawFn) -> Document:
    """A grown network in which every size is as large as the schema lets it be, or nearly."""
    document = draw(grown())
    for node in document["network"]["nodes"]:
        for name, value in node["config"].items():
            if isinstance(value, int) and not isinstance(value, bool):
                node["config"][name] = draw(LARGE)
    document["data"]["batch_size"] = draw(LARGE)
    return document


@pytest.mark.timeout(3600)
@HARD
@given(enormous())
def test_asking_allocates_nothing(document: Document) -> None:
    """Tensors of these sizes would be gigabytes; a check works with whole numbers."""
    checked(document)
    tracemalloc.start()
    try:
        checked(document)
        assert tracemalloc.get_traced_memory()[1] < 8e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("count", [1, 2])
def test_a_single_example_is_too_few_for_batch_norm(count: int) -> None:
    """Found by the test above: the batch was large enough, but the training split was not."""
    loss = {"kind": "mse", "config": {}}
    document = {
        "data": {"kind": "plane", "config": {"count": 40}, "batch_size": 8, "split": {"train": count}},
        "network": {
            "nodes": [
                {"id": "in", "kind": "input", "config": {"field": "point"}},
                {"id": "norm", "kind": "batch_norm", "config": {}},
                {"id": "head", "kind": "linear", "config": {"out_features": 1}},
            ],
            "edges": [{"source": "in", "target": "norm"}, {"source": "norm", "target": "head"}],
        },
        "recipe": {"kind": "supervised", "config": {"output": "head", "target": "value", "loss": loss}},
        "training": {"optimizers": {"model": {"kind": "sgd", "config": {}}}},
    }
    _, _, errors = checked(document)
    found = [(problem.node, problem.field) for problem in errors]
    assert found == ([("norm", "data.split.train")] if count == 1 else [])
