"""Names that are written without being declared: in code that is not strict, such a write makes a global variable."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare, meaningful
from ..matcher import Env
from ..source import FUNCTIONS, Source, text
from ..undeclared_names import is_sloppy, undeclared
from ..values import Values
from . import sorts
from .kind import Kind, no_words

_BY_OWNER, _BY_COMMENT = rb"\b(?:window|global|globalThis)\s*\.\s*", rb"/\*\s*globals?\b[^*]*\b"
# Values that hold on to nothing.
_PLAIN = frozenset({"number", "string", "true", "false", "null", "undefined", "unary_expression", "class", *FUNCTIONS})
def leaked_global(node: Node, about: About, _env: Env, arguments: tuple[str, ...]) -> bool:
    """A name that a function writes and nobody declares, and that is used nowhere outside of that function.

    The first write counts, of a value that can hold on to something. `always`: each call gets there before it reads
    the name; `sometimes`: not so, though the write is a statement; `inside`: the write is a part of something else.
    """
    if node.type != "identifier" or node.start_byte not in leak_places(about):
        return False
    return _how(node) in arguments


def leak_places(about: About) -> frozenset[int]:
    """Where such names are written first."""
    return about.once("leaked_global", lambda: frozenset(name.start_byte for name in _leaks(about)))


def _leaks(about: About) -> Iterator[Node]:
    source, seen = about.source, set[str]()
    names = undeclared(source.data) if source.dialect == "javascript" and is_sloppy(source.data) else frozenset()
    for write in source.nodes("assignment_expression") if names else ():
        left, value = write.child_by_field_name("left"), write.child_by_field_name("right")
        if left is None or value is None or left.type != "identifier" or text(left) in seen:
            continue
        name = text(left)
        if name not in names or about.values.binding(left) is not None:
            continue
        seen.add(name)
        function = about.function(write)
        if function is None or _is_strict(function) or _is_plain(value, about):
            continue
        if _is_first(write, function, about) and not _is_meant(name, about):
            yield left


def _is_plain(value: Node, about: About) -> bool:
    value = bare(value)
    while value.type == "assignment_expression" and (inner := value.child_by_field_name("right")) is not None:
        value = bare(inner)
    if value.type == "identifier" and about.values.binding(value) is None:
        return True  # for all one knows
    return value.type in _PLAIN or sorts.number(value, about, {}) or sorts.string(value, about, {})


def _is_strict(function: Node | None) -> bool:
    while function is not None:
        if function.type in {"class_body"}:
            return True
        body = function.child_by_field_name("body") if function.type in FUNCTIONS else None
        first = next(iter(meaningful(body)), None) if body is not None and body.type == "statement_block" else None
        if first is not None and text(first).rstrip(";")[1:-1] == "use strict":
            return True
        function = function.parent
    return False


def _is_first(write: Node, function: Node, about: About) -> bool:
    """Whether all that is done with the global is done in the function, after this write."""
    written = write.children[0]
    mentions = list(_mentions(written.text or b"", about))
    inside = all(function.start_byte <= leaf.start_byte < function.end_byte for leaf in mentions)
    return inside and all(leaf.id == written.id or leaf.start_byte >= write.end_byte for leaf in mentions)


def _mentions(name: bytes, about: About) -> Iterator[Node]:
    """Where the name means the global."""
    for leaf in about.source.leaves(name):
        is_name = leaf.type in {"identifier", "shorthand_property_identifier"}
        if is_name and about.values.binding(leaf) is None:
            yield leaf


def _is_meant(name: str, about: About) -> bool:
    """Whether somebody else knows of the global: a comment for a linter, `window.NAME`, another file."""
    word = re.escape(name.encode("utf8", "surrogateescape"))
    known = re.compile(_BY_OWNER + word + rb"\b|" + _BY_COMMENT + word)
    if known.search(about.source.data):
        return True
    others = about.package.sources(name.encode("utf8", "surrogateescape"))
    return any(known.search(source.data) or _uses(name, source, values) for source, values in others)


def _uses(name: str, source: Source, values: Values) -> bool:
    """Whether another file uses the global, or is a script that declares it."""
    for leaf in source.leaves(name.encode("utf8", "surrogateescape")):
        if leaf.type in {"identifier", "shorthand_property_identifier"}:
            binding = values.binding(leaf)
            if binding is None or (binding.scope.node.type == "program" and b"require(" not in source.data):
                return True
    return False


def _how(name: Node) -> str:
    """Whether the write is a statement of its function's body, one that only some calls get to, or part of one."""
    statement = name.parent.parent if name.parent is not None else None
    if statement is None or statement.type != "expression_statement":
        return "inside"
    body = statement.parent
    return "always" if body is not None and body.parent is not None and body.parent.type in FUNCTIONS else "sometimes"


KINDS = {
    "leaked_global": Kind(
        leaked_global, (1, 1), no_words, "a name that one function writes, and that nobody declares", leak_places,
        shape="leaked_global",
    ),
}
