"""Six experiments that prove the seams: what the document, recipe, storage and checkpoint must carry.

Each is small enough to train within a second, and none has a user interface.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from typing import Any

from torchglass.recipes.base import RECIPES


def node(id: str, kind: str, **config: Any) -> dict[str, Any]:
    return {"id": id, "kind": kind, "config": config}


def chain(*ids: str) -> list[dict[str, str]]:
    return [{"source": a, "target": b} for a, b in itertools.pairwise(ids)]


def edge(source: str, target: str, port: str = "in", source_port: str = "out") -> dict[str, str]:
    return {"source": source, "target": target, "target_port": port, "source_port": source_port}


def experiment(
    name: str, data: dict[str, Any], network: dict[str, Any], recipe: dict[str, Any], **training: Any
) -> dict[str, Any]:
    return {
        "version": 1,
        "name": name,
        "seed": 5,
        "data": {"config": {}, **data},
        "network": network,
        "recipe": recipe,
        "training": training,
    }


def encoder_decoder() -> dict[str, Any]:
    """Padded sequences, an encoder and a decoder as scans, teacher forcing, masks in the document."""
    return experiment(
        "Reversing sequences",
        {"kind": "reverse_sequences", "batch_size": 32},
        {
            "nodes": [
                node("source", "input", field="source"),
                node("source_mask", "input", field="source_mask"),
                node("target_in", "input", field="target_in"),
                node("embed_source", "embedding", num_embeddings=9, embedding_dim=8),
                node("embed_target", "embedding", num_embeddings=9, embedding_dim=8),
                node("enc_x", "part_input"),
                node("enc_h", "part_input", shape=[24]),
                node("enc_cell", "gru_cell", hidden_size=24),
                node("dec_x", "part_input"),
                node("dec_h", "part_input", shape=[24]),
                node("dec_cell", "gru_cell", hidden_size=24),
                node(
                    "encode",
                    "scan",
                    part="encoder",
                    over=["enc_x"],
                    carry={"enc_h": "enc_cell"},
                    state_shape={"enc_h": [24]},
                    mask=True,
                ),
                node("decode", "scan", part="decoder", over=["dec_x"], carry={"dec_h": "dec_cell"}),
                node("scores", "linear", out_features=9),
            ],
            "edges": [
                edge("source", "embed_source"),
                edge("target_in", "embed_target"),
                edge("enc_x", "enc_cell"),
                edge("enc_h", "enc_cell", "state"),
                edge("dec_x", "dec_cell"),
                edge("dec_h", "dec_cell", "state"),
                edge("embed_source", "encode", "enc_x"),
                edge("source_mask", "encode", "mask"),
                edge("embed_target", "decode", "dec_x"),
                edge("encode", "decode", "dec_h", "enc_h_last"),
                edge("decode", "scores", "in", "dec_cell"),
            ],
            "parts": {"encoder": ["enc_x", "enc_h", "enc_cell"], "decoder": ["dec_x", "dec_h", "dec_cell"]},
        },
        {
            "kind": "supervised",
            "config": {
                "output": "scores",
                "target": "target",
                "mask": "target_mask",
                "loss": {"kind": "cross_entropy", "config": {}},
            },
        },
        optimizers={"model": {"kind": "adam", "config": {"lr": 0.01}}},
        gradient_clipping=1.0,
    )


def memory_machine() -> dict[str, Any]:
    """A scan whose carried state is a matrix that is written and read by attention."""
    return experiment(
        "Memory machine",
        {"kind": "copy_memory", "batch_size": 16},
        {
            "nodes": [
                node("tokens", "input", field="tokens"),
                node("sequence", "embedding", num_embeddings=6, embedding_dim=8),
                node("x", "part_input"),
                node("memory", "part_input", shape=[4, 8]),
                node("key", "linear", out_features=8),
                node("value", "linear", out_features=8),
                node("write", "memory_write"),
                node("query", "linear", out_features=8),
                node("read", "memory_read"),
                node("both", "concatenate"),
                node(
                    "run", "scan", part="machine", over=["x"], carry={"memory": "write"}, state_shape={"memory": [4, 8]}
                ),
                node("answer", "linear", out_features=6),
            ],
            "edges": [
                edge("x", "key"),
                edge("x", "value"),
                edge("x", "query"),
                edge("memory", "write", "memory"),
                edge("key", "write", "key"),
                edge("value", "write", "value"),
                edge("write", "read", "memory"),
                edge("query", "read", "key"),
                edge("read", "both"),
                edge("x", "both"),
                edge("tokens", "sequence"),
                edge("sequence", "run", "x"),
                edge("run", "answer", "in", "both"),
            ],
            "parts": {"machine": ["x", "memory", "key", "value", "write", "query", "read", "both"]},
        },
        {
            "kind": "supervised",
            "config": {
                "output": "answer",
                "target": "target",
                "mask": "target_mask",
                "loss": {"kind": "cross_entropy", "config": {}},
            },
        },
        optimizers={"model": {"kind": "adam", "config": {"lr": 0.01}}},
    )


def of_recipe(kind: str) -> Callable[[], dict[str, Any]]:
    """The recipe's own example, as a document that a test may change."""
    return lambda: copy.deepcopy(dict(RECIPES[kind].example))


SEAMS = {
    "gan": of_recipe("adversarial"),  # two parts, two roles, two optimizers
    "rbm": of_recipe("contrastive_divergence"),  # no autograd; persistent chains are state of the recipe
    "perceptron": of_recipe("perceptron"),  # moves only at mistakes
    "encoder_decoder": encoder_decoder,
    "masked_language_model": of_recipe("masked_language_model"),  # tied weights, a part run by two scans
    "memory_machine": memory_machine,
}
