"""The parts of a call and of what it calls: the callee, the parameter that takes an argument, what is returned."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..isomorphisms import bare, meaningful, parameters, shape
from ..source import Source, climbed, text
from .program import Code

_QUOTES = frozenset({b"'", b'"', b"`"})

def callee_of(call: Node) -> Node | None:
    """The expression that a call or `new` calls."""
    callee = call.child_by_field_name("function") or call.child_by_field_name("constructor")
    return bare(callee) if callee is not None else None


def last_name(node: Node) -> str:
    """`f` of `a.b.f` and of `f`; "" for anything else."""
    node = bare(node)
    if node.type == "identifier":
        return text(node)
    name = node.child_by_field_name("property") if node.type == "member_expression" else None
    return text(name) if name is not None else ""


def literal(node: Node) -> str:
    """What a string literal says; "" for anything else."""
    seen = shape(node)
    return seen.text if seen.kind == "string" else ""


def calls_saying(word: str, source: Source) -> list[Node]:
    """The calls that have a string literal of just this word right among what they are given, or close below. In order.

    Raises HiddenError.
    """
    name = word.encode("utf8", "surrogateescape")
    places = [at for at in source.offsets(name) if _is_quoted(source.data, at, at + len(name))]
    source.show_all(places)
    found = (source.at(at, at + len(name)) for at in places)
    leaves = (leaf for leaf in found if leaf is not None and leaf.end_byte - leaf.start_byte == len(name))
    return climbed(leaves, {"call_expression"}, 3)


def _is_quoted(data: bytes, start: int, end: int) -> bool:
    return data[end : end + 1] in _QUOTES and data[start - 1 : start] == data[end : end + 1]


def parameter_at(function: Node, index: int) -> Node | None:
    """The parameter that takes the argument at an index: also a rest parameter."""
    given = parameters(function)
    if index < len(given):
        return given[index]
    return given[-1] if given and given[-1].type == "rest_pattern" else None


def returns(function: Code) -> Iterator[Code]:
    """The expressions a function returns."""
    body = function.node.child_by_field_name("body")
    if body is not None and body.type != "statement_block":
        yield Code(function.unit, body)
        return
    for statement in function.unit.source.nodes("return_statement", within=function.node):
        value = next(iter(meaningful(statement)), None)
        inner = function.unit.values.scopes.function(statement.start_byte)
        if value is not None and inner is not None and inner.id == function.node.id:
            yield Code(function.unit, value)
