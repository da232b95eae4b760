"""Parts and scans: ports, shapes, shared weights, and what can go wrong with them."""

from __future__ import annotations

from typing import Any

from torchglass.catalog import analyse, parse_experiment, validate
from torchglass.spec.problems import Problem


def node(node_id: str, kind: str, **config: Any) -> dict[str, Any]:
    return {"id": node_id, "kind": kind, "config": config}


def edge(source: str, target: str, port: str = "in", source_port: str = "out") -> dict[str, str]:
    return {"source": source, "target": target, "target_port": port, "source_port": source_port}


def document(nodes: list[dict[str, Any]], edges: list[dict[str, str]], parts: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "data": {"kind": "reverse_sequences", "config": {"letters": 5, "longest": 4}},
        "network": {"nodes": nodes, "edges": edges, "parts": parts},
        "recipe": {
            "kind": "supervised",
            "config": {"output": "scores", "target": "target", "mask": "target_mask"},
        },
        "training": {"optimizers": {"model": {"kind": "adam", "config": {}}}},
    }


def decoder(**scan: Any) -> dict[str, Any]:
    """Tokens, an embedding, a scanned GRU cell, scores."""
    settings = {"part": "cell", "over": ["x"], "carry": {"h": "gru"}, "state_shape": {"h": [32]}, **scan}
    nodes = [
        node("tokens", "input", field="target_in"),
        node("mask", "input", field="target_mask"),
        node("embed", "embedding", num_embeddings=8, embedding_dim=6),
        node("x", "part_input"),
        node("h", "part_input"),
        node("gru", "gru_cell"),
        node("run", "scan", **settings),
        node("scores", "linear", out_features=8),
    ]
    edges = [
        edge("tokens", "embed"),
        edge("x", "gru"),
        edge("h", "gru", "state"),
        edge("embed", "run", "x"),
        edge("run", "scores", source_port="gru"),
    ]
    return document(nodes, edges, {"cell": ["x", "h", "gru"]})


def check(raw: dict[str, Any]) -> list[Problem]:
    return validate(parse_experiment(raw)).problems


def test_scan_shapes_ports_and_costs() -> None:
    raw = decoder(mask=True)
    raw["network"]["edges"].append(edge("mask", "run", "mask"))
    report = validate(parse_experiment(raw))
    assert report.problems == []
    run = next(item for item in report.nodes if item.id == "run")
    assert [port.name for port in run.input_ports] == ["x", "h", "mask"]
    assert {name: shape.text for name, shape in run.outputs.items()} == {"gru": "5×32", "h_last": "32"}
    gru = next(item for item in report.nodes if item.id == "gru")
    assert (gru.part, gru.parameters) == ("cell", 3 * 32 * (6 + 32 + 2))
    dense = 5 * 32 * 8
    assert report.multiply_adds == 5 * gru.multiply_adds + dense


def test_analysis_of_a_part() -> None:
    analysis = analyse(parse_experiment(decoder()))
    part = analysis.parts["cell"]
    assert part.order == ["x", "h", "gru"]
    assert part.inputs == ["x", "h"]
    assert part.outputs == {"gru": ("gru", "out")}
    assert analysis.plan("gru").sources == {"in": [("x", "out")], "state": [("h", "out")]}
    assert "gru" not in analysis.main.order
    assert str(analysis.shapes["run.h_last"]) == "32"


def test_state_without_shape_is_said_at_the_state() -> None:
    found = check(decoder(state_shape={}))
    assert [problem.node for problem in found] == ["h"]


def test_state_of_wrong_size_is_said_inside_the_part_once() -> None:
    found = check(decoder(state_shape={"h": [7]}))
    assert [(problem.node, problem.field) for problem in found] == [("gru", "hidden_size")]


def test_scan_names_what_does_not_exist() -> None:
    assert "part" in [problem.field for problem in check(decoder(part="nothing")) if problem.node == "run"]
    assert [problem.field for problem in check(decoder(over=["x", "y"]))]
    assert "carry" in [problem.field for problem in check(decoder(carry={"h": "nothing"}))]


def test_feedback_needs_scores_and_tokens() -> None:
    found = check(decoder(feedback={"x": "gru"}))
    assert [(problem.node, problem.field) for problem in found] == [("run", "feedback")]


