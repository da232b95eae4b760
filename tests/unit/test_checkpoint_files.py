"""Checkpoints on disk: two generations, damage is noticed, a crash leaves what was there."""

from __future__ import annotations

import errno
import os

import pytest
import torch

from torchglass.training.checkpoints import Checkpoint, CheckpointError, generations, load, save


def checkpoint(step):
    return Checkpoint({"w": torch.full((3,), float(step))}, {"step": step, "note": "é"})


def test_comes_back_as_it_was(tmp_path):
    save(tmp_path, checkpoint(4))
    back = load(tmp_path)
    assert back.facts == {"step": 4, "note": "é"}
    assert torch.equal(back.tensors["w"], torch.full((3,), 4.0))


def test_two_generations_are_kept(tmp_path):
    for step in (1, 2, 3):
        save(tmp_path, checkpoint(step))
    assert [entry["step"] for entry in generations(tmp_path)] == [3, 2]
    assert sorted(p.name for p in tmp_path.glob("*.safetensors")) == [
        "checkpoint-2.safetensors",
        "checkpoint-3.safetensors",
    ]


@pytest.mark.parametrize("damage", ["truncate", "flip", "remove"])
def test_damage_falls_back_to_the_generation_before(tmp_path, damage):
    save(tmp_path, checkpoint(1))
    newest = save(tmp_path, checkpoint(2))
    content = bytearray(newest.read_bytes())
    if damage == "truncate":
        newest.write_bytes(content[: len(content) // 2])
    elif damage == "flip":
        content[-1] ^= 1
        newest.write_bytes(content)
    else:
        newest.unlink()
    assert load(tmp_path).facts["step"] == 1


def test_all_damaged_is_said(tmp_path):
    save(tmp_path, checkpoint(1)).write_bytes(b"rubbish")
    with pytest.raises(CheckpointError, match="damaged"):
        load(tmp_path)


def test_nothing_written_is_none(tmp_path):
    assert load(tmp_path) is None


def test_a_full_disk_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    save(tmp_path, checkpoint(1))

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save(tmp_path, checkpoint(2))
    monkeypatch.undo()
    assert load(tmp_path).facts["step"] == 1
    assert not list(tmp_path.glob("*.tmp"))
