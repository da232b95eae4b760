"""A worker that speaks the protocol and trains nothing: no torch, quick to start, exact in what it says.

Its loss at step n is 1/n. A checkpoint is a file with the step in it, written every 20 steps.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from pathlib import Path
from typing import Any

import msgpack

from torchglass.protocol import packing, worker
from torchglass.protocol.run import Mark, Resolved, RunProblem, RunState, Series

STEPS_PER_EPOCH = 50
STEP_SECONDS = 0.002
BEAT_SECONDS = 0.1


class FakeWorker:
    """State of one fake training."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.step = 0
        self.running = False
        self.until: int | None = None
        self.silent = False
        self.checkpoint: Path | None = None
        self.experiment: dict[str, Any] = {"name": ""}
        self.streams: list[worker.WatchSpec] = []
        self.feeds: dict[str, bytes] = {}
        self.next_beat = 0.0
        self.buffer = b""

    def say(self, header: Any, body: bytes = b"") -> None:
        try:
            self.sock.sendall(packing.pack(header, body))
        except OSError:
            os._exit(0)

    def serve(self) -> None:
        self.sock.setblocking(True)
        while True:
            patience = 0.0 if self.running else 0.02
            while select.select([self.sock], [], [], patience)[0]:
                self.read()
                patience = 0.0
            if self.running:
                self.train()
            if time.monotonic() >= self.next_beat and not self.silent:
                self.beat()

    def beat(self) -> None:
        self.next_beat = time.monotonic() + BEAT_SECONDS
        self.say(worker.Beat(step=self.step, epoch=self.epoch, steps_per_second=100, watched_share=0, busy=0))

    def read(self) -> None:
        piece = self.sock.recv(1 << 20)
        if not piece:
            os._exit(0)
        self.buffer += piece
        while len(self.buffer) >= packing.PREFIX.size:
            header, body = packing.lengths(self.buffer[: packing.PREFIX.size])
            whole = packing.PREFIX.size + header + body
            if len(self.buffer) < whole:
                return
            raw, content = self.buffer[packing.PREFIX.size : whole - body], self.buffer[whole - body : whole]
            self.buffer = self.buffer[whole:]
            self.obey(worker.TO_WORKER.validate_python(msgpack.unpackb(raw)), content)

    @property
    def epoch(self) -> float:
        return self.step / STEPS_PER_EPOCH

    def obey(self, message: worker.ToWorker, body: bytes) -> None:
        match message:
            case worker.Start():
                self.start(message)
            case worker.Go(until=until):
                self.go(until)
            case worker.Advance(n=n, unit=unit):
                self.go(self.step + n * (STEPS_PER_EPOCH if unit == "epoch" else 1))
            case worker.Halt():
                self.pause()
            case worker.Restart():
                self.step, self.running = 0, False
                self.say(worker.Restarted())
                self.state(RunState.PAUSED)
            case worker.Change() if self.experiment["name"] == "unfit":
                problem = RunProblem(code="out-of-memory", message="It is too large.", way_out="Make it smaller.")
                self.say(worker.Unchanged(revision=message.revision, problem=problem, experiment=self.experiment))
            case worker.Change():
                self.say(
                    worker.Marked(
                        mark=Mark(
                            step=self.step,
                            kind=message.kind,
                            label=message.label,
                            path=message.path,
                            before=message.before,
                            after=message.value,
                        )
                    )
                )
            case worker.Assign():
                path = f"network.nodes.{message.node}.{message.parameter}"
                mark = Mark(step=self.step, kind="set", label=message.label, path=path, after=message.value)
                self.say(worker.Marked(mark=mark))
            case worker.Watches(watches=watches):
                self.streams = watches
                for spec in watches:
                    if spec.probe == "nonsense":
                        self.say(worker.WatchProblem(stream=spec.stream, message="no such probe"))
                self.frames()
            case worker.Feed(slot=slot):
                self.feeds[slot] = body
                self.frames()
            case worker.Stop():
                self.save()
                os._exit(0)
            case _:
                pass

    def start(self, message: worker.Start) -> None:
        self.experiment = message.experiment
        name = message.experiment["name"]
        if name == "dies":
            os._exit(3)
        if name == "refused":
            problem = RunProblem(code="does-not-build", message="it does not build", node="conv1")
            self.state(RunState.FAILED, problem)
            os._exit(0)
        self.silent = name == "silent"
        if not self.silent:  # as the real one, which beats before it has restored anything
            self.beat()
        if message.directory:
            self.checkpoint = Path(message.directory) / "fake-checkpoint"
        restored = False
        if message.restore and self.checkpoint is not None:
            with contextlib.suppress(FileNotFoundError):
                self.step = int(self.checkpoint.read_text())
                restored = True
        resolved = Resolved(stepper="fake", device="cpu", threads=1, memory_format="contiguous", dtype="float32")
        self.say(
            worker.Ready(
                step=self.step,
                epoch=self.epoch,
                steps_per_epoch=STEPS_PER_EPOCH,
                parameters=7,
                resolved=resolved,
                restored=restored,
            )
        )
        if message.go is not None:
            self.go(message.go.until)

    def go(self, until: int | None) -> None:
        self.running, self.until = True, until
        self.state(RunState.RUNNING)

    def pause(self) -> None:
        self.running = False
        self.save()
        self.state(RunState.PAUSED)

    def state(self, state: RunState, problem: RunProblem | None = None) -> None:
        self.say(worker.State(state=state, step=self.step, epoch=self.epoch, problem=problem))

    def train(self) -> None:
        time.sleep(STEP_SECONDS)
        self.step += 1
        self.say(worker.Metrics(series={"train.loss": Series(steps=[self.step], values=[1 / self.step])}))
        if self.step % 20 == 0:
            self.save()
        self.frames()
        if self.until is not None and self.step >= self.until:
            self.pause()

    def save(self) -> None:
        if self.checkpoint is not None:
            beside = self.checkpoint.with_suffix(".tmp")
            beside.write_text(str(self.step))
            beside.replace(self.checkpoint)
            self.say(worker.Saved(step=self.step, path=str(self.checkpoint)))

    def frames(self) -> None:
        """One picture per stream: ``size`` bytes (an option), or what was fed into its slot."""
        for spec in self.streams:
            body = bytes(int(spec.options.get("size", 16)))
            if spec.source.startswith("slot:"):
                fed = self.feeds.get(spec.source.removeprefix("slot:"))
                if not fed:
                    continue
                body = fed
            self.say(
                worker.Frame(
                    stream=spec.stream,
                    step=self.step,
                    dtype="uint8",
                    shape=[len(body)],
                    axes=["D"],
                    lo=0,
                    hi=1,
                    signed=False,
                ),
                body,
            )


def main(sock: socket.socket) -> None:
    """Entry point of a fake worker process."""
    FakeWorker(sock).serve()
