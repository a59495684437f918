"""A JavaScript file: bytes in, syntax tree and places out; lossless, because nothing is ever printed back."""

from __future__ import annotations

import re
import threading
import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import tree_sitter_javascript
import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

from .dialect import Dialect
from .finding import Span
from .meter import phase
from .stack import with_stack

FUNCTIONS = frozenset({
    "function_declaration", "function_expression", "arrow_function", "method_definition",
    "generator_function", "generator_function_declaration",
})  # fmt: skip
PARSE_SECONDS = 10.0  # of the processor
# Deeper trees are refused: node.parent costs as much as the node is deep, and tree-sitter's queries are silent about
# everything below 65,535 levels (its cursor counts them in 16 bits).
MAX_DEPTH = 5000
# Only a parser that reads through a callback can be stopped.
_CHUNK = 1 << 16
# tree-sitter lets go of its parse stack by recursion, about 100 bytes for each open bracket, name or operator. A file
# below _SMALL cannot fill the 8 MiB that a program has anyway, nor take long.
_STACK_PER_BYTE = 160
_SMALL = 48 << 10


class BudgetExceededError(Exception):
    """Reading a file took longer than the time budget of one file."""


class TooDeepError(BudgetExceededError):
    """A file is nested deeper than MAX_DEPTH."""


@cache
def language(dialect: Dialect) -> Language:
    if dialect == "typescript":
        return Language(tree_sitter_typescript.language_typescript())
    if dialect == "tsx":
        return Language(tree_sitter_typescript.language_tsx())
    return Language(tree_sitter_javascript.language())


@lru_cache(maxsize=4096)
def _whole(word: bytes) -> re.Pattern[bytes]:
    """The word between bytes that are of no ASCII name. It comes first, so that it is looked for as a literal."""
    literal = re.escape(word)
    return re.compile(literal + rb"(?<![A-Za-z0-9_$]" + literal + rb")(?![A-Za-z0-9_$])")


def parse(data: bytes, dialect: Dialect = "javascript", seconds: float = PARSE_SECONDS) -> Tree:
    """The syntax tree of data. Raises BudgetExceededError after about that many seconds."""
    parser = Parser(language(dialect))
    if len(data) < _SMALL:
        return parser.parse(data)
    stopped = threading.Event()

    def work() -> Tree:
        deadline = time.thread_time() + seconds
        tree = parser.parse(
            lambda offset, _: data[offset : offset + _CHUNK],
            progress_callback=lambda _offset, _error: stopped.is_set() or time.thread_time() > deadline,
        )
        # The same tree again, made of its own pieces, but one that reads its text from the bytes: Node.text would call
        # back into Python, where a KeyboardInterrupt crashes it.
        return parser.parse(data, tree)

    try:
        return with_stack(_STACK_PER_BYTE * len(data), work, stop=stopped.set)
    except ValueError:  # what py-tree-sitter raises when a progress callback stops it
        raise BudgetExceededError from None


