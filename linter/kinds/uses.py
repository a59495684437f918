"""When a property is read: within the call that set it, or later, in a callback.

A method is taken to run within the call, a callback to run after it. What a callback reads after writing it itself
is its own. Methods are followed one call deep, by name, through the files of the package.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..about import About
from ..isomorphisms import Shape, bare, shape
from ..naming import function_names
from ..source import Source, contains, is_written, text
from ..values import Values

# Methods that call their callback before they return.
_SYNCHRONOUS = frozenset({
    "forEach", "map", "filter", "some", "every", "find", "findIndex", "reduce", "reduceRight", "sort", "replace",
})  # fmt: skip


def read_late(owner: Node, name: str, about: About) -> bool:
    """Whether `owner.name` may be read once the function that owner is used in has returned."""
    here = about.function(owner)
    readers: set[str] = set()
    for source, values in _files(about, name):
        for access in _reads(source, name):
            function = values.scopes.function(access.start_byte)
            if function is None or (source is about.source and here is not None and function.id == here.id):
                continue
            if not _is_late(function, source, values):
                readers |= function_names(function)
            elif not _own(function, access, name, values):
                return True
    return any(_called_late(reader, name, about) for reader in sorted(readers))


def let_go_elsewhere(owner: Node, name: str, about: About) -> bool:
    """Whether another function of the file, one that is not made here, lets go of such a property on all its paths."""
    here = about.function(owner)
    places: dict[int, list[Node]] = {}
    for leaf in about.source.leaves(name.encode("utf8", "surrogateescape")):
        release = _release(leaf)
        function = about.values.scopes.function(release.start_byte) if release is not None else None
        if release is None or function is None or (here is not None and contains(here, function)):
            continue
        places.setdefault(function.start_byte, []).append(release)
    functions = ((about.values.scopes.function(start), found) for start, found in places.items())
    return any(f is not None and not about.values.graph(f).avoidable(found) for f, found in functions)


def _release(leaf: Node) -> Node | None:
    """The `x.p = null` or `delete x.p` whose property is this leaf."""
    access = leaf.parent
    is_access = access is not None and access.type in {"member_expression", "subscript_expression"}
    parent = access.parent if access is not None and is_access else None
    if access is None or parent is None or not is_written(access):
        return None
    right = parent.child_by_field_name("right")
    return parent if right is None or shape(right).kind in {"null", "undefined"} else None



def _files(about: About, word: str) -> Iterator[tuple[Source, Values]]:
    yield about.source, about.values
    yield from about.package.sources(word.encode("utf8", "surrogateescape"))


def _reads(source: Source, name: str) -> Iterator[Node]:
    for leaf in source.leaves(name.encode("utf8", "surrogateescape")):
        node = leaf.parent
        if node is not None and node.type == "string":
            node = node.parent
        if node is None or node.type not in {"member_expression", "subscript_expression"} or is_written(node):
            continue
        if _names_it(node, name):
            yield node


def _names_it(access: Node, name: str) -> bool:
    """Whether an access is to the property of that name, or to the one that a variable of that name says."""
    seen = shape(access)
    if seen.kind not in {"member", "subscript"}:
        return False
    key = seen.parts[1]
    return (key.text if isinstance(key, Shape) else text(bare(key))) == name



def _is_late(function: Node, source: Source, values: Values) -> bool:
    """A function that may run after the call: a callback, here or by its name, or one that waits for something."""
    if any(child.type in {"async", "*"} for child in function.children):
        return True
    if _is_handed_over(function) or _is_left_with(function, values):
        return True
    names = function_names(function)
    return any(_is_handed_over(_whole(leaf)) for name in sorted(names) for leaf in source.leaves(name.encode()))


def _is_left_with(function: Node, values: Values) -> bool:
    """Whether a function is stored in an object that a caller handed in: `options.handler = function …`."""
    parent = function.parent
    left = parent.child_by_field_name("left") if parent is not None and parent.type == "assignment_expression" else None
    owner = left.child_by_field_name("object") if left is not None else None
    return owner is not None and owner.type == "identifier" and values.parameter(owner) is not None


def _whole(leaf: Node) -> Node:
    """The `x.f` that ends in a name, or just the name."""
    parent = leaf.parent
    is_property = parent is not None and parent.type == "member_expression" and leaf.type == "property_identifier"
    return parent if parent is not None and is_property else leaf


def _is_handed_over(function: Node) -> bool:
    """Whether a function, or a name for one, is handed to a call that may keep it, bound or not."""
    parent = function.parent
    while parent is not None and parent.type == "parenthesized_expression":
        parent = parent.parent
    if parent is not None and parent.type == "member_expression":  # function () {…}.bind(this)
        name, call = parent.child_by_field_name("property"), parent.parent
        if call is None or call.type != "call_expression" or name is None or text(name) != "bind":
            return False
        parent = call.parent
    while parent is not None and parent.type in {"pair", "object"}:  # handed over as a part: {handler: f}
        parent = parent.parent
    if parent is None or parent.type != "arguments" or parent.parent is None or parent.parent.type != "call_expression":
        return False
    callee = parent.parent.child_by_field_name("function")
    name = callee.child_by_field_name("property") if callee is not None else None
    return name is None or text(name) not in _SYNCHRONOUS


def _own(function: Node, access: Node, name: str, values: Values) -> bool:
    """Whether on every way to the access the function has written the property itself."""
    graph = values.graph(function)
    return not graph.reaches(
        lambda step: any(node.id == access.id for node in graph.evaluated(step)),
        past=lambda step: any(_writes(node, name) for node in graph.evaluated(step)),
    )


def _writes(node: Node, name: str) -> bool:
    left = node.child_by_field_name("left") if node.type == "assignment_expression" else None
    return left is not None and _names_it(left, name)


def _called_late(reader: str, name: str, about: About) -> bool:
    """Whether a callback calls the function of that name, without having written the property itself."""
    for source, values in _files(about, reader):
        for call in source.around([reader.encode("utf8", "surrogateescape")], {"call_expression"}, 3):
            function = values.scopes.function(call.start_byte) if _called(call) == reader else None
            if function is not None and _is_late(function, source, values) and not _own(function, call, name, values):
                return True
    return False


def _called(call: Node) -> str:
    callee = bare(call.child_by_field_name("function") or call)
    name = callee.child_by_field_name("property") if callee.type == "member_expression" else None
    if name is not None and text(name) in {"call", "apply"}:
        target = callee.child_by_field_name("object")
        name = target.child_by_field_name("property") if target is not None else None
    if callee.type == "identifier":
        return text(callee)
    return text(name) if name is not None else ""
