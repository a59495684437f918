"""Listeners that wait for a caller to abort, and wait on when there is nothing left to abort."""

from __future__ import annotations

import re

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare
from ..matcher import Env
from ..regexes import regex
from ..source import text, walk
from ..values import arguments_of
from .consulted import around, consulted
from .kind import Kind

_OWN = regex(r"controller|AbortSignal\s*\.|AbortSignal\.(any|timeout)", re.IGNORECASE)
_REMOVED = regex(r"removeEventListener|WeakRef|addAbortListener|AbortSignal\.any|\baborted\(|unsubscribe")
# What is made for one call, and its signal with it.
_PASSING = regex(r"^(\w*(context|ctx|event|api)|req|request|this\.req|this\.request|c)$", re.IGNORECASE)
_TOKEN = regex(r"(cancel|cancellation)_?token$", re.IGNORECASE)


def foreign_signal(node: Node, about: About, _env: Env, arguments: tuple[str, ...]) -> bool:
    """An AbortSignal that a caller gave, where a listener is added that nothing removes. `awaited`: in an async
    function that waits for something after that, with a listener that has a name; `any`: wherever."""
    node = bare(node)
    call = _call(node, "addEventListener")
    if not about.package.shipped or call is None or not _is_signal(node, about) or _is_removed(call, about):
        return False
    return arguments[0] == "any" or _is_awaited(call, about)


def foreign_token(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """The cancel token of a caller, to whose promise something is attached that can never be taken away."""
    name = node.child_by_field_name("property") or bare(node)
    if _TOKEN.search(text(name)) is None:
        return False
    function = about.function(node)
    return function is not None and not any(_REMOVED.search(text(each)) for each in around(node, about)[:2])


def _call(node: Node, method: str) -> Node | None:
    """The call of that method on a node."""
    member = node.parent
    name = member.child_by_field_name("property") if member is not None else None
    if member is None or name is None or text(name) != method or name.id == node.id:
        return None
    return member.parent if member.parent is not None and member.parent.type == "call_expression" else None


def _is_signal(node: Node, about: About) -> bool:
    """Whether it goes by the name of a signal, and is not of a controller of one's own."""
    stands = about.values.constant(node)
    name = node.child_by_field_name("property") or node
    said = text(name) + text(stands)
    if "signal" not in text(name).lower() or _OWN.search(said) or stands.type in {"new_expression"}:
        return False
    owner = stands.child_by_field_name("object")
    if owner is not None and (
        _PASSING.match(text(owner)) or about.values.constant(owner).type in {"new_expression", "call_expression"}
    ):
        return False
    root, *rest = about.values.canonical(stands)
    return root in {"binding", "this"} or bool(rest)


def _is_removed(call: Node, about: About) -> bool:
    """Whether something takes the listener away again, or nothing needs to."""
    given = arguments_of(call)
    if len(given) > 2 and "signal" in text(given[2]):
        return True
    if len(given) > 1 and given[1].type != "identifier" and "removeEventListener" not in text(about.source.root):
        return any(_REMOVED.search(text(function)) for function in around(call, about)[:3])
    said = "\n".join(consulted(function, about) for function in around(call, about)[:3])
    if _REMOVED.search(said):
        return True
    listener = re.escape(text(given[1])) if len(given) > 1 else ""
    removal = re.compile(rf"removeEventListener\(\s*['\"]abort['\"],\s*{listener}\b")
    return removal.search(text(about.source.root)) is not None


def _is_awaited(call: Node, about: About) -> bool:
    """Whether the async function around waits for something once the listener is there."""
    function, given = about.function(call), arguments_of(call)
    if function is None or len(given) < 2 or given[1].type != "identifier":
        return False
    waits = (n for n in walk(function, into_functions=False) if n.type == "await_expression")
    return any(wait.start_byte > call.end_byte for wait in waits)


def _signal_places(about: About) -> frozenset[int]:
    """Where `x.addEventListener(…)` begins, in files that have one."""
    calls = about.source.around([b"addEventListener"], {"call_expression"}, 2)
    return frozenset(call.start_byte for call in calls)


KINDS = {
    "foreign_signal": Kind(
        foreign_signal, (1, 1), lambda _: frozenset({"addEventListener"}),
        "an AbortSignal of a caller's, with a listener that nothing removes", _signal_places,
    ),
    "foreign_token": Kind(
        foreign_token, (0, 0), lambda _: frozenset({"cancelToken", "CancelToken", "cancellationToken"}),
        "a cancel token of a caller's, with a callback that nothing takes away",
    ),
}  # fmt: skip
