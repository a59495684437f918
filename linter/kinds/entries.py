"""Containers that are made when they are missing: the empty ones that a map gets for a key."""

from __future__ import annotations

from tree_sitter import Node

from .. import sightings
from ..about import About
from ..isomorphisms import bare, meaningful
from ..matcher import Env
from ..source import text
from ..values import arguments_of
from .kind import Kind


def empty(node: Node, _about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """A container with nothing in it: `{}`, `[]`, `new Map()`, `new Set()`, `Object.create(null)`."""
    node = bare(node)
    if node.type in {"object", "array"}:
        return not meaningful(node)
    given = [text(each) for each in arguments_of(node)]
    if node.type == "new_expression":
        return text(node.child_by_field_name("constructor") or node) in {"Map", "Set"} and not given
    callee = node.child_by_field_name("function")
    return callee is not None and text(callee) == "Object.create" and given == ["null"]


def _places(about: About) -> frozenset[int]:
    return about.once("empty", lambda: frozenset(sightings.emptied(about.source.data)))


KINDS = {
    "emptied_container": Kind(
        empty, (0, 0), lambda _: frozenset({"delete"}),
        "a container with nothing in it, soon before something is deleted", _places, shape="emptied_container",
    ),
}  # fmt: skip
