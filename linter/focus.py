"""Which parts of a large file are parsed: those where its rules' words are, and what is asked of on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from .datatype import dataclass
from .gate import Gate, shape_places
from .notation.semantic_patch import gate
from .outline import Extent, Outline
from .rule import Rule
from .spellings import places

LARGE = 1 << 16  # bytes from which on a file is looked at in parts
_MOST = 5000  # places of a word: one that is everywhere says nothing of where to look
_ROUNDS = 6  # after so many questions that led elsewhere the file is parsed as a whole
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
        places = _Places(data)
        at: set[int] = set()
        for asked in {gate(patch) for rule in rules for patch in rule.patches}:
            found = places.fewest(asked)
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


class _Places:
    """Where things are in a file, each looked for once."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._known: dict[bytes | str, list[int] | None] = {}

    def fewest(self, gate: Gate) -> list[int] | None:
        """The places of whatever a gate asks for that is in fewest; None when all of it is everywhere.

        It need not be the best: what is looked for elsewhere is found to be hidden, and asked for again.
        """
        groups = [*map(self._any, gate.words), *map(self._any, gate.shapes)]
        return min((places for places in groups if places is not None), key=len, default=None)

    def _any(self, alternatives: Sequence[bytes] | Sequence[str]) -> list[int] | None:
        found = [self._of(each) for each in alternatives]
        places = [place for each in found if each is not None for place in each]
        return None if None in found or len(places) > _MOST else places

    def _of(self, asked: bytes | str) -> list[int] | None:
        if asked not in self._known:
            found = places(asked, self._data) if isinstance(asked, bytes) else shape_places(self._data, asked)
            self._known[asked] = None if found is None else [*islice(found, _MOST + 1)]
        return self._known[asked]
