"""Six experiments that prove the seams: what the document, recipe, storage and checkpoint must carry.

Each is small enough to train within a second, and none has a user interface.
"""

from __future__ import annotations

import itertools
from typing import Any


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


def gan() -> dict[str, Any]:
    """Two parts, two roles, two optimizers; the discriminator runs on data and on samples."""
    return experiment(
        "GAN on a ring",
        {"kind": "ring", "batch_size": 32},
        {
            "nodes": [
                node("z", "noise", size=4),
                node("g1", "linear", out_features=16),
                node("g_relu", "relu"),
                node("sample", "linear", out_features=2),
                node("x", "input", field="point"),
                node("d1", "linear", out_features=16),
                node("d_relu", "leaky_relu"),
                node("d_drop", "dropout", p=0.2),
                node("verdict", "linear", out_features=1),
            ],
            "edges": chain("z", "g1", "g_relu", "sample") + chain("x", "d1", "d_relu", "d_drop", "verdict"),
            "parts": {
                "generator": ["z", "g1", "g_relu", "sample"],
                "discriminator": ["x", "d1", "d_relu", "d_drop", "verdict"],
            },
        },
        {"kind": "adversarial", "config": {"noise": "z", "sample": "sample", "real": "x", "verdict": "verdict"}},
        optimizers={
            "generator": {"kind": "adam", "config": {"lr": 0.002, "beta1": 0.5}},
            "discriminator": {"kind": "rmsprop", "config": {"lr": 0.001}},
        },
    )


def rbm() -> dict[str, Any]:
    """No autograd; persistent chains are state of the recipe."""
    return experiment(
        "RBM on bars and stripes",
        {"kind": "bars_and_stripes", "batch_size": 10},
        {
            "nodes": [node("v", "input", field="pixels"), node("machine", "rbm", hidden=12)],
            "edges": chain("v", "machine"),
        },
        {
            "kind": "contrastive_divergence",
            "config": {"node": "machine", "field": "pixels", "k": 1, "persistent": True},
        },
        optimizers={"model": {"kind": "sgd", "config": {"lr": 1.0}}},
    )


def perceptron() -> dict[str, Any]:
    """Moves only at mistakes, one example at a time."""
    return experiment(
        "Perceptron",
        {"kind": "two_blobs", "batch_size": 16},
        {
            "nodes": [node("x", "input", field="point"), node("unit", "linear", out_features=1)],
            "edges": chain("x", "unit"),
        },
        {"kind": "perceptron", "config": {"node": "unit", "field": "point", "target": "label"}},
        optimizers={"model": {"kind": "sgd", "config": {"lr": 1.0}}},
    )


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


def masked_language_model() -> dict[str, Any]:
    """The output layer shares the embedding's weight; a two-sided scan reads the sentence."""
    return experiment(
        "Tied masked language model",
        {"kind": "token_patterns", "batch_size": 32},
        {
            "nodes": [
                node("tokens", "input", field="tokens"),
                {**node("scores", "linear", out_features=9, bias=True), "tied": {"weight": "embed.weight"}},
                node("embed", "embedding", num_embeddings=9, embedding_dim=12),
                node("x", "part_input"),
                node("h", "part_input", shape=[12]),
                node("cell", "gru_cell", hidden_size=12),
                node("read", "scan", part="reader", over=["x"], carry={"h": "cell"}, state_shape={"h": [12]}),
                node("again", "scan", part="reader", over=["x"], carry={"h": "cell"}, state_shape={"h": [12]}),
                node("sum", "add"),
            ],
            "edges": [
                edge("tokens", "embed"),
                edge("x", "cell"),
                edge("h", "cell", "state"),
                edge("embed", "read", "x"),
                edge("read", "again", "x", "cell"),
                edge("embed", "sum"),
                edge("again", "sum", "in", "cell"),
                edge("sum", "scores"),
            ],
            "parts": {"reader": ["x", "h", "cell"]},
        },
        {"kind": "masked_language_model", "config": {"output": "scores", "field": "tokens", "mask_token": 0}},
        optimizers={"model": {"kind": "adam", "config": {"lr": 0.01}}},
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


SEAMS = {
    "gan": gan,
    "rbm": rbm,
    "perceptron": perceptron,
    "encoder_decoder": encoder_decoder,
    "masked_language_model": masked_language_model,
    "memory_machine": memory_machine,
}
