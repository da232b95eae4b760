"""Serves everything that is watched, between two chunks of training and within a budget of time."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pydantic import ValidationError

from torchglass.probes._host import bringing
from torchglass.probes._pieces import SpreadProbe
from torchglass.probes.base import PROBES, LaterError, Needs, Picture, Probe, Target
from torchglass.protocol.worker import Feed, WatchSpec
from torchglass.worker.bringing import read_of
from torchglass.worker.budget import WINDOW, Budget
from torchglass.worker.capture import Looking, Moment, View
from torchglass.worker.pinned import Pinned
from torchglass.worker.quantise import encode
from torchglass.worker.sources import Sources
from torchglass.worker.spreading import Spread

Send = Callable[[dict[str, Any], bytes], None]
#: What is sent inside leaves in one piece.
Together = Callable[[], AbstractContextManager[None]]

#: Bytes of pictures that may be on their way before the server grants more; also the most that it can grant.
INITIAL_CREDIT = 4 * 1024 * 1024
#: Rate (1/s) of what needs a pass of its own: gradients, evaluation, many examples.
SLOW_RATE = 2.0
#: One look lasts about so long at most (seconds), so that commands are obeyed in time.
_LOOK = 0.010
#: A look counts as so many times what was expected of it at most.
_OUTLIER = 20
#: Part of the budget for slow pictures while quick ones are watched as well.
_SLOW_PART = 0.4


@dataclass(slots=True)
class _Watch:
    spec: WatchSpec
    probe: Probe
    needs: Needs
    spread: Spread | None
    due: float = 0.0
    #: Just asked for, or its input has just changed: somebody waits for it, so it goes before the budget.
    urgent: bool = True
    #: Has it ever shown anything? Until then its blocks stay urgent.
    shown: bool = False
    seen: tuple[object, ...] | None = None
    slow: bool = field(init=False)

    def __post_init__(self) -> None:
        forward = bool(self.needs.activations) or self.needs.everything
        self.slow = self.needs.evaluation or self.needs.own_pass or (self.needs.gradients and not forward)

    @property
    def period(self) -> float:
        return 1 / min(self.spec.rate, SLOW_RATE if self.slow else 60.0)


class WatchingService:
    """Everything that is watched of one trainer. Latest wins: nothing is queued, a late picture is not taken.

    Call every method from the training thread (``watched_share`` may be read from any).
    ``send(header, body)`` takes Frame and WatchProblem messages of protocol.worker. ``effort`` measures what a look
    costs (default: the clock): on the CPU the thread's own time, so that a look during which another process had the
    processor is not paid for twice.
    """

    def __init__(
        self,
        trainer: Any,
        send: Send,
        clock: Callable[[], float] = time.perf_counter,
        budget: float = 0.05,
        together: Together = nullcontext,
        effort: Callable[[], float] | None = None,
        had: Callable[[], float] | None = None,
    ) -> None:
        self._together, self._effort, self._had = together, effort or clock, had or clock
        self._trainer, self._send, self._clock = trainer, send, clock
        self._specs: list[WatchSpec] = []
        self._watches: dict[int, _Watch] = {}
        self._refused: dict[int, WatchSpec] = {}
        self._credit = INITIAL_CREDIT
        self._budget = {slow: Budget(budget) for slow in (False, True)}
        self._cost = {False: 0.0, True: 0.0}  # seconds per watch, by slow
        self._changes = 0
        self._next = 0.0
        self._bind()

    # -- what is asked -----------------------------------------------------------------------------------------

    def set_watches(self, watches: list[WatchSpec]) -> None:
        """The complete set. One that can never show anything is answered once with a WatchProblem."""
        kept, self._watches = self._watches, {}
        self._specs = list(watches)
        streams = {spec.stream for spec in watches}
        self._refused = {stream: spec for stream, spec in self._refused.items() if stream in streams}
        for spec in watches:
            old = kept.get(spec.stream)
            if old is not None and old.spec.model_copy(update={"asked": spec.asked}) == spec:
                if old.spec.asked != spec.asked:
                    old.spec, old.seen = spec, None  # who has just come has seen nothing yet
                self._watches[spec.stream] = old
            elif self._refused.get(spec.stream) != spec and (made := self._make(spec)) is not None:
                self._watches[spec.stream] = made
        self._next = 0.0

    def feed(self, feed: Feed, body: bytes | memoryview) -> None:
        """Somebody's input; its watches become due at once. ValueError in words where it does not fit the data."""
        with self._looking():
            self._sources.feed(feed, body)
        for watch in self._watches.values():
            if watch.spec.source == f"slot:{feed.slot}":
                watch.due = self._next = 0.0
                watch.urgent = True

    def fed_by_hand(self) -> list[tuple[Feed, bytes]]:
        """Every input that somebody gave."""
        return self._sources.fed_by_hand()

    def credit(self, count: int) -> None:
        """The server took ``count`` bytes of picture bodies off its hands."""
        self._credit = min(self._credit + max(count, 0), INITIAL_CREDIT)

    def changed(self) -> None:
        """The weights or the data changed without a step (restart, restore, edit): look again, even paused."""
        self._changes += 1
        self._bind()
        specs, self._refused, self._watches = self._specs, {}, {}
        self.set_watches(specs)

    def touched(self) -> None:
        """A weight was changed by hand: every picture is news."""
        self._changes += 1
        self._next = 0.0
        for watch in self._watches.values():
            watch.due = 0.0

    def hurry(self) -> None:
        """Somebody has changed how it trains, and waits for what the next steps make of it: every quick picture is due
        as soon as there is one that was not seen."""
        self._next = 0.0
        stamp = self._stamp(training=True)
        for watch in self._watches.values():
            if not watch.slow:
                watch.due, watch.urgent = 0.0, True
                source = self._sources.resolve(watch.spec.source)
                watch.seen = (stamp, source, self._sources.version(watch.spec.source)) if source else watch.seen

    @property
    def active(self) -> bool:
        """Whether anybody watches anything."""
        return bool(self._watches)

    @property
    def watched_share(self) -> float:
        """Share of the last second that went into looking, 0..1. May be read from any thread."""
        now = self._clock()
        return min(1.0, sum(budget.recent(now) for budget in self._budget.values()))

    # -- serving -----------------------------------------------------------------------------------------------

    def serve(self, training: bool) -> None:
        """Take and send every picture that is due and can be afforded."""
        if not self._watches:
            return
        start = self._clock()
        if start < self._next or self._credit <= 0:
            return
        if self._trainer.model is not self._model or self._trainer.data is not self._sources.data:
            self.changed()
        self._next = start + 1.0
        for slow in (False, True):
            self._serve_kind(slow, training)

    def _serve_kind(self, slow: bool, training: bool) -> None:
        watches = [watch for watch in self._watches.values() if watch.slow == slow]
        if not watches:
            return
        now = self._clock()
        stamp = self._stamp(training)
        due = [w for w in watches if w.due <= now and self._credit > 0 and self._news(w, stamp)]
        due.sort(key=lambda watch: (not watch.urgent, watch.due))
        cost = self._cost[slow]
        if cost and training:
            due = due[: max(1, int(_LOOK / cost))]
        budget = self._budget[slow]
        if (
            due
            and training
            and not budget.allows(now, self._had(), cost * len(due), self._weight(slow, len(watches), now))
        ):
            due = [watch for watch in due if watch.urgent]
        if not due:
            self._next = min([self._next, *(w.due for w in watches)])
            return
        begun = self._effort()
        self._look(due, stamp, now, training)
        end, spent = self._clock(), self._effort() - begun
        # One look in which memory was tidied up, or something loaded, must not end looking for half a minute; where
        # looks have become that costly, a few more will tell.
        told = min(spent, _OUTLIER * cost * len(due)) if cost else spent
        budget.charge(end, spent, told if training else 0.0)
        self._cost[slow] = 0.8 * cost + 0.2 * told / len(due) if cost else told / len(due)
        self._next = min([self._next, *(w.due for w in watches)])

    def _weight(self, slow: bool, count: int, now: float) -> float:
        """The part of the budget for this kind: its own, and what the other kind leaves of its own."""
        if count == len(self._watches):
            return 1.0
        other = self._budget[not slow]
        theirs = 1 - _SLOW_PART if slow else _SLOW_PART
        return 1 - min(theirs, other.spent(now) / (other.share * WINDOW))

    def _news(self, watch: _Watch, stamp: tuple[object, ...]) -> bool:
        source = self._sources.resolve(watch.spec.source)
        return source is not None and watch.seen != (stamp, source, self._sources.version(watch.spec.source))

    def _stamp(self, training: bool) -> tuple[object, ...]:
        """Differs whenever the network may have changed."""
        trainer = self._trainer
        written = 0 if training else sum(p._version for p in trainer.model.parameters_by_name().values())
        return trainer.step, self._changes, training, written

    def _look(self, due: list[_Watch], stamp: tuple[object, ...], now: float, training: bool) -> None:
        resolved = {w.spec.stream: self._sources.resolve(w.spec.source) or "" for w in due}
        wanted = [resolved[w.spec.stream] for w in due if w.needs.everything or w.needs.activations]
        with self._together(), self._looking():
            moment = Moment(self._trainer, self._sources, self._pinned, wanted, stamp, now, training)
            with self._brought(due, moment, resolved) if self._afar else nullcontext():
                for watch in due:
                    source = resolved[watch.spec.stream]
                    watch.seen = (stamp, source, self._sources.version(watch.spec.source))
                    watch.urgent = False
                    watch.due = max(watch.due + watch.period, now) if watch.due > now - 1 else now + watch.period
                    if self._credit > 0:
                        self._take(watch, moment, source)

    @staticmethod
    def _brought(due: list[_Watch], moment: Moment, resolved: dict[int, str]) -> AbstractContextManager[None]:
        """What is going to be read of an accelerator is asked for at once. Whatever fails here, the pictures say."""
        with suppress(Exception):
            return bringing(read_of(moment, [(w.needs, w.spec.node, resolved[w.spec.stream]) for w in due]))
        return nullcontext()

    def _take(self, watch: _Watch, moment: Moment, source: str) -> None:
        spec = watch.spec
        try:
            with np.errstate(all="ignore"):  # a diverged network is full of infinities; they are counted, not warned of
                picture, step = self._captured(watch, moment, Target(spec.node, spec.tap, source))
                if picture is None:
                    raise ValueError("There is nothing to see here.")
                fields, body = encode(picture)
        except LaterError:
            watch.urgent = not watch.shown
            watch.seen, watch.due = None, self._clock()  # the next block of it, as soon as there is time
        except ValueError as error:
            self._refuse(spec, str(error))
        except KeyError as error:
            self._refuse(spec, f"The network has no {error.args[0]!r} to show.")
        except Exception as error:  # whatever a probe does wrong must not end the training
            self._refuse(spec, f"This picture failed ({type(error).__name__}): {str(error)[:200]}")
        else:
            watch.shown = True
            self._credit -= len(body)
            self._send({"type": "frame", "stream": spec.stream, "step": step, **fields}, body)

    def _captured(self, watch: _Watch, moment: Moment, target: Target) -> tuple[Picture | None, int]:
        """The picture and its step; LaterError where it has only come further."""
        if watch.spread is not None and watch.seen is not None:
            picture = watch.spread.capture(target, self._sources, watch.seen)
            watch.seen = watch.spread.seen  # of the step at which it began: if that has passed, it is taken again
            return picture, watch.spread.step
        moment.behind = False
        picture = watch.probe.capture(target, View(moment, target.source))
        if moment.behind:
            watch.seen = None
        return picture, self._trainer.step

    # -- checking ----------------------------------------------------------------------------------------------

    def _bind(self) -> None:
        self._model = self._trainer.model
        self._afar = self._model.device.type != "cpu"
        self._looking = Looking(self._model)
        self._sources = self._carried()
        self._pinned = Pinned(self._trainer)

    def _carried(self) -> Sources:
        """The sources; own inputs survive as long as they fit the data."""
        old: Sources | None = getattr(self, "_sources", None)
        if old is not None and old.data is self._trainer.data:
            return old
        new = Sources(self._trainer.data)
        for feed, body in old.fed_by_hand() if old is not None else ():
            with suppress(ValueError), self._looking():
                new.feed(feed, body)
        return new

    def _make(self, spec: WatchSpec) -> _Watch | None:
        problem = self._sources.problem(spec.source)
        if spec.probe not in PROBES:
            problem = f"There is no way of looking called {spec.probe!r}."
        elif PROBES[spec.probe].scope == "node" and spec.node is None:
            problem = "Choose a node to look at."
        elif spec.node is not None and all(node.id != spec.node for node in self._trainer.subject.network.nodes):
            problem = f"The network has no node {spec.node!r}."
        if problem is None:
            try:
                probe = PROBES.make(spec.probe, spec.options)
                spread = Spread(self._trainer, probe) if isinstance(probe, SpreadProbe) else None
                return _Watch(spec, probe, probe.needs(Target(spec.node, spec.tap, spec.source)), spread)
            except ValidationError as error:
                first = error.errors()[0]
                problem = f"Option {'.'.join(map(str, first['loc']))}: {first['msg']}."
            except ValueError as error:
                problem = str(error)
        self._refuse(spec, problem)
        return None

    def _refuse(self, spec: WatchSpec, message: str) -> None:
        self._watches.pop(spec.stream, None)
        self._refused[spec.stream] = spec
        self._send({"type": "watch_problem", "stream": spec.stream, "message": message}, b"")
