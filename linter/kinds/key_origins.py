"""Where a key comes from: an element of a list that a caller gave, or that a caller's text was split into."""

from __future__ import annotations

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare
from ..source import text
from ..values import arguments_of

_LISTS = frozenset({"split", "slice", "concat", "filter", "map", "match", "reverse", "toPath", "parse"})
_TAKING = frozenset({"shift", "pop", "at", "next"})
_EITHER = frozenset({"||", "??", "&&"})
_EACH = frozenset({"forEach", "some", "every", "map", "each"})


def is_chosen(key: Node, about: About, depth: int = 4) -> bool:
    """Whether a key is an element of a list that came from outside."""
    key = bare(key)
    if depth == 0:
        return False
    if key.type == "subscript_expression":
        owner, index = key.child_by_field_name("object"), key.child_by_field_name("index")
        return owner is not None and index is not None and index.type != "string" and is_list(owner, about)
    if key.type == "call_expression":
        callee = key.child_by_field_name("function")
        name = callee.child_by_field_name("property") if callee is not None else None
        owner = callee.child_by_field_name("object") if callee is not None else None
        if owner is not None and name is not None and text(name) in _TAKING:
            return is_list(owner, about)
        return any(is_chosen(given, about, depth - 1) for given in arguments_of(key)[:1])
    if key.type != "identifier":
        return False
    binding = about.values.binding(key)
    if binding is None:
        return False
    if binding.is_parameter and binding.index == 0 and (listed := each_of(binding.scope.node)) is not None:
        return is_list(listed, about)
    for write in binding.writes:
        if write.at.type == "for_in_statement":
            right, of = write.at.child_by_field_name("right"), write.at.child_by_field_name("operator")
            if right is not None and of is not None and of.type == "of" and is_list(right, about):
                return True
        elif write.value is not None and not write.path and is_chosen(write.value, about, depth - 1):
            return True
    return False


def is_list(node: Node, about: About) -> bool:
    """A list that a caller gave, or that a text was split into. One character of a text is no name."""
    node = bare(about.values.constant(node))
    if node.type == "identifier":
        binding = about.values.binding(node)
        if binding is None or binding.is_parameter:
            return binding is not None
        return any(write.value is not None and is_list(write.value, about) for write in binding.writes[:4])
    operator = node.child_by_field_name("operator") if node.type == "binary_expression" else None
    if node.type == "ternary_expression" or (operator is not None and operator.type in _EITHER):
        return any(is_list(child, about) for child in node.named_children[-2:])
    if node.type != "call_expression":
        return False
    callee = node.child_by_field_name("function")
    name = callee.child_by_field_name("property") if callee is not None else callee
    owner = callee.child_by_field_name("object") if callee is not None else None
    method = text(name or callee) if callee is not None else ""
    if method == "split" and owner is not None:
        by = arguments_of(node)[:1]
        return bool(by) and text(by[0])[1:-1] != "" and _is_from_outside(owner, about)
    if method in {"keys", "entries", "values", "getOwnPropertyNames"}:
        return False
    if method in _LISTS - {"parse", "toPath", "match"} and owner is not None:
        return is_list(owner, about)
    return bool(arguments_of(node))


def _is_from_outside(node: Node, about: About, depth: int = 4) -> bool:
    """Whether a text may be one that a caller chose; one out of a list that was made here is not."""
    node = bare(node)
    if node.type != "identifier" or depth == 0:
        return node.type not in {"string", "template_string"}
    binding = about.values.binding(node)
    if binding is None or binding.is_parameter or not binding.writes:
        return True
    for write in binding.writes:
        right = write.at.child_by_field_name("right") if write.at.type == "for_in_statement" else write.value
        if right is not None and (bare(right).type != "array" and _is_from_outside(right, about, depth - 1)):
            return True
    return False


def each_of(function: Node) -> Node | None:
    """The list whose elements a callback gets: `list.forEach(function (key) {…})`."""
    given = function.parent
    call = given.parent if given is not None and given.type == "arguments" else None
    callee = call.child_by_field_name("function") if call is not None else None
    name = callee.child_by_field_name("property") if callee is not None else None
    if callee is None or name is None or text(name) not in _EACH:
        return None
    return callee.child_by_field_name("object")
