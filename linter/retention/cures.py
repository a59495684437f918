"""Where letting go is enough: a variable that one closure reads, which runs once and is the last to read it."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..source import FUNCTIONS
from .flow import Flow
from .heads import Heads, Kept
from .program import Code, Unit

_ONCE = frozenset({"scheduled", "reaction"})
_LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})
_NAMES = frozenset({"identifier", "shorthand_property_identifier"})


def last_uses(heads: Heads, unit: Unit) -> frozenset[int]:
    """The offsets at which the closure that reads a kept variable last does so, where it may let go of it then."""
    return _known(heads, unit)[0]


def released(heads: Heads, unit: Unit) -> frozenset[int]:
    """The offsets of the parameters that such a release cures."""
    return _known(heads, unit)[1]


def is_use_of(kept: Kept, unit: Unit, node: Node) -> bool:
    """Whether a name is a use of what is kept."""
    binding = kept.holder.binding
    return kept.holder.unit is unit and binding is not None and unit.values.binding(node) is binding


def _known(heads: Heads, unit: Unit) -> tuple[frozenset[int], frozenset[int]]:
    memory = heads.released.get(id(unit))
    if memory is None:
        found = [(use, kept.entry.start) for kept in _alone(heads.kept(unit)) for use in _last(heads, kept)]
        memory = frozenset(use for use, _ in found), frozenset(start for _, start in found)
        heads.released[id(unit)] = memory
    return memory


def _alone(kept: list[Kept]) -> Iterator[Kept]:
    """Those whose parameter is kept in one way only."""
    for one in kept:
        if sum(other.entry.start == one.entry.start for other in kept) == 1:
            yield one


def _last(heads: Heads, kept: Kept) -> list[int]:
    """The uses of the variable in the one closure that reads it; none where that may be too early."""
    binding = kept.holder.binding
    if kept.keep.how != "context" or binding is None:
        return []
    unit, function = kept.holder.unit, binding.scope.hoisting().node
    uses = [
        (leaf, around)
        for leaf in unit.mentions(binding)
        if leaf.type in _NAMES and leaf.id != binding.declaration.id and unit.values.binding(leaf) is binding
        if (around := unit.values.scopes.function(leaf.start_byte)) is not None and around.id != function.id
    ]
    closures = {around.id: around for _, around in uses}
    if len(closures) != 1 or _waits(function):
        return []
    (closure,) = closures.values()
    return [leaf.start_byte for leaf, _ in uses] if _runs_once(heads, Code(unit, closure), function) else []


def _waits(function: Node) -> bool:
    return "generator" in function.type or any(child.type in {"async", "*"} for child in function.children)


def _runs_once(heads: Heads, closure: Code, function: Node) -> bool:
    """Whether a closure is made once in a call of the function, and handed to what calls it once, later."""
    node = closure.node.parent
    while node is not None and node.id != function.id:
        if node.type in FUNCTIONS or node.type in _LOOPS:
            return False
        node = node.parent
    if closure.node.type not in {"function_expression", "arrow_function"} or _waits(closure.node):
        return False
    flow = Flow(heads.program)
    flow.start(closure)
    return bool(flow.moved) and all(move.kind in _ONCE and not move.path for _, move in flow.moved)