def is_deep(tree: Tree, seconds: float = PARSE_SECONDS) -> bool:
    """Whether some node is nested deeper than MAX_DEPTH: for certain when one is three times as deep.

    Only samples are looked at. Each level of a nest takes at least about a byte, so what is MAX_DEPTH levels above the
    innermost node is wide enough to hold one of them. Raises BudgetExceededError after about that many seconds.
    """
    deadline = time.thread_time() + seconds
    cursor = tree.walk()
    for at in range(0, tree.root_node.end_byte, MAX_DEPTH // 2):
        cursor.reset(tree.root_node)
        while cursor.goto_first_child_for_byte(at) is not None:
            if cursor.depth > MAX_DEPTH:
                return True
        if time.thread_time() > deadline:
            raise BudgetExceededError
    return False


def text(node: Node) -> str:
    """The source text of a node; bytes that are not UTF-8 survive as surrogates."""
    return (node.text or b"").decode("utf8", "surrogateescape")


def walk(root: Node, *, into_functions: bool = True) -> Iterator[Node]:
    """Every node under root in source order, root first; without recursion, for real files nest thousands deep.

    With into_functions=False the functions under root are themselves yielded, but not what is in them.
    """
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        if into_functions or node is root or node.type not in FUNCTIONS:
            stack.extend(reversed(node.children))


@cache
def _query(dialect: Dialect, kinds: tuple[str, ...]) -> Query:
    known = [kind for kind in kinds if language(dialect).id_for_node_kind(kind, True) is not None]
    return Query(language(dialect), f"[{' '.join(f'({kind})' for kind in known)}] @x" if known else "(ERROR) @x")


def contains(outer: Node, inner: Node) -> bool:
    """Whether a node lies in another, or is that one itself."""
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte


def is_field(parent: Node, name: str, node: Node) -> bool:
    """Whether a node is the child that its parent has under this field's name."""
    child = parent.child_by_field_name(name)
    return child is not None and child.id == node.id


def is_written(place: Node) -> bool:
    """Whether a variable or property is assigned or deleted here, not read."""
    parent = place.parent
    if parent is None:
        return False
    if parent.type == "unary_expression":
        operator = parent.child_by_field_name("operator")
        return operator is not None and operator.type == "delete"
    return parent.type == "assignment_expression" and is_field(parent, "left", place)


@dataclass(frozen=True, eq=False)
class Source:
    """One file under analysis. `path` is only for messages; `data` is never changed."""

    path: str
    data: bytes
    dialect: Dialect = "javascript"
    seconds: float = PARSE_SECONDS

    @cached_property
    def tree(self) -> Tree:
        """The syntax tree. Raises BudgetExceededError, and TooDeepError, which is one.

        One that is an ERROR as a whole can have any depth: nothing in it is worth a look.
        """
        with phase("parse"):
            tree = parse(self.data, self.dialect, self.seconds)
            if tree.root_node.type != "ERROR" and is_deep(tree, self.seconds):
                raise TooDeepError
        return tree

    @property
    def root(self) -> Node:
        return self.tree.root_node

    def nodes(self, *kinds: str, within: Node | None = None) -> list[Node]:
        """All nodes of these kinds in source order, outer before inner.

        tree-sitter finds them itself: a walk over every node in Python costs many times more.
        """
        captured = QueryCursor(_query(self.dialect, kinds)).captures(within or self.root).get("x", [])
        return sorted((n for n in captured if n.type in kinds), key=lambda n: (n.start_byte, -n.end_byte))

    def offsets(self, word: bytes) -> Iterator[int]:
        """Where the word occurs as a whole word, in order."""
        if word not in self.data:
            return iter(())
        return (found.start() for found in _whole(word).finditer(self.data))

    def leaves(self, word: bytes) -> list[Node]:
        """The leaves of the tree that are this word (an identifier, a keyword), found by searching the bytes.

        In a large file a word that is rare costs next to nothing this way.
        """
        if word not in self._leaves:
            found = (self.root.descendant_for_byte_range(at, at + len(word)) for at in self.offsets(word))
            fits = len(word)
            self._leaves[word] = [n for n in found if n is not None and n.end_byte - n.start_byte == fits]
        return self._leaves[word]

    def around(self, words: Iterable[bytes], kinds: Iterable[str], climb: int) -> list[Node]:
        """The nodes of these kinds with one of the words at most that many levels below them, in source order."""
        asked = (frozenset(words), frozenset(kinds), climb)
        if asked not in self._around:
            self._around[asked] = self._climbed(*asked)
        return self._around[asked]

    def _climbed(self, words: frozenset[bytes], kinds: frozenset[str], climb: int) -> list[Node]:
        found: dict[int, Node] = {}
        for word in words:
            for leaf in self.leaves(word):
                node: Node | None = leaf
                for _ in range(climb + 1):
                    if node is None:
                        break
                    if node.type in kinds:
                        found[node.id] = node
                    node = node.parent
        return sorted(found.values(), key=lambda n: (n.start_byte, -n.end_byte))

    @cached_property
    def _around(self) -> dict[tuple[frozenset[bytes], frozenset[str], int], list[Node]]:
        return {}

    @cached_property
    def _leaves(self) -> dict[bytes, list[Node]]:
        return {}

    @cached_property
    def errors(self) -> list[tuple[int, int]]:
        """Byte ranges that the grammar could not make sense of (Flow types, say), or had to guess in."""
        if not self.root.has_error:
            return []
        query = Query(language(self.dialect), "[(ERROR) (MISSING)] @x")
        found = QueryCursor(query).captures(self.root).get("x", [])
        return sorted((n.start_byte, n.end_byte) for n in found) or [(self.root.start_byte, self.root.end_byte)]

    @cached_property
    def is_module(self) -> bool:
        """Whether it is an ES module, as its name or its import and export statements say."""
        if self.path.endswith((".mjs", ".mts")):
            return True
        return any(child.type in {"import_statement", "export_statement"} for child in self.root.named_children)

    @cached_property
    def newline(self) -> bytes:
        """The line end most of the file uses."""
        crlf = self.data.count(b"\r\n")
        return b"\r\n" if crlf * 2 > self.data.count(b"\n") else b"\n"

    @cached_property
    def valid_utf8(self) -> bool:
        try:
            self.data.decode("utf8")
        except UnicodeDecodeError:
            return False
        return True

    @cached_property
    def _line_starts(self) -> Sequence[int]:
        starts, at = [0], self.data.find(b"\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.data.find(b"\n", at + 1)
        return starts

    def line_of(self, offset: int) -> int:
        """The 1-based line a byte offset is on; only a line feed ends a line."""
        return bisect_right(self._line_starts, offset)

    def line_start(self, line: int) -> int:
        """The byte offset of a 1-based line's first byte; the end of the file when there is no such line."""
        return self._line_starts[line - 1] if line <= len(self._line_starts) else len(self.data)

    def line(self, line: int) -> str:
        """The text of a 1-based line without its line end."""
        raw = self.data[self.line_start(line) : self.line_start(line + 1)]
        return raw.decode("utf8", "replace").rstrip("\r\n").removeprefix("\ufeff")

    def indentation(self, offset: int) -> bytes:
        """The blanks that the line of this offset begins with."""
        start = self.line_start(self.line_of(offset))
        start += 3 if start == 0 and self.data.startswith(b"\xef\xbb\xbf") else 0
        line = self.data[start:offset]
        return line[: len(line) - len(line.lstrip(b" \t"))]

    def _column(self, offset: int) -> int:
        start = self.line_start(self.line_of(offset))
        before = self.data[start:offset].decode("utf8", "replace").removeprefix("\ufeff")
        return len(before.encode("utf-16-le", "surrogatepass")) // 2 + 1

    def span(self, start: int, end: int) -> Span:
        """Lines and columns of the bytes [start, end)."""
        return Span(start, end, self.line_of(start), self._column(start), self.line_of(end), self._column(end))
