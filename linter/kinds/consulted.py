"""What a function consults: its own text, and that of the functions and constants of the file that it names.

A cheap, wide reading for questions of the sort "is this checked at all": where the answer may be yes, a rule is silent.
"""

from __future__ import annotations

from tree_sitter import Node

from ..about import About
from ..regexes import regex
from ..source import FUNCTIONS, text

_LONGEST = 4000  # bytes; what is longer is more than a check
_NAME = regex(rb"[\w$\x80-\xff]+")
_NO_NAMES = frozenset({
    b"break", b"case", b"catch", b"const", b"continue", b"default", b"delete", b"do", b"else", b"false", b"finally",
    b"for", b"function", b"if", b"in", b"instanceof", b"new", b"null", b"return", b"switch", b"this", b"throw", b"true",
    b"try", b"typeof", b"var", b"void", b"while",
})  # fmt: skip


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


def _named(function: Node, about: About) -> list[Node]:
    """What the names in a function stand for, as far as it is elsewhere in the file and short. Raises HiddenError."""
    return about.once(f"named in {function.id}", lambda: _found(function, about))


def _found(function: Node, about: About) -> list[Node]:
    found: list[Node] = []
    start, end = function.start_byte, function.end_byte
    done = set(_NO_NAMES)
    # By its bytes: a walk meets each node of the tree, and most of what a function says it says again and again.
    for name in _NAME.finditer(about.source.data, start, end):
        word, at = name[0], name.start()
        if word in done or word[:1].isdigit():
            continue
        node = about.source.at(at, name.end())
        if node is None or node.type != "identifier":
            continue
        done.add(word)
        stands = about.values.constant(node)
        outside = stands.end_byte <= start or end <= stands.start_byte
        if stands.id != node.id and outside and stands.end_byte - stands.start_byte <= _LONGEST:
            found.append(stands)
    return found
