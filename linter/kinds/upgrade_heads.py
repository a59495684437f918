"""What the kinds about upgrade heads ask: which names hold one, which parameters keep one, which objects live on."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tree_sitter import Node

from ..about import About
from ..finding import Hop
from ..head_entries import WORDS
from ..matcher import Env
from ..retention import cures
from ..retention.calling import parameter_at
from ..retention.heads import PARAMETERS, Heads, Kept
from ..retention.program import Code
from ..retention.telling import entering, keeping
from .kind import Kind, Predicate, no_words

_WORDS = frozenset(word.decode() for word in WORDS)


def upgrade_head(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """The head of an HTTP upgrade or CONNECT, or a slice of it: the same memory."""
    heads, unit = Heads.of(about)
    return heads.holds(unit, node)


def captured_upgrade_head(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """A parameter that receives the head of an upgrade, which something keeps once the call is over."""
    return any(not kept.entry.path and kept.keep.at.node.type not in PARAMETERS for kept in _kept_by(node, about))


def boxed_upgrade_head(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """A parameter in which such a head lies as a part: an object, a list, a pattern that takes one apart.

    So is one that is a property too, as TypeScript's constructors have them: a copy in the variable changes nothing.
    """
    return any(
        kept.entry.path or _start(kept) != node.start_byte or kept.keep.at.node.type in PARAMETERS
        for kept in _kept_by(node, about)
    )


def last_upgrade_head_use(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """The variable of a kept head, where the one closure that reads it does so and runs once."""
    heads, unit = Heads.of(about)
    return node.type == "identifier" and node.start_byte in cures.last_uses(heads, unit)


def kept(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """An object that is reachable when the function it is used in has returned, as far as can be seen."""
    heads, unit = Heads.of(about)
    return heads.lifetimes.object(Code(unit, node), Code(unit, node)) is not None


def _start(kept: Kept) -> int:
    """Where the parameter stands by which the head comes in; -1 where it comes in by `arguments` alone."""
    entry = kept.entry
    if entry.binding is not None:
        return entry.start
    taken = parameter_at(entry.scope, int(entry.path[0])) if entry.path[0].isdigit() else None
    return taken.start_byte if taken is not None else -1


def _kept_by(node: Node, about: About) -> list[Kept]:
    """Who keeps a head that comes in by this parameter, but for what a release cures."""
    heads, unit = Heads.of(about)
    if node.type == "identifier" and node.start_byte in cures.released(heads, unit):
        return []
    return [one for one in heads.kept(unit) if node.start_byte <= _start(one) < node.end_byte]


def head_places(about: About) -> frozenset[int]:
    heads, unit = Heads.of(about)
    return heads.places(unit)


def kept_places(about: About) -> frozenset[int]:
    heads, unit = Heads.of(about)
    return frozenset(_start(kept) for kept in heads.kept(unit))


def last_places(about: About) -> frozenset[int]:
    return cures.last_uses(*Heads.of(about))


def tells_entry(node: Node, about: About) -> Iterable[Hop]:
    heads, unit = Heads.of(about)
    holder = heads.holder(unit, node)
    return entering(holder) if holder is not None else ()


def tells_keeper(node: Node, about: About) -> Iterable[Hop]:
    heads, unit = Heads.of(about)
    known = [one for one in heads.kept(unit) if node.start_byte <= _start(one) < node.end_byte]
    known = known or [one for one in heads.kept(unit) if cures.is_use_of(one, unit, node)]
    return [step for one in known[:1] for step in (*entering(one.entry), *keeping(one))]


def _of_heads(
    holds: Predicate, about: str,
    places: Callable[[About], frozenset[int]], tells: Callable[[Node, About], Iterable[Hop]],
) -> Kind:  # fmt: skip
    return Kind(holds, (0, 0), lambda _: _WORDS, about, places, tells, "upgrade_head")


KINDS = {
    "upgrade_head": _of_heads(
        upgrade_head, "the head an HTTP upgrade hands to its listener, or a slice of it", head_places, tells_entry
    ),
    "captured_upgrade_head": _of_heads(
        captured_upgrade_head, "such a head that is kept once the handler is over", kept_places, tells_keeper
    ),
    "boxed_upgrade_head": _of_heads(
        boxed_upgrade_head, "a parameter with such a head in it", kept_places, tells_keeper
    ),
    "last_upgrade_head_use": _of_heads(
        last_upgrade_head_use, "the last use of such a head, in a closure that runs once", last_places, tells_keeper
    ),
    "kept": Kind(kept, (0, 0), no_words, "an object that lives on when the function has returned"),
}
