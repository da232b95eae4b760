"""What a layer knows of thousands of examples, laid out by t-SNE: van der Maaten, Hinton (2008).

A map is made in stages, each from where the last one ended, so that it can be seen to grow; the neighbours are found
once.
"""

from __future__ import annotations

import base64
from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
import torch

from torchglass.probes._numbers import array, class_shares
from torchglass.protocol.base import Message
from torchglass.protocol.studies import MapPoints, MapRequest, StudyProgress
from torchglass.training.trainer import Trainer
from torchglass.worker.capture import Looking
from torchglass.worker.dreaming import NoStudyError, view_of

#: Components that are kept before neighbours are looked for, as its authors advise.
_COMPONENTS = 50
_BLOCK = 250
#: Stages, the first of them with the clusters exaggerated, and their iterations (the fewest that scikit-learn takes).
_STAGES, _ITERATIONS = 4, 250


_Passed = tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]


def mapped(trainer: Trainer, wanted: MapRequest) -> Iterator[Message]:
    """Progress and, after each stage, where everything lies. Raises NoStudyError in words."""
    if all(node.id != wanted.node for node in trainer.subject.network.nodes):
        raise NoStudyError(f"The network has no layer {wanted.node!r}.")
    count = min(wanted.examples, trainer.data.count("test"))
    if count < 100:
        raise NoStudyError("A map needs at least 100 test examples.")
    values, labels, said, classes = yield from _passed(trainer, wanted.node, count)
    yield StudyProgress(done=0, total=_STAGES, words="looking for neighbours")
    reduced, near = _neighbours(values, wanted.perplexity)
    places = reduced[:, :2] / max(float(reduced[:, 0].std()), 1e-12) * 1e-4
    for stage in range(_STAGES):
        places = _stage(near, places, wanted.perplexity, first=stage == 0)
        yield StudyProgress(done=stage + 1, total=_STAGES, words=f"{(stage + 1) * _ITERATIONS} iterations")
        yield MapPoints(
            count=count,
            places=_packed(places.astype("<f4")),
            labels=_packed(labels.astype("<i2")),
            said=_packed(said.astype("<i2")),
            classes=classes,
        )


def _passed(trainer: Trainer, node: str, count: int) -> Generator[Message, None, _Passed]:
    """(N, D) outputs, (N) classes and answers (−1: none), names of the classes."""
    values, answers = [], []
    with Looking(trainer.model)():
        view = view_of(trainer)
        for first in range(0, count, _BLOCK):
            outputs, read = view.passed("test", list(range(first, min(first + _BLOCK, count))))
            values.append(array(torch.nan_to_num(outputs[node].flatten(1))).copy())
            if read is not None and read.dim() == 2 and view.classes():
                answers.append(array(class_shares(read, view)).argmax(axis=1))
            yield StudyProgress(done=min(first + _BLOCK, count), total=count, words="passing the images through")
        field = view.target_field()
        labels = none = np.full(count, -1)
        if field is not None and view.classes():
            labels = view.examples_raw("test", list(range(count)))[field].reshape(count, -1)[:, 0]
    return np.concatenate(values), labels, np.concatenate(answers) if answers else none, list(view.classes())


def _neighbours(values: np.ndarray, perplexity: float) -> tuple[np.ndarray, Any]:
    """The first components (N, ≤ 50), and the graph of the distances to the nearest (N, N), sparse."""
    from sklearn.decomposition import PCA
    from sklearn.neighbors import kneighbors_graph

    reduced = PCA(min(_COMPONENTS, *values.shape), random_state=0).fit_transform(values)
    count = min(len(values) - 1, int(3 * perplexity) + 2)
    return reduced, kneighbors_graph(reduced, count, mode="distance")


def _stage(near: Any, places: np.ndarray, perplexity: float, *, first: bool) -> np.ndarray:
    from sklearn.manifold import TSNE

    work = TSNE(
        perplexity=perplexity,
        early_exaggeration=12.0 if first else 1.0,
        max_iter=_ITERATIONS,
        init=np.ascontiguousarray(places, np.float32),
        metric="precomputed",
        random_state=0,
        n_jobs=1,
    )
    found: np.ndarray = work.fit_transform(near)
    return found


def _packed(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode()
