"""The way a value takes, told step by step: where it enters, what keeps it, where control leaves with it still kept."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from .about import About
from .cfg import Step
from .finding import Hop, Role
from .holders import holders
from .isomorphisms import bare
from .matcher import Env
from .naming import function_names
from .notation.semantic_patch import SemanticPatch
from .paths import Route
from .source import FUNCTIONS, Source, text

_MOST_LEAVES = 3


def trace_of(patch: SemanticPatch, node: Node, env: Env, route: Route | None, about: About) -> tuple[Hop, ...]:
    """The hops of a finding, in the order they happen. A rule that is one pattern has none."""
    if route is None:
        return ()
    return tuple(_hops(patch, node, env, route, about))


def symbol_of(node: Node, about: About) -> str:
    """The function a node is in, as a reader would name it: `Manager.prototype.handleUpgrade`; "" at the top level."""
    function = node if node.type in FUNCTIONS else about.function(node)
    while function is not None:
        name = _full_name(function)
        if name:
            return name
        function = about.values.scopes.function(function.start_byte - 1) if function.start_byte else None
    return ""


def hop(role: Role, sentence: str, node: Node, source: Source) -> Hop:
    """A step of a trace at a node."""
    span = source.span(node.start_byte, node.end_byte)
    return Hop(role, sentence, source.path, span, source.line(span.line))


def _hops(patch: SemanticPatch, node: Node, env: Env, route: Route, about: About) -> Iterator[Hop]:
    source = about.source
    for name, kinds in patch.kinds.items():
        if any(kind[0] == "upgrade_head" for kind in kinds) and name in env:
            yield from _entry(env[name], about)
    if route.leaks:
        yield hop("kept", f"`{_short(node)}` keeps it", node, source)
        yield from holders(node, about)
        for leak in route.leaks[:_MOST_LEAVES]:
            yield _leaving(leak, node, about)
        return
    for meeting in route.meetings:
        yield hop("note", f"`{_short(meeting.node)}` runs here", meeting.node, source)


def _entry(node: Node, about: About) -> Iterator[Hop]:
    parameter = about.values.parameter(node)
    if parameter is None:
        return
    function = parameter.scope.node
    name = _full_name(function)
    called = f"`{name}`" if name else "this listener"
    place = ("first", "second", "third", "fourth", "fifth")[parameter.index] if parameter.index < 5 else "last"
    sentence = f"`{parameter.name}` enters as the {place} argument of {called}: the bytes behind the upgrade request"
    yield hop("enters", sentence, parameter.declaration, about.source)


def _leaving(leak: Step, kept: Node, about: About) -> Hop:
    target = bare(kept).child_by_field_name("left") or kept
    if leak.node is not None and leak.node.type in {"return_statement", "throw_statement"}:
        verb = "returns" if leak.node.type == "return_statement" else "throws"
        return hop("leaves", f"the function {verb} here with `{_short(target)}` still set", leak.node, about.source)
    function = about.function(kept)
    body = function.child_by_field_name("body") if function is not None else None
    end = body.children[-1] if body is not None and body.children else about.source.root
    return hop("leaves", f"the function ends here with `{_short(target)}` still set", end, about.source)


def _full_name(function: Node) -> str:
    parent = function.parent
    while parent is not None and parent.type == "parenthesized_expression":
        parent = parent.parent
    if parent is not None and parent.type == "assignment_expression":
        left = parent.child_by_field_name("left")
        if left is not None and len(text(left)) <= 80:
            return " ".join(text(left).split())
    names = sorted(function_names(function))
    return names[0] if names else ""


def _short(node: Node) -> str:
    words = " ".join(text(node).split())
    return words if len(words) <= 60 else words[:59] + "…"
