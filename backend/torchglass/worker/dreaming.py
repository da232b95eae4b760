"""Activation maximisation: the picture that excites one unit most, found by climbing from noise.

Erhan, Bengio, Courville, Vincent (2009); decay and blur as in Yosinski et al. (2015), total variation as in Mahendran,
Vedaldi (2015), jitter as in Mordvintsev et al. (2015).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional

from torchglass.probes.base import Sight
from torchglass.protocol.studies import DreamPicture, DreamRequest
from torchglass.training.randomness import generator
from torchglass.training.trainer import Trainer
from torchglass.worker.capture import Looking, Moment, View
from torchglass.worker.pinned import Pinned
from torchglass.worker.sources import Sources

#: Steps between two blurs, and between two pictures that are told.
BLUR_EVERY, TELL_EVERY = 4, 5
#: The noise that it begins from: mean and deviation of the brightness.
GREY, SPREAD = 0.5, 0.05


class NoStudyError(ValueError):
    """Why there is nothing to study, in words."""


def view_of(trainer: Trainer) -> View:
    """The trainer as probes see it, from its first test example."""
    return View(Moment(trainer, Sources(trainer.data), Pinned(trainer), [], trainer.step, 0.0, False), "test:0")


def dream(trainer: Trainer, wanted: DreamRequest) -> Iterator[DreamPicture]:
    """The picture as it becomes clearer. Raises NoStudyError in words. The trainer is left as it was."""
    with Looking(trainer.model)():
        view = view_of(trainer)
        sight = view.sight()
        if sight is None:
            raise NoStudyError("Only a network that reads pictures and tells classes apart can be asked for its own.")
        if all(node.id != wanted.node for node in trainer.subject.network.nodes):
            raise NoStudyError(f"The network has no layer {wanted.node!r}.")
        said = wanted.node in trainer.recipe.outputs(trainer.subject)
        stream = generator(trainer.experiment.seed, "dream", wanted.seed)
        picture = (GREY + SPREAD * torch.randn(sight.x.shape, generator=stream)).clamp(0, 1).to(sight.x)
        adam = torch.optim.Adam([picture], lr=wanted.rate, maximize=True)
        for step in range(1, wanted.steps + 1):
            across, down = (int(torch.randint(-wanted.jitter, wanted.jitter + 1, (), generator=stream)) for _ in "xy")
            moved = picture.roll((down, across), (2, 3))
            pull, score, share = _pull(sight, moved, wanted, said)
            picture.grad = pull.roll((-down, -across), (2, 3))
            adam.step()
            picture.clamp_(0, 1)
            if wanted.blur > 0 and step % BLUR_EVERY == 0 and step < wanted.steps:
                picture.copy_(blurred(picture, wanted.blur))
            if step == 1 or step == wanted.steps or step % TELL_EVERY == 0:
                yield _told(picture, step, wanted.steps, score, share)


def _pull(sight: Sight, picture: Tensor, wanted: DreamRequest, said: bool) -> tuple[Tensor, float, float | None]:
    """The gradient of what is climbed, how strongly the unit answers, and its share of the answer."""
    with torch.enable_grad():
        leaf = picture.detach().clone().requires_grad_(True)
        scores, values = sight.through(sight.black + leaf * sight.unit, wanted.node)
        units = scores if said else values.flatten(2).mean(dim=2) if values.dim() > 2 else values.reshape(1, -1)
        if wanted.unit >= units.shape[1]:
            raise NoStudyError(f"That layer has {units.shape[1]} units, counted from 0: {wanted.unit} is none.")
        score = units[0, wanted.unit]
        climbed = score - wanted.l2 * leaf.square().mean() - wanted.variation * variation(leaf)
        if not score.requires_grad:
            raise NoStudyError("No gradient reaches the picture from that layer.")
        (pull,) = torch.autograd.grad(climbed, [leaf])
    share = float(scores.detach().softmax(dim=1)[0, wanted.unit]) if said else None
    return pull, float(score.detach()), share


def variation(picture: Tensor) -> Tensor:
    """The mean distance between neighbouring pixels."""
    return picture.diff(dim=2).abs().mean() + picture.diff(dim=3).abs().mean()


def blurred(picture: Tensor, deviation: float) -> Tensor:
    """A Gaussian blur of that deviation in pixels; its border repeats the edge."""
    reach = max(1, round(3 * deviation))
    places = torch.arange(-reach, reach + 1, dtype=picture.dtype, device=picture.device)
    kernel = torch.exp(-0.5 * (places / deviation).square())
    kernel = kernel / kernel.sum()
    channels = picture.shape[1]
    for side, shape in ((2, (1, 1, -1, 1)), (3, (1, 1, 1, -1))):
        padding = (0, 0, reach, reach) if side == 2 else (reach, reach, 0, 0)
        padded = functional.pad(picture, padding, mode="replicate")
        picture = functional.conv2d(padded, kernel.view(shape).repeat(channels, 1, 1, 1), groups=channels)
    return picture


def _told(picture: Tensor, done: int, total: int, score: float, share: float | None) -> DreamPicture:
    pixels = (picture[0] * 255).round().to("cpu", torch.uint8).numpy()
    channels, height, width = pixels.shape
    return DreamPicture(
        done=done,
        total=total,
        score=score,
        share=share,
        shape=(channels, height, width),
        pixels=base64.b64encode(pixels.tobytes()).decode(),
    )
