"""How the code around an insertion is written, so that the inserted line looks like its neighbours."""

from __future__ import annotations

import re

from tree_sitter import Node

from ..regexes import regex
from ..source import Source

_TERMINATED = frozenset({
    "expression_statement", "variable_declaration", "lexical_declaration", "return_statement", "throw_statement",
})  # fmt: skip
_OPEN = _TERMINATED | {"do_statement", "break_statement", "continue_statement", "debugger_statement"}
_LITERAL = regex(r"'([^'\"\\\n]*)'")
# Lines without a comment behind them that end in `;`, and those that end as if one had been left out.
_ENDED_LINE, _LEFT_LINE = (
    regex(rb"^(?:[^/\r\n]++|/(?!/))*+(?<=" + end + rb")(?=\r?$)", re.MULTILINE) for end in (rb";", rb"[\w$)\]'\"`]")
)
_REST_OF_LINE = regex(rb"[ \t]*(//[^\n]*?|/\*[^\n]*?\*/[ \t]*)?(?=\r?\n|\Z)")
# A line that begins with one of these goes on with the statement above it, unless that one ends in `;`.
_CONTINUES = frozenset(b"([`+-/")


def dressed(code: str, neighbour: Node, source: Source) -> str:
    """The statements with or without semicolons, as the neighbourhood is; their lines still end in a line feed."""
    if not uses_semicolons(neighbour, source):
        following = source.data[_line_end(source, neighbour.end_byte) :].lstrip()
        if not goes_on(following):
            code = "\n".join(line.removesuffix(";") for line in code.split("\n"))
    return code


def quoted(code: str, source: Source) -> str:
    """A rule's code, before anything of the file is put into it, with the quotes that the file prefers."""
    return _LITERAL.sub(r'"\1"', code) if source.data.count(b'"') > source.data.count(b"'") else code


def uses_semicolons(neighbour: Node, source: Source) -> bool:
    """Whether statements end in `;` here: the neighbour does, or else most of the file."""
    if neighbour.type in _TERMINATED and has_semicolon(neighbour):
        return True
    ended, left = (len(pattern.findall(source.data)) for pattern in (_ENDED_LINE, _LEFT_LINE))
    return ended > left or (ended == left and neighbour.type not in _TERMINATED)


def has_semicolon(statement: Node) -> bool:
    """Whether a statement ends in a `;` of its own; a comment that belongs to it does not count."""
    return any(child.type == ";" for child in statement.children[-2:])


def is_ended(statement: Node) -> bool:
    """Whether nothing that follows can be taken for a part of the statement."""
    while not has_semicolon(statement):
        inner = statement.child_by_field_name("declaration") or next(iter(statement.named_children[-1:]), None)
        if statement.type in _OPEN or inner is None:
            return False
        if not (inner.type.endswith(("_statement", "_declaration")) or inner.type == "else_clause"):
            return statement.type not in {"export_statement", "import_statement"}
        statement = inner
    return True


def goes_on(data: bytes) -> bool:
    """Whether code that begins so would go on with a statement before it that is not ended."""
    return data[:1] != b"" and data[0] in _CONTINUES


def is_alone(node: Node, source: Source, behind: bytes = b"") -> bool:
    """Whether a statement has its lines to itself, but for a comment behind it and this before it."""
    start = source.line_start(source.line_of(node.start_byte))
    before = source.data[start : node.start_byte].removeprefix(b"\xef\xbb\xbf")
    return not before.strip().removesuffix(behind) and _REST_OF_LINE.match(source.data, node.end_byte) is not None


def end_with_comment(node: Node, source: Source) -> int:
    """Where a statement ends, together with the comment behind it on its line."""
    rest = _REST_OF_LINE.match(source.data, node.end_byte)
    return rest.end(1) if rest is not None and rest[1] else node.end_byte


def laid_out(code: str, pad: bytes, source: Source) -> bytes:
    """The lines of code with the line ends of the file, each after the first behind the padding."""
    lines = code.encode("utf8", "surrogateescape").split(b"\n")
    return (source.newline + pad).join(lines)


def _line_end(source: Source, offset: int) -> int:
    end = source.data.find(b"\n", offset)
    return len(source.data) if end < 0 else end
