"""Listeners that are removed as another function than the one that was added: nothing is removed then."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..about import About
from ..finding import Hop
from ..hop import hop, short
from ..isomorphisms import bare, meaningful, shape
from ..matcher import Env
from ..naming import called_method
from ..source import FUNCTIONS, text, walk
from ..values import arguments_of
from .kind import Kind

ADDING = frozenset({"on", "once", "addListener", "prependListener", "prependOnceListener", "addEventListener"})
REMOVING = frozenset({"off", "removeListener", "removeEventListener"})
_FRESH_CALLS = frozenset({"bind", "partial", "debounce", "throttle"})
_FUNCTIONS = FUNCTIONS - {"function_declaration", "generator_function_declaration", "method_definition"}


def new_function(node: Node, _about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """A function that is made where it stands, so that it is the same as no other: written out, or bound."""
    node = bare(node)
    return node.type in _FUNCTIONS or (node.type == "call_expression" and called_method(node) in _FRESH_CALLS)


def event_name(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """What can be the name of an event: a string, or a name for one."""
    return shape(about.values.constant(node)).kind in {"string", "name", "member", "template_string"}


def removed_bare(node: Node, about: About, env: Env, arguments: tuple[str, ...]) -> bool:
    """A function that the file removes as a listener of the event (the argument), but adds only bound or wrapped."""
    event, function = env.get(arguments[0]), _whole(node)
    if event is None:
        return False
    removed = any(_is_same(given, function, about) for _, given in _calls(REMOVING, event, about))
    return removed and not any(_is_same(given, function, about) for _, given in _calls(ADDING, event, about))


def added_wrapped(node: Node, about: About, env: Env, arguments: tuple[str, ...]) -> bool:
    """A function that the file adds as a listener of the event only from within another: `() => f()`."""
    event, function = env.get(arguments[0]), bare(node)
    if event is None or function.type not in {"identifier", "member_expression"}:
        return False
    if function.type == "identifier" and about.values.constant(function).type not in FUNCTIONS:
        return False
    given = [listener for _, listener in _calls(ADDING, event, about)]
    if any(_is_same(listener, function, about) or not _is_plain(listener) for listener in given):
        return False
    return any(_wrapped(listener, function, about) for listener in given)


def _whole(node: Node) -> Node:
    """The `x.f` that a property is the end of, or the node itself."""
    parent = node.parent
    is_property = node.type.endswith("property_identifier") and parent is not None
    return parent if is_property and parent is not None else bare(node)


def _calls(methods: frozenset[str], event: Node, about: About) -> Iterator[tuple[Node, Node]]:
    """The calls of such methods for the event, each with the listener that it gets."""
    words = sorted(methods)
    known = about.once(f"listeners {' '.join(words)}", lambda: [
        (call, given[0], given[1])
        for call in about.source.around([word.encode() for word in words], {"call_expression"}, 3)
        if called_method(call) in methods and len(given := arguments_of(call)) > 1
    ])  # fmt: skip
    for call, name, listener in known:
        if _is_event(name, event, about):
            yield call, listener


def _is_event(one: Node, other: Node, about: About) -> bool:
    a, b = shape(about.values.constant(one)), shape(about.values.constant(other))
    if a.kind == b.kind == "string":
        return a.text == b.text
    return a.kind != "string" and b.kind != "string" and text(one) == text(other)


def _is_same(one: Node, other: Node, about: About) -> bool:
    one, other = bare(one), bare(other)
    if one.type == other.type == "member_expression":
        names = [node.child_by_field_name("property") for node in (one, other)]
        return all(name is not None for name in names) and len({text(name) for name in names if name}) == 1
    return one.type == other.type and about.values.same(one, other)


def _is_plain(listener: Node) -> bool:
    """Whether it can be seen which functions a listener runs."""
    return bare(listener).type in _FUNCTIONS | {"identifier", "member_expression"}


def _wrapped(listener: Node, function: Node, about: About) -> bool:
    """Whether a listener does nothing but call the function: `() => f()`, `function (e) { f(e); }`."""
    listener = bare(listener)
    body = listener.child_by_field_name("body") if listener.type in _FUNCTIONS else None
    if body is not None and body.type == "statement_block":
        inside = meaningful(body)
        body = next(iter(meaningful(inside[0])), None) if len(inside) == 1 else None
    if body is None or bare(body).type != "call_expression":
        return False
    callee = bare(body).child_by_field_name("function")
    return callee is not None and _is_same(callee, function, about) and not any(
        node.type in FUNCTIONS for node in walk(bare(body))
    )


def _tells_removal(node: Node, about: About) -> Iterator[Hop]:
    """Where the function is removed, as far as it can be found without the event."""
    function = _whole(node)
    words = [method.encode() for method in sorted(REMOVING)]
    for call in about.source.around(words, {"call_expression"}, 3):
        given = arguments_of(call) if called_method(call) in REMOVING else []
        if len(given) > 1 and _is_same(given[1], function, about):
            sentence = f"`{short(call)}` looks for the function itself, which was never added"
            yield hop("passed", sentence, call, about.source)
            return


_REMOVING = frozenset(REMOVING)
KINDS = {
    "new_function": Kind(new_function, (0, 0), lambda _: _REMOVING, "a function that is made where it stands"),
    "event_name": Kind(event_name, (0, 0), lambda _: _REMOVING, "what can be the name of an event"),
    "removed_bare": Kind(
        removed_bare, (1, 1), lambda _: _REMOVING,
        "a function that is removed as a listener of the event, but never added itself", tells=_tells_removal,
    ),
    "added_wrapped": Kind(
        added_wrapped, (1, 1), lambda _: _REMOVING, "a function that is added as a listener only from within another"
    ),
}  # fmt: skip
