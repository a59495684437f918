"""What the bytes of a file must hold to be worth parsing for one patch of a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .undeclared_names import may_leak

# Kinds whose places a search of the bytes rules out in most files, beyond the words that they need.
SHAPES: Mapping[str, Callable[[bytes], bool]] = {
    "leaked_global": may_leak,
}


@dataclass(frozen=True, slots=True)
class Gate:
    """Of each of `words` one occurs, and of each of `shapes`, names in SHAPES, one holds."""

    words: tuple[tuple[bytes, ...], ...]
    shapes: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, words: Iterable[Iterable[str]], shapes: Iterable[Iterable[str]]) -> Gate:
        return cls(tuple(tuple(word.encode() for word in each) for each in words), tuple(map(tuple, shapes)))

    @property
    def lists(self) -> tuple[list[list[str]], list[list[str]]]:
        """The words and shapes that `of` takes."""
        return [[word.decode() for word in each] for each in self.words], [list(each) for each in self.shapes]

    def admits(self, data: bytes) -> bool:
        return self.has_words(data) and all(any(SHAPES[name](data) for name in names) for names in self.shapes)

    def has_words(self, data: bytes) -> bool:
        return all(any(word in data for word in words) for words in self.words)
