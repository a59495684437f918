"""Where a value goes from the expression that gives it: read, taken apart, put together, stored, returned."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from ..isomorphisms import Shape, bare, meaningful, property_name, shape
from ..source import is_field, is_written, text
from ..values import arguments_of
from ..values.scopes import Binding
from .calls import MEMORY, Calls, shifted
from .move import Move, Moves, Path
from .program import Code, Program, Unit

_LONGEST = 4  # properties of properties that are followed
VIEWS = frozenset({"slice", "subarray"})  # share the memory of the buffer they are made of
_WRAPPERS = frozenset({
    "parenthesized_expression", "as_expression", "non_null_expression", "satisfies_expression", "type_assertion",
    "await_expression",
})  # fmt: skip
_ARRAY_COPIES = frozenset({"slice", "concat", "filter", "reverse", "sort"})
_ARRAY_TAKES = frozenset({"pop", "shift", "at", "find"})
_ARRAY_CALLBACKS = frozenset({"forEach", "map", "filter", "some", "every", "find"})


def moves(program: Program, code: Code, path: Path) -> Iterator[Move]:
    """What becomes of the value that lies at a path of what an expression gives, where the expression stands."""
    yield from _Moves(program, code.unit).of(code.node, path)


def declared(unit: Unit, pattern: Node, path: Path, at: Node) -> Iterator[Move]:
    """The variables that a parameter, a declaration or an assignment's left side puts the value in."""
    yield from _Moves(None, unit).taken(pattern, path, at)


