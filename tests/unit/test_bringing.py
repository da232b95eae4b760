"""What a look reads of an accelerator is copied together; tried on the processor, where copies are there at once."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from probes_fakes import EVERYTHING, FakeTrainer, watch

from torchglass.probes import _host
from torchglass.probes._host import Brought, bringing, on_host
from torchglass.probes._numbers import MOST_VALUES, array
from torchglass.worker import watching
from torchglass.worker.bringing import read_of
from torchglass.worker.capture import Looking, Moment
from torchglass.worker.pinned import Pinned
from torchglass.worker.sources import Sources
from torchglass.worker.watching import WatchingService

WHOLE = torch.arange(2 * 3 * 4 * 5, dtype=torch.float32).reshape(2, 3, 4, 5)
PARTS = {
    "itself": WHOLE,
    "a row": WHOLE[1:2],
    "a map": WHOLE[1, 2],
    "a column": WHOLE[:, :, 3, 1],
    "every second": WHOLE[..., ::2],
    "another order": WHOLE.permute(3, 1, 0, 2),
    "one number": WHOLE[1, 2, 3, 4],
    "flat": WHOLE.flatten(),
}


@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_what_was_brought_is_found_in_the_copy(part: str) -> None:
    tensor = PARTS[part]
    found = Brought([WHOLE]).find(tensor)
    assert found is not None
    assert found.untyped_storage().data_ptr() != tensor.untyped_storage().data_ptr()
    assert torch.equal(found, tensor)


def test_two_weights_in_one_memory_are_told_apart() -> None:
    flat = torch.arange(12.0)
    first, second = flat[:4].view(2, 2), flat[4:12].view(2, 4)
    brought = Brought([first, second])
    for tensor in (first, second, second[1], first.t()):
        assert torch.equal(brought.find(tensor), tensor)
    assert brought.find(flat) is None, "only a part of it was brought"
    assert brought.find(flat[3:5]) is None, "it lies in two copies"


@pytest.mark.parametrize("other", [WHOLE + 1, WHOLE.view(torch.int32), torch.empty(0)])
def test_what_was_not_brought_is_copied_by_itself(other: torch.Tensor) -> None:
    assert Brought([WHOLE]).find(other) is None
    with bringing([WHOLE]):
        assert torch.equal(on_host(other), other)


def test_what_is_laid_out_in_another_way_keeps_it() -> None:
    last = torch.randn(2, 3, 4, 5).contiguous(memory_format=torch.channels_last)
    with bringing([last]):
        assert (array(last[0]) == last[0].numpy()).all()
    holes = WHOLE[..., ::2]
    assert Brought([holes]).find(holes) is None


def test_outside_a_look_nothing_is_looked_for() -> None:
    with bringing([WHOLE]):
        assert on_host(WHOLE).data_ptr() != WHOLE.data_ptr()
    assert on_host(WHOLE).data_ptr() == WHOLE.data_ptr()


def test_the_first_who_reads_waits_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[str] = []

    class Event:
        def synchronize(self) -> None:
            waited.append("once")

    monkeypatch.setattr(_host, "_event", lambda device: Event())
    brought = Brought([WHOLE, torch.ones(3)])
    assert waited == []
    for _ in range(3):
        brought.find(WHOLE[0])
    assert waited == ["once"]


def _sent(far: bool) -> list[tuple[dict[str, Any], bytes]]:
    torch.manual_seed(0)
    sent: list[tuple[dict[str, Any], bytes]] = []
    service = WatchingService(FakeTrainer(), lambda header, body: sent.append((header, bytes(body))))
    service._afar = far
    service.set_watches(EVERYTHING)
    service.serve(False)
    return sent


def test_pictures_are_the_same_whether_they_are_brought_or_not() -> None:
    near, far = _sent(far=False), _sent(far=True)
    assert len(near) == len(EVERYTHING)
    assert far == near


def test_on_the_processor_nothing_is_brought(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "bringing", lambda tensors: pytest.fail("brought"))
    sent: list[str] = []
    service = WatchingService(FakeTrainer(), lambda header, body: sent.append(str(header["type"])))
    service.set_watches([watch(1, "activations", "conv")])
    service.serve(False)
    assert sent == ["frame"]


def test_what_is_asked_for_is_bounded_and_each_tensor_comes_once() -> None:
    trainer = FakeTrainer()
    sources = Sources(trainer.data)
    service = WatchingService(trainer, lambda header, body: None)
    service.set_watches(EVERYTHING)
    asked = [(w.needs, w.spec.node, "test:0") for w in service._watches.values()]
    with Looking(trainer.model)():
        moment = Moment(trainer, sources, Pinned(trainer), ["test:0"], 0, 0.0, False)
        found = read_of(moment, asked)
    assert len({id(tensor) for tensor in found}) == len(found)
    assert 0 < sum(tensor.numel() for tensor in found) <= MOST_VALUES
    assert {id(p) for p in moment.parameters().values()} <= {id(tensor) for tensor in found}
