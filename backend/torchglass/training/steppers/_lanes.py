"""Inner loops over eight lanes that numba's own vectoriser does not find: written as LLVM instructions.

numba cannot know that two arrays do not overlap, so it checks before each short loop and keeps no sums in registers:
four times slower for windows of 5 × 5. Each function works on flat arrays of one float type from given offsets, in
elements; nothing is checked, whoever calls leaves ``LANES`` numbers of room behind the last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

LANES = 8
#: Places that are convolved together: one accumulator each, and a weight is loaded once for all.
TILE, HALF_TILE = 8, 4
#: As what numba calls with the first argument filled in by itself.
_instructions: Any = intrinsic
_INT = ir.IntType(64)
_FREE = ("contract",)  # a product and a sum may be rounded once


class _Writer:
    """Loads and stores vectors of one array type; the elements need no alignment beyond their own."""

    def __init__(self, context: Any, builder: Any, array_type: Any) -> None:
        self.context, self.builder = context, builder
        self.element = context.get_data_type(array_type.dtype)
        self.vector = ir.VectorType(self.element, LANES)
        self.align = array_type.dtype.bitwidth // 8

    def pointer(self, array_type: Any, array: Any, offset: Any) -> Any:
        data = self.context.make_array(array_type)(self.context, self.builder, array).data
        return self.builder.gep(data, [offset])

    def at(self, pointer: Any, offset: Any) -> Any:
        return self.builder.gep(pointer, [offset])

    def load(self, pointer: Any) -> Any:
        return self.builder.load(self.builder.bitcast(pointer, self.vector.as_pointer()), align=self.align)

    def store(self, value: Any, pointer: Any) -> None:
        vector = ir.VectorType(value.type.element, LANES)
        self.builder.store(value, self.builder.bitcast(pointer, vector.as_pointer()), align=self.align)

    def splat(self, scalar: Any) -> Any:
        vector = ir.VectorType(scalar.type, LANES)
        one = self.builder.insert_element(ir.Constant(vector, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0))
        return self.builder.shuffle_vector(
            one, ir.Constant(vector, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        )

    def multiply_add(self, first: Any, second: Any, total: Any) -> Any:
        return self.builder.fadd(self.builder.fmul(first, second, flags=_FREE), total, flags=_FREE)

    def loop(self, count: Any, carried: list[Any], body: Callable[[Any, list[Any]], list[Any]]) -> list[Any]:
        """``body`` for 0 ≤ i < count; what it returns is what the next turn, and at last the caller, gets."""
        builder = self.builder
        before, head = builder.block, builder.append_basic_block("head")
        inside, after = builder.append_basic_block("inside"), builder.append_basic_block("after")
        builder.branch(head)
        builder.position_at_end(head)
        i = builder.phi(_INT)
        values = [builder.phi(value.type) for value in carried]
        builder.cbranch(builder.icmp_signed("<", i, count), inside, after)
        builder.position_at_end(inside)
        results = body(i, values)
        following = builder.add(i, ir.Constant(_INT, 1))
        last = builder.block
        builder.branch(head)
        for phi, first, result in zip(
            [i, *values], [ir.Constant(_INT, 0), *carried], [following, *results], strict=True
        ):
            phi.add_incoming(first, before)
            phi.add_incoming(result, last)
        builder.position_at_end(after)
        return values


def _tile(places: int) -> Any:
    """``tile(y, at, step, x, from, hop, row, w, weights, bias, rows, length)``: eight filters at so many places.

    y[at + r·step : +8] = w[bias : +8] + Σ over ``rows`` of ``length`` numbers of x, those of place r beginning at
    x[from + r·hop] and ``row`` apart, each times the next eight weights from w[weights].
    """

    @_instructions
    def tile(typing, y, at, step, x, begin, hop, row, w, weights, bias, rows, length):  # type: ignore[no-untyped-def]
        def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
            y_, at_, step_, x_, begin_, hop_, row_, w_, weights_, bias_, rows_, length_ = arguments
            write = _Writer(context, builder, y)
            from_x, from_w = write.pointer(x, x_, begin_), write.pointer(w, w_, weights_)
            start = write.load(write.pointer(w, w_, bias_))
            hops = [builder.mul(hop_, ir.Constant(_INT, r)) for r in range(places)]

            def along_row(i: Any, totals: list[Any]) -> list[Any]:
                line = write.at(from_x, builder.mul(i, row_))
                lines = [write.at(line, one) for one in hops]
                these = write.at(from_w, builder.mul(builder.mul(i, length_), ir.Constant(_INT, LANES)))

                def add(k: Any, sums: list[Any]) -> list[Any]:
                    weight = write.load(write.at(these, builder.mul(k, ir.Constant(_INT, LANES))))
                    return [
                        write.multiply_add(write.splat(builder.load(write.at(place, k))), weight, total)
                        for place, total in zip(lines, sums, strict=True)
                    ]

                return write.loop(length_, totals, add)

            totals = write.loop(rows_, [start] * places, along_row)
            for r, total in enumerate(totals):
                where = builder.add(at_, builder.mul(step_, ir.Constant(_INT, r)))
                write.store(total, write.pointer(y, y_, where))
            return context.get_dummy_value()

        whole = types.int64
        signature = types.void(y, whole, whole, x, whole, whole, whole, w, whole, whole, whole, whole)
        return signature, generate

    return tile


tile, half, single = _tile(TILE), _tile(HALF_TILE), _tile(1)


@_instructions
def spread(typing, y, at, step, x, begin, row, factor, rows, vectors):  # type: ignore[no-untyped-def]
    """y += factor · x over ``rows`` of ``vectors`` times eight numbers, ``step`` apart in y and ``row`` in x."""

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        y_, at_, step_, x_, begin_, row_, factor_, rows_, vectors_ = arguments
        write = _Writer(context, builder, y)
        into, source, scale = write.pointer(y, y_, at_), write.pointer(x, x_, begin_), write.splat(factor_)

        def along_row(i: Any, _: list[Any]) -> list[Any]:
            to, line = write.at(into, builder.mul(i, step_)), write.at(source, builder.mul(i, row_))

            def add(k: Any, _: list[Any]) -> list[Any]:
                offset = builder.mul(k, ir.Constant(_INT, LANES))
                place = write.at(to, offset)
                write.store(write.multiply_add(scale, write.load(write.at(line, offset)), write.load(place)), place)
                return []

            return write.loop(vectors_, [], add)

        write.loop(rows_, [], along_row)
        return context.get_dummy_value()

    whole = types.int64
    return types.void(y, whole, whole, x, whole, whole, y.dtype, whole, whole), generate


@_instructions
def winner(typing, best, chosen, at, y, begin, place, vectors):  # type: ignore[no-untyped-def]
    """Where y is larger than ``best`` (or no number, as PyTorch pools), it takes its place and ``place`` is noted."""

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        best_, chosen_, at_, y_, begin_, place_, vectors_ = arguments
        floats, ints = _Writer(context, builder, best), _Writer(context, builder, chosen)
        tops, places = floats.pointer(best, best_, at_), ints.pointer(chosen, chosen_, at_)
        source = floats.pointer(y, y_, begin_)
        here = ints.splat(builder.trunc(place_, ints.element))

        def compare(k: Any, _: list[Any]) -> list[Any]:
            offset = builder.mul(k, ir.Constant(_INT, LANES))
            value, top, noted = floats.at(source, offset), floats.at(tops, offset), ints.at(places, offset)
            new, old = floats.load(value), floats.load(top)
            wins = builder.or_(builder.fcmp_ordered(">", new, old), builder.fcmp_unordered("uno", new, new))
            floats.store(builder.select(wins, new, old), top)
            ints.store(builder.select(wins, here, ints.load(noted)), noted)
            return []

        floats.loop(vectors_, [], compare)
        return context.get_dummy_value()

    whole = types.int64
    return types.void(best, chosen, whole, y, whole, whole, whole), generate


__all__ = ["HALF_TILE", "LANES", "TILE", "half", "single", "spread", "tile", "winner"]
