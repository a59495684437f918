"""Where in a file new statements can go: before one, after one, at the end of a function."""

from __future__ import annotations

from tree_sitter import Node

from ..edit import Edit
from ..isomorphisms import meaningful
from ..source import FUNCTIONS, Source, is_field
from .style import dressed, end_with_comment, goes_on, is_alone, is_ended, laid_out, uses_semicolons

_LISTS = frozenset({"program", "statement_block", "switch_case", "switch_default"})
_SIMPLE = frozenset({
    "expression_statement", "variable_declaration", "lexical_declaration", "return_statement", "throw_statement",
    "break_statement", "continue_statement", "function_declaration", "export_statement", "import_statement",
})  # fmt: skip


def statement_of(node: Node) -> Node | None:
    """The statement a node belongs to, or the expression that is an arrow function's body; None outside of both."""
    while node.parent is not None:
        parent = node.parent
        if (parent.type in _LISTS and not is_field(parent, "value", node)) or _is_bare_body(node, parent):
            return node
        if parent.type == "arrow_function" and is_field(parent, "body", node):
            return node
        if parent.type in FUNCTIONS and not is_field(parent, "body", node):
            return statement_of(parent)  # a parameter's default belongs to where the function stands
        node = parent
    return None


def before(statement: Node, code: str, source: Source) -> tuple[Edit, ...]:
    """The edits that put code before a statement, with braces where the statement alone was a body."""
    start, end = statement.start_byte, statement.end_byte
    parent = statement.parent
    if parent is not None and parent.type == "arrow_function":
        kept = laid_out(code.rstrip(";").replace("\n", " "), b"", source)
        return Edit(start, start, b"{ " + kept + b"; return "), Edit(end, end, b"; }")
    written = dressed(code, statement, source)
    pad = source.indentation(start)
    alone = is_alone(statement, source)
    if parent is None or parent.type in _LISTS:
        if alone:
            return (Edit(start, start, laid_out(written, pad, source) + source.newline + pad),)
        return (Edit(start, start, _inline(code) + b" "),)
    if not alone:
        return Edit(start, start, b"{ " + _inline(code) + b" "), Edit(end, end, b" }")
    opening = _end_of_previous(statement)
    closing = source.newline + source.indentation(parent.start_byte) + b"}"
    stop = end_with_comment(statement, source)
    return (
        Edit(opening, opening, b" {"),
        Edit(start, start, laid_out(written, pad, source) + source.newline + pad),
        Edit(stop, stop, closing),
    )


def after(statement: Node, code: str, source: Source) -> tuple[Edit, ...]:
    """The edits that put code behind a statement. The statement must stand in a list of statements or be a body."""
    start, parent = statement.start_byte, statement.parent
    pad = source.indentation(start)
    bare_body = parent is None or parent.type not in _LISTS
    if is_alone(statement, source, behind=b";"):
        end = end_with_comment(statement, source)
        written = dressed(code, statement, source)
        ended = _continued(statement, written, source)
        edits = [Edit(end, end, source.newline + pad + ended + laid_out(written, pad, source))]
        if bare_body and parent is not None:
            opening = _end_of_previous(statement)
            closing = source.newline + source.indentation(parent.start_byte) + b"}"
            edits = [Edit(opening, opening, b" {"), Edit(end, end, edits[0].text + closing)]
        return tuple(edits)
    return _behind_inline(statement, code, bare_body, source)


def _behind_inline(statement: Node, code: str, bare_body: bool, source: Source) -> tuple[Edit, ...]:
    start, end = statement.start_byte, _end(statement)
    terminated = is_ended(statement)
    spaced = b" " if source.data[start - 1 : start].isspace() else b""
    last = source.data[end:].lstrip()[:1] == b"}"
    written = _inline(code)
    written = written.removesuffix(b";") if last and not uses_semicolons(statement, source) else written
    text = (b"" if terminated else b";") + spaced + written
    if bare_body:
        return Edit(start, start, b"{ "), Edit(end, end, text + b" }")
    return (Edit(end, end, text),)


def at_start(function: Node, code: str, source: Source) -> tuple[Edit, ...] | None:
    """The edits that put code where a function begins, behind its directives.

    None when there is no such place: an arrow function whose body is an expression.
    """
    body = function.child_by_field_name("body")
    if body is None or body.type != "statement_block":
        return None
    inside = meaningful(body)
    first = next((node for node in inside if not _is_directive(node)), None)
    if first is not None:
        return before(first, code, source)
    return at_end(function, code, source)


def _is_directive(statement: Node) -> bool:
    inner = statement.named_children[0] if statement.type == "expression_statement" else None
    return inner is not None and inner.type == "string"


def at_end(function: Node, code: str, source: Source) -> tuple[Edit, ...] | None:
    """The edits that put code where control falls off the end of a function (or of the file).

    None when there is no such place: an arrow function whose body is an expression.
    """
    body = function.child_by_field_name("body") if function.type in FUNCTIONS else function
    if body is None or body.type not in {"statement_block", "program"}:
        return None
    inside = [node for node in meaningful(body) if node.type != "hash_bang_line"]
    if inside:
        return after(inside[-1], code, source)
    if body.type == "program":
        return (Edit(body.end_byte, body.end_byte, laid_out(code, b"", source) + source.newline),)
    at = body.start_byte + 1
    return (Edit(at, at, b" " + _inline(code) + (b"" if source.data[at : at + 1].isspace() else b" ")),)


