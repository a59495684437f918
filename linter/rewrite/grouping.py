"""Parentheses for code put into tighter company than it came from: `f(a || b)` as `$X.length` is `(a || b).length`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tree_sitter import Node

from ..isomorphisms import COMMUTATIVE
from ..parsing import parse
from ..pattern import holed
from ..regexes import regex
from ..source import text

METAVARIABLE = regex(r"\$[A-Z][A-Z0-9_]*")
# Expressions that an operator beside them takes apart.
_LOW = frozenset({
    "binary_expression", "ternary_expression", "assignment_expression", "augmented_assignment_expression",
    "arrow_function", "yield_expression",
})  # fmt: skip
# Expressions that only a `.`, `[` or `(` behind them takes apart.
_HIGH = frozenset({
    "unary_expression", "update_expression", "await_expression", "object", "function_expression", "class", "number",
    "generator_function",
})  # fmt: skip
_WORDS = regex(r"\b(return|throw|case|else|yield|default)[ \t]+$")
_POSTFIX = frozenset(".[(`")


def grouped(template: str, env: Mapping[str, Node]) -> str:
    """The template with parentheses around the metavariables whose values need them where they are put.

    Those that have parentheses of their own keep these: see `apt`.
    """

    def put(found: re.Match[str]) -> str:
        node = env.get(found[0])
        if node is None or _is_wrapped(node):
            return found[0]
        return f"({found[0]})" if _needs(node, template[: found.start()], template[found.end() :]) else found[0]

    return METAVARIABLE.sub(put, template)


def apt(node: Node, before: str, after: str) -> bytes:
    """The text of a value for its place in a template, with its own parentheses if it needs them there."""
    whole = node.parent if _is_wrapped(node) and _needs(node, before, after) else node
    return (whole.text if whole is not None else node.text) or b""


def enclosed(plus: str, node: Node) -> str:
    """What the node is replaced by, in parentheses when what is around the node would take it apart."""
    roots = parse(holed(plus).encode()).root_node.named_children
    inner = roots[0].named_children[:1] if len(roots) == 1 and roots[0].type == "expression_statement" else []
    return f"({plus})" if inner and _is_taken_apart(inner[0], node) else plus


def _is_wrapped(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "parenthesized_expression"


def _needs(node: Node, before: str, after: str) -> bool:
    behind = after.lstrip(" \t")[:1]
    if node.type == "sequence_expression":  # even among arguments, which it would become
        return not (before.strip(" \t") == "" and behind in {"", ";"})
    if _is_high(node):
        return behind in _POSTFIX and behind != ""
    return node.type in _LOW and not (_ends_before(before) and behind in {"", ")", "]", "}", ",", ";", ":", "\n"})


def _is_high(node: Node) -> bool:
    return node.type in _HIGH or (node.type == "new_expression" and node.child_by_field_name("arguments") is None)


def _ends_before(before: str) -> bool:
    """Whether a whole expression may begin behind this."""
    if _WORDS.search(before):
        return True
    before = before.rstrip(" \t")
    return before[-1:] in {"", "(", "[", "{", ",", ";", ":", "\n"} or re.search(r"(?<![=!<>])=$", before) is not None


def _is_taken_apart(new: Node, node: Node) -> bool:
    parent = node.parent
    if parent is None or not (new.type in _LOW or new.type == "sequence_expression" or _is_high(new)):
        return False
    first = parent.child_by_field_name("object") or parent.child_by_field_name("function")
    if parent.type == "new_expression":
        first = parent.child_by_field_name("constructor")
    if first is not None and first.id == node.id:
        return True
    if new.type == "sequence_expression":
        return parent.type not in {"expression_statement", "parenthesized_expression", "sequence_expression"}
    if new.type not in _LOW or parent.type not in {
        "binary_expression", "unary_expression", "await_expression", "ternary_expression",
    }:  # fmt: skip
        return False
    return not _binds_alike(new, node)


def _binds_alike(new: Node, node: Node) -> bool:
    """Whether the new operator holds its sides together as the old one did."""
    operators = {_operator(new), _operator(node)}
    return new.type == node.type and (len(operators) == 1 or operators <= COMMUTATIVE)


def _operator(node: Node) -> str:
    operator = node.child_by_field_name("operator")
    return text(operator) if operator is not None else ""
