"""Which listeners an `emit` runs: those that the files of a package register for that event on the same emitter."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..isomorphisms import bare
from ..naming import called_method
from ..values import arguments_of
from .calling import callee_of, calls_saying, literal
from .program import Code, Program, Unit

LISTEN = frozenset({"on", "once", "addListener", "prependListener", "prependOnceListener", "addEventListener"})
_DEPTH = 6


def listeners(program: Program | None, unit: Unit, emitter: Node, event: str) -> Iterator[Code]:
    """The expressions that are registered as listeners; without a program, those of this file."""
    if not event:
        return
    for call, target in _registered(unit, event):
        if unit.values.same(target, emitter):
            yield Code(unit, arguments_of(call)[1])
    made = origin(program, Code(unit, emitter)) if program is not None else None
    if program is None or made is None:
        return
    for other in program.units(event):
        for call, target in _registered(other, event):
            known = other is unit and unit.values.same(target, emitter)
            if not known and origin(program, Code(other, target)) == made:
                yield Code(other, arguments_of(call)[1])


def _registered(unit: Unit, event: str) -> Iterator[tuple[Node, Node]]:
    """The calls that register a listener of an event, and on what."""
    for call in calls_saying(event, unit.source):
        given, callee = arguments_of(call), callee_of(call)
        target = callee.child_by_field_name("object") if callee is not None else None
        if len(given) > 1 and called_method(call) in LISTEN and literal(given[0]) == event and target is not None:
            yield call, target


def origin(program: Program, code: Code, depth: int = _DEPTH) -> Code | None:
    """The `new` or call that made an object which files share by `require`; None where that cannot be seen."""
    value = code.unit.values.canonical(code.node)
    if value[0] == "module":
        names = tuple(str(name) for name in value[2:])
        found = [made for file in program.required(code.unit, str(value[1])) for made in program.exported(file, names)]
        return origin(program, found[0], depth - 1) if len(found) == 1 and depth else None
    node = bare(code.unit.values.constant(code.node))
    if node.type == "assignment_expression" and (right := node.child_by_field_name("right")) is not None:
        return origin(program, Code(code.unit, right), depth - 1) if depth else None
    return Code(code.unit, node) if node.type in {"new_expression", "call_expression"} else None
