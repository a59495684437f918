"""Which code is strict: its `arguments` does not follow its parameters, and is kept only by who mentions it."""

from __future__ import annotations

from tree_sitter import Node

from ..isomorphisms import parameters
from ..source import FUNCTIONS, text
from .program import Unit


def is_strict(function: Node, unit: Unit) -> bool:
    """Whether the function is strict code: modules and classes are, and what says so."""
    root = unit.source.root
    if any(child.type in {"import_statement", "export_statement"} for child in root.named_children):
        return True
    node: Node | None = function
    while node is not None:
        if node.type == "class_body":
            return True
        body = node.child_by_field_name("body") if node.type in FUNCTIONS else node if node.type == "program" else None
        first = next((child for child in body.named_children if child.type != "comment"), None) if body else None
        if first is not None and first.type == "expression_statement" and text(first)[1:11] == "use strict":
            return True
        node = node.parent
    return any(parameter.type != "identifier" for parameter in parameters(function))