class _Moves:
    def __init__(self, program: Program | None, unit: Unit) -> None:
        self.unit, self.calls = unit, Calls(program, unit)

    def of(self, node: Node, path: Path) -> Iterator[Move]:
        while len(path) <= _LONGEST:
            parent = node.parent
            if parent is None:
                return
            if parent.type in _WRAPPERS:
                if parent.type == "await_expression":
                    yield Move("awaited", Code(self.unit, parent), path)
                node = parent
                continue
            on = yield from self._at(node, parent, path)
            if on is None:
                return
            node, path = on

    def _at(self, node: Node, parent: Node, path: Path) -> Moves:
        kind = parent.type
        if kind in {"member_expression", "subscript_expression"}:
            return (yield from self._read(node, parent, path))
        if kind == "arguments" and parent.parent is not None:
            index = next((i for i, given in enumerate(meaningful(parent)) if given.id == node.id), -1)
            return (yield from self.calls.given(parent.parent, index, path))
        if kind == "array":
            index = next((i for i, item in enumerate(meaningful(parent)) if item.id == node.id), 0)
            return parent, (str(index), *path)
        if kind == "pair" and is_field(parent, "value", node) and parent.parent is not None:
            key = parent.child_by_field_name("key")
            return parent.parent, ((property_name(key) if key is not None else None) or "*", *path)
        if kind == "object" and node.type == "shorthand_property_identifier":
            return parent, (text(node), *path)
        if kind == "spread_element" and parent.parent is not None:
            return (yield from self._spread(parent, path))
        if kind in {"assignment_expression", "assignment_pattern"} and is_field(parent, "right", node):
            left = parent.child_by_field_name("left")
            if left is not None:
                yield from self.taken(left, path, parent)
            return (parent, path) if kind == "assignment_expression" else None
        if kind == "variable_declarator" and is_field(parent, "value", node):
            name = parent.child_by_field_name("name")
            if name is not None:
                yield from self.taken(name, path, parent)
            return None
        if kind == "for_in_statement" and is_field(parent, "right", node) and path:
            left = parent.child_by_field_name("left")
            if left is not None:
                yield from self.taken(left, path[1:], parent)
            return None
        return (yield from self._out(node, parent, path))

    def _out(self, node: Node, parent: Node, path: Path) -> Moves:
        if parent.type == "ternary_expression" and not is_field(parent, "condition", node):
            return parent, path
        if parent.type == "binary_expression":
            operator = parent.child_by_field_name("operator")
            return (parent, path) if operator is not None and operator.type in {"||", "&&", "??"} else None
        if parent.type == "sequence_expression":
            return (parent, path) if meaningful(parent)[-1].id == node.id else None
        if parent.type == "return_statement" or (parent.type == "arrow_function" and is_field(parent, "body", node)):
            yield Move("returned", Code(self.unit, parent), path)
        return None

    # -- read, taken apart ----------------------------------------------------------------------

    def _read(self, node: Node, parent: Node, path: Path) -> Moves:
        if not is_field(parent, "object", node):
            return None
        if is_written(parent):
            return None
        seen = shape(parent)
        name = seen.parts[1].text if seen.kind == "member" and isinstance(seen.parts[1], Shape) else "*"
        call = parent.parent
        if call is not None and call.type == "call_expression" and is_field(call, "function", parent):
            return (yield from self._method(call, name, path))
        if path and (path[0] == name or "*" in (path[0], name)):
            return parent, path[1:]
        if not path and name in MEMORY:
            return parent, path
        return None

    def _method(self, call: Node, name: str, path: Path) -> Moves:
        """A method of what holds the value."""
        if not path:
            return (call, path) if name in VIEWS else None
        if path[0].isdigit() or path[0] == "*":
            if name in _ARRAY_TAKES:
                return call, path[1:]
            if name in _ARRAY_CALLBACKS:
                for given in arguments_of(call)[:1]:
                    yield from self.calls.run(given, 0, path[1:], call)
            if name in _ARRAY_COPIES:
                return call, shifted(path, call) if name == "slice" else ("*", *path[1:])
        return None

    def taken(self, pattern: Node, path: Path, at: Node) -> Iterator[Move]:
        """The places that a pattern puts the value in."""
        stack = [(pattern, path)]
        while stack:
            node, inside = stack.pop()
            node = bare(node)
            if node.type in {"identifier", "shorthand_property_identifier_pattern"}:
                binding = self.unit.values.binding(node)
                if binding is not None:
                    yield Move("bound", Code(self.unit, at), inside, binding=binding)
                else:
                    yield Move("stored", Code(self.unit, at), inside, owner=None, name=text(node))
            elif node.type in {"member_expression", "subscript_expression"}:
                yield from self._into(node, inside, at)
            elif node.type in {"assignment_pattern", "object_assignment_pattern"}:
                stack += [(left, inside) for left in (node.child_by_field_name("left"),) if left is not None]
            elif node.type in {"object_pattern", "array_pattern"} and inside:
                stack += _parts(node, inside)
            elif node.type == "rest_pattern":
                stack += [(child, inside) for child in meaningful(node)[:1]]
            elif node.type in {"lexical_declaration", "variable_declaration", "variable_declarator"}:
                stack += [(child, inside) for child in node.named_children[:1]]

    def _into(self, place: Node, path: Path, at: Node) -> Iterator[Move]:
        """Into a property; of an object that a variable holds and the call made, the variable holds it then."""
        owner = place.child_by_field_name("object")
        seen = shape(place)
        name = seen.parts[1].text if seen.kind == "member" and isinstance(seen.parts[1], Shape) else "*"
        if owner is None:
            return
        yield Move("stored", Code(self.unit, at), path, owner=owner, name=name)
        root, inner = bare(owner), (name, *path)
        while root.type == "member_expression":
            key = root.child_by_field_name("property")
            inner = (text(key) if key is not None else "*", *inner)
            root = bare(root.child_by_field_name("object") or root)
        binding = self.unit.values.binding(root) if root.type == "identifier" else None
        if binding is not None and _is_made_here(binding):
            yield Move("bound", Code(self.unit, at), inner, binding=binding)

    def _spread(self, spread: Node, path: Path) -> Moves:
        holder = spread.parent
        if holder is None or (holder.type != "object" and not path):
            return None
        if holder.type == "arguments" and holder.parent is not None and path[0].isdigit():
            before = next((i for i, given in enumerate(meaningful(holder)) if given.id == spread.id), 0)
            return (yield from self.calls.given(holder.parent, before + int(path[0]), path[1:]))
        if holder.type == "array":
            return holder, ("*", *path[1:])
        return (holder, path) if holder.type == "object" else None



def _is_made_here(binding: Binding) -> bool:
    """Whether a variable holds an object that the call made."""
    values = [write.value for write in binding.writes if write.value is not None and not write.path]
    fresh = {"object", "array", "new_expression", "call_expression"}
    return not binding.is_parameter and bool(values) and all(value.type in fresh for value in values)


def _parts(pattern: Node, path: Path) -> list[tuple[Node, Path]]:
    """The parts of an object or array pattern that take the value out of it."""
    found: list[tuple[Node, Path]] = []
    for index, child in enumerate(meaningful(pattern)):
        if child.type == "rest_pattern":
            found.append((child, path if pattern.type == "object_pattern" else ("*", *path[1:])))
        elif pattern.type == "array_pattern":
            found += [(child, path[1:])] if path[0] in {str(index), "*"} else []
        elif child.type == "pair_pattern":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if value is not None and path[0] in {property_name(key) if key is not None else "", "*"}:
                found.append((value, path[1:]))
        else:
            name = child.child_by_field_name("left") or child
            found += [(name, path[1:])] if path[0] in {text(name), "*"} else []
    return found