def test_sequences_must_be_equally_long() -> None:
    raw = decoder(mask=True)
    raw["network"]["nodes"][1]["config"]["field"] = "source_mask"
    raw["network"]["edges"].append(edge("mask", "run", "mask"))
    assert ["differ in length" in problem.message for problem in check(raw)] == [True]


def siamese(second_field: str = "target_in") -> dict[str, Any]:
    """One part called twice."""
    nodes = [
        node("a", "input", field="target_in"),
        node("b", "input", field=second_field),
        node("x", "part_input"),
        node("embed", "embedding", num_embeddings=8, embedding_dim=6),
        node("first", "part", part="shared"),
        node("second", "part", part="shared"),
        node("sum", "add"),
        node("scores", "linear", out_features=8),
    ]
    edges = [
        edge("x", "embed"),
        edge("a", "first", "x"),
        edge("b", "second"),
        edge("first", "sum"),
        edge("second", "sum", source_port="embed"),
        edge("sum", "scores"),
    ]
    return document(nodes, edges, {"shared": ["x", "embed"]})


def test_two_calls_share_weights_and_default_ports_fit() -> None:
    report = validate(parse_experiment(siamese()))
    assert report.problems == []
    assert report.parameters == 8 * 6 + 6 * 8 + 8


def test_two_calls_with_different_lengths_share_an_embedding_but_do_not_add_up() -> None:
    assert [problem.node for problem in check(siamese("source"))] == ["sum"]


def test_two_calls_that_would_need_other_weights() -> None:
    raw = siamese("source")
    raw["network"]["nodes"][3] = node("embed", "linear", out_features=3)
    raw["network"]["nodes"] += [
        node("ea", "embedding", num_embeddings=8, embedding_dim=4),
        node("eb", "embedding", num_embeddings=8, embedding_dim=5),
    ]
    raw["network"]["edges"][1:3] = [edge("a", "ea"), edge("ea", "first"), edge("b", "eb"), edge("eb", "second")]
    assert [problem.node for problem in check(raw)] == ["embed"]


def test_recursion_is_refused() -> None:
    raw = siamese()
    raw["network"]["nodes"].append(node("again", "part", part="shared"))
    raw["network"]["edges"].append(edge("embed", "again"))
    raw["network"]["parts"]["shared"].append("again")
    found = check(raw)
    assert any(problem.node == "again" and "calls itself" in problem.message for problem in found)


def test_mutual_recursion_is_refused() -> None:
    nodes = [
        node("x", "part_input"),
        node("y", "part_input"),
        node("to_b", "part", part="b"),
        node("to_a", "part", part="a"),
        node("start", "part", part="a"),
        node("tokens", "input", field="target_in"),
        node("scores", "embedding", num_embeddings=8, embedding_dim=8),
    ]
    edges = [edge("x", "to_b"), edge("y", "to_a"), edge("tokens", "start"), edge("tokens", "scores")]
    found = check(document(nodes, edges, {"a": ["x", "to_b"], "b": ["y", "to_a"]}))
    assert sum("calls itself" in problem.message for problem in found) == 1


def test_edges_may_not_cross_the_border_of_a_called_part() -> None:
    raw = siamese()
    raw["network"]["edges"].append(edge("embed", "sum"))
    assert any("crosses the border" in problem.message for problem in check(raw))


def test_nodes_of_two_called_parts_and_missing_members() -> None:
    raw = siamese()
    raw["network"]["parts"]["other"] = ["embed", "nowhere"]
    raw["network"]["nodes"].append(node("third", "part", part="other"))
    messages = " ".join(problem.message for problem in check(raw))
    assert "two called parts" in messages
    assert "“nowhere”" in messages


def test_inputs_stay_outside_called_parts() -> None:
    raw = siamese()
    raw["network"]["nodes"].append(node("inside", "input", field="source"))
    raw["network"]["parts"]["shared"].append("inside")
    assert any(problem.node == "inside" for problem in check(raw))


def test_an_embedding_must_know_every_token_also_inside_a_part() -> None:
    raw = decoder()
    raw["network"]["nodes"][2]["config"]["num_embeddings"] = 7
    assert [(problem.node, problem.field) for problem in check(raw)] == [("embed", "num_embeddings")]
    raw = siamese()
    raw["network"]["nodes"][3]["config"]["num_embeddings"] = 7
    found = check(raw)
    assert [(problem.node, problem.field) for problem in found] == [("embed", "num_embeddings")]
    assert found[0].mend is not None
    assert found[0].mend.value == 8
