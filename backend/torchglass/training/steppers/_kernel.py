"""The training step of a chain of dense layers as one compiled function over flat buffers (numba, nopython).

Values lie as (features, batch): the inner loops run over the batch, in memory order, and are vectorised. The flat
buffers are the trainer's own, so probes, checkpoints and edits see the same memory. No allocation per step, no
Python, the GIL released, one thread.

Legend: B batch, I inputs, O outputs of one operation, P numbers in the flat parameter buffer.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

# Operations of the chain; a row of ``ops`` is (code, inputs, outputs, weight offset, bias offset, dropout row).
LINEAR, RELU, LEAKY, TANH, SIGMOID, GELU, GELU_TANH, SILU, SOFTPLUS, ELU, PRELU, STEP, DROPOUT = range(13)
# Losses.
CROSS_ENTROPY, BINARY, SQUARED, ABSOLUTE, HUBER, HINGE, HINGE_CLASSES = range(7)
# Optimizers.
SGD, ADAM, ADAMW, RMSPROP, ADAGRAD, ADADELTA = range(6)

_SQRT_HALF = math.sqrt(0.5)
_GAUSS = 1 / math.sqrt(2 * math.pi)
_TANH_SCALE = math.sqrt(2 / math.pi)

_compiled: Any = njit(nogil=True, cache=True, fastmath={"reassoc", "contract", "nsz", "arcp"}, error_model="numpy")


@_compiled
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


@_compiled
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


@_compiled
def _forward(code, a, c, flat, weight, x, y, size, batch, mask):  # type: ignore[no-untyped-def]
    """Element by element; a and c are the operation's settings."""
    one, zero = flat.dtype.type(1), flat.dtype.type(0)
    for i in range(size):
        for b in range(batch):
            v = x[i, b]
            if code == RELU:
                r = v if v > 0 else zero
            elif code == LEAKY:
                r = v if v > 0 else v * a
            elif code == TANH:
                r = math.tanh(v)
            elif code == SIGMOID:
                r = one / (one + math.exp(-v))
            elif code == GELU:
                r = v * (one + math.erf(v * _SQRT_HALF)) / 2
            elif code == GELU_TANH:
                r = v / 2 * (one + math.tanh(_TANH_SCALE * (v + 0.044715 * v * v * v)))
            elif code == SILU:
                r = v / (one + math.exp(-v))
            elif code == SOFTPLUS:
                r = v if v * a > 20 else math.log1p(math.exp(v * a)) / a
            elif code == ELU:
                r = v if v > 0 else a * math.expm1(v)
            elif code == PRELU:
                r = v if v > 0 else v * flat[weight + (i if c > 0 else 0)]
            elif code == STEP:
                r = one if v > a else zero
            else:
                r = v * mask[b * size + i]
            y[i, b] = r


@_compiled
def _backward(code, a, c, flat, grad, weight, x, y, dy, dx, size, batch, mask):  # type: ignore[no-untyped-def]
    """dx = dy · dy/dx, from the input x or the output y of the operation."""
    one, zero = flat.dtype.type(1), flat.dtype.type(0)
    if code == PRELU:
        for k in range(size if c > 0 else 1):
            grad[weight + k] = 0
    for i in range(size):
        for b in range(batch):
            v, r, d = x[i, b], y[i, b], dy[i, b]
            if code == RELU:
                s = one if v > 0 else zero
            elif code == LEAKY:
                s = one if v > 0 else a * one
            elif code == TANH:
                s = one - r * r
            elif code == SIGMOID:
                s = r * (one - r)
            elif code == GELU:
                s = (one + math.erf(v * _SQRT_HALF)) / 2 + v * _GAUSS * math.exp(-v * v / 2)
            elif code == GELU_TANH:
                t = math.tanh(_TANH_SCALE * (v + 0.044715 * v * v * v))
                s = (one + t) / 2 + v / 2 * (one - t * t) * _TANH_SCALE * (one + 3 * 0.044715 * v * v)
            elif code == SILU:
                g = one / (one + math.exp(-v))
                s = g * (one + v * (one - g))
            elif code == SOFTPLUS:
                s = one if v * a > 20 else one / (one + math.exp(-v * a))
            elif code == ELU:
                s = one if v > 0 else a * math.exp(v)
            elif code == PRELU:
                k = weight + (i if c > 0 else 0)
                s = one if v > 0 else flat[k]
                if v <= 0:
                    grad[k] += d * v
            elif code == STEP:
                s = one if c > 0 and v - a >= -1 and v - a <= 1 else zero
            else:
                s = mask[b * size + i]
            dx[i, b] = d * s


