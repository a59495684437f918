"""Which parts of a large file are parsed: those where its rules' words are, and what is asked of on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .notation.semantic_patch import gate
from .outline import Extent, Outline
from .rule import Rule

LARGE = 1 << 19  # bytes from which on a file is looked at in parts: its tree would take some 40 MB
_MOST = 5000  # places of a word: one that is everywhere says nothing of where to look
_ROUNDS = 12  # after so many questions that led elsewhere the file is parsed as a whole
_WORTH = 3  # and so it is when a third of it or less could be left out


@dataclass(frozen=True, slots=True)
class Focus:
    """A large file, and the offsets that are looked at."""

    outline: Outline
    at: frozenset[int]
    rounds: int = _ROUNDS

    @classmethod
    def of(cls, data: bytes, rules: Iterable[Rule]) -> Focus | None:
        """Where these rules begin to look; None for a file that has to be parsed as a whole."""
        words = _Words(data)
        at: set[int] = set()
        for groups in {gate(patch).words for rule in rules for patch in rule.patches}:
            found = words.rarest(groups)
            if found is None:
                return None
            at.update(found)
        outline = Outline.of(data)
        return None if outline is None else cls(outline, frozenset(at))

    def hidden(self) -> tuple[Extent, ...]:
        """What is left out of the tree; nothing when that would not be worth it."""
        hidden = self.outline.hidden(self.at)
        left_out = sum(end - start for start, end in hidden)
        return hidden if left_out * _WORTH > len(self.outline.data) else ()

    def wider(self, at: Sequence[int]) -> Focus | None:
        """The focus that takes in these offsets as well; None when the whole file is asked for."""
        return Focus(self.outline, self.at | {*at}, self.rounds - 1) if at and self.rounds else None


class _Words:
    """Where words are in a file, each looked for once."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._places: dict[bytes, list[int]] = {}

    def rarest(self, groups: Iterable[Iterable[bytes]]) -> list[int] | None:
        """The places of the words of the group that has fewest of them; None when all groups are everywhere.

        It need not be the best: what is looked for elsewhere is found to be hidden, and asked for again.
        """
        found = ([place for word in words for place in self._of(word)] for words in groups)
        return min((places for places in found if len(places) <= _MOST), key=len, default=None)

    def _of(self, word: bytes) -> list[int]:
        if word not in self._places:
            places, at = self._places.setdefault(word, []), self._data.find(word)
            while at >= 0 and len(places) <= _MOST:
                places.append(at)
                at = self._data.find(word, at + len(word))
        return self._places[word]
