"""What a value is for certain: a number, a string, an array, a Buffer, a function, a module."""

from __future__ import annotations

from collections.abc import Callable

from tree_sitter import Node

from ..about import About
from ..isomorphisms import Shape, bare, shape
from ..matcher import Env
from ..source import FUNCTIONS, text
from ..values import arguments_of
from . import upgrade_heads as heads
from .kind import Kind, no_words

_NUMERIC_CALLS = frozenset({"Number", "parseInt", "parseFloat", "Buffer.byteLength", "Date.now", "process.uptime"})
_NUMERIC_NAMES = frozenset({"length", "byteLength", "BYTES_PER_ELEMENT", "MAX_SAFE_INTEGER", "EPSILON"})
_ARITHMETIC = frozenset({"-", "*", "/", "%", "**", "<<", ">>", ">>>", "|", "&", "^"})
_STRING_METHODS = frozenset({
    "toString", "toLowerCase", "toUpperCase", "trim", "trimEnd", "trimStart", "substr", "substring", "charAt", "join",
    "replace", "replaceAll", "repeat", "padStart", "padEnd", "toFixed", "toISOString", "toJSON",
})  # fmt: skip
_STRING_CALLS = frozenset({
    "String", "JSON.stringify", "String.fromCharCode", "encodeURIComponent", "decodeURIComponent", "btoa", "atob",
})  # fmt: skip
_BUFFER_CALLS = frozenset({
    "Buffer.from", "Buffer.alloc", "Buffer.allocUnsafe", "Buffer.concat", "Buffer", "fs.readFileSync",
    "crypto.randomBytes",
})  # fmt: skip


def number(node: Node, about: About, _env: Env, _arguments: tuple[str, ...] = ()) -> bool:
    """A number for certain: a literal, arithmetic, a length, or a variable that never holds anything else."""
    return _always(node, about, _is_number)


def string(node: Node, about: About, _env: Env, _arguments: tuple[str, ...] = ()) -> bool:
    """A string for certain."""
    return _always(node, about, _is_string)


def array(node: Node, about: About, _env: Env, _arguments: tuple[str, ...] = ()) -> bool:
    """An array for certain."""
    return _always(node, about, lambda seen: seen.kind == "array" or _calls(seen, {"Array.from", "Array.of"}))


def buffer(node: Node, about: About, _env: Env, _arguments: tuple[str, ...] = ()) -> bool:
    """A Buffer for certain: made here, or the head of an upgrade."""
    return _always(node, about, _is_buffer) or heads.upgrade_head(node, about, _env, ())


def function(node: Node, about: About, _env: Env, _arguments: tuple[str, ...] = ()) -> bool:
    """A function written here, or a name for one."""
    return about.values.constant(node).type in FUNCTIONS


def module(node: Node, about: About, _env: Env, arguments: tuple[str, ...]) -> bool:
    """The exports of a module, however they were imported and whatever they are called here."""
    return about.values.canonical(node) == ("module", arguments[0].removeprefix("node:"))


def _always(node: Node, about: About, holds: Callable[[Shape], bool], depth: int = 8) -> bool:
    """Whether the expression, or all that its variable is ever given, is such."""
    node = bare(node)
    if node.type == "ternary_expression":
        sides = [node.child_by_field_name(side) for side in ("consequence", "alternative")]
        return depth > 0 and all(side is not None and _always(side, about, holds, depth - 1) for side in sides)
    if node.type == "binary_expression" and depth > 0:
        sides = [node.child_by_field_name(side) for side in ("left", "right")]
        operator = node.child_by_field_name("operator")
        if operator is not None and operator.type == "+":
            every = all if holds is _is_number else any if holds is _is_string else None
            return every is not None and every(
                side is not None and _always(side, about, holds, depth - 1) for side in sides
            )
        if operator is not None and operator.type in {"||", "??", "&&"}:
            return all(side is not None and _always(side, about, holds, depth - 1) for side in sides)
    if node.type != "identifier":
        return holds(shape(node))
    binding = about.values.binding(node)
    if binding is None or binding.is_parameter or depth == 0 or not binding.writes:
        return False
    return all(_write_is(write.at, write.value, write.path, about, holds, depth) for write in binding.writes)


def _write_is(
    at: Node, value: Node | None, path: tuple[str, ...], about: About, holds: Callable[[Shape], bool], depth: int
) -> bool:
    if at.type == "update_expression":
        return holds is _is_number
    if at.type == "augmented_assignment_expression":
        operator, right = at.child_by_field_name("operator"), at.child_by_field_name("right")
        if operator is None or right is None:
            return False
        if operator.type == "+=":
            return holds in (_is_number, _is_string) and _always(right, about, holds, depth - 1)
        return holds is _is_number and operator.type[:-1] in _ARITHMETIC
    return value is not None and not path and _always(value, about, holds, depth - 1)


def _is_number(seen: Shape) -> bool:
    if seen.kind == "unary":
        return seen.text in {"-", "+", "~"}
    if seen.kind == "member":
        return isinstance(seen.parts[1], Shape) and seen.parts[1].text in _NUMERIC_NAMES
    if seen.kind == "call":
        return _calls(seen, _NUMERIC_CALLS) or _calls_on("Math", seen) or _method_of(seen) in {"charCodeAt", "getTime"}
    return seen.kind in {"number", "update_expression"} or (seen.kind == "binary" and seen.text in _ARITHMETIC)


def _is_string(seen: Shape) -> bool:
    if seen.kind == "call":
        return _calls(seen, _STRING_CALLS) or _method_of(seen) in _STRING_METHODS
    return seen.kind in {"string", "template_string"} or (seen.kind == "unary" and seen.text == "typeof")


def _is_buffer(seen: Shape) -> bool:
    if seen.kind == "new":
        return text(bare(_node(seen.parts[0]))) == "Buffer"
    if _calls(seen, {"fs.readFileSync"}):
        return len(arguments_of(seen.node)) == 1  # with an encoding it gives a string
    return _calls(seen, _BUFFER_CALLS)


def _calls(seen: Shape, names: frozenset[str] | set[str]) -> bool:
    return seen.kind == "call" and text(_node(seen.parts[0])) in names


def _calls_on(owner: str, seen: Shape) -> bool:
    """Whether it calls a function of a global object: `Math.max(…)`, but not `Math.max(…).toString()`."""
    name, _, method = text(_node(seen.parts[0])).partition(".")
    return name == owner and method.isidentifier()


def _method_of(seen: Shape) -> str:
    """The method a call calls, "" when it calls something else."""
    callee = seen.parts[0] if seen.kind == "call" else None
    member = callee if isinstance(callee, Shape) else shape(callee) if callee is not None else None
    name = member.parts[1] if member is not None and member.kind == "member" else None
    return name.text if isinstance(name, Shape) else ""


def _node(part: Node | Shape) -> Node:
    return part.node if isinstance(part, Shape) else part


def _module_words(arguments: list[str]) -> frozenset[str]:
    return frozenset(name.removeprefix("node:") for name in arguments)


KINDS = {
    "number": Kind(number, (0, 0), no_words, "a number for certain"),
    "string": Kind(string, (0, 0), no_words, "a string for certain"),
    "array": Kind(array, (0, 0), no_words, "an array for certain"),
    "buffer": Kind(buffer, (0, 0), no_words, "a Buffer for certain"),
    "function": Kind(function, (0, 0), no_words, "a function written in this file"),
    "module": Kind(module, (1, 1), _module_words, "the exports of that module"),
}
