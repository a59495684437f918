"""Which functions of a program a call may run: by name, through `require`, bound, made by another call, or a class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from tree_sitter import Node

from ..definitions import Defines
from ..isomorphisms import Shape, bare, property_name, shape
from ..naming import called_method, function_names, functions_named
from ..source import FUNCTIONS, text
from ..values import arguments_of
from . import classes
from .calling import callee_of, last_name, returns
from .program import Code, Program, Target, Unit

_DEPTH = 6
_MOST = 8  # functions of one name: with more of them a name says too little
_CALLS = 2000  # calls of a file that are looked at for one callee
# Methods of the platform: that a package has a function of such a name says nothing about a call of it.
_PLATFORM = frozenset({
    "addListener", "apply", "bind", "call", "catch", "close", "concat", "copy", "create", "data", "delete", "destroy",
    "each", "emit", "end", "entries", "error", "exec", "filter", "finally", "find", "flush", "forEach", "from", "get",
    "has", "keys", "listen", "log", "map", "match", "next", "off", "on", "once", "open", "parse", "pause", "pipe",
    "pop", "prependListener", "push", "read", "reduce", "removeListener", "replace", "request", "resume", "run",
    "set", "setTimeout", "shift", "slice", "some", "sort", "splice", "split", "stop", "test", "then", "toString",
    "trim", "unshift", "update", "use", "values", "write",
})  # fmt: skip


def targets(program: Program, code: Code, depth: int = _DEPTH) -> Sequence[Target]:
    """The functions an expression may stand for; empty when that cannot be seen.

    What depends on itself stands for nothing more; each expression is looked up once.
    """
    if code not in program.targets:
        program.targets[code] = ()
        found = {target.function: target for target in islice(_targets(program, code, depth), 4 * _MOST)}
        program.targets[code] = tuple(found.values())
    return program.targets[code]


def callers(program: Program, function: Code) -> Iterator[Code]:
    """The calls in the package that may run a function, as far as names and requires lead there."""
    names = {*function_names(function.node)}
    stem = function.unit.source.path.rpartition("/")[2].partition(".")[0]
    exported = any(code.node.id == function.node.id for code in _exports_of(program, function.unit))
    seen: set[Code] = set()
    for name in (*sorted(names - _PLATFORM - {"exports"}), *([stem] if exported else [])):
        for unit in program.units(name):
            for call in islice(unit.source.nodes("call_expression", "new_expression"), _CALLS):
                code = Code(unit, call)
                if code not in seen and _may_run(program, unit, call, names, function, exported):
                    seen.add(code)
                    yield code


def _exports_of(program: Program, unit: Unit) -> list[Code]:
    return [_settled(code) for code in program.exported(unit, ())]


def _settled(code: Code) -> Code:
    """What an exported expression is: `exports = module.exports = f` is f."""
    return Code(code.unit, code.unit.values.constant(_assigned(code.node)))


def _assigned(node: Node) -> Node:
    node = bare(node)
    while node.type == "assignment_expression" and (right := node.child_by_field_name("right")) is not None:
        node = bare(right)
    return node


def _may_run(program: Program, unit: Unit, call: Node, names: Iterable[str], function: Code, exported: bool) -> bool:
    callee = callee_of(call)
    name = last_name(callee) if callee is not None else ""
    if callee is None or not (name in names or (exported and callee.type in {"identifier", "call_expression"})):
        return False
    return any(target.function == function for target in targets(program, Code(unit, callee), 4))


def _targets(program: Program, code: Code, depth: int) -> Iterator[Target]:
    if depth <= 0:
        return
    unit = code.unit
    node = unit.values.constant(_assigned(code.node))
    if node.type in FUNCTIONS:
        yield Target(Code(unit, node))
    elif node.type in classes.CLASSES:
        own = classes.constructor(node)
        yield from [Target(Code(unit, own))] if own is not None else _extended(program, unit, node, depth)
    elif node.type in {"call_expression", "new_expression"}:
        yield from _called(program, unit, node, depth)
    elif node.type in {"identifier", "shorthand_property_identifier"}:
        yield from _variable(program, unit, node, depth)
    elif node.type in {"member_expression", "subscript_expression"}:
        yield from _member(program, unit, node, depth)
    elif node.type == "super":
        around = classes.around(node)
        yield from _extended(program, unit, around, depth) if around is not None else ()
    else:
        for child in _either(node):
            yield from _targets(program, Code(unit, child), depth - 1)


def _extended(program: Program, unit: Unit, node: Node, depth: int) -> Iterator[Target]:
    for parent in classes.extended(node):
        yield from _targets(program, Code(unit, parent), depth - 1)


def _either(node: Node) -> list[Node]:
    """The values one of which an expression has."""
    if node.type == "ternary_expression":
        names = ("consequence", "alternative")
    elif node.type == "binary_expression" and _operator(node) in {"||", "&&", "??"}:
        names = ("left", "right")
    else:
        return []
    return [child for name in names if (child := node.child_by_field_name(name)) is not None]


def _operator(node: Node) -> str:
    operator = node.child_by_field_name("operator")
    return operator.type if operator is not None else ""


# -- what a call gives ---------------------------------------------------------------------------


def _called(program: Program, unit: Unit, node: Node, depth: int) -> Iterator[Target]:
    """A function that a call gives: bound, required, returned, or of a class that was made of an object literal."""
    callee = callee_of(node)
    if callee is None:
        return
    method, given = called_method(node), arguments_of(node)
    owner = callee.child_by_field_name("object")
    if method == "bind" and owner is not None:
        for target in _targets(program, Code(unit, owner), depth - 1):
            yield Target(target.function, target.shift + max(0, len(given) - 1))
        return
    module = unit.values.canonical(node)
    if module[0] == "module":
        yield from _required(program, unit, str(module[1]), (), depth)
        return
    if files := _computed_require(program, unit, node):
        for code in (code for file in files for code in program.exported(file, ())):
            yield from _targets(program, code, depth - 1)
        return
    literals = [literal for literal in given if literal.type == "object"]
    own = next((made for literal in literals if (made := classes.made_of(literal)) is not None), None)
    if own is not None:
        yield Target(Code(unit, own))
        return
    if literals and owner is not None:  # X.extend({…}) without a constructor of its own
        yield from _targets(program, Code(unit, owner), depth - 1)
    for target in _targets(program, Code(unit, callee), depth - 1):
        for returned in returns(target.function):
            yield from _targets(program, returned, depth - 2)


def _required(program: Program, unit: Unit, module: str, path: tuple[str, ...], depth: int) -> Iterator[Target]:
    for file in program.required(unit, module):
        for code in program.exported(file, path):
            yield from _targets(program, code, depth - 1)


def _computed_require(program: Program, unit: Unit, call: Node) -> list[Unit]:
    """`require('./transports/' + name)` may be any file whose path begins like this."""
    given = arguments_of(call)
    callee = callee_of(call)
    if not given or callee is None or text(callee) != "require":
        return []
    left = given[0].child_by_field_name("left") if given[0].type == "binary_expression" else None
    first = next(iter(given[0].named_children), None)
    prefix = (property_name(left) or "") if left is not None and left.type == "string" else ""
    if given[0].type == "template_string" and first is not None and first.type == "string_fragment":
        prefix = text(first)
    return program.required(unit, prefix, prefix=True) if prefix.startswith(".") else []


# -- names -----------------------------------------------------------------------------------------


def _variable(program: Program, unit: Unit, node: Node, depth: int) -> Iterator[Target]:
    value = unit.values.canonical(node)
    if value[0] == "module":
        yield from _required(program, unit, str(value[1]), tuple(str(name) for name in value[2:]), depth)
        return
    binding = unit.values.binding(node)
    if binding is None:
        return
    if binding.is_parameter and depth > 2:
        yield from _given(program, Code(unit, binding.scope.node), binding.index, depth)
    for write in binding.writes:
        if write.value is None or write.value.type == "import_statement" or write.value.id == node.id:
            continue
        if not write.path:
            yield from _targets(program, Code(unit, write.value), depth - 1)
        elif write.path[-1]:
            yield from _by_name(program, unit, write.path[-1])


def _given(program: Program, function: Code, index: int, depth: int) -> Iterator[Target]:
    """The functions that are handed to a function as its argument at an index."""
    for call in islice(callers(program, function), _MOST):
        arguments = arguments_of(call.node)
        if index < len(arguments):
            yield from _targets(program, Code(call.unit, arguments[index]), depth - 3)


def _member(program: Program, unit: Unit, node: Node, depth: int) -> Iterator[Target]:
    value = unit.values.canonical(node)
    if value[0] == "module" and str(value[1]).startswith("."):
        found = list(_required(program, unit, str(value[1]), tuple(str(name) for name in value[2:]), depth))
        if found:
            yield from found
            return
    seen = shape(node)
    if seen.kind == "member" and isinstance(seen.parts[1], Shape):
        yield from _by_name(program, unit, seen.parts[1].text)
    elif not isinstance(seen.parts[0], Shape):
        yield from _elements(program, unit, bare(seen.parts[0]), depth)


def _by_name(program: Program, unit: Unit, name: str) -> Iterator[Target]:
    """The functions of that name: those of this file, else those of the package when they are few."""
    if name in _PLATFORM or len(name) < 2:
        return
    here = functions_named(name, unit.source)
    if here:
        yield from (Target(Code(unit, function)) for function in here)
        return
    found = _named(program, name)
    if len(found) <= _MOST:
        yield from (Target(code) for code in found)


def _named(program: Program, name: str) -> list[Code]:
    """The functions of the whole program that go by a name."""
    if name not in program.named:
        units = program.units(name, admits=Defines(name.encode("utf8", "surrogateescape")))
        program.named[name] = [Code(unit, node) for unit in units for node in functions_named(name, unit.source)]
    return program.named[name]


def _elements(program: Program, unit: Unit, table: Node, depth: int) -> Iterator[Target]:
    """`table[key]` may be any value that the table is seen to hold: of its literal, its assignments, its file."""
    value = unit.values.canonical(table)
    if value[0] == "module":
        for file in program.required(unit, str(value[1])):
            for code in program.exported(file, ()):
                yield from _listed(program, Code(file, file.values.constant(_assigned(code.node))), depth)
            yield from _by_any_name(program, file, depth)
        return
    if table.type == "call_expression":
        for file in _computed_require(program, unit, table):
            yield from _by_any_name(program, file, depth)
    yield from _listed(program, Code(unit, unit.values.constant(table)), depth)
    if table.type != "identifier":
        return
    for node in unit.source.around([text(table).encode("utf8", "surrogateescape")], {"assignment_expression"}, 2):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        owner = left.child_by_field_name("object") if left is not None else None
        if owner is not None and right is not None and owner.type == "identifier" and unit.values.same(owner, table):
            yield from _targets(program, Code(unit, right), depth - 1)


def _by_any_name(program: Program, file: Unit, depth: int) -> Iterator[Target]:
    for name in dict.fromkeys(given[0] for given in program.names(file)):
        for code in program.exported(file, (name,)):
            yield from _targets(program, code, depth - 1)


def _listed(program: Program, table: Code, depth: int) -> Iterator[Target]:
    for child in table.node.named_children if table.node.type in {"object", "array"} else ():
        value = child.child_by_field_name("value") if child.type == "pair" else child
        if value is not None:
            yield from _targets(program, Code(table.unit, value), depth - 1)
