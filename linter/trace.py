"""The way a value takes, told step by step: where it enters, what keeps it, where control leaves with it still kept."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from .about import About
from .cfg import Step
from .finding import Hop
from .holders import holders
from .hop import hop, short
from .isomorphisms import bare
from .kinds import KINDS
from .matcher import Env
from .naming import full_name
from .notation.semantic_patch import SemanticPatch
from .paths import Route
from .source import FUNCTIONS

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
        name = full_name(function)
        if name:
            return name
        function = about.values.scopes.function(function.start_byte - 1) if function.start_byte else None
    return ""


def _hops(patch: SemanticPatch, node: Node, env: Env, route: Route, about: About) -> Iterator[Hop]:
    source = about.source
    for name, kinds in patch.kinds.items():
        for kind, *_ in kinds if name in env else ():
            yield from KINDS[kind].tells(env[name], about)
    if not route.meetings:
        return
    if route.leaks:
        yield hop("kept", f"`{short(node)}` keeps it", node, source)
        yield from holders(node, about)
        for leak in route.leaks[:_MOST_LEAVES]:
            yield _leaving(leak, node, about)
        return
    for meeting in route.meetings:
        yield hop("note", f"`{short(meeting.node)}` runs here", meeting.node, source)


def _leaving(leak: Step, kept: Node, about: About) -> Hop:
    target = bare(kept).child_by_field_name("left") or kept
    if leak.node is not None and leak.node.type in {"return_statement", "throw_statement"}:
        verb = "returns" if leak.node.type == "return_statement" else "throws"
        return hop("leaves", f"the function {verb} here with `{short(target)}` still set", leak.node, about.source)
    function = about.function(kept)
    body = function.child_by_field_name("body") if function is not None else None
    end = body.children[-1] if body is not None and body.children else about.source.root
    return hop("leaves", f"the function ends here with `{short(target)}` still set", end, about.source)
