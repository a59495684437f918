"""Whether a TLS client checks who it talks to: where that is turned off, or depends on an option that nobody set."""

from __future__ import annotations

import re

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare, property_name, shape
from ..matcher import Env
from ..regexes import regex
from ..source import FUNCTIONS, text
from .kind import Kind

_OPTIONS = frozenset({"rejectUnauthorized", "strictSSL"})
_VARIABLE = "NODE_TLS_REJECT_UNAUTHORIZED"
# Whoever calls such a thing has asked for it.
_ASKED = regex(r"insecure|unsafe|self_?signed|unverified|allow|skip|ignore|trust|local|test|mock", re.IGNORECASE)
_DEFAULTED = regex(
    r"rejectUnauthorized['\"\])]*\s*(===|!==|==|!=|\?\?|\|\|)|rejectUnauthorized['\"]?\s*[:=]\s*(true|!0)"
    r"|['\"]rejectUnauthorized['\"]\s*(in\b|\))"
)
_BRANCHES = frozenset({"if_statement", "ternary_expression", "switch_case", "else_clause"})


def verification_off(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """An option, or the variable of the environment, that turns verification off, whatever the user wants."""
    name, value = _setting(node)
    if name is None or value is None or not about.package.shipped:
        return False
    seen = shape(value)
    if name == _VARIABLE:
        is_off = seen.kind in {"string", "number"} and seen.text in {"0", "0.0"}
    else:
        is_off = name in _OPTIONS and seen.kind == "false"
    return is_off and not _is_asked_for(node) and not _is_server(node)


def unset_verification(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """An option that is passed on from a user's options as it is, undefined where the user has not set it."""
    node = bare(node)
    if node.type != "member_expression" or text(node.child_by_field_name("property") or node) != "rejectUnauthorized":
        return False
    owner, parent = node.child_by_field_name("object"), node.parent
    if parent is None or owner is None or owner.type == "this" or _DEFAULTED.search(text(about.source.root)):
        return False
    name, value = _setting(parent)
    left = parent.child_by_field_name("left")
    kept = left is not None and text(left).startswith("this.")
    return name == "rejectUnauthorized" and value is not None and value.id == node.id and not kept


def _setting(node: Node) -> tuple[str | None, Node | None]:
    """The name and the value that a pair or an assignment gives a property."""
    if node.type == "pair":
        key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
        return property_name(key) if key is not None else None, value
    if node.type == "assignment_expression":
        left, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        name = left.child_by_field_name("property") or left.child_by_field_name("index") if left is not None else None
        return property_name(name) if name is not None else None, bare(value) if value is not None else None
    return None, None


def _is_asked_for(node: Node) -> bool:
    """Whether a condition or a name around says that somebody chose it."""
    inner, parent = node, node.parent
    while parent is not None:
        if parent.type in _BRANCHES and not _is_condition(inner, parent):
            return True
        if parent.type == "binary_expression" and inner.id == parent.named_children[-1].id:
            return True
        named = parent.child_by_field_name("name") or parent.child_by_field_name("key")
        is_named = parent.type in FUNCTIONS | {"variable_declarator", "pair"} and named is not None
        if is_named and named is not None and _ASKED.search(text(named)):
            return True
        inner, parent = parent, parent.parent
    return False


def _is_condition(inner: Node, branch: Node) -> bool:
    condition = branch.child_by_field_name("condition") or branch.child_by_field_name("value")
    return condition is not None and condition.id == inner.id


def _is_server(node: Node) -> bool:
    """Whether it stands beside `requestCert`: a server that asks for certificates and looks at them itself."""
    return node.type == "pair" and node.parent is not None and "requestCert" in text(node.parent)


def _off_places(about: About) -> frozenset[int]:
    words = [word.encode() for word in (*_OPTIONS, _VARIABLE)]
    found = about.source.around(words, {"pair", "assignment_expression"}, 3)
    return frozenset(node.start_byte for node in found if verification_off(node, about, {}, ()))


KINDS = {
    "verification_off": Kind(
        verification_off, (0, 0), lambda _: frozenset({*_OPTIONS, _VARIABLE}),
        "an option that turns off that certificates are verified", _off_places,
    ),
    "unset_verification": Kind(
        unset_verification, (0, 0), lambda _: frozenset({"rejectUnauthorized"}),
        "such an option as a user gave it, undefined where none did",
    ),
}  # fmt: skip
