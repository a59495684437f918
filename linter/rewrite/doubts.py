"""Why a fix may be wrong: a comment is lost, code runs again or only sometimes, a closure reads later."""

from __future__ import annotations

from collections.abc import Sequence

from tree_sitter import Node

from ..edit import Edit
from ..hop import short
from ..isomorphisms import bare
from ..matcher import Env, Matcher
from ..pattern import Pattern, PatternError, compile_pattern, node_kinds
from ..source import FUNCTIONS, Source, text, walk
from .grouping import METAVARIABLE

_SHOWN = 40  # characters
_ACTING = frozenset({
    "call_expression", "new_expression", "await_expression", "yield_expression", "assignment_expression",
    "augmented_assignment_expression", "update_expression", "object", "array", "class", *FUNCTIONS,
})  # fmt: skip
_VIEWS = frozenset({"slice", "subarray"})  # made again, they are the same bytes
_LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})
_LOGICAL = frozenset({"&&", "||", "??", "&&=", "||=", "??="})


def loses_comment(edits: Sequence[Edit], node: Node, source: Source) -> str:
    """Whether an edit takes a comment away, in the node or behind it on its line."""
    parent = node.parent
    statement = parent if parent is not None and parent.type == "expression_statement" else node
    behind = [n for n in (statement.next_sibling,) if n is not None and n.type == "comment"]
    comments = [child for child in walk(node) if child.type == "comment"] + behind
    lost = any(
        e.start <= c.start_byte and c.end_byte <= e.end and source.data[c.start_byte : c.end_byte] not in e.text
        for e in edits
        for c in comments
    )
    return "a comment would be lost" if lost else ""


def repeated(before: str, after: str, env: Env) -> str:
    """Whether the code evaluates a value more often than before that does something, or is new each time."""
    old, new = METAVARIABLE.findall(before), METAVARIABLE.findall(after)
    for name in dict.fromkeys(new):
        if name in env and new.count(name) > old.count(name) and any(map(_acts, walk(env[name], into_functions=False))):
            return f"`{short(bare(env[name]), _SHOWN)}` would be evaluated again"
    return ""


def sometimes(node: Node, statement: Node) -> str:
    """Whether the statement may run without this part of it, or run it more than once."""
    while node.id != statement.id and node.parent is not None:
        parent = node.parent
        if parent.type in FUNCTIONS or parent.type in {"field_definition", "public_field_definition"}:
            return "it is evaluated at another time than the statement it is in"
        if _is_branch(node, parent):
            return "only one branch of the statement gets there"
        if parent.type in _LOOPS and not _is_once(node, parent):
            return "a loop evaluates it again and again"
        node = parent
    return ""


def read_by_closure(code: str, scope: Node, matcher: Matcher, env: Env, source: Source) -> str:
    """Whether a closure of the scope mentions what the code lets go of: `delete x.p` or `x.p = null`."""
    target = _released(code)
    if target is None:
        return ""
    kinds = node_kinds(target)
    for function in source.nodes(*sorted(FUNCTIONS), within=scope):
        if function.id == scope.id:
            continue
        for node in source.nodes(*kinds, within=function) if kinds else walk(function):
            if any(True for _ in matcher.matches(target, node, env)):
                return f"a closure mentions `{short(bare(node), _SHOWN)}`"
    return ""


def _acts(node: Node) -> bool:
    if node.type == "call_expression":
        callee = node.child_by_field_name("function")
        name = callee.child_by_field_name("property") if callee is not None else None
        return name is None or text(name) not in _VIEWS
    return node.type in _ACTING


def _is_branch(node: Node, parent: Node) -> bool:
    if parent.type == "ternary_expression":
        condition = parent.child_by_field_name("condition")
        return condition is None or condition.id != node.id
    operator, right = parent.child_by_field_name("operator"), parent.child_by_field_name("right")
    return operator is not None and operator.type in _LOGICAL and right is not None and right.id == node.id


def _is_once(node: Node, loop: Node) -> bool:
    """Whether a loop evaluates this part of its head once."""
    field = "right" if loop.type == "for_in_statement" else "initializer"
    once = loop.child_by_field_name(field)
    return once is not None and once.id == node.id


def _released(code: str) -> Pattern | None:
    try:
        pattern = compile_pattern(code.strip().removesuffix(";"))
    except PatternError:
        return None
    is_release = (pattern.kind, pattern.text) == ("unary", "delete") or pattern.kind == "assign"
    return pattern.parts[0] if is_release and pattern.parts else None
