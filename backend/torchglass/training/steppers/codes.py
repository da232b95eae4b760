"""What operations, losses and optimizers are called in the compiled step: small numbers, constants when compiling."""

from __future__ import annotations

# Operations; a row of the kernel's ``ops`` is (code, inputs, outputs, weight offset, bias offset, random row).
LINEAR, RELU, LEAKY_RELU, TANH, SIGMOID, GELU, GELU_TANH, SILU, SOFTPLUS, ELU, PRELU, STEP, DROPOUT = range(13)
#: The slope is drawn for every negative number; the largest of some neighbours; the softmax of all.
RRELU, LARGEST, SOFTMAX = range(13, 16)
# Losses.
CROSS_ENTROPY, BINARY, SQUARED, ABSOLUTE, HUBER, HINGE, HINGE_CLASSES = range(7)
#: All bits of a code must be right; a class against all others; a class's number; a mean with its log-variance.
BITS, ONE_VS_REST, CLASS_NUMBER, GAUSSIAN = range(7, 11)
# Optimizers.
SGD, ADAM, ADAMW, RMSPROP, ADAGRAD, ADADELTA = range(6)
