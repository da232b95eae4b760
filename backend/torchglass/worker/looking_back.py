"""Everything that is watched: of the network that trains, and of kept steps beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from torchglass.protocol.worker import Feed, WatchSpec
from torchglass.training.ring import NOW, Ring
from torchglass.training.shadow import Shadow
from torchglass.training.trainer import Trainer
from torchglass.worker.explain import explain
from torchglass.worker.watching import Send, Together, WatchingService

#: Kept steps that are looked at, by different people, at the same time.
MOST = 4


class Views:
    """The pictures of now and of kept steps. One that is looked at no longer is used again for the next, so that
    dragging along the curve builds nothing. Call from the training thread, but for ``watched_share``."""

    def __init__(
        self,
        trainer: Trainer,
        ring: Ring,
        send: Send,
        together: Together,
        effort: Callable[[], float] | None = None,
        had: Callable[[], float] | None = None,
    ) -> None:
        self._trainer, self._ring, self._send, self._together = trainer, ring, send, together
        self.now = WatchingService(trainer, send, together=together, effort=effort, had=had)
        self._past: dict[int, tuple[Shadow, WatchingService]] = {}
        #: Looked at until just now; the next step is likely to fit into it.
        self._spare: tuple[Shadow, WatchingService] | None = None
        self._gone: dict[int, WatchSpec] = {}

    # -- what is asked -----------------------------------------------------------------------------------------

    def set_watches(self, watches: Sequence[WatchSpec]) -> None:
        """The complete set, of all steps."""
        self.now.set_watches([spec for spec in watches if spec.at is None])
        wanted: dict[int, list[WatchSpec]] = {}
        for spec in watches:
            if spec.at is not None:
                wanted.setdefault(spec.at, []).append(spec)
        self._gone = {spec.stream: spec for spec in watches if self._gone.get(spec.stream) == spec}
        idle = [self._past.pop(step) for step in list(self._past) if step not in wanted]
        for step, specs in wanted.items():
            found = self._past.get(step) or self._stand_at(step, idle, specs)
            if found is None:
                continue
            if step not in self._past:
                document = found[0].experiment.model_dump(mode="json")
                self._send({"type": "looked", "step": step, "experiment": document}, b"")
            self._past[step] = found
            found[1].set_watches(specs)
        self._ring.in_use = {(NOW, step) for step in self._past}
        if idle:
            self._spare = idle[0]

    def feed(self, feed: Feed, body: bytes) -> None:
        """Somebody's own input, for every picture."""
        for service in self._services():
            with suppress(ValueError):  # the server has checked its shape; a race with reset may not fit
                service.feed(feed, body)

    def credit(self, count: int) -> None:
        for service in self._services():
            service.credit(count)

    def changed(self) -> None:
        """The weights of now changed without a step."""
        self.now.changed()

    def touched(self) -> None:
        """A weight of now was set by hand."""
        self.now.touched()

    def hurry(self) -> None:
        """How it trains was changed: the next step's pictures are waited for."""
        self.now.hurry()

    @property
    def active(self) -> bool:
        """Whether anybody watches what may change."""
        return self.now.active

    @property
    def watched_share(self) -> float:
        return self.now.watched_share

    def serve(self, training: bool) -> None:
        """Take every picture that is due. Those of kept steps are taken once, and somebody waits for them."""
        for _, service in list(self._past.values()):
            service.serve(training=False)
        self.now.serve(training)

    # -- inner -------------------------------------------------------------------------------------------------

    def _services(self) -> list[WatchingService]:
        spare = [] if self._spare is None else [self._spare]
        return [self.now, *(service for _, service in (*self._past.values(), *spare))]

    def _stand_at(
        self, step: int, idle: list[tuple[Shadow, WatchingService]], specs: list[WatchSpec]
    ) -> tuple[Shadow, WatchingService] | None:
        """A view of a kept step: one that is no longer needed, or a new one. None, and why, where there is none."""
        checkpoint = self._ring.get(step)
        reason = f"Step {step:,} is no longer kept."
        if checkpoint is not None and len(self._past) >= MOST:
            reason = f"{MOST} other steps are being looked at; wait until somebody is back to now."
        elif checkpoint is not None:
            try:
                if self._spare is not None:
                    idle.append(self._spare)
                    self._spare = None
                for number, (shadow, service) in enumerate(idle):
                    if shadow.fits(checkpoint):
                        shadow.show(checkpoint)
                        service.set_watches([])
                        return idle.pop(number)
                shadow = Shadow(checkpoint, self._trainer)
                service = WatchingService(shadow, self._send, together=self._together)
                for feed, body in self.now.fed_by_hand():
                    with suppress(ValueError):
                        service.feed(feed, body)
                return shadow, service
            except Exception as error:  # out of memory, say: the training must not end for it
                reason = explain(error).message
        for spec in specs:
            if self._gone.get(spec.stream) != spec:
                self._gone[spec.stream] = spec
                self._send({"type": "watch_problem", "stream": spec.stream, "message": reason}, b"")
        return None
