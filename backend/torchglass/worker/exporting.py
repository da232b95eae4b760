"""A process that exports one experiment and ends."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import numpy as np

from torchglass.export.script import Origin
from torchglass.protocol.export import Export, Exported, FromRun, NotExported, Progress
from torchglass.source import SourceError
from torchglass.spec.experiment import Experiment
from torchglass.spec.problems import ExperimentError
from torchglass.tables.library import LIBRARY
from torchglass.training.checkpoints import Checkpoint, CheckpointError, load
from torchglass.worker.export_python import write_python
from torchglass.worker.export_weights import trained, write_onnx, write_safetensors
from torchglass.worker.job import Send, carry_out


def main(sock: socket.socket) -> None:
    """Carry out the export that is ordered over ``sock``; somebody waits for it, so at full priority."""

    def work(order: Export, send: Send) -> None:
        send(_export(order, lambda words, share: send(Progress(words=words, share=share))))

    carry_out(sock, Export, work, nice=0)


def _export(order: Export, tell: Any) -> Exported | NotExported:
    try:
        return Exported(files=[file.name for file in _write(order, tell)])
    except SourceError as error:
        return NotExported(message=error.message, node=error.node)
    except ExperimentError as error:
        return NotExported(message=error.problems[0].message, node=error.problems[0].node)
    except (OSError, ValueError, CheckpointError) as error:
        return NotExported(message=str(error)[:500])


def _write(order: Export, tell: Any) -> list[Path]:
    if order.tables is not None:
        LIBRARY.use(Path(order.tables))
    experiment = Experiment.model_validate(order.experiment)
    folder = Path(order.folder)
    checkpoint = load(Path(order.run.directory)) if order.run is not None else None
    if order.format == "python":
        weights = _weights(experiment, checkpoint)
        return write_python(experiment, _origin(order.run, checkpoint, weights is not None), weights, folder, tell)
    tell("building the network", 0.1)
    subject = trained(experiment, checkpoint)
    tell("writing", 0.3)
    if order.format == "onnx":
        write_onnx(subject, folder / "model.onnx")
        return [folder / "model.onnx"]
    write_safetensors(subject, folder / "weights.safetensors")
    return [folder / "weights.safetensors"]


def _origin(run: FromRun | None, checkpoint: Checkpoint | None, weights: bool) -> Origin | None:
    if run is None:
        return None
    step = int(str(checkpoint.facts["step"])) if checkpoint is not None else run.step
    return Origin(run.id, step, run.threads, tuple(run.edits), weights)


def _weights(experiment: Experiment, checkpoint: Checkpoint | None) -> dict[str, np.ndarray] | None:
    """What the last checkpoint kept, by ``node.name``, where it belongs to the network as it is now."""
    if checkpoint is None:
        return None
    facts: Any = checkpoint.facts
    if Experiment.model_validate(facts["experiment"]).network != experiment.network:
        return None
    kept = (name.partition("/") for name in checkpoint.tensors if name.startswith(("parameter/", "buffer/")))
    return {name: checkpoint.tensors[f"{kind}/{name}"].numpy() for kind, _, name in kept}
