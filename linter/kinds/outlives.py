"""Which values and properties live on when the function they are used in has returned."""

from __future__ import annotations

from tree_sitter import Node

from ..about import About
from ..isomorphisms import property_name
from ..matcher import Env
from ..source import FUNCTIONS, text
from .kind import Kind, no_words
from .uses import let_go_elsewhere, read_late


def outlives(node: Node, about: About, env: Env, arguments: tuple[str, ...]) -> bool:
    """A value that was there before the function was called: a parameter, `this`, a module, an outer variable.

    With an argument, that function (or the function that node is in); without, the one the value is used in.
    """
    owner = env.get(arguments[0]) if arguments else None
    scope = about.function(node) if owner is None else owner if owner.type in FUNCTIONS else about.function(owner)
    root, *rest = about.values.canonical(node)
    if root in {"global", "module", "this"} or scope is None:
        return root in {"global", "module", "this", "binding"}
    if root != "binding" or not isinstance(rest[0], int):
        return False
    inside = scope.start_byte <= rest[0] < scope.end_byte
    if not inside:
        return True
    binding = about.values.scopes.at(rest[0]).names.values()
    return any(b.declaration.start_byte == rest[0] and b.is_parameter and b.scope.node.id == scope.id for b in binding)


def read_later(node: Node, about: About, env: Env, arguments: tuple[str, ...]) -> bool:
    """A property that is read off its owner (the argument) after the call has returned: in a callback, here or
    elsewhere in the package."""
    owner, name = env.get(arguments[0]), property_name(node) or text(node)
    return owner is not None and read_late(owner, name, about) and not let_go_elsewhere(owner, name, about)


def never_released(node: Node, about: About, env: Env, arguments: tuple[str, ...]) -> bool:
    """A property that no other function of the file lets go of on all its paths."""
    owner = env.get(arguments[0])
    return owner is not None and not let_go_elsewhere(owner, property_name(node) or text(node), about)


KINDS = {
    "outlives": Kind(outlives, (0, 1), no_words, "a value that was there before the function was called"),
    "never_released": Kind(never_released, (1, 1), no_words, "a property that no other function lets go of"),
    "read_later": Kind(read_later, (1, 1), no_words, "a property that is read off its owner after the call"),
}
