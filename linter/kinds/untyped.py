"""Values that may be a number though text or bytes were meant: what a caller or a peer handed in, of no known type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare, property_name
from ..matcher import Env
from ..regexes import regex
from ..source import text
from ..values import arguments_of
from ..values.scopes import Binding, Write
from . import sorts
from .guards import operator_of
from .kind import Kind
from .narrowing import known_no_number

# What people call a number of bytes: whoever passes one wants that much memory.
_SIZES = regex(
    r"(?:^|[a-z_])(?:size|sz|len|length|count|num|number|bytes|total|capacity|width|height|offset|pos|max|min|limit"
    r"|highWaterMark|uint|int)\d*$",
    re.IGNORECASE,
)
_SHORT_SIZES = frozenset({"n", "l", "s", "i", "j", "k", "N", "sz"})
_ACCESSES = frozenset({"member_expression", "subscript_expression"})
_WRAPPING = frozenset({
    "return_statement", "statement_block", "function_expression", "parenthesized_expression", "call_expression",
})  # fmt: skip
_COUNTING = frozenset({"<", ">", "<=", ">=", "-", "*", "/", "%", ">>", ">>>", "<<", "|", "&"})


def untyped(node: Node, about: About, _env: Env, arguments: tuple[str, ...]) -> bool:
    """A parameter, or a property of one, of which nothing tells that it is no number, nor that a number is meant.

    With `text`: where what is made of it becomes a text at once.
    """
    node = bare(node)
    if arguments and not _becomes_text(node):
        return False
    if _is_typed(node, about) or not _comes_from_outside(node, about):
        return False
    return not _is_size(node, about) and not known_no_number(node, about)


def _becomes_text(node: Node) -> bool:
    """Whether `toString` is called on what the call or `new` makes that gets the node."""
    made = node.parent.parent if node.parent is not None and node.parent.type == "arguments" else None
    while made is not None and made.parent is not None and made.parent.type == "parenthesized_expression":
        made = made.parent
    access = made.parent if made is not None else None
    name = access.child_by_field_name("property") if access is not None and access.type == "member_expression" else None
    return name is not None and text(name) == "toString"


def _is_typed(node: Node, about: About) -> bool:
    return any(sort(node, about, {}) for sort in (sorts.number, sorts.string, sorts.array, sorts.buffer))


def _comes_from_outside(node: Node, about: About) -> bool:
    """Whether a caller, or the object that a caller handed in, says what it is."""
    if node.type == "identifier":
        binding = about.values.binding(node)
        if binding is None:
            return False
        if binding.is_parameter:
            return _may_be_handed(binding, about) and not _is_rewritten(binding, node)
        write = about.values.only_write(node)
        if write is None or write.value is None:
            return False
        if write.path:
            return _is_read_off(bare(write.value), about) and not _SIZES.search(write.path[-1])
        return bare(write.value).type in _ACCESSES and _comes_from_outside(bare(write.value), about)
    if node.type != "member_expression" or _is_set_here(node, about):
        return False
    owner = node.child_by_field_name("object")
    return owner is not None and _is_read_off(bare(owner), about)


def _is_read_off(owner: Node, about: About) -> bool:
    """Whether an object was handed in: a parameter, a part of one, what was made of options, parsed JSON."""
    while owner.type in _ACCESSES and (inner := owner.child_by_field_name("object")) is not None:
        owner = bare(inner)
    if owner.type == "this":
        return True
    if owner.type == "call_expression":
        return text(owner).startswith("JSON.parse(")
    binding = about.values.binding(owner) if owner.type == "identifier" else None
    if binding is None:
        return False
    if binding.is_parameter:
        return True
    write = about.values.only_write(owner)
    value = bare(write.value) if write is not None and write.value is not None else None
    if value is None:
        return False
    if value.type == "call_expression":
        given = arguments_of(value)
        return text(value).startswith("JSON.parse(") or any(
            bare(one).type in {"object", *_ACCESSES} or text(one) == "this" for one in given
        )
    return value.type in {*_ACCESSES, "this", "identifier", "binary_expression"} and value.id != owner.id


def _is_set_here(member: Node, about: About) -> bool:
    """Whether the file itself sets such a property to something of a known type, and never to anything else."""
    name = member.child_by_field_name("property")
    values = [] if name is None else [value for leaf in about.source.leaves(name.text or b"") for value in _set(leaf)]
    return bool(values) and all(_is_typed(value, about) or _is_call_or_new(value) for value in values)


def _set(leaf: Node) -> Iterator[Node]:
    """What is stored under the name that a leaf spells, if the leaf is where it is stored."""
    parent = leaf.parent
    if parent is None:
        return
    if parent.type == "pair" and parent.child_by_field_name("key") == leaf:
        value = parent.child_by_field_name("value")
    elif parent.type in _ACCESSES and parent.parent is not None:
        left = parent.parent.child_by_field_name("left")
        is_target = left is not None and left.id == parent.id and parent.parent.type == "assignment_expression"
        value = parent.parent.child_by_field_name("right") if is_target else None
    else:
        value = None
    if value is not None:
        yield bare(value)


def _is_call_or_new(value: Node) -> bool:
    return value.type in {"call_expression", "new_expression", "await_expression", "null", "undefined"}


def _may_be_handed(parameter: Binding, about: About) -> bool:
    """Whether a caller that cannot be seen, or one that hands on something untyped, says what a parameter is."""
    function = parameter.scope.node
    if _is_chunk_listener(function):
        return False
    calls = list(_calls(function, about))
    if not calls or not _is_private(function, about):
        return True
    given = [arguments_of(call)[parameter.index : parameter.index + 1] for call in calls]
    return any(not _is_typed(value, about) and _is_open(bare(value), about) for values in given for value in values)


def _is_open(value: Node, about: About) -> bool:
    """Whether what a call hands on comes from further outside."""
    if value.type == "member_expression":
        return _is_read_off(value, about)
    binding = about.values.binding(value) if value.type == "identifier" else None
    return binding is not None and binding.is_parameter


def _is_chunk_listener(function: Node) -> bool:
    """Whether it is what a stream calls with what it has read, which is text or bytes."""
    node = function.parent
    while node is not None and node.type in _WRAPPING:  # (function (_this) { return function (chunk) {…}; })(this)
        node = node.parent
    call = node.parent if node is not None and node.type == "arguments" else None
    given = arguments_of(call) if call is not None else []
    return bool(given) and given[0].type == "string" and text(given[0])[1:-1] in {"data", "chunk"}


def _is_private(function: Node, about: About) -> bool:
    """Whether a function is only ever called by its name in this file."""
    name = _name(function)
    binding = about.values.binding(name) if name is not None else None
    if name is None or binding is None:
        return False
    leaves = [leaf for leaf in about.source.leaves(name.text or b"") if leaf.type != "property_identifier"]
    called = {call.children[0].id for call in _calls(function, about)}
    written = {target.id for write in binding.writes if (target := _name_of_write(write.at)) is not None}
    return all(leaf.id in called | written | {name.id, binding.declaration.id} for leaf in leaves)


def _name(function: Node) -> Node | None:
    """The name of the variable that is a function: declared so, or given it."""
    if function.type == "function_declaration":
        return function.child_by_field_name("name")
    return _name_of_write(function.parent) if function.parent is not None else None


def _name_of_write(write: Node) -> Node | None:
    target = write.child_by_field_name("name") or write.child_by_field_name("left")
    return target if target is not None and target.type == "identifier" else None


def _calls(function: Node, about: About) -> Iterator[Node]:
    name = _name(function)
    for leaf in about.source.leaves(name.text or b"") if name is not None else ():
        call = leaf.parent
        callee = call.child_by_field_name("function") if call is not None else None
        if call is not None and callee is not None and callee.id == leaf.id:
            yield call


def _is_rewritten(parameter: Binding, use: Node) -> bool:
    """Whether what the caller passed was surely replaced before by something else."""
    return any(_is_plain(write, use, parameter) for write in parameter.writes)


def _is_plain(write: Write, use: Node, parameter: Binding) -> bool:
    """Whether a write stands before the use, straight in the body of the function."""
    statement = write.at.parent
    around = statement.parent.parent if statement is not None and statement.parent is not None else None
    straight = around is not None and around.id == parameter.scope.node.id
    keeps = write.value is not None and _mentions_as_value(write.value, parameter.name)
    return straight and write.at.end_byte <= use.start_byte and not keeps


def _mentions_as_value(value: Node, name: str) -> bool:
    """Whether the value may be what the variable held: `x || y`, `c ? x : y`, `x`."""
    stack = [bare(value)]
    while stack:
        node = bare(stack.pop())
        if node.type == "identifier" and text(node) == name:
            return True
        if node.type in {"binary_expression", "ternary_expression"}:
            stack += [part for field in ("left", "right", "consequence", "alternative")
                      if (part := node.child_by_field_name(field)) is not None]  # fmt: skip
    return False


def _is_size(node: Node, about: About) -> bool:
    """Whether a number is meant: that is what it is called, or how the function uses it."""
    name = (
        text(node) if node.type == "identifier" else property_name(node.child_by_field_name("property") or node) or ""
    )
    if _SIZES.search(name) or name in _SHORT_SIZES:
        return True
    scope = about.function(node)
    if node.type != "identifier" or scope is None:
        return False
    return any(_counts(leaf) for leaf in about.source.leaves(node.text or b"") if _within(leaf, scope))


def _within(leaf: Node, scope: Node) -> bool:
    return scope.start_byte <= leaf.start_byte < scope.end_byte


def _counts(leaf: Node) -> bool:
    """Whether a name stands where only a number makes sense."""
    parent = leaf.parent
    if parent is None:
        return False
    if parent.type == "update_expression":
        return True
    if parent.type == "arguments" and parent.parent is not None:
        return text(parent.parent).startswith("Buffer.alloc")
    if parent.type == "augmented_assignment_expression":
        operator, right = parent.child_by_field_name("operator"), parent.child_by_field_name("right")
        return operator is not None and operator.type[:-1] in _COUNTING and right is not None
    return operator_of(parent) in _COUNTING


KINDS = {
    "untyped": Kind(
        untyped, (0, 1), lambda _: frozenset(), "may be a number that an outsider chose, where text is meant"
    ),
}
