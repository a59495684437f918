"""What the bytes of a file must hold to be worth parsing for one patch of a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from . import sightings
from .datatype import dataclass, field
from .head_entries import WORDS, handed, listened, may_enter
from .regexes import regex
from .spellings import CALLED, may_call, offsets, spots
from .undeclared_names import may_leak

_NAME = regex(rb"\w+")


def shortest(words: Sequence[bytes]) -> tuple[bytes, ...]:
    """The words without those that hold another: where they are, that one is."""
    return tuple(word for word in words if not any(other in word for other in words if other != word))


# Names, and the numbers of the gates that are shut where none of them is; one that asks for no word has the name b"".
Opening = tuple[tuple[bytes, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Glance:
    """The bytes of one file, and what a search of them told: nothing is looked for twice."""

    data: bytes
    _words: dict[bytes, bool] = field(default_factory=dict)
    _shapes: dict[str, bool] = field(default_factory=dict)

    def has(self, word: bytes) -> bool:
        if word not in self._words:
            stem = _stem(word)
            self._words[word] = (stem == word or self.has(stem)) and word in self.data
        return self._words[word]

    def opens(self, openings: Iterable[Opening]) -> Iterator[int]:
        """The numbers of the gates of which something that they ask for first is there."""
        for names, numbers in openings:
            for name in names:
                there = self._words.get(name)
                if there is None:
                    there = self._words[name] = name in self.data
                if there:
                    yield from numbers
                    break

    def shows(self, shape: str) -> bool:
        """Whether there may be something of a shape: its name in SHAPES and, after a blank, what it is about."""
        if shape not in self._shapes:
            name, _, about = shape.partition(" ")
            self._shapes[shape] = SHAPES[name].shows(self, about.encode())
        return self._shapes[shape]


@dataclass(frozen=True, slots=True)
class Shape:
    """What the bytes of a file rule out better than by words. `anywhere`: any file of the package may show it."""

    shows: Callable[[Glance, bytes], bool]
    anywhere: bool = False
    places: Callable[[bytes, bytes], Iterable[int]] | None = None  # where to begin to look for it, if it can be told


def _head_places(data: bytes, _: bytes) -> Iterator[int]:
    yield from listened(data)
    for start, end in handed(data):
        yield from (start, end - 1)


def _called(data: bytes, name: bytes) -> Iterator[int]:
    return spots(data, name, CALLED, offsets(data, name))


def _sighted(places: Callable[[bytes], Sequence[int]]) -> Shape:
    return Shape(lambda glance, _: bool(places(glance.data)), places=lambda data, _: places(data))


_WORDS = shortest(WORDS)
SHAPES: Mapping[str, Shape] = {
    "answered": _sighted(sightings.answered),
    "called": Shape(lambda glance, name: glance.has(name) and may_call(glance.data, name), places=_called),
    "dequeued": _sighted(sightings.dequeued),
    "emptied_container": _sighted(sightings.emptied),
    "inflating": _sighted(sightings.inflating),
    "leaked_global": Shape(lambda glance, _: may_leak(glance.data)),
    "upgrade_head": Shape(
        lambda glance, _: any(map(glance.has, _WORDS)) and may_enter(glance.data), anywhere=True, places=_head_places
    ),
    "walked_key": _sighted(sightings.walked),
}


@dataclass(frozen=True, slots=True)
class Gate:
    """Of each of `words` one occurs, and of each of `shapes` one is shown."""

    words: tuple[tuple[bytes, ...], ...]
    shapes: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, words: Iterable[Iterable[str]], shapes: Iterable[Iterable[str]]) -> Gate:
        return cls(tuple(tuple(word.encode() for word in each) for each in words), tuple(map(tuple, shapes)))

    @property
    def lists(self) -> tuple[list[list[str]], list[list[str]]]:
        """The words and shapes that `of` takes."""
        return [[word.decode() for word in each] for each in self.words], [list(each) for each in self.shapes]

    @property
    def anywhere(self) -> frozenset[str]:
        """The shapes that any file of the package may show."""
        return frozenset(shape for shapes in self.shapes for shape in shapes if _is_anywhere(shape))

    def admits(self, glance: Glance) -> bool:
        """Whether the file itself says nothing against it."""
        return all(any(map(glance.has, words)) for words in self.words) and all(
            any(_is_anywhere(shape) or glance.shows(shape) for shape in shapes) for shapes in self.shapes
        )

    def admits_in(self, shown: Callable[[str], bool]) -> bool:
        """Whether the package says nothing against it either: `shown` tells if any of its files shows a shape."""
        return all(any(not _is_anywhere(shape) or shown(shape) for shape in shapes) for shapes in self.shapes)


@lru_cache(maxsize=1024)
def _stem(word: bytes) -> bytes:
    """The longest name in a word, which others may share."""
    return max(_NAME.findall(word), key=len, default=word)


@lru_cache(maxsize=64)
def openings(gates: tuple[Gate, ...]) -> tuple[Opening, ...]:
    """What is looked for first, once for all the gates that ask for it: most files hold little of it."""
    found: dict[tuple[bytes, ...], list[int]] = {}
    for number, gate in enumerate(gates):
        first = gate.words[0] if gate.words else (b"",)
        found.setdefault(tuple(dict.fromkeys(map(_stem, first))), []).append(number)
    return tuple((names, tuple(numbers)) for names, numbers in found.items())


def weakest(gates: Iterable[Gate]) -> tuple[Gate, ...]:
    """Those that suffice to know whether any of the gates admits a file."""
    kept: list[Gate] = []
    for gate in (Gate(_needed(map(shortest, gate.words)), _needed(gate.shapes)) for gate in gates):
        if not any(_implies(gate, other) for other in kept):
            kept = [*(other for other in kept if not _implies(other, gate)), gate]
    return tuple(kept)


T = TypeVar("T", bytes, str)


def _needed(alternatives: Iterable[tuple[T, ...]]) -> tuple[tuple[T, ...], ...]:
    """The same without what follows from the rest; what is looked for in one go and is long comes first."""
    asked = list(alternatives)
    kept = [each for each in asked if not any(set(other) < set(each) for other in asked)]
    return tuple(sorted(dict.fromkeys(kept), key=lambda each: (len(each), -min(map(len, each)), each)))


def _implies(gate: Gate, other: Gate) -> bool:
    """Whether what comes through a gate comes through the other too."""
    return _follows(gate.words, other.words) and _follows(gate.shapes, other.shapes)


def _follows(asked: Sequence[tuple[T, ...]], other: Sequence[tuple[T, ...]]) -> bool:
    return all(any(set(one) <= set(each) for one in asked) for each in other)


def _is_anywhere(shape: str) -> bool:
    return SHAPES[shape.partition(" ")[0]].anywhere


def shape_places(data: bytes, shape: str) -> Iterable[int] | None:
    """Where to begin to look for a shape, as `Glance.shows` is asked for it; None when that cannot be told."""
    name, _, about = shape.partition(" ")
    places = SHAPES[name].places
    return places(data, about.encode()) if places is not None else None
