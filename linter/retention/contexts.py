"""What closures keep without saying so: V8 gives the closures made in one call of a function a context they share.

A variable that any closure of a function mentions lives in that context, and every closure made in the call, however
deep, keeps the context for as long as it lives itself. In sloppy code a use of `arguments` puts all parameters there,
and `eval` puts every variable there. Measured on Node 0.8.28, 0.10.48 and 20.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..datatype import dataclass
from ..isomorphisms import bare, shape
from ..naming import called_method
from ..source import FUNCTIONS
from ..values import arguments_of, is_empty
from .flow import Flow, Holder
from .moves import VIEWS
from .program import Code, Unit
from .strictness import is_strict

_NAMES = frozenset({"identifier", "shorthand_property_identifier"})
_REGISTER = frozenset({"on", "addListener", "prependListener", "addEventListener", "once", "prependOnceListener"})


@dataclass(frozen=True, slots=True)
class Mention:
    """Where a variable is put into the context of its function."""

    at: Code


def mention_of(holder: Holder) -> Mention | None:
    """What puts the variable into a context; None when it stays in the frame of its call, which ends."""
    found = next(_mentions(holder), None)
    return Mention(Code(holder.unit, found)) if found is not None else None


def _mentions(holder: Holder) -> Iterator[Node]:
    unit, binding = holder.unit, holder.binding
    if binding is None:
        yield from (leaf for leaf, arrow in _arguments(unit, holder.scope) if arrow)
        return
    function = binding.scope.hoisting().node
    if function.type not in FUNCTIONS:
        return
    for leaf in (leaf for leaf in unit.mentions(binding) if leaf.type in _NAMES):
        inner = unit.values.scopes.function(leaf.start_byte)
        if inner is not None and inner.id != function.id and unit.values.binding(leaf) is binding:
            yield leaf
    if binding.scope.node.id != function.id:
        return
    for leaf, arrow in _arguments(unit, function) if _is_parameter(holder, function) else ():
        if arrow or not is_strict(function, unit):
            yield leaf
    for leaf in _names("eval", function, unit):
        if leaf.parent is not None and leaf.parent.type == "call_expression" and unit.values.binding(leaf) is None:
            yield leaf


def _is_parameter(holder: Holder, function: Node) -> bool:
    return holder.binding is not None and holder.binding.is_parameter and function.type != "arrow_function"


def _arguments(unit: Unit, function: Node) -> Iterator[tuple[Node, bool]]:
    """Where a function's `arguments` are mentioned, and whether an arrow in it does so."""
    for leaf in _names("arguments", function, unit):
        owner = unit.values.scopes.function(leaf.start_byte, arrows=False)
        if owner is not None and owner.id == function.id:
            inner = unit.values.scopes.function(leaf.start_byte)
            yield leaf, inner is not None and inner.id != function.id


def _names(name: str, scope: Node, unit: Unit) -> Iterator[Node]:
    yield from (leaf for leaf in unit.source.leaves(name.encode(), scope) if leaf.type in _NAMES)


# -- what lets it go ------------------------------------------------------------------------------


def let_go(holder: Holder, flow: Flow) -> bool:
    """Whether the variable is given another value on every path of its function, or of a closure that mentions it."""
    binding = holder.binding
    if binding is None:
        return False
    function = binding.scope.hoisting().node
    gives_it = {h.at.node.id for h in flow.holders.values() if h.binding is binding and h.at is not None}
    writes: dict[int, list[Node]] = {}
    for write in binding.writes:
        if write.at.id in gives_it:
            continue
        inner = holder.unit.values.scopes.function(write.at.start_byte)
        gives = write.value is not None or write.at.type == "assignment_expression"
        if inner is not None and gives and (is_empty(write) or not _is_same(write.value, holder, flow)):
            writes.setdefault(inner.start_byte, []).append(write.at)
    for start, places in writes.items():
        owner = holder.unit.values.scopes.function(start)
        if owner is None or (owner.id != function.id and _waits_for_an_event(owner)):
            continue
        if owner.id == function.id and all(_comes_first(place, holder) for place in places):
            continue
        if not holder.unit.values.graph(owner).avoidable(places):
            return True
    return False


def _comes_first(place: Node, holder: Holder) -> bool:
    """Whether a write happens before the value gets into the variable: `var data = null`, and later `data = value`."""
    at = holder.at.node if holder.at is not None else None
    return at is not None and holder.at is not None and holder.at.unit is holder.unit and (
        place.start_byte < at.start_byte
    )


def _is_same(value: Node | None, holder: Holder, flow: Flow) -> bool:
    """Whether what is written is the value again: by another name, or a slice of it."""
    while value is not None and (viewed := viewed_by(value)) is not None:
        value = viewed
    if value is None or value.type != "identifier":
        return False
    binding = holder.unit.values.binding(value)
    start = binding.declaration.start_byte if binding is not None else -1
    return any(key[0] == id(holder.unit) and key[1] == start for key in flow.holders)


def viewed_by(node: Node) -> Node | None:
    """What a slice is a slice of: `head.slice(8)` shares the memory of `head`. None when it is no slice."""
    node = bare(node)
    if node.type != "call_expression" or called_method(node) not in VIEWS:
        return None
    callee = node.child_by_field_name("function")
    return callee.child_by_field_name("object") if callee is not None else None


def _waits_for_an_event(function: Node) -> bool:
    """A listener that runs only when something arrives, if ever."""
    parent = function.parent
    call = parent.parent if parent is not None and parent.type == "arguments" else None
    if call is None or call.type != "call_expression" or called_method(call) not in _REGISTER:
        return False
    given = arguments_of(call)
    return bool(given) and shape(given[0]).kind == "string"
