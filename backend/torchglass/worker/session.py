"""One run inside a worker: obeys commands between chunks, trains, evaluates, shows, saves.

The loop of ``Session.run`` reads top to bottom; a command waits for one chunk (10 ms) or one step, whichever is
longer.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import assert_never

from torchglass.protocol import worker as wire
from torchglass.protocol.run import Mark, RunProblem, RunState
from torchglass.spec.experiment import Experiment
from torchglass.spec.stages import caught_up, next_stage
from torchglass.training.checkpoints import Checkpoint, load
from torchglass.training.differences import only_training
from torchglass.training.ring import Ring
from torchglass.training.trainer import Rebuilt, Trainer
from torchglass.worker.beating import beat
from torchglass.worker.changes import assign, change, facts, next_leg
from torchglass.worker.ending import Ending, step_after
from torchglass.worker.evaluating import QUICK, Evaluations
from torchglass.worker.explain import divergence, explain
from torchglass.worker.keeping import Keeper
from torchglass.worker.link import Link
from torchglass.worker.looking_back import Views
from torchglass.worker.metrics import MetricsOut
from torchglass.worker.pace import Pace
from torchglass.worker.saving import Saver
from torchglass.worker.stepping import Stepping


class Session:
    """The trainer and everything around it. Builds in the constructor; raises what building raises."""

    def __init__(self, link: Link, start: wire.Start) -> None:
        self.link = link
        self.busy_since = time.monotonic()
        self.trainer: Trainer | None = None
        self.watching: Views | None = None
        self.training = False
        threading.Thread(target=beat, args=(self,), name="beat", daemon=True).start()
        experiment = Experiment.model_validate(start.experiment)
        folder = Path(start.directory) if start.directory else None
        stored = load(folder) if start.restore and folder else None
        trainer = Trainer(experiment, device=start.device, threads=start.threads)
        if stored is not None:
            trainer.restore(stored)
            # What was changed since then holds; a stage that was entered since then by itself, too.
            trainer.change(caught_up(experiment, trainer.experiment.stage))
        late = [assign(trainer, assignment) for assignment in start.assigned]
        self.trainer = trainer
        self.metrics = MetricsOut(link.send)
        ring = Ring(folder / "kept" if folder else None)
        self.keeper = Keeper(trainer, ring, link.send)
        self.saver = Saver(folder, link.send, ring)
        self.pace = Pace()
        self.stepping = Stepping(trainer, link.send)
        on_cpu = trainer.model.device.type == "cpu"
        effort, had = (time.thread_time, lambda: time.thread_time() + link.idle) if on_cpu else (None, None)
        self.watching = Views(trainer, ring, link.send, link.together, effort, had)
        self.last_good: Checkpoint = trainer.snapshot()
        self.diverged = False
        self.until: int | None = None  # step at which to pause; None: no end
        self.evaluations = Evaluations(trainer, self.metrics)
        self.ending = Ending(trainer, ring)
        self._finishing = ""  # why, in words; empty: it is not
        self._stopping = False
        self.keeper.begin(restored=stored is not None)
        link.send(self._ready(restored=stored is not None))
        if trainer.experiment.stage > experiment.stage:
            link.send(wire.Staged(stage=trainer.experiment.stage))
        for mark in late:
            if mark is not None:
                link.send(wire.Marked(mark=mark))
        if stored is None:
            self.evaluations.begin()

    def _ready(self, restored: bool) -> wire.Ready:
        return wire.Ready(**facts(self._trainer).model_dump(exclude={"type"}), restored=restored)

    @property
    def _trainer(self) -> Trainer:
        assert self.trainer is not None
        return self.trainer

    @property
    def _views(self) -> Views:
        assert self.watching is not None
        return self.watching

    # -- the loop ---------------------------------------------------------------------------------------------

    def run(self, early: list[tuple[wire.ToWorker, bytes]]) -> None:
        """Until Stop arrives. ``early``: messages that came before the network was built."""
        arrived = early
        while True:
            self.busy_since = time.monotonic()
            for message, body in arrived:
                self.obey(message, body)
            if self._stopping:
                self.stepping.close()
                return
            self.stepping.serve()
            if self.evaluations.active:
                self._evaluate()
            elif self.training:
                self._train_chunk()
            self._views.serve(self.training)
            self.metrics.flush(now=not self.training)
            self.keeper.tell(now=not self.training)
            if self.saver.due(self.training):
                self._save()
            self.busy_since = 0.0
            arrived = self.link.take(timeout=self._patience())

    def _patience(self) -> float:
        """How long the loop may wait for a message."""
        if self.evaluations.active:
            return 0.0
        if self.training:
            return min(self.pace.wait(), 0.05)
        return 0.02 if self._views.active else 0.5

    def _train_chunk(self) -> None:
        trainer = self._trainer
        steps = self.pace.chunk()
        if steps == 0:
            return
        if self.ending.owed:  # what was to judge the last epoch was interrupted
            self.evaluations.judge()
            return
        if self.until is not None:
            steps = min(steps, self.until - trainer.step)
        started = time.perf_counter()
        chunk = trainer.run(steps)
        self.pace.took(len(chunk.steps), time.perf_counter() - started)
        self.metrics.add(chunk)
        if not chunk.finite:
            self._diverge()
        elif (reason := self.ending.after(chunk)) is not None:
            self._finish(reason)
        elif self.ending.owed:
            self.evaluations.judge()
        elif self.until is not None and trainer.step >= self.until:
            self._pause()
        else:
            self.evaluations.begin_when_due()
        if chunk.finite:
            self.keeper.keep_when_due()

    # -- commands ---------------------------------------------------------------------------------------------

    def obey(self, message: wire.ToWorker, body: bytes) -> None:
        match message:
            case wire.Go(until=until):
                self._go(until)
            case wire.Advance(n=n, unit=unit):
                self._return_to_last_good()
                self._go(step_after(self._trainer, n, unit))
            case wire.Halt():
                if self.training:
                    self._pause()
                else:
                    if next_stage(self._trainer.experiment) is not None:
                        self._finishing = ""  # the next stage waits for who lets it go on
                    self._say(RunState.PAUSED)
            case wire.Restart(seed=seed):
                self._restart(seed)
            case wire.Change():
                self._change(message)
            case wire.Assign():
                self._assign(message)
            case wire.Rewind():
                self._rewind(message)
            case wire.Fork():
                self.link.send(self.keeper.fork(message))
            case wire.SpeedLimit(steps_per_second=limit):
                self.pace.limit(limit)
            case wire.Watches(watches=watches):
                self._views.set_watches(watches)
            case wire.Feed():
                self._views.feed(message, body)
            case wire.Credit(bytes=count):
                self._views.credit(count)
            case wire.Save():
                self._save(wait=True)
            case wire.Stop():
                self._save(wait=True)
                self._stopping = True
            case wire.Start():
                raise AssertionError("start comes once")
            case _:
                assert_never(message)

    def _go(self, until: int | None) -> None:
        trainer = self._trainer
        self._return_to_last_good()
        self.until = until
        if (reason := self.ending.now()) is not None:
            if next_stage(trainer.experiment) is None:
                self._say(RunState.FINISHED)
            else:
                self._say(RunState.RUNNING)
                self._finish(reason)
            return
        self.ending.go()
        if until is not None and until <= trainer.step:
            self._pause()
            return
        self.training = True
        self.evaluations.cancel()
        self.pace.restart()
        self._say(RunState.RUNNING)

    def _pause(self) -> None:
        self.training = False
        self.metrics.flush(now=True)
        self._evaluate_now()
        self._save()
        self.keeper.stand()
        self._say(RunState.PAUSED)

    def _restart(self, seed: int) -> None:
        self.training, self.diverged = False, False
        self._trainer.restart(seed)
        self.metrics.clear()
        self.last_good = self._trainer.snapshot()
        self.keeper.begin_again()
        self.link.send(wire.Restarted(step=0))
        self._say(RunState.PAUSED)
        self.evaluations.begin_again()
        self._views.changed()

    def _rewind(self, message: wire.Rewind) -> None:
        self.metrics.flush(now=True)
        self.evaluations.cancel()
        self.saver.settle()
        left = self.keeper.rewind(message, finite=not self.diverged and self._trainer.storage.is_finite())
        if isinstance(left, RunProblem):
            self.link.send(wire.Refused(ask=message.ask, problem=left))
            return
        self.training, self.diverged, self._finishing = False, False, ""
        trainer = self._trainer
        # On the disk before anybody hears of it: a worker that comes back stands where the run stands.
        self._save(wait=True)
        self.last_good = trainer.snapshot()
        self.keeper.tell(now=True)
        document = trainer.experiment.model_dump(mode="json")
        self.link.send(
            wire.Rewound(ask=message.ask, step=trainer.step, epoch=trainer.epoch, left=left, experiment=document)
        )
        self.link.send(facts(trainer))
        self._say(RunState.PAUSED)
        self.evaluations.begin_again()
        self._views.changed()

    def _change(self, message: wire.Change) -> None:
        trainer = self._trainer
        if not self.diverged:
            self.last_good = trainer.snapshot()
            self.keeper.keep(pinned=True)
        before = trainer.experiment
        rebuilt = change(trainer, self.link, message)
        if rebuilt is None:
            return
        if self._finishing and trainer.experiment.stage != before.stage:  # went on before what ended it was measured
            self._finishing, self.training = "", True
        if rebuilt != Rebuilt() or trainer.experiment.stage != before.stage:
            self._views.changed()
        if not only_training(before, trainer.experiment):
            self._evaluate_anew()
        elif self.training:
            self.evaluations.put_off()
        if self.training:
            self._views.hurry()
            self.metrics.hurry()
        self.saver.soon()

    def _assign(self, message: wire.Assign) -> None:
        self._return_to_last_good()
        self.keeper.keep(pinned=True)
        mark = assign(self._trainer, message)
        if mark is None:
            return
        self.link.send(wire.Marked(mark=mark))
        self._views.touched()
        self._evaluate_anew()
        self.saver.soon()

    def _evaluate_anew(self) -> None:
        """What was measured of the network that was no longer holds."""
        if self.training:
            self.evaluations.cancel()
            self.evaluations.hurry()
        else:
            self._evaluate_now(None if self._finishing else QUICK)

    # -- what happens by itself -------------------------------------------------------------------------------

    def _diverge(self) -> None:
        self.training, self.diverged = False, True
        self.evaluations.cancel()
        self.metrics.flush(now=True)
        step = self._trainer.step
        good = self.last_good.step
        self.link.send(wire.Marked(mark=Mark(step=step, kind="diverged", label="diverged")))
        self._say(RunState.PAUSED, divergence(step, good))

    def _return_to_last_good(self) -> None:
        """After a divergence: back to the last finite weights, with the settings of now."""
        if not self.diverged:
            return
        trainer = self._trainer
        settings = trainer.experiment
        trainer.restore(self.last_good)
        trainer.change(settings)
        self.keeper.ring.cut(trainer.step)
        self.diverged = False
        self.link.send(wire.Restarted(step=trainer.step))
        self.link.send(wire.Marked(mark=Mark(step=trainer.step, kind="restored", label="back to finite weights")))
        self._views.changed()

    def _finish(self, reason: str) -> None:
        self.training = False
        self.metrics.flush(now=True)
        self._finishing = reason
        self._evaluate_now(None)

    def _evaluate_now(self, limit: int | None = QUICK) -> None:
        if not self.diverged:
            self.evaluations.begin(limit)

    def _evaluate(self) -> None:
        """One slice; a run that has come to its end is finished with the last."""
        if not self.evaluations.advance():
            return
        if self._finishing:
            reason, self._finishing = self._finishing, ""
            if self._next_stage():
                return
            label = f"finished: {reason}"
            self._save(wait=True)
            self.link.send(wire.Marked(mark=Mark(step=self._trainer.step, kind="finished", label=label)))
            self._say(RunState.FINISHED)
        elif self.evaluations.judged and self.training:
            self._judge()

    def _next_stage(self) -> bool:
        """The stage of now is over and measured: go on with the one that follows; False where there is none."""
        trainer = self._trainer
        self.keeper.keep(pinned=True)
        outcome = next_leg(trainer, self.link)
        if outcome is None:
            return False
        if isinstance(outcome, RunProblem):
            self._say(RunState.PAUSED, outcome)
            return True
        self.last_good = trainer.snapshot()
        self._views.changed()
        self.saver.soon()
        self._go(self.until)
        self.evaluations.hurry()  # the test curve begins anew with what it is measured on now
        return True

    def _judge(self) -> None:
        """The end of an epoch was evaluated: is it the end of the run?"""
        self.evaluations.judged = False
        trainer = self._trainer
        step = trainer.judged.step
        if (reason := self.ending.judge(self.evaluations.result)) is not None:
            self._finish(reason)
            if trainer.judged.step == step:  # the weights of before may be back
                self._views.changed()
        elif self.until is not None and trainer.step >= self.until:
            self._pause()

    def _say(self, state: RunState, problem: RunProblem | None = None) -> None:
        self.metrics.flush(now=True)
        self.link.send(wire.State(state=state, step=self._trainer.step, epoch=self._trainer.epoch, problem=problem))

    def fail(self, error: BaseException) -> None:
        """Say why, in words; the run cannot go on in this process."""
        self.training = False
        self._say(RunState.FAILED, explain(error))

    def _save(self, *, wait: bool = False) -> None:
        """Only finite weights are worth keeping."""
        trainer = self._trainer
        if self.diverged or not trainer.storage.is_finite():
            return
        if self.saver.busy and not wait:
            self.saver.soon()  # this step's turn comes after the one that is being written
            return
        self.last_good = trainer.snapshot()
        self.keeper.ring.keep(self.last_good)
        self.saver.save(self.last_good, wait=wait)
