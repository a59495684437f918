"""What a change does to a syntax tree: an expression or statement replaced, statements put in or taken out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from tree_sitter import Node

from ..datatype import dataclass
from ..source import text, walk

_LISTS = frozenset({"program", "statement_block"})
# An expression smaller than these says too little to look for.
_TELLING = frozenset({
    "call_expression", "new_expression", "assignment_expression", "variable_declarator", "binary_expression",
    "if_statement", "return_statement", "expression_statement", "throw_statement",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """`old` becomes `new`; either may be empty, not both. One node each: an expression or a statement.

    `above` and `below` are the statements of the old side around it, in the same block.
    """

    old: tuple[Node, ...]
    new: tuple[Node, ...]
    above: tuple[Node, ...] = ()  # nearest last
    below: tuple[Node, ...] = ()


def changes(old: Node, new: Node) -> Iterator[Change]:
    """The smallest changes that are statements or telling expressions, in source order."""
    if words(old) == words(new):
        return
    if old.type == new.type and old.type in _LISTS:
        yield from _listed(_statements(old), _statements(new))
        return
    pairs = _paired(old, new)
    if pairs is not None:
        inner = [change for a, b in pairs for change in changes(a, b)]
        if inner and all(_telling(change) for change in inner):
            yield from inner
            return
    yield Change((old,), (new,))


def words(node: Node) -> list[str]:
    """The code of a node as its leaves, without comments."""
    return [text(leaf) for leaf in walk(node) if not leaf.children and leaf.type != "comment" and text(leaf).strip()]


def _statements(block: Node) -> list[Node]:
    return [child for child in block.named_children if child.type != "comment"]


def _listed(old: Sequence[Node], new: Sequence[Node]) -> Iterator[Change]:
    a, b = ([" ".join(words(node)) for node in nodes] for nodes in (old, new))
    for kind, first, last, start, end in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        gone, come = tuple(old[first:last]), tuple(new[start:end])
        if kind == "equal":
            continue
        above, below = tuple(old[:first]), tuple(old[last:])
        if len(gone) == len(come) and [node.type for node in gone] == [node.type for node in come]:
            for was, now in zip(gone, come, strict=True):
                for change in changes(was, now):
                    inside = change.above or change.below
                    yield change if inside else Change(change.old, change.new, above, below)
        else:
            yield Change(gone, come, above, below)


def _paired(old: Node, new: Node) -> list[tuple[Node, Node]] | None:
    """The children that answer each other, when the two nodes differ in nothing but these."""
    if old.type != new.type or len(old.children) != len(new.children):
        return None
    pairs = list(zip(old.children, new.children, strict=True))
    if any(a.type != b.type and not (a.is_named and b.is_named) for a, b in pairs):
        return None
    return [(a, b) for a, b in pairs if words(a) != words(b)]


def _telling(change: Change) -> bool:
    """Whether the change is one that a reader would name: statements, a call, an assignment."""
    if len(change.old) != 1:
        return True
    node = change.old[0]
    return node.type in _TELLING or node.parent is None or node.parent.type in _LISTS
