"""Untrusted JSON becomes a document or a refusal in words, never an exception of another kind."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from torchglass.catalog import parse_experiment, validate
from torchglass.spec.experiment import Experiment
from torchglass.spec.problems import ExperimentError, Problem


def outcome(raw: Any) -> tuple[Experiment | None, list[Problem]]:
    try:
        return parse_experiment(raw), []
    except ExperimentError as error:
        return None, error.problems


def document(**changes: Any) -> dict[str, Any]:
    base = {
        "data": {"kind": "two_blobs", "config": {}},
        "network": {"nodes": [{"id": "dense", "kind": "linear", "config": {}}]},
        "recipe": {"kind": "supervised", "config": {}},
    }
    return base | changes


def refusal(raw: Any) -> tuple[str | None, str | None, str]:
    with pytest.raises(ExperimentError) as caught:
        parse_experiment(raw)
    problem = caught.value.problems[0]
    return problem.node, problem.field, problem.message


def dense(**changes: Any) -> dict[str, Any]:
    return document(network={"nodes": [{"id": "dense", "kind": "linear", "config": {}} | changes]})


def deep(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize("raw", [None, 3, "text", [], True])
def test_not_an_object(raw: Any) -> None:
    assert "object" in refusal(raw)[2]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_not_finite(number: float) -> None:
    node, field, message = refusal(dense(config={"out_features": number}))
    assert (node, field) == ("dense", "out_features")
    assert "not finite" in message


def test_huge_integer() -> None:
    assert "too large" in refusal(dense(config={"out_features": 10**5000}))[2]


def test_depth_bomb() -> None:
    node, field, message = refusal(dense(config=deep(200_000)))
    assert node == "dense"
    assert "levels deep" in message
    assert field is not None
    assert len(field) < 3000


def test_too_many_values() -> None:
    assert "more than" in refusal(document(view={"panels": {"a": {"x": [0] * 300_000}}}))[2]


def test_too_many_settings() -> None:
    node, field, message = refusal(dense(config={f"a{number}": 1 for number in range(50_000)}))
    assert (node, field) == ("dense", "config")
    assert "more than 4,096 settings" in message


@pytest.mark.parametrize("size", [True, "64", 2.5, 0, -1, None])
def test_sizes_are_whole_numbers(size: Any) -> None:
    field = refusal(document(data={"kind": "two_blobs", "config": {}, "batch_size": size}))[1]
    assert field == "data.batch_size"


def test_bad_id_is_named() -> None:
    node, field, message = refusal(dense(id="3 x"))
    assert (node, field) == ("3 x", "id")
    assert "not a name" in message


def test_unknown_setting_and_missing_piece() -> None:
    assert refusal(document(colour="red"))[1] == "colour"
    raw = document()
    del raw["data"]
    assert refusal(raw)[1] == "data"


def test_lone_surrogate_is_refused_or_kept_but_never_crashes() -> None:
    experiment, found = outcome(document(name="\ud800"))
    assert (experiment is None) == bool(found)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.dictionaries(st.sampled_from([*Experiment.model_fields, "x"]), json_values, max_size=6))
def test_anything_gives_a_document_or_problems(changes: dict[str, Any]) -> None:
    experiment, found = outcome(document(**changes))
    assert all(problem.message.endswith((".", "?")) for problem in found)
    if experiment is None:
        assert found
        return
    validate(experiment)
    assert parse_experiment(experiment.model_dump(mode="json")) == experiment
