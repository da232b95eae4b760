"""The training step of a chain of dense layers, behind convolutions (``_blocks.py``) or not, as one compiled function
over flat buffers (numba, nopython).

Values lie as (features, batch): the inner loops run over the batch, in memory order, and are vectorised. The flat
buffers are the trainer's own, so probes, checkpoints and edits see the same memory. No allocation per step, no
Python, the GIL released, one thread.

Legend: B batch, I inputs, O outputs of one operation, P numbers in the flat parameter buffer.
"""

from __future__ import annotations

import math

import numpy as np

from torchglass.training.steppers import _blocks
from torchglass.training.steppers._compiling import inner, outer
from torchglass.training.steppers._kernel_layers import (
    backward,
    drawn_slopes,
    forward,
    largest,
    largest_back,
    softmax,
    softmax_back,
)
from torchglass.training.steppers._kernel_losses import loss_of
from torchglass.training.steppers.codes import ADAGRAD, ADAM, ADAMW, LARGEST, LINEAR, RMSPROP, RRELU, SGD, SOFTMAX


@inner
def _linear(flat, weight, bias, into, out, x, y, batch):  # type: ignore[no-untyped-def]
    for j in range(out):
        row = y[j]
        start = flat[bias + j] if bias >= 0 else flat.dtype.type(0)
        for b in range(batch):
            row[b] = start
        for i in range(into):
            w = flat[weight + j * into + i]
            for b in range(batch):
                row[b] += w * x[i, b]


@inner
def _linear_back(flat, grad, weight, bias, into, out, x, dy, dx, batch, first):  # type: ignore[no-untyped-def]
    if not first:
        for i in range(into):
            for b in range(batch):
                dx[i, b] = 0
    for j in range(out):
        if bias >= 0:
            total = flat.dtype.type(0)
            for b in range(batch):
                total += dy[j, b]
            grad[bias + j] = total
        for i in range(into):
            total = flat.dtype.type(0)
            for b in range(batch):
                total += dy[j, b] * x[i, b]
            grad[weight + j * into + i] = total
            if not first:
                w = flat[weight + j * into + i]
                for b in range(batch):
                    dx[i, b] += w * dy[j, b]


@inner
def _look(blocks, flat, work, chosen, data, index, x):  # type: ignore[no-untyped-def]
    """Those examples through the convolutions to the first dense layer's input x (features, B)."""
    batch, last = len(index), len(blocks) - 1
    _blocks.place(blocks[0], work, data, index)
    for k in range(last + 1):
        _blocks.forward(blocks[k], flat, work, chosen, batch)
        if k < last:
            _blocks.hand_on(blocks[k], blocks[k + 1], work, batch)
    _blocks.flatten(blocks[last], work, x, batch)


@inner
def _look_back(blocks, grad, work, chosen, batch, dx):  # type: ignore[no-untyped-def]
    """Gradients dx (features, B) of the first dense layer's input through the convolutions."""
    last = len(blocks) - 1
    _blocks.unflatten(blocks[last], work, dx, batch)
    for k in range(last, -1, -1):
        _blocks.backward(blocks[k], grad, work, chosen, batch, k == 0)
        if k > 0:
            _blocks.hand_back(blocks[k - 1], blocks[k], work, batch)


@inner
def _update(code, hyper, rate, t, w, g, s1, s2):  # type: ignore[no-untyped-def]
    """One optimizer step; ``hyper`` as ``plan.hyper_of`` lays it out, ``t`` counts updates from 1."""
    dtype = w.dtype.type
    lr = dtype(rate)
    if code == SGD:
        mu, nesterov, inside = dtype(hyper[0]), hyper[1] > 0, hyper[2] > 0
        for p in range(w.size):
            d = g[p] * lr if inside else g[p]
            v = mu * s1[p] + d
            s1[p] = v
            move = d + mu * v if nesterov else v
            w[p] -= move if inside else move * lr
    elif code in (ADAM, ADAMW):
        b1, b2, eps = dtype(hyper[0]), dtype(hyper[1]), dtype(hyper[2])
        scale = dtype(rate / (1 - hyper[0] ** t))
        root = dtype(math.sqrt(1 - hyper[1] ** t))
        keep = dtype(1 - rate * hyper[3]) if code == ADAMW else dtype(1)
        for p in range(w.size):
            d = g[p]
            m = s1[p] + (d - s1[p]) * (1 - b1)
            v = s2[p] * b2 + d * d * (1 - b2)
            s1[p], s2[p] = m, v
            w[p] = w[p] * keep - m / (math.sqrt(v) / root + eps) * scale
    elif code == RMSPROP:
        alpha, eps = dtype(hyper[0]), dtype(hyper[1])
        for p in range(w.size):
            d = g[p]
            v = s1[p] * alpha + d * d * (1 - alpha)
            s1[p] = v
            w[p] -= d / (math.sqrt(v) + eps) * lr
    elif code == ADAGRAD:
        eps = dtype(hyper[0])
        for p in range(w.size):
            d = g[p]
            v = s1[p] + d * d
            s1[p] = v
            w[p] -= d / (math.sqrt(v) + eps) * lr
    else:
        rho, eps = dtype(hyper[0]), dtype(hyper[1])
        for p in range(w.size):
            d = g[p]
            v = s1[p] * rho + d * d * (1 - rho)
            s1[p] = v
            delta = d * math.sqrt(s2[p] + eps) / math.sqrt(v + eps)
            s2[p] = s2[p] * rho + delta * delta * (1 - rho)
            w[p] -= delta * lr


