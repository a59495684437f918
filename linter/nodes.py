"""What a node of a syntax tree tells by itself, and by those around it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tree_sitter import Node

FUNCTIONS = frozenset({
    "function_declaration", "function_expression", "arrow_function", "method_definition",
    "generator_function", "generator_function_declaration",
})  # fmt: skip


def text(node: Node) -> str:
    """The source text of a node; bytes that are not UTF-8 survive as surrogates."""
    return (node.text or b"").decode("utf8", "surrogateescape")


def climbed(leaves: Iterable[Node], kinds: Collection[str], climb: int) -> list[Node]:
    """The nodes of these kinds that are one of the leaves, or around one by at most that many levels: in order."""
    found: dict[int, Node] = {}
    for leaf in leaves:
        node: Node | None = leaf
        for _ in range(climb + 1):
            if node is None:
                break
            if node.type in kinds:
                found[node.id] = node
            node = node.parent
    return sorted(found.values(), key=lambda n: (n.start_byte, -n.end_byte))


def is_body(block: Node | None, end: int) -> bool:
    """Whether a node is the body of a function, and the brace that closes it ends there.

    The block may not: a comment behind it is a part of it where the grammar looks for a semicolon that was left out.
    """
    if block is None or block.type != "statement_block":
        return False
    closing = block.children[1:2]
    return bool(closing) and closing[0].end_byte == end and block.parent is not None and block.parent.type in FUNCTIONS


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
