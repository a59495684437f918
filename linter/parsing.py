"""Bytes to syntax trees, within budgets of time and depth."""

from __future__ import annotations

import sys
import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from types import ModuleType

from tree_sitter import Language, Parser, Query, Range, Tree

from .allowance import Allowance
from .dialect import Dialect
from .stack import with_stack

PARSE_SECONDS = 10.0  # of the processor
# Deeper trees are refused: node.parent costs as much as the node is deep, and tree-sitter's queries are silent about
# everything below 65,535 levels (its cursor counts them in 16 bits).
MAX_DEPTH = 5000
# Only a parser that reads through a callback can be stopped. Less than _SMALL: a slice of all the bytes is no copy.
_CHUNK = 1 << 15
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
    if dialect == "javascript":
        return Language(_bound("tree_sitter_javascript").language())
    typescript = _bound("tree_sitter_typescript")
    return Language(typescript.language_typescript() if dialect == "typescript" else typescript.language_tsx())


def _bound(grammar: str) -> ModuleType:
    """The compiled part of a grammar's package.

    The rest of it is for reading its queries, of which we have our own; importing that takes as long as parsing a file.
    """
    package = find_spec(grammar)
    inside = PathFinder.find_spec(f"{grammar}._binding", package.submodule_search_locations) if package else None
    if inside is None or inside.loader is None or grammar in sys.modules:
        return import_module(grammar)
    module = module_from_spec(inside)
    inside.loader.exec_module(module)
    return module


@cache
def query(dialect: Dialect, kinds: tuple[str, ...]) -> Query:
    """One that captures the nodes of these kinds as `x`; those that a dialect does not have are in no tree."""
    known = [kind for kind in kinds if language(dialect).id_for_node_kind(kind, True) is not None]
    return Query(language(dialect), f"[{' '.join(f'({kind})' for kind in known)}] @x" if known else "(ERROR) @x")


def parse(
    data: bytes, dialect: Dialect = "javascript", seconds: float = PARSE_SECONDS, ranges: Sequence[Range] | None = None,
    before: Tree | None = None,
) -> Tree:  # fmt: skip
    """The syntax tree of data, or of these ranges of it. Raises BudgetExceededError after about that many seconds.

    `before` is a tree of the same data with other ranges, or of what was edited: only what differs is parsed, which
    gives the same tree.
    """
    if len(data) < _SMALL:
        parser = Parser(language(dialect), included_ranges=ranges)
        return parser.parse(data) if before is None else parser.parse(data, before)
    stopped = threading.Event()

    def read_by(read: _Chunks) -> Tree:
        parser, allowance = Parser(language(dialect), included_ranges=ranges), Allowance(seconds)

        def ends(_offset: int, _has_error: bool) -> bool:
            return stopped.is_set() or allowance.is_spent

        if before is None:
            tree = parser.parse(read, progress_callback=ends)
        else:
            tree = parser.parse(read, before, progress_callback=ends)
        # The same tree again, made of its own pieces, but one that reads its text from the bytes: Node.text would call
        # back into Python, where a KeyboardInterrupt crashes it.
        return parser.parse(data, tree)

    def work() -> Tree:
        read = _Chunks(data, [each.end_byte for each in ranges or ()])
        tree = read_by(read)
        read.release()  # the parser is gone, and with it whatever it might have kept
        return tree

    try:
        return with_stack(_STACK_PER_BYTE * len(data), work, stop=stopped.set)
    except ValueError:  # what py-tree-sitter raises when a progress callback stops it
        raise BudgetExceededError from None


class _Chunks:
    """Reads data for the parser, a chunk at a time and nothing behind the range (by its end) that it is asked for.

    What py-tree-sitter is given by a callback it never lets go of, up to 0.26.1 at least: all that is ever parsed would
    stay in memory. `release` gives that one reference back where it was taken and not returned.
    """

    def __init__(self, data: bytes, ends: Sequence[int]) -> None:
        self._data = data
        self._ends = ends
        self._given: list[bytes] = []

    def __call__(self, offset: int, _point: object) -> bytes:
        number = bisect_right(self._ends, offset)
        end = self._ends[number] if number < len(self._ends) else len(self._data)
        self._given.append(self._data[offset : min(offset + _CHUNK, max(end, offset + 1))])
        return self._given[-1]

    def release(self) -> None:
        if sys.implementation.name != "cpython":
            return
        import ctypes  # here, for only large files need it

        usual = 0
        self._given.insert(0, bytes(bytearray(b"nobody else has this")))
        for chunk in self._given:
            usual = usual or sys.getrefcount(chunk)
            if len(chunk) > 1 and sys.getrefcount(chunk) == usual + 1:  # one byte, or none, is everybody's
                ctypes.pythonapi.Py_DecRef(ctypes.py_object(chunk))
        self._given.clear()


def is_deep(tree: Tree, parts: Sequence[tuple[int, int]], seconds: float = PARSE_SECONDS) -> bool:
    """Whether some node is nested deeper than MAX_DEPTH: for certain when one is three times as deep.

    `parts` are the stretches [start, end) that were parsed. Only samples are looked at: each level of a nest takes at
    least about a byte of them, so what is MAX_DEPTH levels above the innermost node is wide enough to hold one. Raises
    BudgetExceededError after about that many seconds.
    """
    allowance = Allowance(seconds)
    cursor = tree.walk()
    for at in _samples(parts, MAX_DEPTH // 2):
        cursor.reset(tree.root_node)
        while cursor.goto_first_child_for_byte(at) is not None:
            if cursor.depth > MAX_DEPTH:
                return True
        if allowance.is_spent:
            raise BudgetExceededError
    return False


def _samples(parts: Sequence[tuple[int, int]], step: int) -> Iterator[int]:
    """Every so many bytes of what lies in these stretches, an offset."""
    left = 0
    for start, end in parts:
        at = start + left
        while at < end:
            yield at
            at += step
        left = at - end
