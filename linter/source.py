"""A JavaScript file: bytes in, syntax tree and places out; lossless, because nothing is ever printed back."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from weakref import WeakValueDictionary

from tree_sitter import Node, QueryCursor, Range, Tree

from .datatype import dataclass
from .dialect import Dialect
from .edit import Edit
from .lines import Lines
from .meter import phase
from .nodes import FUNCTIONS, climbed, contains, is_body, is_field, is_written, text
from .occurrences import Occurrences
from .outline import Extent, inside, left, takes
from .parsing import PARSE_SECONDS, BudgetExceededError, TooDeepError, is_deep, parse, query
from .spellings import spots, whole

__all__ = [
    "FUNCTIONS", "BudgetExceededError", "HiddenError", "Source", "TooDeepError", "climbed", "contains", "entered",
    "is_field", "is_written", "text", "walk",
]  # fmt: skip

# The sources that were not parsed as a whole, by the id of the root of their tree: a node knows no more of its file.
_PARTIAL: WeakValueDictionary[int, Source] = WeakValueDictionary()


class HiddenError(Exception):
    """The answer lies, or may lie, in a part of a file that was left out of its tree.

    `path` is that of the file, `at` offsets in what has to be parsed; empty when that is all of it.
    """

    def __init__(self, path: str, at: Iterable[int] = ()) -> None:
        super().__init__()
        self.path, self.at = path, tuple(at)


def entered(body: Node) -> Node:
    """The same node, which somebody is about to look into. Raises HiddenError for a body that was left out."""
    if body.type == "statement_block" and not body.named_child_count and body.child_count > 1:
        opening, closing = body.children[:2]
        if (body.text or b"")[1 : closing.start_byte - body.start_byte].strip():
            root = body
            while root.parent is not None:
                root = root.parent
            raise HiddenError(_PARTIAL[root.id].path, (opening.end_byte,))
    return body


def walk(root: Node, *, into_functions: bool = True) -> Iterator[Node]:
    """Every node under root in source order, root first; without recursion, for real files nest thousands deep.

    With into_functions=False the functions under root are themselves yielded, but not what is in them. Raises
    HiddenError.
    """
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        if into_functions or node is root or node.type not in FUNCTIONS:
            stack.extend(reversed(entered(node).children))


@dataclass(frozen=True, eq=False)
class Source(Lines):
    """One file under analysis. `path` is only for messages; `data` is never changed.

    `hidden` are bodies of functions, in order, that its tree leaves empty. What is asked of the file is answered as if
    they were there, or else HiddenError is raised.
    """

    path: str
    data: bytes
    dialect: Dialect = "javascript"
    seconds: float = PARSE_SECONDS
    hidden: tuple[Extent, ...] = ()
    before: Tree | None = None  # of the same file when other parts were hidden, or before it was edited
    counted: Occurrences | None = None  # of the same bytes

    @cached_property
    def tree(self) -> Tree:
        """The syntax tree. Raises BudgetExceededError, and TooDeepError, which is one.

        One that is an ERROR as a whole can have any depth: nothing in it is worth a look.
        """
        with phase("parse"):
            ranges = self._ranges() if self.hidden else None
            tree = parse(self.data, self.dialect, self.seconds, ranges, self.before)
            if self.hidden and not self._fits(tree):
                raise HiddenError(self.path)
            if self.hidden:
                _PARTIAL[tree.root_node.id] = self
            if tree.root_node.type != "ERROR" and is_deep(tree, left(len(self.data), self.hidden), self.seconds):
                raise TooDeepError
        return tree

    def _ranges(self) -> list[Range]:
        """What is parsed."""
        ranges, row, done = list[Range](), 0, 0
        for start, end in left(len(self.data), self.hidden):
            row += self.data.count(b"\n", done, start)
            first, row = self._point(row, start), row + self.data.count(b"\n", start, end)
            ranges.append(Range(first, self._point(row, end), start, end))
            done = end
        return ranges

    def _point(self, row: int, offset: int) -> tuple[int, int]:
        return row, offset - 1 - self.data.rfind(b"\n", 0, offset)

    def _fits(self, tree: Tree) -> bool:
        """Whether what is hidden are bodies of functions indeed, in a file that the grammar makes sense of."""
        if tree.root_node.has_error:
            return False
        root = tree.root_node
        return all(is_body(root.descendant_for_byte_range(start, end), end) for start, end in self.hidden)

    @property
    def root(self) -> Node:
        return self.tree.root_node

    def nodes(self, *kinds: str, within: Node | None = None) -> list[Node]:
        """All nodes of these kinds in source order, outer before inner. Raises HiddenError.

        tree-sitter finds them itself: a walk over every node in Python costs many times more.
        """
        self.show(within=within)
        return self.shown(*kinds, within=within)

    def shown(self, *kinds: str, within: Node | None = None) -> list[Node]:
        """Those of the nodes that lie in no part that is hidden."""
        captured = QueryCursor(query(self.dialect, kinds)).captures(within or self.root).get("x", [])
        return sorted((n for n in captured if n.type in kinds), key=lambda n: (n.start_byte, -n.end_byte))

    def show(self, *words: bytes, within: Node | None = None) -> None:
        """Raises HiddenError when a hidden part, of this node if one is given, holds all of the words."""
        if self.hidden:
            spans = inside(self.hidden, within.start_byte, within.end_byte) if within else self.hidden
            held = [start + 1 for start, end in spans if all(self.data.find(word, start, end) >= 0 for word in words)]
            if held:
                raise HiddenError(self.path, held)

    def show_name(self, word: bytes, within: Node, behind: re.Pattern[bytes] | None = None) -> None:
        """Raises HiddenError when a hidden part of the node mentions a name that is not one of its own parameters.

        With `behind`, when it does so in one of the `spots`.
        """
        if self.hidden:
            data, name = self.data, whole(word)
            spans = inside(self.hidden, within.start_byte, within.end_byte)
            named = [(s, e) for s, e in spans if name.search(data, s, e) and not takes(data, s, name)]
            if behind is not None:
                places = [*spots(data, word, behind, self.offsets(word, within))]
                named = [(s, e) for s, e in named if bisect_left(places, s) < bisect_left(places, e)]
            held = [s + 1 for s, _ in named]
            if held:
                raise HiddenError(self.path, held)

    def show_all(self, places: Iterable[int]) -> None:
        """Raises HiddenError when the tree leaves one of these offsets out."""
        if self.hidden and (hidden := [place for place in places if self.is_hidden(place)]):
            raise HiddenError(self.path, hidden)

    def at(self, start: int, end: int) -> Node | None:
        """The smallest node around the bytes [start, end). Raises HiddenError."""
        self.show_all((start,))
        return self.root.descendant_for_byte_range(start, end)

    def is_hidden(self, offset: int) -> bool:
        """Whether the byte is one that the tree leaves out."""
        number = bisect_right(self.hidden, (offset, len(self.data))) - 1
        return number >= 0 and offset < self.hidden[number][1]

    @cached_property
    def occurrences(self) -> Occurrences:
        return self.counted or Occurrences(self.data)

    def offsets(self, word: bytes, within: Node | None = None) -> Iterable[int]:
        """Where the word occurs as a whole word, in order."""
        return self.occurrences.of(word, *((within.start_byte, within.end_byte) if within is not None else ()))

    def leaves(self, word: bytes, within: Node | None = None) -> list[Node]:
        """The leaves of the tree that are this word (an identifier, a keyword), found by searching the bytes.

        In a large file a word that is rare costs next to nothing this way. Raises HiddenError.
        """
        self.show_all(self.offsets(word, within))
        return self.shown_leaves(word, within)

    def shown_leaves(self, word: bytes, within: Node | None = None) -> list[Node]:
        """Those of the leaves that lie in no part that is hidden."""
        asked = word, within.id if within is not None else 0
        if asked not in self._leaves:
            self._leaves[asked] = self.leaves_at(word, self.offsets(word, within))
        return self._leaves[asked]

    def leaves_at(self, word: bytes, places: Iterable[int]) -> list[Node]:
        """The leaves that are this word and begin at one of these offsets, but for those in a part that is hidden."""
        fits = len(word)
        shown = (at for at in places if not self.is_hidden(at))
        found = (self.root.descendant_for_byte_range(at, at + fits) for at in shown)
        return [leaf for leaf in found if leaf is not None and leaf.end_byte - leaf.start_byte == fits]

    def edited(self, data: bytes, edits: Sequence[Edit]) -> Source:
        """The file once these edits are made, which has to give `data`; what is hidden stays hidden."""
        hidden, moved, rest = list[Extent](), 0, sorted(edits, reverse=True)
        for start, end in self.hidden:
            while rest and rest[-1].start <= start:
                edit = rest.pop()
                moved += len(edit.text) - (edit.end - edit.start)
            hidden.append((start + moved, end + moved))
        if self.root.has_error:  # what the grammar makes of an error depends on how it got there
            return Source(self.path, data, self.dialect, self.seconds, tuple(hidden))
        before = self.tree.copy()
        for edit in sorted(edits, reverse=True):  # from the end, so that the offsets of the others stay as they were
            row, column = self.point(edit.start)
            *lines, last = edit.text.split(b"\n")
            new_end = (row + len(lines), len(last) + (0 if lines else column))
            before.edit(edit.start, edit.end, edit.start + len(edit.text), (row, column), self.point(edit.end), new_end)
        return Source(self.path, data, self.dialect, self.seconds, tuple(hidden), before)

    def around(self, words: Iterable[bytes], kinds: Iterable[str], climb: int) -> list[Node]:
        """The nodes of these kinds with one of the words at most that many levels below them, in source order.

        Raises HiddenError.
        """
        asked = (frozenset(words), frozenset(kinds), climb)
        if asked not in self._around:
            self._around[asked] = climbed((leaf for word in asked[0] for leaf in self.leaves(word)), asked[1], climb)
        return self._around[asked]

    @cached_property
    def functions(self) -> dict[str, list[Node]]:
        """What `naming.functions_named` has found, by name."""
        return {}

    @cached_property
    def _around(self) -> dict[tuple[frozenset[bytes], frozenset[str], int], list[Node]]:
        return {}

    @cached_property
    def _leaves(self) -> dict[tuple[bytes, int], list[Node]]:
        return {}

    @cached_property
    def errors(self) -> list[tuple[int, int]]:
        """Byte ranges that the grammar could not make sense of (Flow types, say), or had to guess in."""
        if not self.root.has_error:
            return []
        found, stack = list[Extent](), [self.root]
        while stack:  # only where there are some: a query would go through all of the tree
            node = stack.pop()
            if node.is_error or node.is_missing:
                found.append((node.start_byte, node.end_byte))
            stack.extend(child for child in node.children if child.has_error)
        return sorted(found) or [(self.root.start_byte, self.root.end_byte)]

    @cached_property
    def is_module(self) -> bool:
        """Whether it is an ES module, as its name or its import and export statements say."""
        if self.path.endswith((".mjs", ".mts")):
            return True
        return any(child.type in {"import_statement", "export_statement"} for child in self.root.named_children)
