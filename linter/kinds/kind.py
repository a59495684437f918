"""One word of the vocabulary of semantic patches: what it means, and where such a thing can stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tree_sitter import Node

from ..about import About
from ..datatype import dataclass
from ..finding import Hop
from ..matcher import Env

Predicate = Callable[[Node, About, Env, tuple[str, ...]], bool]

# The node that is reported, the file, what is bound, the kind's arguments: the root of some new code.
Maker = Callable[[Node, About, Env, tuple[str, ...]], Node | None]


def no_words(_arguments: list[str]) -> frozenset[str]:
    """For a kind that any file may have something of."""
    return frozenset()


@dataclass(frozen=True, slots=True)
class Kind:
    """A typed predicate. `arity`: the least and most arguments; `words`: what a file must contain one of."""

    holds: Predicate
    arity: tuple[int, int]
    words: Callable[[list[str]], frozenset[str]]
    about: str
    # The byte offsets where something of this kind can begin; without it that cannot be told beforehand.
    places: Callable[[About], frozenset[int]] | None = None
    tells: Callable[[Node, About], Iterable[Hop]] = lambda _node, _about: ()  # the steps of a trace it knows of
    shape: str = ""  # a name in gate.SHAPES: what the bytes of a file must show where there is something of the kind
    # For code that only a fix brings: what it is at a place that matched, None where there is none. Nothing binds it.
    makes: Maker | None = None


def made(makes: Maker, arity: tuple[int, int], about: str) -> Kind:
    """A kind of code that is not there yet."""
    return Kind(lambda *_: False, arity, no_words, about, makes=makes)