@_compiled
def _loss(code, a, z, dz, size, batch, labels, targets, index):  # type: ignore[no-untyped-def]
    """(mean loss, second metric); writes the gradient of the mean. labels (N,), targets (N, size)."""
    one, zero = z.dtype.type(1), z.dtype.type(0)
    loss, second = 0.0, 0.0
    if code in (CROSS_ENTROPY, HINGE_CLASSES):
        for b in range(batch):
            label = labels[index[b]]
            best, top = 0, z[0, b]
            for k in range(1, size):
                if z[k, b] > top:
                    best, top = k, z[k, b]
            second += 1.0 if best == label else 0.0
            if code == CROSS_ENTROPY:
                total = zero
                for k in range(size):
                    dz[k, b] = math.exp(z[k, b] - top)
                    total += dz[k, b]
                loss += math.log(total) + top - z[label, b]
                for k in range(size):
                    dz[k, b] = dz[k, b] / total / batch
                dz[label, b] -= one / batch
            else:
                pull = zero
                for k in range(size):
                    excess = one + z[k, b] - z[label, b]
                    dz[k, b] = 0
                    if k != label and excess > 0:
                        loss += excess / size
                        dz[k, b] = one / size / batch
                        pull += dz[k, b]
                dz[label, b] = -pull
        return loss / batch, second / batch
    count = size * batch
    for k in range(size):
        for b in range(batch):
            v, t = z[k, b], targets[index[b], k]
            if code == BINARY:
                e = math.exp(-abs(v))
                loss += max(v, zero) - v * t + math.log1p(e)
                p = one / (one + e) if v >= 0 else e / (one + e)
                dz[k, b] = (p - t) / count
                second += 1.0 if (v > 0) == (t > 0.5) else 0.0
            elif code == HINGE:
                y = 2 * t - one
                gap = one - v * y
                loss += gap if gap > 0 else zero
                dz[k, b] = -y / count if gap > 0 else zero
                second += 1.0 if v * y > 0 else 0.0
            else:
                r = v - t
                size_r = abs(r)
                second += size_r
                sign = one if r > 0 else (-one if r < 0 else zero)
                if code == SQUARED:
                    loss += a * r * r
                    dz[k, b] = 2 * a * r / count
                elif code == ABSOLUTE:
                    loss += size_r
                    dz[k, b] = sign / count
                elif size_r <= a:
                    loss += r * r / 2
                    dz[k, b] = r / count
                else:
                    loss += a * (size_r - a / 2)
                    dz[k, b] = a * sign / count
    return loss / count, second / count


@_compiled
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


@_compiled
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


@_compiled
def train(  # type: ignore[no-untyped-def]
    ops, settings, values, grads, flat, grad, decays, s1, s2,
    data, labels, targets, order, starts, masks, mask_at,
    loss_code, loss_setting, optimizer, hyper, rates, updates, l1, l2, cut, clip, longest, losses, seconds,
):  # fmt: skip
    """Steps ``starts[k]:starts[k + 1]`` of ``order`` one after the other; writes losses and second metrics (steps,).

    ``values[k]``/``grads[k]``: (features, batch) before operation k and after the last. ``masks`` (steps, M).
    """
    last = len(ops)
    for step in range(len(starts) - 1):
        index = order[starts[step] : starts[step + 1]]
        batch = len(index)
        x = values[0]
        for i in range(data.shape[1]):
            for b in range(batch):
                x[i, b] = data[index[b], i]
        for k in range(last):
            code, into, out, weight, bias, row = ops[k]
            mask = masks[step, mask_at[row] :]
            if code == LINEAR:
                _linear(flat, weight, bias, into, out, values[k], values[k + 1], batch)
            else:
                _forward(code, settings[k, 0], settings[k, 1], flat, weight, values[k], values[k + 1], out, batch, mask)
        size = ops[last - 1, 2]
        losses[step], seconds[step] = _loss(
            loss_code, loss_setting, values[last], grads[last], size, batch, labels, targets, index
        )
        for k in range(last - 1, -1, -1):
            code, into, out, weight, bias, row = ops[k]
            mask = masks[step, mask_at[row] :]
            if code == LINEAR:
                _linear_back(flat, grad, weight, bias, into, out, values[k], grads[k + 1], grads[k], batch, k == 0)
            else:
                _backward(
                    code, settings[k, 0], settings[k, 1], flat, grad, weight,
                    values[k], values[k + 1], grads[k + 1], grads[k], out, batch, mask,
                )  # fmt: skip
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
