"""What a reader would call a function, and which functions of a file go by a name."""

from __future__ import annotations

from tree_sitter import Node

from .definitions import definitions
from .isomorphisms import property_name
from .source import FUNCTIONS, Source, is_field, text

_LONGEST = 80
_NAMING = frozenset({"assignment_expression", "variable_declarator", "pair", "field_definition"})


def function_names(function: Node) -> frozenset[str]:
    """The names a reader would call this function by: its own, and what it is assigned to or stored under."""
    own = function.child_by_field_name("name")
    names = {property_name(own) or text(own)} if own is not None else set()
    parent = function.parent
    while parent is not None and parent.type == "parenthesized_expression":
        parent = parent.parent
    if parent is not None and parent.type in _NAMING:
        target = next((n for f in ("left", "name", "key", "property") if (n := parent.child_by_field_name(f))), None)
        if target is not None:
            member = target.child_by_field_name("property") or target.child_by_field_name("index")
            names.add(property_name(member or target) or text(member or target))
    return frozenset(names)


def full_name(function: Node) -> str:
    """The name a reader would use in a sentence: `Manager.prototype.handleUpgrade`; "" when there is none."""
    parent = function.parent
    while parent is not None and parent.type == "parenthesized_expression":
        parent = parent.parent
    if parent is not None and parent.type == "assignment_expression":
        left = parent.child_by_field_name("left")
        if left is not None and len(text(left)) <= _LONGEST:
            return " ".join(text(left).split())
    return min(function_names(function), default="")


def called_method(call: Node) -> str:
    """The method a call calls: `on` for `x.on(…)`; "" when it calls something else."""
    callee = call.child_by_field_name("function")
    name = callee.child_by_field_name("property") if callee is not None else None
    return text(name) if name is not None else ""


def functions_named(name: str, source: Source) -> list[Node]:
    """The functions a reader would call by this name, in source order. Raises HiddenError."""
    if name not in source.functions:
        source.functions[name] = _functions_named(name, source)
    return source.functions[name]


def _functions_named(name: str, source: Source) -> list[Node]:
    found: dict[int, Node] = {}
    word = name.encode("utf8", "surrogateescape")
    places = [*definitions(source.data, word, source.offsets(word))] if name else []
    source.show_all(places)
    for place in places:
        leaf = source.at(place, place + len(word))
        function = _function_of(leaf) if leaf is not None and leaf.end_byte - leaf.start_byte == len(word) else None
        if function is not None:
            found[function.id] = function
    return sorted(found.values(), key=lambda node: node.start_byte)


def _function_of(leaf: Node) -> Node | None:
    """The function that is declared, assigned or stored under this very name."""
    node, parent = leaf, leaf.parent
    while parent is not None and parent.type in {"string", "member_expression", "subscript_expression"}:
        if parent.type == "member_expression" and not is_field(parent, "property", node):
            return None
        node, parent = parent, parent.parent
    if parent is None:
        return None
    if parent.type in FUNCTIONS:
        return parent if is_field(parent, "name", node) else None
    if parent.type not in _NAMING:
        return None
    value = parent.child_by_field_name("right") or parent.child_by_field_name("value")
    while value is not None and value.type == "parenthesized_expression" and value.named_children:
        value = value.named_children[0]
    return value if value is not None and value.type in FUNCTIONS and value.id != node.id else None
