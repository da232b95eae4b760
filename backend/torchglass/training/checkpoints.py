"""Checkpoints: safetensors, written safely, two generations, verified by hash before they are believed.

A folder holds ``checkpoint-<step>.safetensors`` files and ``checkpoints.json``, which lists the generations,
newest first, with their SHA-256; the list of before stands beside it. Files are written beside their name, synced,
renamed, and the folder synced, so that a crash at any moment leaves the generation before.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import safetensors
import safetensors.torch
from torch import Tensor

MANIFEST = "checkpoints.json"
#: The list as it was before the last generation, for when the list itself is damaged.
PREVIOUS = "checkpoints.previous.json"
GENERATIONS = 2


class CheckpointError(RuntimeError):
    """No generation could be read, or none could be written; the message is for people."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Tensors by name and the small facts beside them (step, epoch, seed, experiment, resolved ...)."""

    tensors: dict[str, Tensor]
    facts: dict[str, object]

    @property
    def step(self) -> int:
        """The step that was reached."""
        return int(str(self.facts["step"]))

    @property
    def size(self) -> int:
        """Bytes of its tensors."""
        return sum(tensor.numel() * tensor.element_size() for tensor in self.tensors.values())


def write_safely(path: Path, content: bytes) -> None:
    """Write, sync, rename, sync the folder: afterwards either the old content or the new is there, whole."""
    beside = path.with_name(path.name + ".tmp")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def generations(folder: Path) -> list[dict[str, object]]:
    """``[{file, step, sha256}]``, newest first; empty if there are none or the list cannot be read."""
    for name in (MANIFEST, PREVIOUS):
        try:
            listed = json.loads((folder / name).read_text())
            return [entry for entry in listed["checkpoints"] if {"file", "step", "sha256"} <= set(entry)]
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return []


def save(folder: Path, checkpoint: Checkpoint) -> Path:
    """Add a generation and drop those beyond the last two. Raises OSError (disk full, say); older ones stay."""
    folder.mkdir(parents=True, exist_ok=True)
    step = checkpoint.facts["step"]
    content = encode(checkpoint)
    path = folder / f"checkpoint-{step}.safetensors"
    entry = {"file": path.name, "step": step, "sha256": hashlib.sha256(content).hexdigest()}
    kept = [old for old in generations(folder) if old["file"] != path.name][: GENERATIONS - 1]
    write_safely(path, content)
    if kept:
        write_safely(folder / PREVIOUS, json.dumps({"checkpoints": kept}).encode())
    write_safely(folder / MANIFEST, json.dumps({"checkpoints": [entry, *kept]}).encode())
    names = {str(entry["file"]), *(str(old["file"]) for old in kept)}
    for stale in folder.glob("checkpoint-*.safetensors"):
        if stale.name not in names:
            stale.unlink(missing_ok=True)
    return path


def load(folder: Path) -> Checkpoint | None:
    """The newest generation whose hash is right; None if none was ever written.

    Raises CheckpointError if there are generations and all are damaged.
    """
    listed = generations(folder)
    for entry in listed:
        try:
            content = (folder / Path(str(entry["file"])).name).read_bytes()
        except OSError:
            continue
        if hashlib.sha256(content).hexdigest() == entry["sha256"]:
            return decode(content)
    if listed:
        raise CheckpointError(f"all {len(listed)} checkpoints of this run are damaged")
    return None


def encode(checkpoint: Checkpoint) -> bytes:
    """One checkpoint as the content of a file."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in checkpoint.tensors.items()}
    return safetensors.torch.save(tensors, metadata={"torchglass": json.dumps(checkpoint.facts)})


def decode(content: bytes) -> Checkpoint:
    """The other way round."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    facts = json.loads(header["__metadata__"]["torchglass"])
    return Checkpoint(safetensors.torch.load(content), facts)
