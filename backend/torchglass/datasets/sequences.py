"""Toy sequences of tokens: reversing, cyclic patterns, copying after a pause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from torchglass.datasets._generated import FREE, GENERATED, GeneratedConfig, both
from torchglass.datasets.base import DataSet, FieldSpec, Splits
from torchglass.spec.shapes import Shape

if TYPE_CHECKING:
    import numpy as np

PAD, START, END = 0, 1, 2


def _letters(count: int) -> tuple[str, ...]:
    return tuple("abcdefghijklmnopqrstuvwxyz"[:count])


class _Sequences(DataSet):
    group = "Sequences"
    source = GENERATED
    licence = FREE
    picture = "text"
    config: GeneratedConfig

    def counts(self) -> tuple[int, int]:
        return self.config.train, self.config.test

    def load(self, seed: int) -> Splits:
        return both(seed, self.config, self._draw)

    def _draw(self, random: np.random.Generator, count: int) -> dict[str, np.ndarray]:
        raise NotImplementedError


class ReverseConfig(GeneratedConfig):
    letters: int = Field(6, title="Letters", description="How many different letters there are.", ge=2, le=26)
    longest: int = Field(
        6, title="Longest", description="Length of the longest word; shorter ones are padded.", ge=1, le=64
    )


class ReverseSequences(_Sequences):
    kind = "reverse_sequences"
    label = "Words to reverse"
    summary = "Random words of different lengths, each with itself spelled backwards."
    docs = (
        "Padded pairs: `source` with `source_mask` (false at padding), `target` with `target_mask`: the word "
        "backwards and an end token, `target_in`: the same shifted right behind a start token, for teacher forcing. "
        "Tokens: 0 padding, 1 start, 2 end, then letters.\n\n"
        "Source: Sutskever, Vinyals, Le (2014), *Sequence to sequence learning with neural networks* (on reversing)."
    )
    Config = ReverseConfig
    config: ReverseConfig

    def fields(self) -> dict[str, FieldSpec]:
        names = ("·", "⟨", "⟩", *_letters(self.config.letters))
        length = self.config.longest
        return {
            "source": FieldSpec(Shape.tokens(length), "int64", "input", names),
            "source_mask": FieldSpec(Shape.mask(length), "bool", "mask"),
            "target_in": FieldSpec(Shape.tokens(length + 1), "int64", "input", names),
            "target": FieldSpec(Shape.tokens(length + 1), "int64", "target", names),
            "target_mask": FieldSpec(Shape.mask(length + 1), "bool", "mask"),
        }

    def _draw(self, random: np.random.Generator, count: int) -> dict[str, np.ndarray]:
        import numpy as np

        longest = self.config.longest
        lengths = random.integers(1, longest + 1, count)[:, None]
        letters = random.integers(END + 1, END + 1 + self.config.letters, (count, longest))
        position = np.arange(longest)[None, :]
        source_mask = position < lengths
        source = np.where(source_mask, letters, PAD)
        place = np.arange(longest + 1)[None, :]
        backwards = np.take_along_axis(source, np.clip(lengths - 1 - place, 0, longest - 1), axis=1)
        target = np.where(place < lengths, backwards, np.where(place == lengths, END, PAD))
        target_in = np.concatenate([np.full((count, 1), START), target[:, :-1]], axis=1)
        target_mask = place <= lengths
        target_in = np.where(target_mask, target_in, PAD)
        return {
            "source": source,
            "source_mask": source_mask,
            "target_in": target_in,
            "target": target,
            "target_mask": target_mask,
        }


class TokenPatternsConfig(GeneratedConfig):
    tokens: int = Field(
        8, title="Tokens", description="How many different tokens there are, besides the blank.", ge=2, le=26
    )
    length: int = Field(12, title="Length", description="Of every sequence.", ge=2, le=256)


class TokenPatterns(_Sequences):
    kind = "token_patterns"
    label = "Token patterns"
    summary = (
        "Sequences that count through the alphabet with a fixed stride: any gap can be filled from its neighbours."
    )
    docs = (
        "Field `tokens`: each sequence starts at a random letter and goes on by a random stride of 1 or 2, "
        "cyclically. Token 0 is kept free as the blank that a masked language model puts in.\n\n"
        "Source: the task of Devlin, Chang, Lee, Toutanova (2019), *BERT*, at toy size."
    )
    Config = TokenPatternsConfig
    config: TokenPatternsConfig

    def fields(self) -> dict[str, FieldSpec]:
        names = ("□", *_letters(self.config.tokens))
        return {"tokens": FieldSpec(Shape.tokens(self.config.length), "int64", "input", names)}

    def _draw(self, random: np.random.Generator, count: int) -> dict[str, np.ndarray]:
        import numpy as np

        first = random.integers(0, self.config.tokens, (count, 1))
        stride = random.integers(1, 3, (count, 1))
        place = np.arange(self.config.length)[None, :]
        return {"tokens": (first + stride * place) % self.config.tokens + 1}


class CopyMemoryConfig(GeneratedConfig):
    letters: int = Field(4, title="Letters", description="How many different letters there are.", ge=2, le=26)
    length: int = Field(3, title="Length", description="How many letters must be remembered.", ge=1, le=32)
    pause: int = Field(
        2, title="Pause", description="How many blank steps lie between hearing and repeating.", ge=0, le=128
    )


class CopyMemory(_Sequences):
    kind = "copy_memory"
    label = "Copy after a pause"
    summary = "Hear some letters, wait, then repeat them: nothing but memory helps."
    docs = (
        "Fields `tokens` (the letters, `pause` blanks, then a signal for every letter to repeat), `target` (the "
        "letters at the end) and `target_mask` (true where something must be said). Tokens: 0 blank, 1 signal, then "
        "letters.\n\n"
        "Source: Hochreiter, Schmidhuber (1997), *Long short-term memory*, and Graves, Wayne, Danihelka (2014), "
        "*Neural Turing machines*, section 4.1."
    )
    Config = CopyMemoryConfig
    config: CopyMemoryConfig

    def fields(self) -> dict[str, FieldSpec]:
        names = ("·", "?", *_letters(self.config.letters))
        length = 2 * self.config.length + self.config.pause
        return {
            "tokens": FieldSpec(Shape.tokens(length), "int64", "input", names),
            "target": FieldSpec(Shape.tokens(length), "int64", "target", names),
            "target_mask": FieldSpec(Shape.mask(length), "bool", "mask"),
        }

    def _draw(self, random: np.random.Generator, count: int) -> dict[str, np.ndarray]:
        import numpy as np

        length, pause = self.config.length, self.config.pause
        letters = random.integers(2, 2 + self.config.letters, (count, length))
        blanks = np.zeros((count, pause), dtype=np.int64)
        quiet = np.zeros((count, length + pause), dtype=np.int64)
        tokens = np.concatenate([letters, blanks, np.ones_like(letters)], axis=1)
        target = np.concatenate([quiet, letters], axis=1)
        return {"tokens": tokens, "target": target, "target_mask": target > 0}
