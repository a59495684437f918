"""What a function consults: its own text, and that of the functions and constants of the file that it names.

A cheap, wide reading for questions of the sort "is this checked at all": where the answer may be yes, a rule is silent.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..about import About
from ..source import FUNCTIONS, text, walk

_LONGEST = 4000  # bytes; what is longer is more than a check


def consulted(function: Node, about: About, deep: bool = True) -> str:
    """The text of a function and of what it names, which in turn (deep) names more."""
    parts = [text(function)]
    seen = {function.id}
    for named in _named(function, about):
        if named.id not in seen:
            seen.add(named.id)
            parts.append(text(named))
            if deep:
                parts += [text(inner) for inner in _named(named, about) if inner.id not in seen]
    return "\n".join(parts)


def around(node: Node, about: About) -> list[Node]:
    """The functions around a node, inner ones first, without one that is the whole file."""
    found: list[Node] = []
    parent = node.parent
    while parent is not None:
        if parent.type in FUNCTIONS:
            found.append(parent)
        parent = parent.parent
    whole = [each for each in found if each.end_byte - each.start_byte > len(about.source.data) * 3 // 4]
    return [each for each in found if each not in whole or each is found[0]]


def _named(function: Node, about: About) -> Iterator[Node]:
    """What the names in a function stand for, as far as it is elsewhere in the file and short."""
    done: set[str] = set()
    for node in walk(function):
        if node.type != "identifier" or text(node) in done:
            continue
        done.add(text(node))
        stands = about.values.constant(node)
        outside = stands.end_byte <= function.start_byte or function.end_byte <= stands.start_byte
        if stands.id != node.id and outside and stands.end_byte - stands.start_byte <= _LONGEST:
            yield stands
