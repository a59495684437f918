"""Emitters that emit the events a peer names: one of them may be `error`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare
from ..matcher import Env
from ..naming import called_method, functions_named
from ..regexes import regex
from ..retention.classes import CLASSES, extended
from ..retention.program import Code, Program
from ..source import FUNCTIONS, text, walk
from ..values import arguments_of
from .guards import tests
from .kind import Kind
from .unheard import listens_to_error

_INHERITING = (b"inherits(", b"__proto__", b"Object.create(", b"setPrototypeOf(")
_SELF = frozenset({"this", "self", "that", "_this"})
_PARTS = frozenset({"data", "args", "arguments", "params", "payload", "body", "message"})
_EMITS = regex(r"(?:^|\.)emit\w*$")


def relaying_emitter(node: Node, about: About, _env: Env, arguments: tuple[str, ...]) -> bool:
    """The constructor of an emitter of which a method emits events that a peer names, so `error` too.

    `class`: of a class that extends another; `function`: a function whose prototype inherits.
    """
    return node.type in FUNCTIONS and node.start_byte in _emitters(about, arguments[0])


def _emitters(about: About, form: str) -> frozenset[int]:
    return about.once(f"relaying_emitter {form}", lambda: frozenset(_constructors(about, form)))


def _constructors(about: About, form: str) -> Iterator[int]:
    relays = list(_relays(about))
    for relay in relays if relays and not _hears_itself(about) else ():
        method: Node | None = relay
        while method is not None and method.type not in {"class_body", "program"}:
            owner = _prototype_owner(method)
            if owner and form == "function" and any(word in about.source.data for word in _INHERITING):
                yield from (f.start_byte for f in functions_named(owner, about.source))
            method = method.parent
        inherits = method is not None and method.parent is not None and _extends_emitter(about, method.parent)
        if method is not None and method.type == "class_body" and form == "class" and inherits:
            for member in method.named_children:
                name = member.child_by_field_name("name")
                if member.type == "method_definition" and name is not None and text(name) == "constructor":
                    yield member.start_byte


def _extends_emitter(about: About, declared: Node) -> bool:
    """Whether a class extends Node's EventEmitter, itself or by classes of the package: others throw nothing."""
    program, unit = Program.of(about)
    waiting, seen = [Code(unit, declared)], set[Code]()
    while waiting:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        stands = code.unit.values.constant(code.node)
        if stands.type in CLASSES:
            waiting += [Code(code.unit, parent) for parent in extended(stands)]
            continue
        value = code.unit.values.canonical(stands)
        if value[:2] in {("module", "events"), ("module", "node:events")}:
            return True
        if value[0] == "module":
            names = tuple(str(name) for name in value[2:])
            waiting += [c for file in program.required(code.unit, str(value[1])) for c in program.exported(file, names)]
    return False


def _prototype_owner(function: Node) -> str:
    """The `F` of `F.prototype.m = function …`; "" for another function."""
    parent = function.parent
    if function.type not in FUNCTIONS or parent is None or parent.type != "assignment_expression":
        return ""
    left = parent.child_by_field_name("left")
    found = re.match(r"([\w$]+)\.prototype\.", text(left)) if left is not None else None
    return found[1] if found else ""


def _relays(about: About) -> Iterator[Node]:
    """The calls that emit an event which a peer has named."""
    for call in about.source.around([b"apply"], {"call_expression"}, 2):
        callee, given = bare(call.child_by_field_name("function") or call), arguments_of(call)
        emitting = callee.child_by_field_name("object")
        is_emit = emitting is not None and _EMITS.search(text(emitting)) is not None
        is_relay = is_emit and called_method(call) == "apply" and len(given) == 2 and _is_received(given[1], about)
        if is_relay and not _minds_errors(call):
            yield call
    for call in about.source.around([b"emit"], {"call_expression"}, 2):
        given = arguments_of(call)
        is_own = called_method(call) == "emit" and bool(given) and _target(call) in _SELF
        if is_own and _is_parsed(given[0], about) and not _minds_errors(call):
            yield call


def _minds_errors(call: Node) -> bool:
    """Whether a condition on the way to the call looks at the name of the event."""
    looked_at = (part for test in tests(call) for part in walk(test.condition))
    return any(part.type == "string" and text(part)[1:-1] == "error" for part in looked_at)


def _target(call: Node) -> str:
    callee = call.child_by_field_name("function")
    target = callee.child_by_field_name("object") if callee is not None else None
    return text(target) if target is not None else ""


def _is_received(given: Node, about: About) -> bool:
    """Whether a list is a part of a message: `packet.data`, or a parameter that a caller in this file gives that."""
    value = about.values.constant(given)
    if _is_part_of_message(value, about):
        return True
    parameter = about.values.binding(value) if value.type == "identifier" else None
    if parameter is None or not parameter.is_parameter:
        return False
    function = parameter.scope.node
    for name in set(_names(function)):
        for call in about.source.around([name.encode()], {"call_expression"}, 2):
            handed = arguments_of(call)[parameter.index : parameter.index + 1]
            if called_method(call) == name and handed and _is_part_of_message(about.values.constant(handed[0]), about):
                return True
    return False


def _names(function: Node) -> Iterator[str]:
    parent = function.parent
    own = function.child_by_field_name("name")
    left = parent.child_by_field_name("left") if parent is not None else None
    name = own or (left.child_by_field_name("property") if left is not None else None)
    if name is not None:
        yield text(name)


def _is_part_of_message(value: Node, about: About) -> bool:
    """`packet.data`, `packet.data || []`: what a parameter has under a name that messages have their contents under."""
    value = bare(value)
    if value.type == "binary_expression" and (left := value.child_by_field_name("left")) is not None:
        value = bare(left)
    if value.type != "member_expression":
        return False
    owner, name = value.child_by_field_name("object"), value.child_by_field_name("property")
    if owner is None or name is None or owner.type != "identifier" or text(name) not in _PARTS:
        return False
    binding = about.values.binding(owner)
    return binding is not None and binding.is_parameter


def _is_parsed(name: Node, about: About) -> bool:
    """Whether the name of an event is a part of what was parsed as JSON."""
    name = bare(about.values.constant(name))
    while name.type in {"member_expression", "subscript_expression"}:
        owner = name.child_by_field_name("object")
        if owner is None:
            return False
        name = bare(about.values.constant(owner))
        if name.type == "call_expression" and text(name).startswith("JSON.parse("):
            return True
    return False


def _hears_itself(about: About) -> bool:
    """Whether the file puts an error listener on an emitter of its own."""
    for call in about.source.around([b"on", b"once"], {"call_expression"}, 2):
        if _target(call) in _SELF and listens_to_error(call):
            return True
    return False


KINDS = {
    "relaying_emitter": Kind(
        relaying_emitter, (1, 1), lambda _: frozenset({"emit"}), "the constructor of an emitter of what a peer names",
        places=lambda about: _emitters(about, "class") | _emitters(about, "function"),
    ),
}