def around(statement: Node, code: str, source: Source) -> tuple[Edit, ...] | None:
    """`return f(x)` as `try { return f(x); } finally { code }`, on one line where it cannot be indented anew."""
    parent = statement.parent
    if parent is None:
        return None
    spread = source.line_of(statement.start_byte) != source.line_of(statement.end_byte)
    if spread or parent.type not in _LISTS or not is_alone(statement, source):
        opening, closing = (b"", b"") if parent.type in _LISTS else (b"{ ", b" }")
        ending = (b"" if is_ended(statement) else b";") + b" } finally { " + _inline(code) + b" }" + closing
        start, end = statement.start_byte, statement.end_byte
        return Edit(start, start, opening + b"try { "), Edit(end, end, ending)
    pad, nl = source.indentation(statement.start_byte), source.newline
    step = _indent_unit(pad, source.indentation(parent.start_byte))
    end = end_with_comment(statement, source)
    written = dressed(code, statement, source)
    tail = nl + pad + b"} finally {" + nl + pad + step + laid_out(written, pad + step, source) + nl + pad + b"}"
    head = b"try {" + nl + pad + step
    return Edit(statement.start_byte, statement.start_byte, head), Edit(end, end, tail)


def instead(statement: Node, code: str, source: Source) -> tuple[Edit, ...]:
    """The edits that put several statements where one stood."""
    start, end = statement.start_byte, _end(statement)
    parent = statement.parent
    if parent is not None and parent.type not in _LISTS:
        return (Edit(start, end, b"{ " + _inline(code) + b" }"),)
    if not is_alone(statement, source):
        return (Edit(start, end, _inline(code)),)
    written = dressed(code, statement, source)
    return (Edit(start, end, laid_out(written, source.indentation(start), source)),)


def removed(statement: Node, source: Source) -> tuple[Edit, ...]:
    """The edits that take a statement away, and its line with it when it had one to itself."""
    start, end = statement.start_byte, statement.end_byte
    if statement.parent is not None and statement.parent.type not in _LISTS:
        return (Edit(start, end, b";"),)
    kept = b";" if _would_join(statement, source) else b""
    if kept or not is_alone(statement, source):
        return (Edit(start, end, kept),)
    start -= len(source.indentation(start))
    end = end_with_comment(statement, source)
    for newline in (b"\r\n", b"\n"):
        if source.data.startswith(newline, end):
            return (Edit(start, end + len(newline), b""),)
    return (Edit(start, end, b""),)


def is_simple(statement: Node) -> bool:
    """Whether what comes after the statement always comes right after what is in it."""
    return statement.type in _SIMPLE


def _is_bare_body(node: Node, parent: Node) -> bool:
    """A statement that is the whole body of an if, an else or a loop, without braces."""
    if node.type == "statement_block" or not (node.type.endswith("_statement") or node.type.endswith("_declaration")):
        return False
    if parent.type == "else_clause":
        return True
    return parent.type in {
        "if_statement", "for_statement", "for_in_statement", "while_statement", "do_statement", "labeled_statement",
        "with_statement",
    } and (is_field(parent, "body", node) or is_field(parent, "consequence", node))  # fmt: skip


def _end(statement: Node) -> int:
    """Where a statement ends, without a comment that the grammar takes for a part of it."""
    parts = (child.end_byte for child in reversed(statement.children) if child.type != "comment")
    return next(parts, statement.end_byte)



def _end_of_previous(statement: Node) -> int:
    previous = statement.prev_sibling
    while previous is not None and previous.type == "comment":
        previous = previous.prev_sibling
    return previous.end_byte if previous is not None else statement.start_byte


def _inline(code: str) -> bytes:
    return " ".join(line.strip() for line in code.split("\n")).encode("utf8", "surrogateescape")


def _continued(statement: Node, written: str, source: Source) -> bytes:
    """A `;` where the new line would otherwise go on with the statement above it."""
    del source
    return b";" if goes_on(written.encode("utf8", "surrogateescape")) and not is_ended(statement) else b""


def _would_join(statement: Node, source: Source) -> bool:
    """Whether the statements before and after this one would become one without it."""
    previous, following = statement.prev_named_sibling, statement.next_named_sibling
    while previous is not None and previous.type == "comment":
        previous = previous.prev_named_sibling
    while following is not None and following.type == "comment":
        following = following.next_named_sibling
    if previous is None or following is None or is_ended(previous):
        return False
    return goes_on(source.data[following.start_byte :][:1])


def _indent_unit(pad: bytes, outer: bytes) -> bytes:
    """One level of indentation: how much further in a line is than the one its block begins on."""
    if len(pad) > len(outer) and pad.startswith(outer):
        return pad[len(outer) :]
    return b"\t" if pad.startswith(b"\t") else b"  "
