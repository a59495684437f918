"""Classes of every making: what `new` runs, and what a class extends."""

from __future__ import annotations

from tree_sitter import Node

from ..isomorphisms import property_name
from ..source import FUNCTIONS, text

CLASSES = frozenset({"class", "class_declaration", "abstract_class_declaration"})
# What libraries that make classes call the method which runs when an instance is made.
_CONSTRUCTORS = ("constructor", "initialize", "init", "_init", "ctor")


def constructor(node: Node) -> Node | None:
    """The class's own constructor."""
    body = node.child_by_field_name("body")
    for member in body.named_children if body is not None else ():
        name = member.child_by_field_name("name")
        if member.type == "method_definition" and name is not None and text(name) == "constructor":
            return member
    return None


def extended(node: Node) -> list[Node]:
    """The expression that gives the class it extends."""
    heritage = next((child for child in node.named_children if child.type == "class_heritage"), None)
    inner = heritage.named_children[:1] if heritage is not None else []
    return inner[0].named_children[:1] if inner and inner[0].type == "extends_clause" else inner


def around(node: Node) -> Node | None:
    """The class that a node is in."""
    found: Node | None = node
    while found is not None and found.type not in CLASSES:
        found = found.parent
    return found


def made_of(literal: Node) -> Node | None:
    """What runs when an instance is made of a class that was made of an object literal: `Class({init: function …})`."""
    for name in _CONSTRUCTORS:
        for child in literal.named_children:
            key = child.child_by_field_name("key") or child.child_by_field_name("name")
            value = child if child.type == "method_definition" else child.child_by_field_name("value")
            if key is not None and property_name(key) == name and value is not None and value.type in FUNCTIONS:
                return value
    return None
