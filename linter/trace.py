"""The way a value takes, told step by step: where it enters, what keeps it, where control leaves with it still kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from .about import About
from .cfg import Step
from .finding import Hop
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
    """The hops of a finding, in the order they happen. A rule that is one pattern has those that its kinds tell."""
    told = [
        step
        for name, kinds in patch.kinds.items() if name in env
        for kind, *_ in kinds
        for step in KINDS[kind].tells(env[name], about)
    ]  # fmt: skip
    return tuple(told if route is None else _hops(told, node, route, about))


def symbol_of(node: Node, about: About) -> str:
    """The function a node is in, as a reader would name it: `Manager.prototype.handleUpgrade`; "" at the top level."""
    function = node if node.type in FUNCTIONS else about.function(node)
    while function is not None:
        name = full_name(function)
        if name:
            return name
        function = about.values.scopes.function(function.start_byte - 1) if function.start_byte else None
    return ""


def _hops(told: Sequence[Hop], node: Node, route: Route, about: About) -> Iterator[Hop]:
    yield from told
    if not route.meetings:
        return
    if not route.leaks:
        yield from (hop("note", f"`{short(m.node)}` runs here", m.node, about.source) for m in route.meetings)
        return
    if told:  # a value that entered, and is kept by what is reported
        yield hop("kept", f"`{short(node)}` keeps it", node, about.source)
        yield from _owned(node, about)
        without = f"with `{short(bare(node).child_by_field_name('left') or node)}` still set"
    else:
        yield hop("note", f"`{short(node)}` runs here", node, about.source)
        without = "without what the rule asks for"
    for leak in route.leaks[:_MOST_LEAVES]:
        yield _leaving(leak, without, node, about)


def _owned(node: Node, about: About) -> Iterator[Hop]:
    """Who keeps the object that a value was hung on."""
    left = bare(node).child_by_field_name("left")
    owner = left.child_by_field_name("object") if left is not None else None
    if owner is not None:
        from .retention.heads import Heads  # most rules keep nothing
        from .retention.program import Code
        from .retention.telling import owning

        heads, unit = Heads.of(about)
        keep = heads.lifetimes.object(Code(unit, owner), Code(unit, owner))
        yield from owning(keep, short(owner)) if keep is not None else ()


def _leaving(leak: Step, without: str, reported: Node, about: About) -> Hop:
    if leak.node is not None and leak.node.type in {"return_statement", "throw_statement"}:
        verb = "returns" if leak.node.type == "return_statement" else "throws"
        return hop("leaves", f"the function {verb} here {without}", leak.node, about.source)
    function = about.function(reported)
    body = function.child_by_field_name("body") if function is not None else None
    end = body.children[-1] if body is not None and body.children else about.source.root
    return hop("leaves", f"the function ends here {without}", end, about.source)
