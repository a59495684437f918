"""Code for platforms that lack something: whoever wrote it asks whether the thing is there."""

from __future__ import annotations

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare
from ..matcher import Env
from ..source import climbed, text
from ..spellings import read_off
from .kind import Kind

_WRAPPING = frozenset({"parenthesized_expression", "as_expression", "non_null_expression"})
_CHOICES = frozenset({"if_statement", "ternary_expression", "while_statement"})
_DEEPEST = 5  # levels of an access above the name of what it reads from: `(0, require('buffer').Buffer).from`
_ASKING = frozenset({"&&", "||", "??", "==", "===", "!=", "!==", "!", "typeof"})


def fallback_for(node: Node, about: About, _env: Env, arguments: tuple[str, ...]) -> bool:
    """Whether a function around the node, or the file outside of all functions, asks for one of these members.

    To ask is to use `Buffer.from`, say, as a condition or a part of one, rather than to call it or hand it on.
    """
    scopes = [scope for name in arguments for scope in _askers(name, about)]
    return any(scope is None or scope.start_byte <= node.start_byte < scope.end_byte for scope in scopes)


def _askers(name: str, about: About) -> list[Node | None]:
    """The innermost functions around each question for the member; None stands for the file itself."""
    owner, _, member = name.rpartition(".")
    read = read_off(member.encode())
    return about.once(f"fallback_for {name}", lambda: [
        about.function(access)
        for access in climbed(about.values.named(owner, read).values(), {"member_expression"}, _DEEPEST)
        if _reads(access, member) and _asks(access, owner, about)
    ])  # fmt: skip


def _reads(access: Node, member: str) -> bool:
    name = access.child_by_field_name("property")
    return name is not None and text(name) == member


def _asks(access: Node, owner: str, about: About) -> bool:
    thing = access.child_by_field_name("object")
    if thing is None or not _is(bare(thing), owner, about):
        return False
    node, parent = access, access.parent
    while parent is not None and parent.type in _WRAPPING:
        node, parent = parent, parent.parent
    if parent is None:
        return False
    if parent.type in _CHOICES:
        condition = parent.child_by_field_name("condition")
        return condition is not None and condition.id == node.id
    operator = parent.child_by_field_name("operator")
    return operator is not None and operator.type in _ASKING


def _is(thing: Node, owner: str, about: About) -> bool:
    """Whether an expression is the global of that name, or what a module exports under it."""
    value = about.values.canonical(thing)
    return value == ("global", owner) or (value[0] == "module" and value[-1] == owner) or text(thing) == owner


def _members(arguments: list[str]) -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for name in arguments)


KINDS = {
    "fallback_for": Kind(fallback_for, (1, 9), _members, "code that asks whether one of these members is there"),
}