@inner
def _limit(flat, weight, into, out, longest):  # type: ignore[no-untyped-def]
    """Scale the weights into each unit back to the length ``longest``, as ``torch.renorm`` does."""
    for j in range(out):
        start, norm = weight + j * into, 0.0
        for i in range(into):
            norm += flat[start + i] * flat[start + i]
        norm = math.sqrt(norm)
        if norm > longest:
            factor = flat.dtype.type(longest / (norm + 1e-7))
            for i in range(into):
                flat[start + i] *= factor


@outer
def train(  # type: ignore[no-untyped-def]
    ops, settings, values, grads, flat, grad, decays, s1, s2,
    blocks, work, chosen, data, labels, targets, order, starts, masks, mask_at,
    loss_code, loss_setting, optimizer, hyper, rates, updates, l1, l2, cut, clip, longest, told, at,
):  # fmt: skip
    """Steps ``starts[k]:starts[k + 1]`` of ``order`` one after the other; loss and metrics go to ``told`` (3, ...).

    They are written from column ``at`` on. ``values[k]``/``grads[k]``: (features, batch) before operation k and after
    the last. ``masks`` (steps, M): what is drawn for each random operation from ``mask_at`` on, and from its last
    place on the numbers that slopes are made of.
    """
    last, first = len(ops), -1 if len(blocks) else 0
    for step in range(len(starts) - 1):
        index = order[starts[step] : starts[step + 1]]
        batch = len(index)
        x = values[0]
        if len(blocks):
            _look(blocks, flat, work, chosen, data, index, x)
        else:
            for i in range(data.shape[1]):
                for b in range(batch):
                    x[i, b] = data[index[b], i]
        used = 0
        for k in range(last):
            code, into, out, weight, bias, row = ops[k]
            mask = masks[step, mask_at[row] :]
            if code == LINEAR:
                _linear(flat, weight, bias, into, out, values[k], values[k + 1], batch)
            elif code == LARGEST:
                largest(into // out, values[k], values[k + 1], out, batch)
            elif code == SOFTMAX:
                softmax(values[k], values[k + 1], out, batch)
            elif code == RRELU:
                used = drawn_slopes(
                    settings[k, 0], settings[k, 1], values[k], values[k + 1], out, batch,
                    mask, masks[step, mask_at[-1] :], used,
                )  # fmt: skip
            else:
                forward(code, settings[k, 0], settings[k, 1], flat, weight, values[k], values[k + 1], out, batch, mask)
        size = ops[last - 1, 2]
        told[0, at + step], told[1, at + step], told[2, at + step] = loss_of(
            loss_code, loss_setting, values[last], grads[last], size, batch, labels, targets, index
        )
        for k in range(last - 1, -1, -1):
            code, into, out, weight, bias, row = ops[k]
            mask = masks[step, mask_at[row] :]
            if code == LINEAR:
                _linear_back(flat, grad, weight, bias, into, out, values[k], grads[k + 1], grads[k], batch, k == first)
            elif code == LARGEST:
                largest_back(into // out, values[k], values[k + 1], grads[k + 1], grads[k], out, batch)
            elif code == SOFTMAX:
                softmax_back(values[k + 1], grads[k + 1], grads[k], out, batch)
            else:
                backward(
                    code, settings[k, 0], settings[k, 1], flat, grad, weight,
                    values[k], values[k + 1], grads[k + 1], grads[k], out, batch, mask,
                )  # fmt: skip
        if len(blocks):
            _look_back(blocks, grad, work, chosen, batch, grads[0])
        if l2 > 0:
            for p in range(flat.size):
                grad[p] += flat.dtype.type(l2) * flat[p] * decays[p]
        if l1 > 0:
            for p in range(flat.size):
                grad[p] += flat.dtype.type(l1) * np.sign(flat[p]) * decays[p]
        if cut > 0:
            for p in range(flat.size):
                grad[p] = min(max(grad[p], flat.dtype.type(-cut)), flat.dtype.type(cut))
        if clip > 0:
            norm = 0.0
            for p in range(flat.size):
                norm += grad[p] * grad[p]
            factor = clip / (math.sqrt(norm) + 1e-6)
            if factor < 1:
                for p in range(flat.size):
                    grad[p] *= flat.dtype.type(factor)
        _update(optimizer, hyper, rates[step], updates + step + 1, flat, grad, s1, s2)
        if longest > 0:
            for k in range(last):
                if ops[k, 0] == LINEAR:
                    _limit(flat, ops[k, 3], ops[k, 1], ops[k, 2], longest)
            for k in range(len(blocks)):
                size = blocks[k, _blocks.KERNEL] ** 2 * blocks[k, _blocks.CHANNELS]
                _limit(flat, blocks[k, _blocks.WEIGHT], size, blocks[k, _blocks.FILTERS], longest)
