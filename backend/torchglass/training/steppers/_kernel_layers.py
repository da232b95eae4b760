"""Layers of the compiled step without weights of their own but PReLU's slopes: values lie as (features, batch)."""

from __future__ import annotations

import math

from torchglass.training.steppers._compiling import inner
from torchglass.training.steppers.codes import (
    ELU,
    GELU,
    GELU_TANH,
    LEAKY_RELU,
    PRELU,
    RELU,
    SIGMOID,
    SILU,
    SOFTPLUS,
    STEP,
    TANH,
)

_SQRT_HALF = math.sqrt(0.5)
_GAUSS = 1 / math.sqrt(2 * math.pi)
_TANH_SCALE = math.sqrt(2 / math.pi)


@inner
def forward(code, a, c, flat, weight, x, y, size, batch, mask):  # type: ignore[no-untyped-def]
    """Element by element; a and c are the operation's settings."""
    one, zero = flat.dtype.type(1), flat.dtype.type(0)
    for i in range(size):
        for b in range(batch):
            v = x[i, b]
            if code == RELU:
                r = v if v > 0 else zero
            elif code == LEAKY_RELU:
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


@inner
def backward(code, a, c, flat, grad, weight, x, y, dy, dx, size, batch, mask):  # type: ignore[no-untyped-def]
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
            elif code == LEAKY_RELU:
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


@inner
def drawn_slopes(lower, upper, x, y, size, batch, slopes, drawn, used):  # type: ignore[no-untyped-def]
    """RReLU: every negative number takes the next of the numbers ``drawn`` in [0, 1), example by example as PyTorch
    goes. Writes its slope, or 1, to ``slopes`` (batch · size); how many are used now."""
    for b in range(batch):
        for i in range(size):
            v, slope = x[i, b], x.dtype.type(1)
            if v <= 0:
                slope = x.dtype.type(drawn[used] * (upper - lower) + lower)
                used += 1
            slopes[b * size + i] = slope
            y[i, b] = v * slope
    return used


@inner
def largest(pieces, x, y, size, batch):  # type: ignore[no-untyped-def]
    """Maxout: the largest of ``pieces`` neighbours."""
    for j in range(size):
        for b in range(batch):
            y[j, b] = x[j * pieces, b]
        for k in range(j * pieces + 1, (j + 1) * pieces):
            for b in range(batch):
                y[j, b] = max(y[j, b], x[k, b])


@inner
def largest_back(pieces, x, y, dy, dx, size, batch):  # type: ignore[no-untyped-def]
    """Several that are equally large share the gradient, as in ``torch.amax``."""
    for j in range(size):
        for b in range(batch):
            equal = 0
            for k in range(j * pieces, (j + 1) * pieces):
                equal += 1 if x[k, b] == y[j, b] else 0
            for k in range(j * pieces, (j + 1) * pieces):
                dx[k, b] = dy[j, b] / equal if x[k, b] == y[j, b] else 0


@inner
def softmax(x, y, size, batch):  # type: ignore[no-untyped-def]
    for b in range(batch):
        top, total = x[0, b], x.dtype.type(0)
        for i in range(1, size):
            top = max(top, x[i, b])
        for i in range(size):
            y[i, b] = math.exp(x[i, b] - top)
            total += y[i, b]
        for i in range(size):
            y[i, b] /= total


@inner
def softmax_back(y, dy, dx, size, batch):  # type: ignore[no-untyped-def]
    """dx_i = y_i (dy_i − Σ_j y_j dy_j)."""
    for b in range(batch):
        mean = y.dtype.type(0)
        for i in range(size):
            mean += y[i, b] * dy[i, b]
        for i in range(size):
            dx[i, b] = y[i, b] * (dy[i, b] - mean)
