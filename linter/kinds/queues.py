"""Arrays that are read by a cursor which only moves on: queues, whose slots behind the cursor nobody reads again."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from .. import sightings
from ..about import About
from ..isomorphisms import bare, property_name, shape
from ..matcher import Env
from ..naming import called_method
from ..source import text, walk
from .kind import Kind

_GROWING = frozenset({"push", "concat"})


def dequeued(node: Node, about: About, _env: Env, _arguments: tuple[str, ...]) -> bool:
    """An array that a cursor is read from and moved on in one go, where the slot keeps what it held.

    The file pushes to it or to the array it is swapped with, sets the cursor back to 0 where it cuts or swaps the array
    (and looks at the cursor for it), and moves it in no other way than on: what is behind it is waste that waits.
    """
    node = bare(node)
    access = node.parent
    while access is not None and access.type == "parenthesized_expression":
        access = access.parent
    index = access.child_by_field_name("index") if access is not None else None
    cursor = _cursor(index) if index is not None else None
    array = _name(node)
    if cursor is None or not array or not _lives_on(node, about) or not _lives_on(cursor, about):
        return False
    return _is_pushed(node, about) and _only_moves_on(cursor, node, about) and not _is_let_go(array, access, about)


def _cursor(index: Node) -> Node | None:
    index = bare(index)
    if index.type == "update_expression":
        argument = index.child_by_field_name("argument")
        return bare(argument) if argument is not None and text(index).strip().endswith("++") else None
    return index


def _name(place: Node) -> str:
    if place.type == "identifier":
        return text(place)
    name = place.child_by_field_name("property") if place.type == "member_expression" else None
    return property_name(name) or "" if name is not None else ""


def _lives_on(place: Node, about: About) -> bool:
    """A property, or a variable of a function or file around the one that uses it."""
    if place.type != "identifier":
        return place.type == "member_expression"
    binding, function = about.values.binding(place), about.function(place)
    if binding is None or function is None or binding.is_parameter:
        return False
    return not function.start_byte <= binding.declaration.start_byte < function.end_byte


def _uses(place: Node, about: About) -> Iterator[Node]:
    """Where an array or a cursor is named: the same variable, or for a property each `x.name` of that name."""
    if place.type == "identifier":
        binding = about.values.binding(place)
        yield from about.values.uses(binding) if binding is not None else ()
        return
    for leaf in about.source.leaves(_name(place).encode("utf8", "surrogateescape")):
        parent = leaf.parent
        named = parent.child_by_field_name("property") if parent is not None else None
        is_member = parent is not None and parent.type == "member_expression" and named is not None
        if is_member and parent is not None and named is not None and named.id == leaf.id:
            yield parent


def _is_pushed(array: Node, about: About) -> bool:
    """Whether something is pushed to it, or to an array that takes its place."""
    arrays = [array]
    for use in _uses(array, about):
        other = _given(use)
        if other is not None and _name(bare(other)):
            arrays.append(bare(other))
    return any(_grows(use) for each in arrays for use in _uses(each, about))


def _grows(place: Node) -> bool:
    """`x.push(…)`, `x.push.apply(…)` and `x[x.length] = …`."""
    member = place.parent
    name = member.child_by_field_name("property") if member is not None and member.type == "member_expression" else None
    return name is not None and text(name) in _GROWING


def _given(place: Node) -> Node | None:
    """What is assigned to a place; None where it is only read."""
    parent = place.parent
    if parent is None or parent.type not in {"assignment_expression", "variable_declarator"}:
        return None
    left = parent.child_by_field_name("left") or parent.child_by_field_name("name")
    right = parent.child_by_field_name("right") or parent.child_by_field_name("value")
    return right if left is not None and left.id == place.id else None


def _only_moves_on(cursor: Node, array: Node, about: About) -> bool:
    """Whether the cursor is set back to 0 where it is looked at and the array is cut, and nowhere to anything else."""
    reset, looked = set[int](), set[int]()
    for use in _uses(cursor, about):
        given, parent = _given(use), use.parent
        if given is not None and shape(given).text != "0.0":
            return False
        if parent is None or (given is not None and parent.type == "variable_declarator"):
            continue
        if given is not None:
            reset.add(_function(use, about))
        elif _goes_back(use, parent):
            return False
        elif parent.type not in {"update_expression", "augmented_assignment_expression"}:
            looked.add(_function(use, about))
    cut = {_function(use, about) for use in _uses(array, about) if _is_cut(use)}
    return bool(reset & looked & cut)


def _function(use: Node, about: About) -> int:
    function = about.function(use)
    return function.start_byte if function is not None else -1


def _goes_back(cursor: Node, parent: Node) -> bool:
    """`i--`, `i -= n`, and `i - 1`: what was taken is wanted once more."""
    if parent.type in {"update_expression", "augmented_assignment_expression"}:
        return "-" in "".join(child.type for child in parent.children if not child.is_named)
    operator, left = parent.child_by_field_name("operator"), parent.child_by_field_name("left")
    is_minus = parent.type == "binary_expression" and operator is not None and operator.type == "-"
    return is_minus and left is not None and left.id == cursor.id


def _is_cut(array: Node) -> bool:
    """`a = …`, `a.length = …`, `a.splice(…)`."""
    member = array.parent
    if member is None or member.type != "member_expression":
        given = _given(array)
        return given is not None and member is not None and member.type == "assignment_expression"
    name = member.child_by_field_name("property")
    if name is None:
        return False
    return text(name) == "splice" or (text(name) == "length" and _given(member) is not None)


def _is_let_go(array: str, access: Node | None, about: About) -> bool:
    """Whether the function writes to a slot of the array itself, or takes slots out of it."""
    function = about.function(access) if access is not None else None
    for node in walk(function) if function is not None else ():
        if node.type == "call_expression" and called_method(node) in {"fill", "shift"}:
            return True
        target = node.child_by_field_name("left") if node.type == "assignment_expression" else None
        if node.type == "unary_expression" and text(node).startswith("delete"):
            target = node.child_by_field_name("argument")
        owner = target.child_by_field_name("object") if target is not None else None
        if owner is not None and target is not None and target.type == "subscript_expression" and _name(owner) == array:
            return True
    return False


def _starts(about: About) -> frozenset[int]:
    """Where an array begins that is read by a cursor as it moves on."""
    return about.once("dequeued", lambda: frozenset(_arrays(about)))


def _arrays(about: About) -> Iterator[int]:
    for at in sightings.dequeued(about.source.data):
        leaf = about.source.at(at, at + 1)
        array = leaf.parent.child_by_field_name("object") if leaf is not None and leaf.parent else None
        if array is not None:
            yield array.start_byte


KINDS = {
    "dequeued": Kind(
        dequeued, (0, 0), lambda _: frozenset({"push"}),
        "an array read by a cursor that only moves on, whose slots keep what was taken", _starts,
        shape="dequeued",
    ),
}  # fmt: skip
