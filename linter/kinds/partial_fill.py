"""Memory that was not cleared when it was allocated, and that may be handed out before all of it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from ..about import About
from ..isomorphisms import bare
from ..matcher import Env
from ..regexes import regex
from ..source import FUNCTIONS, is_field, text, walk
from ..values import arguments_of
from .kind import Kind

_ALLOCATES = regex(r"^(?:\w+\.)?(?:Buffer\.)?allocUnsafe(?:Slow)?$")
_WORDS = frozenset({"allocUnsafe", "allocUnsafeSlow", "new Buffer"})
_SIZE = regex(r"size|len|capacity|count|bytes|total", re.IGNORECASE)
_LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})
_TESTS = regex(r"instanceof|isUint8Array|isBuffer|isView|isTypedArray|toBuffer|Buffer\.from|new Uint8Array")
_TRIMS = frozenset({"slice", "subarray", "fill"})
_BUILT_IN = frozenset({"Number", "parseInt", "Math", "Buffer"})


def partly_filled(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """The size of memory that may be handed out with something in it that nobody wrote."""
    return bare(node).start_byte in partly_filled_places(about)


def partly_filled_places(about: About) -> frozenset[int]:
    return about.once("partly_filled", lambda: frozenset(
        bare(size).start_byte for call, size in _allocations(about) if _is_partly_filled(call, size, about)
    ))  # fmt: skip


def _allocations(about: About) -> Iterator[tuple[Node, Node]]:
    """Each call that gives memory as it is, and the size that is asked for."""
    for call in about.source.around([b"allocUnsafe", b"allocUnsafeSlow"], {"call_expression"}, 2):
        callee, given = call.child_by_field_name("function"), arguments_of(call)
        if callee is not None and _ALLOCATES.match(text(callee)) and len(given) == 1:
            yield call, given[0]
    for call in about.source.around([b"Buffer"], {"new_expression"}, 1):
        callee, given = call.child_by_field_name("constructor"), arguments_of(call)
        if callee is not None and text(callee) == "Buffer" and len(given) == 1 and _is_size(given[0], about):
            yield call, given[0]


def _is_size(node: Node, about: About) -> bool:
    node = bare(about.values.constant(node))
    if node.type == "binary_expression":
        return all(_is_size(child, about) for child in node.named_children)
    name = node.child_by_field_name("property") if node.type == "member_expression" else node
    if node.type == "call_expression":
        callee = node.child_by_field_name("function")
        return callee is not None and _SIZE.search(text(callee)) is not None
    return node.type == "number" or (name is not None and _SIZE.search(text(name)) is not None)


def _is_partly_filled(call: Node, size: Node, about: About) -> bool:
    within, holder = about.function(call), _holder(call)
    if within is None or holder is None:
        return False
    if holder.type == "member_expression":
        return _is_read_anywhere(holder, size, about)
    if holder.type != "identifier":
        return False
    uses = [n for n in walk(within) if n.type == "identifier" and about.values.same_place(n, holder)]
    uses = [use for use in uses if use.start_byte > call.end_byte]
    if any(_method(use) in _TRIMS for use in uses):
        return False
    return (
        _is_set_by_length(uses, size, within, about)
        or (_is_estimated(size, about) and _is_filled_by_text(uses, within) and _is_handed_out(uses))
        or (_is_read_into(uses) and _is_handed_out(uses))
        or _is_skipped(call, uses, within, about)
    )


def _holder(call: Node) -> Node | None:
    """The variable or property that the memory is put into."""
    parent = call.parent
    if parent is None or parent.type not in {"variable_declarator", "assignment_expression"}:
        return None
    return parent.child_by_field_name("name") or parent.child_by_field_name("left")


def _method(use: Node) -> str:
    """The method that is called on a use of a variable, "" for any other use."""
    member = use.parent
    if member is None or member.type != "member_expression" or not is_field(member, "object", use):
        return ""
    name = member.child_by_field_name("property")
    return text(name) if name is not None else ""


def _is_handed_out(uses: list[Node]) -> bool:
    """Whether all of it is returned, or handed to something that gets it whole."""
    return any(use.parent is not None and use.parent.type == "return_statement" for use in uses) or any(
        _method(use) == "toString" for use in uses
    )


# -- the ways in which memory stays unwritten ------------------------------------------------------


def _is_set_by_length(uses: list[Node], size: Node, within: Node, about: About) -> bool:
    """`buffer.set(data)` in memory of `byteLength` bytes: of other arrays than Uint8Array that is more than is set."""
    measured = text(size) + "".join(text(about.values.constant(n)) for n in walk(size) if n.type == "identifier")
    for use in uses:
        call = use.parent.parent if use.parent is not None and _method(use) == "set" else None
        given = arguments_of(call) if call is not None and call.type == "call_expression" else []
        if not given or given[0].type not in {"identifier", "member_expression"}:
            continue
        name = re.escape(text(given[0]))
        by_bytes = re.search(rf"byteLength\(\s*{name}\b|\b{name}\.byteLength", measured)
        if by_bytes and about.values.parameter(given[0]) is not None and not _TESTS.search(text(within)):
            return True
    return False


def _is_estimated(size: Node, about: About) -> bool:
    """Whether another function says how much it will be."""
    size = bare(about.values.constant(size))
    callee = size.child_by_field_name("function") if size.type == "call_expression" else None
    return callee is not None and text(callee).split(".")[0] not in _BUILT_IN and "byteLength" not in text(callee)


def _is_filled_by_text(uses: list[Node], within: Node) -> bool:
    """Whether a loop writes texts one behind the other."""
    return any(_method(use) == "write" and _loop(use, within) is not None for use in uses)


def _is_read_into(uses: list[Node]) -> bool:
    """Whether a file is read into it, and how much was read is not asked."""
    for use in uses:
        call = use.parent.parent if use.parent is not None and use.parent.type == "arguments" else None
        callee = call.child_by_field_name("function") if call is not None else None
        statement = call.parent if call is not None else None
        if callee is not None and text(callee).split(".")[-1] == "readSync" and statement is not None:
            return statement.type == "expression_statement"
    return False


def _is_skipped(call: Node, uses: list[Node], within: Node, about: About) -> bool:
    """Whether some path hands it out without having touched it since it was allocated."""
    given = [use for use in uses if use.parent is not None and use.parent.type == "return_statement"]
    if not given or len(given) == len(uses):
        return False
    graph = about.values.graph(within)
    loops = [loop for use in uses if (loop := _loop(use, within)) is not None]
    stack = [step for start in graph.steps() if start.evaluates(call) for step in start.next]
    seen: set[int] = set()
    while stack:
        step = stack.pop()
        if id(step) in seen or step.node is None:
            continue
        seen.add(id(step))
        if any(step.evaluates(use) for use in given):
            return True
        inside = any(loop.start_byte <= step.node.start_byte < loop.end_byte for loop in loops)
        if not inside and not any(step.evaluates(use) for use in uses):
            stack.extend(step.next)
    return False


def _is_read_anywhere(holder: Node, size: Node, about: About) -> bool:
    """Whether a property of `this` with a size from outside can be read at a place that a caller names."""
    owner, name = holder.child_by_field_name("object"), holder.child_by_field_name("property")
    if owner is None or name is None or owner.type != "this" or bare(size).type == "number":
        return False
    for leaf in about.source.leaves(text(name).encode("utf8", "surrogateescape")):
        access = leaf.parent
        reading = access.parent if access is not None and text(access) == text(holder) else None
        if reading is None or reading.type != "subscript_expression":
            continue
        index, above = reading.child_by_field_name("index"), reading.parent
        stored = above is not None and above.type.endswith("assignment_expression")
        written = above is not None and stored and is_field(above, "left", reading)
        if index is not None and not written and about.values.parameter(index) is not None:
            return True
    return False


def _loop(node: Node, within: Node) -> Node | None:
    """The outermost loop of the function around a node."""
    found, parent = None, node.parent
    while parent is not None and parent.id != within.id and parent.type not in FUNCTIONS:
        found = parent if parent.type in _LOOPS else found
        parent = parent.parent
    return found



KINDS = {
    "partly_filled": Kind(
        partly_filled, (0, 0), lambda _: frozenset(word.split()[-1] for word in _WORDS),
        "the size of memory that may be handed out with something in it that nobody wrote", partly_filled_places,
    ),
}  # fmt: skip
