"""What a worker said before it heard of an order does not overrule the order."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import Mock

import pytest

from torchglass.presets import load_preset
from torchglass.protocol import commands, worker
from torchglass.protocol.base import Message
from torchglass.protocol.run import Resolved, RunState
from torchglass.sessions.client import Client
from torchglass.sessions.commands import obey
from torchglass.sessions.hearing import hear
from torchglass.sessions.run import Run
from torchglass.sessions.slots import Slots

RESOLVED = Resolved(stepper="eager", device="cpu", threads=1, memory_format="contiguous", dtype="float32")


def say(run: Run, *messages: Message) -> None:
    for message in messages:
        hear(run, message.model_dump(mode="json"), b"")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """One with a worker that trains, and a checkpoint on the disk."""
    (tmp_path / "checkpoint").touch()
    run = Run(load_preset("xor-mlp"), engine=Mock(), slots=Slots(1), directory=tmp_path, repository=Mock())
    run.supervisor.worker = Mock(pid=1)
    run.state = RunState.STARTING
    say(
        run,
        worker.Ready(step=0, epoch=0, steps_per_epoch=10, parameters=9, resolved=RESOLVED, restored=False),
        worker.State(state=RunState.RUNNING, step=0, epoch=0),
        worker.Beat(step=500, epoch=50, steps_per_second=9, watched_share=0, busy=0),
        worker.Saved(step=480, path=""),
    )
    return run


def test_a_checkpoint_under_way_while_a_run_is_set_back_is_not_what_it_comes_back_to(run: Run) -> None:
    assert run.start_message().restore
    obey(run, Client(), commands.Reset(reinitialise=False))
    say(run, worker.Saved(step=490, path=""))
    assert not run.start_message().restore
    obey(run, Client(), commands.Reset(reinitialise=False))
    say(run, worker.Saved(step=495, path=""), worker.Restarted(), worker.State(state=RunState.PAUSED, step=0, epoch=0))
    assert not run.start_message().restore
    say(run, worker.Saved(step=0, path=""))
    assert run.start_message().restore


def test_who_comes_after_a_pause_hears_of_its_step_and_not_of_the_last_beat(run: Run) -> None:
    say(run, worker.State(state=RunState.PAUSED, step=509, epoch=50.9))
    client = Client()
    run.join(client)
    heard = []
    while (text := client.next_text()) is not None:
        heard.append(json.loads(text))
    assert [event["step"] for event in heard if event["type"] == "pulse"] == [509]
