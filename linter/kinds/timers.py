"""Timers whose handle is written over: the one before can no longer be stopped."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare
from ..matcher import Env
from ..naming import called_method, function_names, functions_named
from ..regexes import regex
from ..source import text, walk
from ..values import arguments_of
from .kind import Kind
from .outlives import outlives

CLEARING = frozenset({"clearTimeout", "clearInterval"})
# Names of methods that are made to run more than once, where nothing in the file calls them.
_AGAIN = regex(
    r"(?i)^_*(?:re)?(?:connect|reset|schedule|refresh|restart|resume|touch|arm|renew|poll|ping|retry|keepalive|heartbeat)"
)
# Callbacks of these run once for each call.
_ONCE = frozenset({"then", "catch", "finally", "once", "nextTick", "setImmediate", "queueMicrotask"})
_DEEPEST = 4


def overwritten_timer(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """A property that gets the handle of a timer in a method that may run again, and that nothing looks at before.

    The file clears it elsewhere, so the handle is there to stop the timer by.
    """
    node = bare(node)
    name, owner = node.child_by_field_name("property"), node.child_by_field_name("object")
    if node.type != "member_expression" or name is None or owner is None or not outlives(owner, about, {}, ()):
        return False
    method = _method(node, about)
    if method is None or _makes_its_owner(method, about) or not _is_cleared(text(name), method, about):
        return False
    if _looked_at(text(name), method, node, about) or _is_flagged(method, node):
        return False
    return _runs_again(method, about, text(name), _armed_by(node))


def _method(node: Node, about: About) -> Node | None:
    """The function with a name that does this as it runs; None when a callback does it."""
    function = about.function(node)
    while function is not None and not _names(function):
        if not _is_executor(function):
            return None
        function = _around(function, about)
    return function if function is not None and _is_method(function, about) else None


def _is_method(function: Node, about: About) -> bool:
    """Whether it belongs to an object or the file, and not to a call of another function."""
    parent = function.parent
    if function.type == "method_definition" or (parent is not None and parent.type in {"pair", "field_definition"}):
        return True
    left = parent.child_by_field_name("left") if parent is not None else None
    return (left is not None and left.type == "member_expression") or _around(function, about) is None


def _around(function: Node, about: About) -> Node | None:
    return about.values.scopes.function(function.start_byte - 1) if function.start_byte else None


def _names(function: Node) -> frozenset[str]:
    parent = function.parent
    return frozenset() if parent is not None and parent.type == "arguments" else function_names(function)


def _is_executor(function: Node) -> bool:
    """The function that `new Promise` runs at once."""
    call = function.parent.parent if function.parent is not None and function.parent.type == "arguments" else None
    made = call.child_by_field_name("constructor") if call is not None and call.type == "new_expression" else None
    return made is not None and text(made).endswith("Promise")


def _makes_its_owner(function: Node, about: About) -> bool:
    """A constructor: of a class, or a function that something is made of or that has a prototype."""
    names = _names(function)
    if "constructor" in names:
        return True
    if function.type in {"method_definition", "arrow_function"}:
        return False
    return any(name[:1].isupper() or _is_made(name, about) for name in names)


def _is_made(name: str, about: About) -> bool:
    for leaf in about.source.leaves(name.encode("utf8", "surrogateescape")):
        parent = leaf.parent
        if parent is not None and parent.type == "new_expression":
            return True
    return False


def _is_cleared(name: str, method: Node, about: About) -> bool:
    """Whether another function stops the timer by the property."""
    for leaf in about.source.leaves(name.encode("utf8", "surrogateescape")):
        member = leaf.parent
        given = member.parent if member is not None and member.type == "member_expression" else None
        call = given.parent if given is not None and given.type == "arguments" else None
        if call is None or call.type != "call_expression" or method.start_byte <= call.start_byte < method.end_byte:
            continue
        callee = call.child_by_field_name("function")
        if callee is not None and text(callee).rpartition(".")[2] in CLEARING:
            return True
    return False


def _looked_at(name: str, method: Node, at: Node, about: About, depth: int = 2) -> bool:
    """Whether the method looks at the property before it writes it, itself or by what it calls."""
    for node in walk(method):
        if node.start_byte >= at.start_byte:
            return False
        if node.type == "property_identifier" and text(node) == name:
            return True
        if node.type == "call_expression" and depth > 0:
            called = called_method(node) or text(node.child_by_field_name("function") or node)
            for function in functions_named(called, about.source) if called.isidentifier() else ():
                if function.id != method.id and _mentions(name, function, about, depth - 1):
                    return True
    return False


def _mentions(name: str, function: Node, about: About, depth: int) -> bool:
    end = function.child_by_field_name("body") or function
    for node in walk(end):
        if node.type == "property_identifier" and text(node) == name:
            return True
        called = called_method(node) if node.type == "call_expression" and depth > 0 else ""
        for other in functions_named(called, about.source) if called else ():
            if other.id != function.id and _mentions(name, other, about, depth - 1):
                return True
    return False


def _is_flagged(method: Node, at: Node) -> bool:
    """Whether some other state keeps the method from getting here twice: `if (this.started) return;`.

    A comparison that rules out some states (`if (this.status === 'ready') return;`) does not.
    """
    for node in walk(method):
        if node.start_byte >= at.start_byte:
            return False
        branches = node.type in {"if_statement", "ternary_expression"}
        condition = node.child_by_field_name("condition") if branches else None
        if condition is None or not _asks_state(condition):
            continue
        around = node.start_byte <= at.start_byte < node.end_byte
        if around or any(inner.type in {"return_statement", "throw_statement"} for inner in walk(node)):
            return True
    return False


def _asks_state(condition: Node) -> bool:
    compared = {"===", "=="}
    stack = [bare(condition)]
    while stack:
        node = bare(stack.pop())
        operator = node.child_by_field_name("operator")
        if node.type == "binary_expression" and operator is not None:
            if operator.type in {"&&", "||", "??"}:
                stack.extend(side for f in ("left", "right") if (side := node.child_by_field_name(f)) is not None)
                continue
            if operator.type in compared:
                right = bare(node.child_by_field_name("right") or node)
                if right.type in {"string", "number", "member_expression", "identifier"}:
                    continue
        if any(inner.type in {"member_expression", "identifier"} for inner in walk(node)):
            return True
    return False


def _armed_by(node: Node) -> frozenset[str] | None:
    """The names in the function of a timeout: when they run it has fired. None for an interval, which goes on."""
    right = node.parent.child_by_field_name("right") if node.parent is not None else None
    call = next((n for n in walk(right) if n.type == "call_expression"), None) if right is not None else None
    callee = call.child_by_field_name("function") if call is not None else None
    if call is None or callee is None or not text(callee).endswith("setTimeout"):
        return None
    return frozenset(text(name) for given in arguments_of(call)[:1] for name in walk(given) if not name.children)


def _runs_again(method: Node, about: About, handle: str, armed: frozenset[str] | None, depth: int = _DEEPEST) -> bool:
    """Whether the file shows that the method runs more than once for one object, with the handle not looked at."""
    callers: dict[int, Node] = {}
    called = False
    for call in _calls_of(method, about):
        called = True
        inside = _is_in(call, method)
        if inside and armed is not None:  # the timer that has fired arms itself anew
            continue
        caller, often = _caller(call, about)
        if caller is not None and (_looked_at(handle, caller, call, about) or _makes_its_owner(caller, about)):
            continue
        if inside or (often and not (armed and caller is not None and armed & _names(caller))):
            return True
        if caller is not None and not (armed and armed & _names(caller)):
            callers[caller.id] = caller
    # Two methods that set a timeout may well take turns: what one set has fired or is stopped when the other comes.
    if callers and armed is not None:
        return False
    if len(callers) > 1:
        return True
    if callers:
        return depth > 0 and _runs_again(next(iter(callers.values())), about, handle, None, depth - 1)
    return not called and any(_AGAIN.match(name) for name in _names(method))


def _is_in(inner: Node, outer: Node) -> bool:
    return outer.start_byte <= inner.start_byte < outer.end_byte


def _calls_of(method: Node, about: About) -> Iterator[Node]:
    """The calls in the file of a function that goes by one of the method's names."""
    for name in sorted(_names(method)):
        for leaf in about.source.leaves(name.encode("utf8", "surrogateescape")):
            call = _call_of(leaf)
            if call is not None:
                yield call


def _call_of(leaf: Node) -> Node | None:
    """The call `x.f(…)` or `f(…)` whose function this name is."""
    whole = leaf.parent if leaf.type == "property_identifier" else leaf
    call = whole.parent if whole is not None else None
    callee = call.child_by_field_name("function") if call is not None and call.type == "call_expression" else None
    return call if callee is not None and whole is not None and callee.id == whole.id else None


def _caller(call: Node, about: About) -> tuple[Node | None, bool]:
    """The function with a name around a call, and whether a callback in it makes the call, that may come often."""
    function, often = about.function(call), False
    while function is not None and not _names(function):
        taker = function.parent.parent if function.parent is not None else None
        if function.parent is not None and function.parent.type == "arguments" and taker is not None:
            once = called_method(taker) in _ONCE or text(taker.child_by_field_name("function") or taker) in _ONCE
            often = often or (taker.type == "call_expression" and not once)
        function = _around(function, about)
    return function, often



KINDS = {
    "overwritten_timer": Kind(
        overwritten_timer, (0, 0), lambda _: CLEARING,
        "a property with the handle of a timer that may still run, in a method that may run again",
    ),
}  # fmt: skip
