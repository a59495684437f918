"""Which parameters receive the head of an HTTP upgrade: by event, by name, and through calls within the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from .about import About
from .finding import Hop
from .hop import hop
from .isomorphisms import bare, parameters, shape
from .naming import called_method, full_name, function_names, functions_named
from .source import FUNCTIONS, text
from .values import arguments_of

# https://nodejs.org/api/http.html: both events hand (request, socket, head) to their listeners.
EVENTS = (b"upgrade", b"connect")
_REGISTER = frozenset({"on", "once", "addListener", "prependListener", "prependOnceListener"})
_HANDLER = re.compile(r"upgrade|websocket_?request", re.IGNORECASE)
_HEAD = re.compile(rb"[\w$]*[hH]ead(?!er)[\w$]*(?=\s*[,)=:?])")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_VIEWS = frozenset({"slice", "subarray"})


def heads(about: About) -> frozenset[int]:
    """The byte offsets at which parameters that receive a head are declared."""
    if "heads" not in about.memory:
        about.memory["heads"] = _Flow(about).follow()
    return about.memory["heads"]


def entry(node: Node, about: About) -> Iterator[Hop]:
    """Where a head enters: the parameter it comes in."""
    parameter = about.values.parameter(node)
    if parameter is None:
        return
    name = full_name(parameter.scope.node)
    called = f"`{name}`" if name else "this listener"
    place = _ORDINALS[parameter.index] if parameter.index < len(_ORDINALS) else "last"
    sentence = f"`{parameter.name}` enters as the {place} argument of {called}: the bytes behind the upgrade request"
    yield hop("enters", sentence, parameter.declaration, about.source)


def is_view(node: Node) -> Node | None:
    """What a slice is a slice of: `head.slice(8)` shares the memory of `head`. None when it is no slice."""
    node = bare(node)
    if node.type != "call_expression":
        return None
    callee = node.child_by_field_name("function")
    name = callee.child_by_field_name("property") if callee is not None else None
    return (
        callee.child_by_field_name("object")
        if callee is not None and name is not None and text(name) in _VIEWS
        else None
    )


class _Flow:
    """How heads get from function to function of one file. Terminates: each parameter is followed once."""

    def __init__(self, about: About) -> None:
        self.about = about

    def follow(self) -> frozenset[int]:
        found: set[int] = set()
        waiting = [*self._listeners(), *self._named()]
        while waiting:
            function, index = waiting.pop()
            given = parameters(function)
            parameter = _name_of(given[index]) if index < len(given) else None
            if parameter is None or parameter.start_byte in found:
                continue
            found.add(parameter.start_byte)
            waiting.extend(self._handed_on(function, parameter))
        return frozenset(found)

    def _listeners(self) -> Iterator[tuple[Node, int]]:
        """The functions that Node calls with a head."""
        for call in self.about.source.around(EVENTS, {"call_expression"}, 3):
            arguments = arguments_of(call)
            if len(arguments) >= 2 and called_method(call) in _REGISTER and _event(arguments[0]).encode() in EVENTS:
                for function, shift in self.callees(arguments[1]):
                    if len(parameters(function)) > 2 + shift:
                        yield function, 2 + shift

    def _named(self) -> Iterator[tuple[Node, int]]:
        """The functions whose names say that they handle upgrades, and a parameter that it is the head."""
        for found in _HEAD.finditer(self.about.source.data):
            leaf = self.about.source.root.descendant_for_byte_range(found.start(), found.end())
            listed = leaf.parent if leaf is not None and leaf.type == "identifier" else None
            while listed is not None and listed.type in {
                "assignment_pattern",
                "required_parameter",
                "optional_parameter",
            }:
                listed = listed.parent
            function = listed.parent if listed is not None and listed.type == "formal_parameters" else None
            if leaf is None or function is None or not any(_HANDLER.search(n) for n in function_names(function)):
                continue
            for index, parameter in enumerate(parameters(function)):
                name = _name_of(parameter)
                if index >= 2 and name is not None and name.start_byte == leaf.start_byte:
                    yield function, index

    def _handed_on(self, function: Node, head: Node) -> Iterator[tuple[Node, int]]:
        for call in self.about.source.nodes("call_expression", "new_expression", within=function):
            arguments = arguments_of(call)
            callee = call.child_by_field_name("function") or call.child_by_field_name("constructor")
            if callee is None:
                continue
            if called_method(call) == "call":
                callee, arguments = callee.child_by_field_name("object") or callee, arguments[1:]
            for index, argument in enumerate(arguments):
                if self._is(argument, head):
                    yield from ((target, index + shift) for target, shift in self.callees(callee))

    def _is(self, node: Node, head: Node) -> bool:
        while (viewed := is_view(node)) is not None:
            node = viewed
        parameter = self.about.values.parameter(node)
        return parameter is not None and parameter.declaration.start_byte == head.start_byte

    def callees(self, node: Node) -> Iterator[tuple[Node, int]]:
        """The functions of this file an expression may stand for, each with how many arguments are bound already."""
        shift = 0
        node = self.about.values.constant(node)
        while node.type == "call_expression" and called_method(node) == "bind":
            shift += max(0, len(arguments_of(node)) - 1)
            callee = node.child_by_field_name("function")
            target = callee.child_by_field_name("object") if callee is not None else None
            node = self.about.values.constant(target) if target is not None else node
            if target is None:
                break
        if node.type in FUNCTIONS:
            yield node, shift
        elif (seen := shape(node)).kind == "member":
            for function in functions_named(_text(seen.parts[1]), self.about.source):
                yield function, shift


def _event(node: Node) -> str:
    seen = shape(node)
    return seen.text if seen.kind == "string" else ""


def _name_of(parameter: Node) -> Node | None:
    if parameter.type == "assignment_pattern":
        parameter = parameter.child_by_field_name("left") or parameter
    return parameter if parameter.type == "identifier" else None


def _text(part: object) -> str:
    return str(getattr(part, "text", ""))
