"""What closures keep without saying so: V8 gives the closures made in one call of a function a context they share.

A variable that any closure of a function mentions lives in that context, and every closure made in the call, however
deep, keeps the context for as long as it lives itself. In sloppy code a use of `arguments` puts all parameters there.
Measured on Node 0.8.28, 0.10.48 and 20.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from .about import About
from .finding import Hop
from .hop import hop, short
from .isomorphisms import bare, parameters, shape
from .naming import called_method
from .source import FUNCTIONS, text
from .upgrade import is_view
from .values import Values, arguments_of, is_empty
from .values.scopes import Binding

_REGISTER = frozenset({"on", "addListener", "prependListener", "addEventListener"})
_REGISTER_ONCE = frozenset({"once", "prependOnceListener"})
_REMOVE = frozenset({"off", "removeListener", "removeEventListener"})
# Events that come when a connection ends, so that a listener for one of them lives as long as the connection.
_LAST_EVENTS = frozenset({"close", "end", "error", "finish", "timeout"})
_SINGLETONS = frozenset({"process", "console"})


@dataclass(frozen=True, slots=True)
class Captured:
    """How a parameter is kept: `mention` puts it into the context, and `keeper` is a closure that lives on with it.

    `register` is the call or the assignment that lets the keeper live.
    """

    mention: Node
    keeper: Node
    register: Node


def captured(parameter: Binding, about: About) -> Captured | None:
    """Who keeps the value a caller passed, once the call is over; None when nobody is seen to."""
    function = parameter.scope.node
    mention = next(_mentions(parameter, about), None)
    if mention is None or _let_go(parameter, about):
        return None
    for keeper in about.source.nodes(*sorted(FUNCTIONS), within=function):
        if keeper.id == function.id or keeper.type == "method_definition":
            continue
        register = _lives(keeper, function, about)
        if register is not None:
            return Captured(mention, keeper, register)
    return None


def capture(node: Node, about: About) -> Iterator[Hop]:
    """The steps of a trace: what puts the parameter into the context, and who keeps the context."""
    parameter = about.values.parameter(node)
    kept = captured(parameter, about) if parameter is not None else None
    if parameter is None or kept is None:
        return
    name = parameter.name
    if text(kept.mention) == "arguments":
        sentence = f"`arguments` puts every parameter, `{name}` too, where the closures made here can see it"
    else:
        sentence = f"a closure mentions `{name}`, which puts it where every closure made in this call can see it"
    yield hop("note", sentence, kept.mention, about.source)
    inside = kept.keeper.start_byte <= kept.mention.start_byte < kept.keeper.end_byte
    shared = "" if inside else ", through the context it shares with that closure"
    yield hop("kept", f"`{name}` is kept by {_called(kept)}{shared}", kept.register, about.source)


def _called(kept: Captured) -> str:
    """The keeper in words: the listener of an event, or what it is assigned to."""
    if kept.register.type == "assignment_expression":
        left = kept.register.child_by_field_name("left")
        return f"the function stored in `{short(left)}`" if left is not None else "a stored function"
    callee = kept.register.child_by_field_name("function")
    target = callee.child_by_field_name("object") if callee is not None else None
    event = _event_of(kept.register)
    if target is None:
        return f"the callback of `{short(callee)}`" if callee is not None else "a callback"
    return f"the '{event}' listener of `{short(target)}`"


# -- what puts it there -------------------------------------------------------------------------


def _mentions(parameter: Binding, about: About) -> Iterator[Node]:
    """Where a closure of the function mentions the parameter, by its name or as one of its `arguments`."""
    function = parameter.scope.node
    for leaf in _names(parameter.name, function, about):
        inner = about.values.scopes.function(leaf.start_byte)
        if inner is not None and inner.id != function.id and about.values.binding(leaf) is parameter:
            yield leaf
    for leaf in _names("arguments", function, about):
        owner = about.values.scopes.function(leaf.start_byte, arrows=False)
        if owner is None or owner.id != function.id or function.type == "arrow_function":
            continue
        inner = about.values.scopes.function(leaf.start_byte)
        if (inner is not None and inner.id != function.id) or not _is_strict(function, about):
            yield leaf


def _names(name: str, function: Node, about: About) -> Iterator[Node]:
    for leaf in about.source.leaves(name.encode("utf8", "surrogateescape")):
        inside = function.start_byte <= leaf.start_byte and leaf.end_byte <= function.end_byte
        if inside and leaf.type in {"identifier", "shorthand_property_identifier"}:
            yield leaf


def _is_strict(function: Node, about: About) -> bool:
    """Whether the function is strict code: modules and classes are, and what says so."""
    root = about.source.root
    if any(child.type in {"import_statement", "export_statement"} for child in root.named_children):
        return True
    node: Node | None = function
    while node is not None:
        if node.type == "class_body":
            return True
        body = node.child_by_field_name("body") if node.type in FUNCTIONS else node if node.type == "program" else None
        first = next((child for child in body.named_children if child.type != "comment"), None) if body else None
        if first is not None and first.type == "expression_statement" and text(first)[1:11] == "use strict":
            return True
        node = node.parent
    return any(not _is_simple(parameter) for parameter in parameters(function))


def _is_simple(parameter: Node) -> bool:
    return parameter.type == "identifier"


# -- what lets it go ------------------------------------------------------------------------------


def _let_go(parameter: Binding, about: About) -> bool:
    """Whether the parameter is given another value on every path of the function, or of a closure that mentions it."""
    function = parameter.scope.node
    writes: dict[int, list[Node]] = {}
    for write in parameter.writes:
        inner = about.values.scopes.function(write.at.start_byte)
        if inner is not None and (is_empty(write) or not _is_same(write.value, parameter, about.values)):
            writes.setdefault(inner.start_byte, []).append(write.at)
    for start, places in writes.items():
        owner = about.values.scopes.function(start)
        if owner is None or (owner.id != function.id and _is_event_of_data(owner)):
            continue
        if not about.values.graph(owner).avoidable(places):
            return True
    return False


def _is_same(value: Node | None, parameter: Binding, values: Values) -> bool:
    """Whether what is written is the same memory again: the parameter itself or a slice of it."""
    while value is not None and (viewed := is_view(value)) is not None:
        value = viewed
    return value is not None and value.type == "identifier" and values.binding(value) is parameter


def _is_event_of_data(function: Node) -> bool:
    """A listener that runs only when something arrives, if ever."""
    return _listener_event(function) not in {"", None}


# -- what lives on ----------------------------------------------------------------------------------


def _lives(keeper: Node, function: Node, about: About) -> Node | None:
    """The call or assignment that lets a closure live on after the call: a listener, a property of something else."""
    parent = keeper.parent
    while parent is not None and parent.type == "parenthesized_expression":
        parent = parent.parent
    if parent is None:
        return None
    if parent.type == "arguments":
        return _registered(keeper, parent.parent)
    if parent.type == "assignment_expression":
        return parent if _is_outside(parent.child_by_field_name("left"), function, about) else None
    name = keeper.child_by_field_name("name") or parent.child_by_field_name("name")
    if parent.type != "variable_declarator" and keeper.type != "function_declaration":
        return None
    return _named(name, function, about) if name is not None and name.type == "identifier" else None


def _named(name: Node, function: Node, about: About) -> Node | None:
    """Where a closure with a name is registered as a listener, or stored; None if it is also removed again."""
    binding = about.values.binding(name)
    found: Node | None = None
    for leaf in _names(text(name), function, about):
        parent = leaf.parent
        if parent is None or about.values.binding(leaf) is not binding:
            continue
        if parent.type == "arguments" and parent.parent is not None:
            if called_method(parent.parent) in _REMOVE:
                return None
            found = found or _registered(leaf, parent.parent)
        elif parent.type == "assignment_expression" and _is(parent.child_by_field_name("right"), leaf):
            found = found or (parent if _is_outside(parent.child_by_field_name("left"), function, about) else None)
    return found


def _registered(keeper: Node, call: Node | None) -> Node | None:
    if call is None or call.type != "call_expression":
        return None
    callee = call.child_by_field_name("function")
    name, event = called_method(call), _event_of(call)
    if callee is not None and text(callee) == "setInterval":
        return call
    target = callee.child_by_field_name("object") if callee is not None else None
    if target is None or len(arguments_of(call)) < 2 or text(target) in _SINGLETONS:
        return None
    if not any(argument.id == keeper.id for argument in map(bare, arguments_of(call)[1:])):
        return None
    lasting = name in _REGISTER or (name in _REGISTER_ONCE and event in _LAST_EVENTS)
    return call if lasting and event is not None else None


def _listener_event(function: Node) -> str | None:
    """The event a function listens to; "" when it is no listener."""
    parent = function.parent
    call = parent.parent if parent is not None and parent.type == "arguments" else None
    if call is None or call.type != "call_expression" or called_method(call) not in _REGISTER | _REGISTER_ONCE:
        return ""
    return _event_of(call)


def _event_of(call: Node) -> str | None:
    """The event a registering call names, None when it is computed."""
    first = next(iter(arguments_of(call)), None)
    seen = shape(first) if first is not None else None
    return seen.text if seen is not None and seen.kind == "string" else None


def _is_outside(target: Node | None, function: Node, about: About) -> bool:
    """Whether something stored there is reachable when the function has returned."""
    owner = target.child_by_field_name("object") if target is not None else None
    if owner is None:
        return False
    root, *rest = about.values.canonical(owner)
    if root in {"this", "module"}:
        return True
    if root != "binding" or not rest or not isinstance(rest[0], int):
        return False
    inside = function.start_byte <= rest[0] < function.end_byte
    names = about.values.scopes.at(rest[0]).names.values()
    binding = next((b for b in names if b.declaration.start_byte == rest[0]), None)
    return not inside or (binding is not None and binding.is_parameter and binding.scope.node.id == function.id)


def _is(one: Node | None, other: Node) -> bool:
    return one is not None and one.id == other.id
