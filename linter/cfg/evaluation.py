"""What evaluating a syntax node evaluates: its parts in order, and where it branches, acts or may throw."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from ..source import FUNCTIONS

LOGICAL = frozenset({"&&", "||", "??"})
LOGICAL_ASSIGNMENT = frozenset({"&&=", "||=", "??="})
# The links of an optional chain, and the field in which each has the link before it.
HEADS = {
    "member_expression": "object", "subscript_expression": "object",
    "call_expression": "function", "non_null_expression": "",
}  # fmt: skip
# `target = value` where the value is used only if nothing better comes: the fields of the two.
DEFAULTS = {
    "assignment_pattern": ("left", "right"), "object_assignment_pattern": ("left", "right"),
    "required_parameter": ("pattern", "value"), "optional_parameter": ("pattern", "value"),
}  # fmt: skip
# Seen as a whole: what happens inside does not follow the rules of an expression.
OPAQUE = frozenset({"ERROR", "internal_module", "module", "enum_declaration"})
# What gives a value to a target; of an assignment to a member the parts of the target are evaluated first.
ASSIGNING = frozenset({"variable_declarator", "assignment_expression"})
_FIELDS = frozenset({"field_definition", "public_field_definition"})
PATTERNS = frozenset({"object_pattern", "array_pattern"})
_BRANCHING = frozenset({
    "binary_expression", "ternary_expression", "augmented_assignment_expression", *HEADS, *DEFAULTS,
})  # fmt: skip
_THROWING = frozenset({"call_expression", "new_expression", "await_expression", "yield_expression", "throw_statement"})
_ACTING = _THROWING | {
    "member_expression", "subscript_expression", "assignment_expression", "augmented_assignment_expression",
    "update_expression", "spread_element", "jsx_opening_element", "jsx_self_closing_element",
}  # fmt: skip


def inner(node: Node) -> list[Node]:
    """The children that are evaluated when a node is: of a function only the computed name it may have."""
    kind = node.type
    if kind in FUNCTIONS or kind == "class_static_block":
        return _computed(node.child_by_field_name("name"))
    if kind in _FIELDS and not any(child.type == "static" for child in node.children):
        return _computed(node.child_by_field_name("property") or node.child_by_field_name("name"))
    return node.children


def _computed(name: Node | None) -> list[Node]:
    return [name] if name is not None and name.type == "computed_property_name" else []


def evaluated(node: Node, done: Iterable[Node], *, into_functions: bool) -> Iterator[Node]:
    """Every node that is evaluated with a node, in source order, but for the subtrees that are done already."""
    skipped = {part.id for part in done}
    stack = [node]
    while stack:
        node = stack.pop()
        if node.id in skipped:
            continue
        yield node
        stack.extend(reversed(node.children if into_functions else inner(node)))


def operands(node: Node) -> list[Node]:
    """The parts of a node in the order in which they are evaluated; what is assigned to is itself no part."""
    if node.type in ASSIGNING:
        target = node.child_by_field_name("left") or node.child_by_field_name("name")
        value = node.child_by_field_name("right") or node.child_by_field_name("value")
        if target is None or value is None or target.type in PATTERNS:
            return [part for part in (value, target) if part is not None]
        return [*(operands(target) if target.type in HEADS else [target]), value]
    return [child for child in inner(node) if child.is_named and child.type not in {"optional_chain", "comment"}]


def default(node: Node) -> tuple[Node, Node] | None:
    """The target and the value of a default."""
    target, value = (node.child_by_field_name(name) for name in DEFAULTS.get(node.type, ("-", "-")))
    return (target, value) if target is not None and value is not None else None


def head(node: Node) -> Node | None:
    """The link before this one in a chain of members and calls."""
    if node.type == "non_null_expression":
        return node.named_child(0)
    return node.child_by_field_name(HEADS[node.type]) if node.type in HEADS else None


def is_optional(node: Node) -> bool:
    return node.type in HEADS and any(child.type in {"optional_chain", "?."} for child in node.children)


def logical(node: Node) -> str:
    """The operator of a short-circuit expression or assignment, else an empty string."""
    if node.type in {"binary_expression", "augmented_assignment_expression"}:
        operator = node.child_by_field_name("operator")
        if operator is not None and operator.type in LOGICAL | LOGICAL_ASSIGNMENT:
            return operator.type
    return ""


class Marks:
    """Where a scope branches inside expressions, acts, or may throw; nested functions do not count.

    A mark is an offset that lies in a node exactly if the operator it stands for does: between its operands, or on its
    first word. So a question about a subtree is a search in a sorted list, whatever the size of the subtree.
    """

    def __init__(self, roots: Iterable[Node]) -> None:
        self._branches: list[int] = []
        self._acts: list[int] = []
        self._throws: list[int] = []
        stack = list(roots)
        while stack:
            node = stack.pop()
            self._mark(node)
            if node.type not in OPAQUE:
                stack.extend(inner(node))
        for marks in (self._branches, self._acts, self._throws):
            marks.sort()

    def branches(self, node: Node) -> bool:
        return _count(self._branches, node) > 0

    def acts(self, node: Node) -> bool:
        """Whether a node does or reads something whose place in time matters: more than variables and literals."""
        return _count(self._acts, node) > 0

    def may_throw(self, node: Node, done: Iterable[Node] = ()) -> bool:
        return _count(self._throws, node) > sum(_count(self._throws, part) for part in done)

    def _mark(self, node: Node) -> None:
        kind = node.type
        if kind in _BRANCHING and (at := _branch(node)) >= 0:
            self._branches.append(at)
            self._acts.append(at)
        if kind in _ACTING or kind in OPAQUE or (kind == "unary_expression" and _is_delete(node)):
            self._acts.append(_place(node))
            if kind in _THROWING or kind in OPAQUE:
                self._throws.append(_place(node))


def _branch(node: Node) -> int:
    """The mark of a node that may branch, -1 if it does not."""
    if node.type in DEFAULTS:
        parts = default(node)
        return parts[1].start_byte - 1 if parts else -1
    return _place(node) if node.type == "ternary_expression" or logical(node) or is_optional(node) else -1


def _place(node: Node) -> int:
    """An offset inside a node and outside its operands."""
    first = node.child(0)
    return first.end_byte if first is not None and first.is_named and node.child_count > 1 else node.start_byte


def _is_delete(node: Node) -> bool:
    operator = node.child(0)
    return operator is not None and operator.type == "delete"


def _count(marks: list[int], node: Node) -> int:
    return bisect_left(marks, node.end_byte) - bisect_left(marks, node.start_byte)
