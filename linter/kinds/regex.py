"""A JavaScript regular expression, read: its alternatives, what each repeats, and which characters that takes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import tree_sitter_regex
from tree_sitter import Language, Node, Parser

from ..datatype import dataclass
from ..regexes import regex
from ..source import text

# Nodes that stand for one character.
_CHARACTERS = frozenset({
    "pattern_character", "identity_escape", "control_escape", "character_class", "character_class_escape",
    "any_character", "decimal_escape",
})  # fmt: skip
_QUANTIFIERS = {"zero_or_more": 0, "one_or_more": 1}
_GROUPS = frozenset({"non_capturing_group", "anonymous_capturing_group", "named_capturing_group"})
_BLANK = regex(r" |\\[stnrfv]|\\u00[aA]0|\\x[aA]0|[\t\u00a0]")


@dataclass(frozen=True, slots=True)
class Atom:
    """One part of an alternative: how it is written, what it is (the grammar's word), and how often it may come.

    `most` is None where there is no end to it. `lazy`: it takes as little as it can.
    """

    written: str
    kind: str
    least: int = 1
    most: int | None = 1
    lazy: bool = False

    @property
    def endless(self) -> bool:
        return self.most is None

    @property
    def is_character(self) -> bool:
        """Whether it takes one character at a time."""
        return self.kind in _CHARACTERS

    @property
    def is_group(self) -> bool:
        return self.kind in _GROUPS

    @property
    def is_open(self) -> bool:
        """Whether it takes all characters but a few: `.`, `[^x]`, `\\S`."""
        return self.kind == "any_character" or self.written.startswith("[^") or self.written in {"\\S", "\\D", "\\W"}

    @property
    def is_blank(self) -> bool:
        """Whether it takes nothing but white space."""
        inside = self.written[1:-1] if self.kind == "character_class" else self.written
        return self.is_character and bool(inside) and not _BLANK.sub("", inside)

    @property
    def takes_a_blank(self) -> bool:
        """Whether it is a class with white space among its characters."""
        return self.kind == "character_class" and _BLANK.search(self.written) is not None


Alternative = tuple[Atom, ...]


@dataclass(frozen=True, slots=True)
class Regex:
    """`alternatives` are the outermost ones. What the grammar makes no sense of has none."""

    alternatives: tuple[Alternative, ...]
    flags: str = ""


@cache
def read(pattern: str, flags: str = "") -> Regex:
    root = Parser(Language(tree_sitter_regex.language())).parse(pattern.encode("utf8", "surrogatepass")).root_node
    if root.has_error:
        return Regex((), flags)
    inside = root.named_children
    if len(inside) == 1 and inside[0].type == "alternation":
        inside = inside[0].named_children
    return Regex(tuple(_atoms(term.children) for term in inside if term.type == "term"), flags)


def literal(node: Node) -> Regex | None:
    """What a regular expression literal of a file says; None for any other node."""
    pattern, flags = node.child_by_field_name("pattern"), node.child_by_field_name("flags")
    if node.type != "regex" or pattern is None:
        return None
    return read(text(pattern), text(flags) if flags is not None else "")


def _atoms(parts: Sequence[Node]) -> Alternative:
    found: list[Atom] = []
    for node in parts:
        if node.type in _QUANTIFIERS or node.type in {"optional", "count_quantifier"}:
            if found:
                found[-1] = _repeated(found[-1], node)
        elif node.is_named:
            found.append(Atom(text(node), node.type))
    return tuple(found)


def _repeated(atom: Atom, quantifier: Node) -> Atom:
    lazy = any(child.type == "lazy" for child in quantifier.named_children)
    if quantifier.type in _QUANTIFIERS:
        least, most = _QUANTIFIERS[quantifier.type], None
    elif quantifier.type == "optional":
        least, most = 0, 1
    else:
        numbers = [int(text(child)) for child in quantifier.named_children if child.type == "decimal_digits"]
        open_ended = any(child.type == "," for child in quantifier.children)
        least = numbers[0] if numbers else 0
        most = numbers[1] if len(numbers) > 1 else None if open_ended else least
    return Atom(atom.written, atom.kind, least, most, lazy)
