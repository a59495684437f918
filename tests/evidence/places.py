"""Where a line of one release is: the function around it, and what became of that in another release."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from tree_sitter import Node

from linter.about import About
from linter.dialect import dialect_of
from linter.naming import full_name
from linter.source import FUNCTIONS, Source, text
from linter.trace import symbol_of

# A function longer than this is a wrapper around a module, and says little about where in it something is.
LONGEST = 120
NEAR = 10  # lines, where no function says what belongs together
_SAME = {"let": "var", "const": "var"}
_IGNORED = frozenset({";", ",", "comment"})


@dataclass(frozen=True, slots=True)
class Place:
    """Lines first to last of a file, both included. `node` is the function that they are; None for a few lines."""

    first: int
    last: int
    symbol: str = ""
    node: Node | None = None

    def holds(self, first: int, last: int) -> bool:
        """Whether any of these lines is in it."""
        return first <= self.last and self.first <= last


@dataclass(frozen=True, slots=True)
class Text:
    """One file of one release, as far as places in it go."""

    source: Source
    about: About

    @classmethod
    def of(cls, file: str, data: bytes) -> Text:
        source = Source(file, data, dialect_of(file))
        return cls(source, About.of(source))

    def place(self, line: int) -> Place:
        """The smallest function with a name around a line and what is within a few lines of it."""
        source = self.source
        offset = source.line_start(line) + len(source.indentation(source.line_start(line + 1) - 1))
        around = [n for n in source.nodes(*FUNCTIONS) if n.start_byte <= offset < n.end_byte and full_name(n)]
        small = [n for n in around if _length(n) <= LONGEST]
        if not small:
            return Place(line - NEAR, line + NEAR)
        node = small[-1]
        first, last = node.start_point[0] + 1, node.end_point[0] + 1
        return Place(min(first, line - NEAR // 2), max(last, line + NEAR // 2), symbol_of(node, self.about), node)

    def same(self, place: Place, other: Text, line: int) -> Place:
        """What a place of another release is in this one: the function of the same name, else the lines that go on."""
        if place.symbol:
            named = [n for n in self.source.nodes(*FUNCTIONS) if full_name(n) == place.symbol]
            if named:
                node = min(named, key=lambda n: abs(n.start_point[0] + 1 - place.first))
                return Place(node.start_point[0] + 1, node.end_point[0] + 1, place.symbol, node)
        now = _moved(other.source, self.source, line)
        return Place(now - NEAR, now + NEAR)


def tokens(node: Node) -> list[str]:
    """The words of some code without what makes no difference: blanks, comments, quotes, semicolons, var or let."""
    return list(_tokens(node))


def _tokens(root: Node) -> Iterator[str]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type in _IGNORED:
            continue
        if node.type == "string":
            yield "'" + text(node)[1:-1] + "'"
        elif not node.children:
            yield _SAME.get(text(node), text(node))
        else:
            stack.extend(reversed(node.children))


def _length(node: Node) -> int:
    return node.end_point[0] - node.start_point[0] + 1


def _moved(old: Source, new: Source, line: int) -> int:
    """The line of the new text that a line of the old one is, or would stand at."""
    a, b = old.data.split(b"\n"), new.data.split(b"\n")
    for _, first, last, to, end in SequenceMatcher(None, a, b).get_opcodes():
        if first <= line - 1 < last:
            return min(to + (line - 1 - first), max(to, end - 1)) + 1
    return line
