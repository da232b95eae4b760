"""ONNX of every preset, seam and layer opens in onnxruntime and computes what the network computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from tests.seams.fixtures import SEAMS
from torchglass.layers.base import LAYERS
from torchglass.presets import presets
from torchglass.spec.experiment import Experiment
from torchglass.worker.export_weights import examples_for, inputs_of, trained, write_onnx

from .export_cases import Document, one_layer

DOCUMENTS: dict[str, Document] = {
    **{name: preset.experiment.model_dump(mode="json") for name, preset in presets().items()},
    **{name: make() for name, make in SEAMS.items()},
}


def check(raw: Document, file: Path) -> None:
    """The same outputs to 1e-4, on another number of examples than the file was traced with."""
    subject = trained(Experiment.model_validate(raw), None)
    write_onnx(subject, file)
    inputs = inputs_of(subject.analysis, subject.analysis.outputs)
    values = examples_for(subject.analysis, inputs, batch=3, seed=7)
    with torch.no_grad():
        ours = subject.model.run(values)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    theirs = session.run(None, {name: value.numpy() for name, value in values.items()})
    for node, found in zip(subject.analysis.outputs, theirs, strict=True):
        np.testing.assert_allclose(found, ours[node].numpy(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_presets_and_seams(name: str, tmp_path: Path) -> None:
    check(DOCUMENTS[name], tmp_path / "model.onnx")


@pytest.mark.parametrize("kind", sorted(LAYERS))
def test_layers(kind: str, tmp_path: Path) -> None:
    check(one_layer(kind), tmp_path / "model.onnx")
