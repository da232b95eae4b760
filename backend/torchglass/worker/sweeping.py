"""A process that trains the networks of one sweep and ends."""

from __future__ import annotations

import base64
import socket
import time
from pathlib import Path
from typing import Any

from torchglass.probes.base import Target
from torchglass.probes.plane import Plane
from torchglass.protocol.run import Series
from torchglass.protocol.sweep import MOST_NETWORKS, Standing, Surface, Sweep, SweepEnded, SweepNews
from torchglass.spec.experiment import Experiment
from torchglass.tables.library import LIBRARY
from torchglass.training.baselines import NoBaselineError
from torchglass.training.sweep import Member, Members
from torchglass.training.sweep_baselines import beside
from torchglass.worker.capture import Looking, Moment, View
from torchglass.worker.job import Send, carry_out
from torchglass.worker.pinned import Pinned
from torchglass.worker.quantise import encode
from torchglass.worker.sources import Sources

#: Places across and upwards of each picture.
SIZE = 32
#: Classes beyond these are not sent.
MOST_UNITS = 10
#: Seconds between two pieces of news.
EVERY = 0.25
#: Share of the time that pictures and tests may take, beyond so many seconds that they may take anyway: of a sweep
#: that is over in a moment one wants to see how it went as well.
SHARE, FREE = 0.3, 1.0


def main(sock: socket.socket) -> None:
    """Train what is ordered over ``sock``."""
    carry_out(sock, Sweep, _work)


def _work(order: Sweep, send: Send) -> None:
    try:
        train(order, send)
        send(SweepEnded())
    except NoBaselineError as error:
        send(SweepEnded(message=f"No classical models beside the networks: {error}"))
    except MemoryError:
        send(SweepEnded(message="There is not enough memory for so many networks of this size."))


def train(order: Sweep, send: Any) -> None:
    """Trains and sends news; what it looks at takes a bounded share of the time."""
    if order.tables is not None:
        LIBRARY.use(Path(order.tables))
    experiments = [Experiment.model_validate(raw) for raw in order.experiments]
    members = Members(experiments, order.steps)
    teller = _Teller(members)
    for share in members.rounds(teller.trained, teller.look):
        if teller.due:
            send(teller.news(share))
    send(teller.news(1.0))
    if order.baselines:
        for line in beside(experiments):
            send(line)


class _Teller:
    """Gathers what is new of every network until it is told."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self._series: dict[int, dict[str, Series]] = {}
        self._surfaces: dict[int, Surface] = {}
        self._said = 0.0
        self._looked_until = 0.0
        self._looking = 0.0
        self._eyes: dict[int, _Eyes] = {}

    @property
    def due(self) -> bool:
        return time.perf_counter() - self._said >= EVERY

    def trained(self, member: Member) -> None:
        self._add(member, {f"train.{name}": value for name, value in member.means.items()})

    def look(self, last: bool) -> None:
        """Tests and pictures of every network, as soon as their share of the time allows."""
        begun = time.perf_counter()
        if begun < self._looked_until and not last:
            return
        for member in self._members.all:
            if member.trainer is None or member.state == "diverged":
                continue
            self._add(member, {f"test.{name}": value for name, value in member.test().items()})
            if member.index >= MOST_NETWORKS:  # numbers alone: nobody looks at hundreds of pictures
                continue
            surface = self._eyes.setdefault(member.index, _Eyes(member.trainer)).surface(member.step)
            if surface is not None:
                self._surfaces[member.index] = surface
        now = time.perf_counter()
        self._looking += now - begun
        wait = (now - begun) * (1 - SHARE) / SHARE
        self._looked_until = now + (wait if self._looking > FREE else 0.0)

    def news(self, share: float) -> SweepNews:
        networks = [
            Standing(
                index=member.index,
                state=member.state,
                step=member.step,
                series=self._series.get(member.index, {}),
                surface=self._surfaces.get(member.index),
                message=member.message,
            )
            for member in self._members.all
        ]
        self._series, self._surfaces = {}, {}
        self._said = time.perf_counter()
        return SweepNews(share=share, speed=self._members.speed, how=self._members.how, networks=networks)

    def _add(self, member: Member, values: dict[str, float]) -> None:
        series = self._series.setdefault(member.index, {})
        for name, value in values.items():
            known = series.get(name)
            steps, numbers = (known.steps, known.values) if known else ([], [])
            series[name] = Series(steps=[*steps, member.step], values=[*numbers, value])


class _Eyes:
    """Looks at one network over the plane."""

    def __init__(self, trainer: Any) -> None:
        self._trainer = trainer
        self._looking = Looking(trainer.model)
        self._pinned, self._sources = Pinned(trainer), Sources(trainer.data)
        self._probe = Plane(Plane.Config(size=SIZE, limit=MOST_UNITS))
        self._planar = self._pinned.grid.field is not None

    def surface(self, step: int) -> Surface | None:
        if not self._planar:
            return None
        with self._looking():
            moment = Moment(self._trainer, self._sources, self._pinned, (), step, time.monotonic(), True)
            picture = self._probe.capture(Target(), View(moment, "test:0"))
        if picture is None:
            return None
        fields, body = encode(picture)
        return Surface(
            size=SIZE,
            units=int(fields["shape"][0]),
            scale=str(picture.extra["scale"]),
            lo=fields["lo"],
            hi=fields["hi"],
            values=base64.b64encode(body).decode(),
        )
