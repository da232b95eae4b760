"""Losses of the compiled step: the mean over a batch, what is told beside it, and the gradient of the mean.

Legend: B batch, K outputs, N examples. Scores and their gradients lie as (K, B).
"""

from __future__ import annotations

import math

import numpy as np

from torchglass.training.steppers._compiling import inner
from torchglass.training.steppers.codes import (
    ABSOLUTE,
    BINARY,
    BITS,
    CLASS_NUMBER,
    CROSS_ENTROPY,
    GAUSSIAN,
    HINGE,
    HINGE_CLASSES,
    ONE_VS_REST,
    SQUARED,
)

_LOG_TWO_PI = math.log(2 * math.pi)
_MOST = 30.0  # of a log-variance, see losses.likelihood


@inner
def loss_of(code, a, z, dz, size, batch, labels, targets, index):  # type: ignore[no-untyped-def]
    """(mean loss, first and second metric); ``a`` is the loss's setting. labels (N,), targets (N, K)."""
    if code in (CROSS_ENTROPY, HINGE_CLASSES, ONE_VS_REST):
        return _of_classes(code, z, dz, size, batch, labels, index)
    if code == GAUSSIAN:
        return _gaussian(z, dz, batch, targets, index)
    return _of_numbers(code, a, z, dz, size, batch, targets, index)


@inner
def _of_classes(code, z, dz, size, batch, labels, index):  # type: ignore[no-untyped-def]
    one, zero = z.dtype.type(1), z.dtype.type(0)
    loss, right = 0.0, 0.0
    for b in range(batch):
        label = labels[index[b]]
        best, top = 0, z[0, b]
        for k in range(1, size):
            if z[k, b] > top:
                best, top = k, z[k, b]
        right += 1.0 if best == label else 0.0
        if code == CROSS_ENTROPY:
            total = zero
            for k in range(size):
                dz[k, b] = math.exp(z[k, b] - top)
                total += dz[k, b]
            loss += math.log(total) + top - z[label, b]
            for k in range(size):
                dz[k, b] = dz[k, b] / total / batch
            dz[label, b] -= one / batch
        elif code == ONE_VS_REST:
            for k in range(size):
                v, t = z[k, b], one if k == label else zero
                e = math.exp(-abs(v))
                loss += max(v, zero) - v * t + math.log1p(e)
                dz[k, b] = ((one / (one + e) if v >= 0 else e / (one + e)) - t) / batch
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
    return loss / batch, right / batch, 0.0


@inner
def _of_numbers(code, a, z, dz, size, batch, targets, index):  # type: ignore[no-untyped-def]
    """Each output against a number of its own."""
    one, zero = z.dtype.type(1), z.dtype.type(0)
    loss, second = 0.0, 0.0
    count = size * batch
    for k in range(size):
        for b in range(batch):
            v, t = z[k, b], targets[index[b], k]
            if code in (BINARY, BITS):
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
            elif code == CLASS_NUMBER:
                loss += (v - t) * (v - t)
                dz[k, b] = 2 * (v - t) / count
                second += 1.0 if np.rint(min(max(v, zero), z.dtype.type(a))) == t else 0.0
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
    if code == BITS:
        second = size * _whole(z, size, batch, targets, index)
    return loss / count, second / count, 0.0


@inner
def _whole(z, size, batch, targets, index):  # type: ignore[no-untyped-def]
    """Examples with every bit on the right side."""
    found = 0.0
    for b in range(batch):
        right = True
        for k in range(size):
            right = right and (z[k, b] > 0) == (targets[index[b], k] > 0.5)
        found += 1.0 if right else 0.0
    return found


@inner
def _gaussian(z, dz, batch, targets, index):  # type: ignore[no-untyped-def]
    """z holds a mean and a log-variance."""
    most = z.dtype.type(_MOST)
    loss, distance, inside = 0.0, 0.0, 0.0
    for b in range(batch):
        v, t = z[1, b], targets[index[b], 0]
        s = min(max(v, -most), most)
        r = z[0, b] - t
        pull = r / math.exp(s)
        loss += (s + r * pull + _LOG_TWO_PI) / 2
        dz[0, b] = pull / batch
        dz[1, b] = (1 - r * pull) / 2 / batch if -most <= v <= most else 0
        distance += abs(r)
        inside += 1.0 if abs(r) <= math.exp(s / 2) else 0.0
    return loss / batch, distance / batch, inside / batch
